import {
  directorToFile,
  fileToDirector,
  JOB_LEVELS,
  JobStatus,
  Signal,
  TlsPolicy,
} from "../../../protocol/mod.ts";
import { ClientDialogue, type EndJob, parseEndJob } from "./client_dialogue.ts";
import { type ClientMaker, clientMaker, knowsBaseJobs, misreadOptions } from "./client_maker.ts";
import { type ClientMode, dataPolicy } from "./client_probes.ts";
import {
  callerOf,
  type ClientConnection,
  connectClient,
  DaemonConnectionError,
  encryptionOf,
  handshakeText,
  jobPatience,
} from "./daemon_connections.ts";
import type { FileRecord } from "../director_catalog.ts";
import { sendKnownFiles } from "./known_files.ts";
import { sendRestoreObjects } from "./restore_objects.ts";
import { accurateOptions, fileSetLines } from "./fileset_lines.ts";
import { pluginLineFor } from "./plugin_lines.ts";
import { hoursMinutesSeconds, withCommas } from "../report/formats.ts";
import type { Job } from "../jobs/job.ts";
import type { JobEnvironment } from "../jobs/job_environment.ts";
import { JobFailure } from "../jobs/job_failure.ts";
import type { FileSetResource, StorageResource } from "../resources.ts";
import { clientScripts, When } from "../jobs/run_scripts.ts";

/** The level as the file daemon is told. */
const LEVEL_WORDS: Readonly<Record<string, string>> = {
  D: "differential",
  I: "incremental",
  B: "base",
};
const NO_ERASE = "*None*";
/** Protocol numbers of file daemons from which on they know something (director-client.md 3). */
const SEVERAL_STORAGES_SINCE = 2;
const BANDWIDTH_SINCE = 4;
const PASSIVE_SINCE = 51;
const PLUGIN_OPTIONS_SINCE = 52;
const SECURE_ERASE_SINCE = 54;

/** A job's session with its file daemon, in the order of the wire (director-client.md). */
export class ClientJob {
  readonly #job: Job;
  readonly #environment: JobEnvironment;
  readonly #dialogue: ClientDialogue;
  readonly #fdVersion: number;
  readonly #mode: ClientMode;
  readonly #announced: number;
  #maker: ClientMaker = { maker: "bareos", version: 0 };
  #hasEnded = false;

  private constructor(
    job: Job,
    environment: JobEnvironment,
    dialogue: ClientDialogue,
    { fdVersion, announced, mode }: ClientConnection,
  ) {
    this.#job = job;
    this.#environment = environment;
    this.#dialogue = dialogue;
    this.#fdVersion = fdVersion;
    this.#announced = announced;
    this.#mode = mode;
  }

  /** Connects, and tells the file daemon about the job. @throws {JobFailure} */
  static async start(
    job: Job,
    environment: JobEnvironment,
    authorization: string,
  ): Promise<ClientJob> {
    const { client } = job;
    if (client === undefined) throw new JobFailure("Cannot run the job: it has no Client");
    let opened: ClientConnection;
    job.setStatus(JobStatus.WaitingForClient);
    try {
      opened = await connectClient(client, {
        ...callerOf(environment.director),
        patience: jobPatience(environment.director.fdConnectTimeout),
        abort: job.givenUp,
        onRetry: (error) => job.log.info(`${error.message}. Retrying ...`),
        probes: environment.probes,
        onProbe: () =>
          job.log.info("Probing client protocol... (result will be saved until config reload)"),
      });
    } catch (cause) {
      if (cause instanceof DaemonConnectionError) throw new JobFailure(cause.message, { cause });
      throw cause;
    }
    const { connection } = opened;
    job.setStatus(JobStatus.Running);
    job.clientConnection = connection;
    const where = `${client.address}:${client.port}`;
    const encryption = encryptionOf(connection);
    if (opened.hasCome) job.log.info(`Client ${client.name} has connected by itself.`);
    job.log.info(`Connected Client: ${client.name} at ${where}, encryption: ${encryption}`);
    job.log.info(`${opened.wasProbed ? "   " : " "}${handshakeText(opened)} `);
    job.log.info(` Encryption: ${encryption}`);
    const dialogue = new ClientDialogue(connection, {
      jobMessage: (type, seconds, text) => job.log.remote(type, seconds, text),
      malformed: (text) => job.log.error(`Malformed message: ${text}`),
    }, job.abort.signal);
    const clientJob = new ClientJob(job, environment, dialogue, opened);
    await clientJob.#introduce(client.name, authorization);
    if (client.passive && opened.fdVersion < PASSIVE_SINCE) {
      throw new JobFailure(
        `Client "${client.name}" doesn't support passive client mode. ` +
          "Please upgrade your client or disable compat mode.",
      );
    }
    return clientJob;
  }

  /** Tells the level and, unless it is a Full, since when. @throws {JobFailure} */
  async sendLevel(): Promise<void> {
    const job = this.#job;
    const word = LEVEL_WORDS[job.level];
    const ok = fileToDirector.levelOk.format({});
    if (word === undefined || job.level === "B") {
      const level = directorToFile.level.format({ level: word ?? "full", mtimeOnly: 0 });
      return await this.#dialogue.command("Level", level, ok);
    }
    const level = `${job.isAccurate ? "accurate_" : ""}${word}`;
    await this.#dialogue.say("Level", directorToFile.level.format({ level, mtimeOnly: 0 }));
    await this.#dialogue.say(
      "Level",
      directorToFile.since.format({
        since: job.since,
        mtimeOnly: 0,
        previousJob: job.previousJob ?? job.uniqueName,
      }),
    );
    // The file daemon compares the clocks, which the dialogue answers, and ends that with EOD.
    while (true) {
      const next = await this.#dialogue.next();
      if (next === Signal.EOD) break;
      if (typeof next === "string") {
        job.log.info(`Unexpected answer to Level command: ${next}`);
        if (parseEndJob(next) !== undefined) break;
      } else {
        throw new JobFailure("Socket error on Level command: ERR=No data available");
      }
    }
    await this.#dialogue.expect("Level", ok);
  }

  /** Tells what is to be saved. @throws {JobFailure} */
  async sendFileSet(fileSet: FileSetResource, storage: StorageResource | undefined): Promise<void> {
    const { connection } = this.#dialogue;
    const job = this.#job;
    const allowCompression = storage?.allowCompression ?? true;
    const why = misreadOptions(
      { name: job.client?.name ?? "" },
      this.#maker,
      job.clientUname,
      fileSet,
      allowCompression,
    );
    if (why !== undefined) throw new JobFailure(why);
    const lines = fileSetLines(fileSet, {
      allowCompression,
      codes: this.#environment.codes(job),
      abort: job.givenUp,
      pluginLine: (line) => pluginLineFor(this.#maker, line),
      onCompressionDropped: () =>
        job.log.info(
          "FD compression disabled for this Job because AllowCompress=No in Storage resource.",
        ),
    });
    const head = directorToFile.fileset.format(fileSet.enableVss ? { vss: 1 } : {});
    await this.#dialogue.say("Include", head);
    for await (const line of lines) connection.queue(line);
    await connection.flush();
    await connection.sendSignal(Signal.EOD);
    await this.#dialogue.expect("Include", fileToDirector.filesetOk.format({}));
  }

  /** Whether a restore may go from one storage daemon to the next. */
  get knowsSeveralStorages(): boolean {
    return this.#fdVersion >= SEVERAL_STORAGES_SINCE;
  }

  /** Options for the client's plugins. @throws {JobFailure} */
  async sendPluginOptions(): Promise<void> {
    const { request, resource, type } = this.#job;
    const isKnown = this.#fdVersion >= PLUGIN_OPTIONS_SINCE;
    // A restore without what only plugins want is better than none; what somebody has asked for is not.
    const all = isKnown || type !== "R" ? [...resource.fdPluginOptions] : [];
    if (request.pluginOptions !== undefined) all.push(request.pluginOptions);
    if (all.length > 0 && !isKnown) {
      throw new JobFailure(
        `Client "${this.#job.client?.name}" doesn't support plugin option passing. ` +
          "Please upgrade your client or disable compat mode.",
      );
    }
    for (const options of all) {
      const command = directorToFile.pluginOptions.format({ options });
      const ok = fileToDirector.pluginOptionsOk.format({});
      try {
        await this.#dialogue.command("PluginOptions", command, ok);
      } catch (cause) {
        if (!(cause instanceof JobFailure)) throw cause;
        this.#job.log.fatal(cause.message);
        throw new JobFailure("Plugin options failed.", { cause });
      }
    }
  }

  /** Sends what plugins stored in these jobs; see {@linkcode sendRestoreObjects}. @throws {JobFailure} */
  async sendRestoreObjects(jobIds: readonly number[]): Promise<void> {
    await sendRestoreObjects(this.#dialogue, this.#job, this.#fdVersion, jobIds);
  }

  /** Asks for the command that erases files securely. @throws {JobFailure} */
  async askSecureErase(): Promise<void> {
    if (this.#fdVersion < SECURE_ERASE_SINCE) return;
    const command = directorToFile.getSecureEraseCommand.format({});
    await this.#dialogue.say("GetSecureEraseCmd", command);
    const answer = await this.#dialogue.answer("GetSecureEraseCmd");
    const said = fileToDirector.getSecureEraseCommandOk.parse(answer);
    if (said === undefined) {
      this.#job.log.warning(`Unexpected Client Secure Erase Cmd: ${answer}`);
    } else if (said.command.trim() !== NO_ERASE) {
      this.#job.secureErase.file = said.command.trim();
    }
  }

  /** Limits the bandwidth if that is configured. @throws {JobFailure} */
  async limitBandwidth(): Promise<void> {
    const { resource, client, uniqueName } = this.#job;
    const limit = resource.maximumBandwidth || (client?.maximumBandwidthPerJob ?? 0);
    if (limit <= 0 || this.#fdVersion < BANDWIDTH_SINCE) return;
    const command = directorToFile.setBandwidth.format({ bytesPerSecond: limit, job: uniqueName });
    await this.#dialogue.command("Bandwidth", command, fileToDirector.setBandwidthOk.format({}));
  }

  /** Sends the client's scripts and runs those that come before the job. @throws {JobFailure} */
  async sendRunScripts(): Promise<void> {
    const job = this.#job;
    const scripts = clientScripts(job, this.#environment.codes(job));
    if (scripts.length === 0) return;
    try {
      for (const script of scripts) {
        await this.#dialogue.command(
          "RunScript",
          directorToFile.run.format({
            onSuccess: script.onSuccess ? 1 : 0,
            onFailure: script.onFailure ? 1 : 0,
            abortOnError: script.failJobOnError ? 1 : 0,
            when: script.when,
            command: script.command,
          }),
          fileToDirector.runOk.format({}),
        );
      }
      const early = When.Before | When.AfterVss;
      if (job.resource.runScripts.some((script) => (script.when & early) !== 0)) {
        const command = directorToFile.runBeforeNow.format({});
        await this.#dialogue.command(
          "RunBeforeNow",
          command,
          fileToDirector.runBeforeNowOk.format({}),
        );
      }
    } catch (cause) {
      if (!(cause instanceof JobFailure)) throw cause;
      job.log.fatal(cause.message);
      throw new JobFailure(`Client "${job.client?.name}" RunScript failed.`, { cause });
    }
  }

  /** Whether the client can leave out what base jobs have (catalog-and-jobs.md 12.3). */
  get knowsBaseJobs(): boolean {
    return knowsBaseJobs(this.#maker);
  }

  /**
   * Sends the files that the catalog knows (catalog-and-jobs.md 12.2).
   * @returns how many files were sent
   * @throws {JobFailure}
   */
  async sendAccurateList(
    files: AsyncIterable<readonly FileRecord[]>,
    estimated: number,
    withDigest: boolean = /[15]/.test(accurateOptions(this.#job.fileSet)),
  ): Promise<number> {
    const job = this.#job;
    const { connection } = this.#dialogue;
    job.log.info(`Sending Accurate information (estimated ${withCommas(estimated)} files).`);
    const start = this.#environment.now();
    await this.#dialogue.say("Accurate", directorToFile.accurate.format({ files: estimated }));
    const { sent, skipped } = await sendKnownFiles(connection, files, {
      withDigest,
      abort: job.givenUp,
    });
    const seconds = hoursMinutesSeconds(this.#environment.now() - start);
    job.log.info(
      `Sent Accurate information for ${sent} files (skipping ${skipped} deleted files) in ${seconds}.`,
    );
    return sent;
  }

  /** How the data connection will be made; no statement where there is none. */
  #jobPolicy(): TlsPolicy {
    const { storage } = this.#job;
    return storage === undefined ? TlsPolicy.unknown : this.#policyTo(storage.resource);
  }

  #policyTo(storage: StorageResource): TlsPolicy {
    const mode = this.#environment.storageProbes.dataMode(storage.name, this.#mode);
    return dataPolicy(storage, mode);
  }

  /** Makes the client connect to a storage daemon. @throws {JobFailure} */
  async connectToStorage(storage: StorageResource, authorization?: string): Promise<void> {
    const { client } = this.#job;
    const isLan = storage.lanAddress !== "" && (client?.lanAddress ?? "") !== "";
    await this.#dialogue.command(
      "Storage",
      directorToFile.storage.format({
        address: isLan ? storage.lanAddress : storage.address,
        port: storage.port,
        ssl: this.#policyTo(storage),
        ...(authorization !== undefined && { authorization }),
      }),
      fileToDirector.storageOk.format({}),
    );
  }

  /** Gives a passive client the key of the storage daemon that will connect. @throws {JobFailure} */
  async setAuthorization(authorization: string): Promise<void> {
    const command = directorToFile.setAuthorization.format({ authorization });
    const ok = fileToDirector.setAuthorizationOk.format({});
    await this.#dialogue.command("Setauthorization", command, ok);
  }

  /** Sends a command and waits for its answer. @throws {JobFailure} */
  async command(name: string, text: string, wanted: string): Promise<void> {
    await this.#dialogue.command(name, text, wanted);
  }

  /** Sends a command that is not answered. @throws {JobFailure} */
  async say(name: string, text: string): Promise<void> {
    await this.#dialogue.say(name, text);
  }

  /** Waits for an answer. @throws {JobFailure} if another one comes */
  async expect(name: string, wanted: string): Promise<void> {
    await this.#dialogue.expect(name, wanted);
  }

  /** The next answer or the signal in its place, for lists. */
  async next(): Promise<string | Signal | undefined> {
    return await this.#dialogue.next();
  }

  /**
   * Waits for the end of the job at the client and takes over how it ended.
   * @throws {JobFailure} if it does not say
   */
  async ended(what: string): Promise<EndJob> {
    const job = this.#job;
    const unexpected = (text: string) => job.log.warning(`Unexpected Client Job message: ${text}`);
    const end = await this.#dialogue.endOfJob(what, unexpected);
    this.#hasEnded = true;
    if (end === undefined) {
      job.fdStatus = "E";
      throw new JobFailure("No Job status returned from FD.");
    }
    job.fdStatus = end.status;
    job.counters.fdFiles = end.jobFiles;
    job.counters.readBytes = end.readBytes;
    job.counters.fdBytes = end.jobBytes;
    job.counters.vss = end.vss;
    job.counters.encryption = end.encrypt;
    job.log.addErrors(end.errors);
    return end;
  }

  /** Whether the client's session was read to its end. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /**
   * Reads the session to its end after the job has failed: a client that has not refused a command
   * is told to end it. What goes wrong then is a further message of the job.
   */
  async endedAfterFailure(what: string): Promise<void> {
    const { connection } = this.#dialogue;
    try {
      if (!this.#dialogue.isRefused && connection.canSend) {
        await connection.sendSignal(Signal.TERMINATE);
      }
      await this.ended(what);
    } catch (error) {
      if (this.#job.fdStatus === "") this.#job.fdStatus = JobStatus.ErrorTerminated;
      this.#job.fail(error);
    }
  }

  /** Ends the session. */
  async close(): Promise<void> {
    const { connection } = this.#dialogue;
    if (!connection.isTerminated) {
      await connection.sendSignal(Signal.TERMINATE).catch(() => {}); // the peer has gone
    }
    connection.close();
    this.#job.clientConnection = undefined;
  }

  async #introduce(name: string, authorization: string): Promise<void> {
    const job = this.#job;
    await this.#dialogue.say(
      "JobId",
      directorToFile.jobId.format({
        jobId: job.jobId,
        job: job.uniqueName,
        sdId: job.volSessionId,
        sdTime: job.volSessionTime,
        authorization,
        ...(this.#mode === "tls" && { ssl: this.#jobPolicy() }),
      }),
    );
    const answer = await this.#dialogue.next();
    if (typeof answer !== "string") {
      const why = this.#dialogue.connection.failure?.message ?? "No data available";
      throw new JobFailure(`FD gave bad response to JobId command: ${why}`);
    }
    const said = fileToDirector.jobIdOk.parse(answer);
    if (said === undefined) {
      throw new JobFailure(`File daemon "${name}" rejected Job command: ${answer}`);
    }
    job.clientUname = said.information.slice(0, 255);
    this.#maker = clientMaker(this.#announced, said.information);
    job.catalog.setClientUname(job.clientId, job.clientUname);
  }
}

/** The level's text in info messages of verify jobs. */
export function levelKeyword(level: string): string {
  return JOB_LEVELS[level]?.keyword ?? level;
}
