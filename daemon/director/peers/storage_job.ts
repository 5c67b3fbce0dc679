import {
  type AttributeUpdate,
  directorToStorage,
  JobStatus,
  Signal,
  storageToDirector,
} from "../../../protocol/mod.ts";
import { AttributeInsert } from "./attribute_insert.ts";
import { AFTER_FAILURE_MS, cancelAtDaemons } from "./cancel_daemons.ts";
import { answerCatalogRequest, type CatalogRequester } from "./catalog_requests.ts";
import { dataPolicy } from "./client_probes.ts";
import {
  callerOf,
  connectStorage,
  DaemonConnectionError,
  encryptionOf,
  jobPatience,
} from "./daemon_connections.ts";
import type { FileWriter } from "../director_catalog.ts";
import type { DeviceClaim } from "../jobs/device_claims.ts";
import type { Job, Picked } from "../jobs/job.ts";
import type { JobEnvironment } from "../jobs/job_environment.ts";
import { JobFailure } from "../jobs/job_failure.ts";
import type { ClientResource, PoolResource, StorageResource } from "../resources.ts";
import { StorageDialogue, type StorageEnd, type StorageEvents } from "./storage_dialogue.ts";
import type { StorageFlavour } from "./storage_probes.ts";
import { jobVariables } from "../volumes/volume_variables.ts";

const NO_NAME = "**None**";
const NO_DIGEST = "**Dummy**";
const NO_ERASE = "*None*";

/** What is the same for every connection of a job to a storage daemon. */
export interface StorageJobOptions {
  readonly job: Job;
  readonly environment: JobEnvironment;
  readonly storage: StorageResource;
  /** Pool whose volumes are used. */
  readonly pool: Picked<PoolResource>;
  /** Whether the job writes. */
  readonly isWriting: boolean;
  /** The job whose rows come from there, if it is another: a copy's data job. */
  readonly rowsOf?: Job;
  /** Whether the job was told to leave, to begin anew: how it ends there by that is not how it ends. */
  readonly isLeaving?: () => boolean;
}

/** What is reserved in one exchange of `use storage`. */
export type StorageUse = Pick<StorageJobOptions, "storage" | "pool" | "isWriting">;

/** A job's session with one storage daemon, in the order of the wire (storage-daemon.md 3). */
export class StorageJob {
  readonly #options: StorageJobOptions;
  #dialogue: StorageDialogue;
  #flavour: StorageFlavour;
  readonly #files: FileWriter;
  /** Rows of files that come in. */
  readonly attributes: AttributeInsert;
  #serving: Promise<StorageEnd | undefined> | undefined;
  /** The devices that the job has here or waits for, in the order in which they were wanted. */
  readonly #claims: DeviceClaim[] = [];
  /** The key of the data connection. */
  authorization = "";

  private constructor(
    options: StorageJobOptions,
    { dialogue, flavour, files }: OpenedStorage,
  ) {
    this.#options = options;
    this.#dialogue = dialogue;
    this.#flavour = flavour;
    this.#files = files;
    const { job, environment } = options;
    this.attributes = new AttributeInsert(job, files, () => {
      job.abortLater(AFTER_FAILURE_MS, "the catalog takes no more");
      void cancelAtDaemons(job, environment, ["client", "storage"]);
    });
  }

  /** Connects, and tells the storage daemon about the job. @throws {JobFailure} */
  static async start(options: StorageJobOptions): Promise<StorageJob> {
    const storageJob = await StorageJob.connect(options);
    try {
      await storageJob.introduce();
    } catch (error) {
      storageJob.close(); // nobody else has it
      throw error;
    }
    return storageJob;
  }

  /** Connects. @throws {JobFailure} */
  static async connect(options: StorageJobOptions): Promise<StorageJob> {
    const { job } = options;
    const files = job.catalog.fileWriter((options.rowsOf ?? job).jobId);
    const opened = await open(options, files, {
      attributes: (update) => storageJob.#take(update),
      status: (status) => storageJob.#setStatus(status),
    });
    const storageJob = new StorageJob(options, { ...opened, files });
    return storageJob;
  }

  /**
   * Asks for the command that erases files securely. An old storage daemon ends its session at that;
   * then the job is announced to it again, and what it knew of the job but that is forgotten.
   * @returns whether that was so
   * @throws {JobFailure}
   */
  async askSecureErase(): Promise<boolean> {
    const { job } = this.#options;
    if (this.#flavour !== "current") return false;
    const answer = await this.#dialogue.ask(directorToStorage.getSecureEraseCommand.format({}));
    if (storageToDirector.invalidCommand.matches(answer)) {
      await this.#connectAsOld();
      await this.introduce();
      return true;
    }
    const said = storageToDirector.getSecureEraseCommandOk.parse(answer);
    const command = said?.command.trim() ?? NO_ERASE;
    if (command !== NO_ERASE) job.secureErase.storage = command;
    return false;
  }

  /** Reserves a device, to write or read as the options say or `use` says. @throws {JobFailure} */
  async reserve(use: StorageUse = this.#options): Promise<void> {
    const { job, environment } = this.#options;
    const claim = environment.deviceClaims.enter(job.owner ?? job, use.storage);
    this.#claims.push(claim);
    let device;
    try {
      device = await this.#askForDevice(use);
    } catch (error) {
      claim.end(); // the job has none of these devices, and waits for none
      throw error;
    }
    claim.isWaiting = false;
    job.log.info(`Using Device "${device}" to ${use.isWriting ? "write" : "read"}.`);
  }

  /** One exchange of `use storage`. @returns the device that is reserved @throws {JobFailure} if none is */
  async #askForDevice({ storage, pool, isWriting }: StorageUse): Promise<string> {
    await this.#dialogue.say(directorToStorage.useStorage.format({
      storage: storage.name,
      mediaType: storage.mediaType,
      poolName: pool.resource.name,
      poolType: pool.resource.poolType,
      append: isWriting ? 1 : 0,
      copy: 0,
      stripe: 0,
    }));
    for (const device of storage.device) {
      await this.#dialogue.say(directorToStorage.useDevice.format({ device }));
    }
    await this.#dialogue.signal(Signal.EOD);
    await this.#dialogue.signal(Signal.EOD);
    const answer = await this.#dialogue.answer();
    const said = storageToDirector.useDeviceOk.parse(answer);
    if (said !== undefined) return said.device;
    const device = storage.device[storage.device.length - 1] ?? "";
    throw new JobFailure(
      `\n     Storage daemon didn't accept Device "${device}" because:\n     ${answer}`,
    );
  }

  /** Sends a bootstrap. @throws {JobFailure} if it is refused */
  async sendBootstrap(text: string): Promise<void> {
    await this.#dialogue.say(directorToStorage.bootstrap.format({}));
    const { connection } = this.#dialogue;
    for (const line of text.match(/[^\n]+\n?/g) ?? []) connection.queue(line);
    await this.#dialogue.signal(Signal.EOD);
    const answer = await this.#dialogue.answer();
    if (!storageToDirector.bootstrapOk.matches(answer)) {
      throw new JobFailure(`Bad response to Bootstrap command: got ${answer}`);
    }
  }

  /** Refuses what a storage daemon of Bacula cannot do (bacula.md 1.2). @throws {JobFailure} */
  refuseIfBacula(what: string): void {
    if (this.#flavour !== "bacula") return;
    throw new JobFailure(
      `Storage "${this.#options.storage.name}" is of Bacula, which knows no ${what} as this ` +
        "director leads it. Use another Storage.",
    );
  }

  /** Lets the storage daemon connect to a passive client. @throws {JobFailure} if it cannot */
  async connectToClient(client: ClientResource): Promise<void> {
    this.refuseIfBacula("passive clients");
    const { address, port } = client;
    const mode = this.#options.environment.probes.modeOf(client.name) ?? "tls";
    const ssl = dataPolicy(client, mode);
    const command = directorToStorage.passiveClient.format({ address, port, ssl });
    const answer = await this.#dialogue.ask(command);
    if (storageToDirector.passiveClientOk.matches(answer)) return;
    throw new JobFailure(
      `Bad response to Passive client command: wanted 2000 OK passive client\n, got ${answer}`,
    );
  }

  /** Limits the job, in bytes per second; 0 leaves it as it is. @throws {JobFailure} */
  async limitBandwidth(bytesPerSecond: number): Promise<void> {
    if (bytesPerSecond <= 0) return;
    this.refuseIfBacula("limit of the bandwidth of a storage daemon");
    const answer = await this.#dialogue.ask(directorToStorage.setBandwidth.format({
      bytesPerSecond,
      job: this.#options.job.uniqueName,
    }));
    if (storageToDirector.setBandwidthOk.matches(answer)) return;
    throw new JobFailure(`Bad response to setbandwidth command: got ${answer}`);
  }

  /**
   * Lets the storage daemon wait for the one that reads, or for several one after the other; as
   * {@linkcode run}.
   */
  async listen(parts = 1): Promise<void> {
    this.refuseIfBacula("copies between storage daemons");
    await this.#dialogue.say(
      parts === 1
        ? directorToStorage.listen.format({})
        : directorToStorage.listenForParts.format({ parts }),
    );
    this.#serve();
  }

  /** Lets this storage daemon connect to the one that writes `data`. @throws {JobFailure} */
  async replicateTo(storage: StorageResource, data: Job, authorization: string): Promise<void> {
    this.refuseIfBacula("copies between storage daemons");
    const { storageProbes } = this.#options.environment;
    const fields = {
      job: data.uniqueName,
      address: storage.address,
      port: storage.port,
      ssl: dataPolicy(storage, storageProbes.dataMode(storage.name, "tls")),
      authorization,
    };
    const command = this.#flavour === "old"
      ? directorToStorage.replicateOld.format(fields)
      : directorToStorage.replicate.format({ ...fields, jobId: data.jobId });
    const answer = await this.#dialogue.ask(command);
    if (storageToDirector.replicateOk.matches(answer)) return;
    throw new JobFailure(
      `Bad response to Replicate command: wanted 3000 OK replicate\n, got ${answer}`,
    );
  }

  /** Starts the job there; from now on {@linkcode ended} serves its requests. */
  async run(): Promise<void> {
    await this.#dialogue.say(directorToStorage.run.format({}));
    this.#serve();
  }

  /** Begins anew with a storage daemon that turned out to be an old one. @throws {JobFailure} */
  async #connectAsOld(): Promise<void> {
    this.#options.environment.storageProbes.rememberOld(this.#options.storage.name);
    this.close();
    const opened = await open(this.#options, this.#files, {
      attributes: (update) => this.#take(update),
      status: (status) => this.#setStatus(status),
    });
    this.#dialogue = opened.dialogue;
    this.#flavour = opened.flavour;
  }

  #take(update: AttributeUpdate): void {
    if (this.#options.pool.resource.catalogFiles) this.attributes.take(update);
  }

  /** What the storage daemon says about the job: `I` and `f` become the job's own, unless it leaves. */
  #setStatus(status: string): void {
    const { job, isLeaving } = this.#options;
    const isOurs = status === JobStatus.Incomplete || status === JobStatus.FatalError;
    if (isOurs && isLeaving?.() !== true) job.setStatus(status);
    job.sdStatus = status;
    // a device that is reserved when its data comes is waited for then (storage-daemon.md 5.5)
    const claim = this.#claims.at(-1);
    if (claim !== undefined) claim.isWaiting = status === JobStatus.WaitingForDevice;
  }

  #serve(): void {
    this.#serving = this.#dialogue.serve();
    this.#serving.catch(() => {}); // whoever calls ended() hears of it
  }

  /**
   * Waits for the end of the job there and takes over how it ended.
   * @throws {JobFailure} if the connection breaks
   */
  async ended(): Promise<StorageEnd | undefined> {
    const end = await this.#serving;
    const { job } = this.#options;
    if (end !== undefined) {
      job.sdStatus = end.status;
      job.counters.sdFiles = end.jobFiles;
      job.counters.sdBytes = end.jobBytes;
      job.counters.sdErrors = end.jobErrors;
    }
    return end;
  }

  /** Closes the connection. */
  close(): void {
    for (const claim of this.#claims.splice(0)) claim.end();
    this.#dialogue.connection.close();
    this.#options.job.storageConnection = undefined;
  }

  /** Tells the storage daemon about the job. @throws {JobFailure} */
  async introduce(): Promise<void> {
    const { job } = this.#options;
    const { resource } = job;
    const noAttributes = this.#options.pool.resource.catalogFiles ? 0 : 1;
    const fields = {
      jobId: job.jobId,
      job: job.uniqueName,
      jobName: resource.name,
      type: job.type.charCodeAt(0),
      level: job.type === "R" ? 32 : job.level.charCodeAt(0),
      fileSet: job.fileSet?.name ?? NO_NAME,
      noAttributes,
      spoolAttributes: resource.spoolAttributes ? 1 : 0,
      fileSetMd5: job.fileSetDigest || NO_DIGEST,
      spoolData: job.isSpooling ? 1 : 0,
      preferMountedVolumes: resource.preferMountedVolumes ? 1 : 0,
      spoolSize: resource.spoolSize,
      rerunning: 0,
      volSessionId: 0,
      volSessionTime: 0,
    };
    const command = this.#flavour === "bacula"
      ? directorToStorage.jobIdBacula.format({
        ...fields,
        clientName: job.client?.name ?? NO_DIGEST,
        writePartAfterJob: 1,
        storageClient: 0,
        authorization: "dummy",
      })
      : directorToStorage.jobId.format({
        ...fields,
        clientName: job.client?.name ?? NO_NAME,
        quota: job.quota ?? 0,
        protocol: 0,
        backupFormat: "Native",
        dumpLevel: this.#flavour === "old" ? 0 : undefined,
      });
    const answer = await this.#dialogue.ask(command);
    if (this.#flavour === "current" && storageToDirector.jobIdBad.matches(answer)) {
      // One field more was demanded by the first releases (storage-daemon.md 16).
      await this.#connectAsOld();
      return await this.introduce();
    }
    const said = storageToDirector.jobIdOk.parse(answer);
    if (said === undefined) {
      throw new JobFailure(`Storage daemon rejected Job command: ${answer}`);
    }
    job.volSessionId = said.sdId;
    job.volSessionTime = said.sdTime;
    this.authorization = said.authorization;
  }
}

/** A connection to a storage daemon and the conversation over it. */
interface OpenedStorage {
  readonly dialogue: StorageDialogue;
  readonly flavour: StorageFlavour;
  /** The rows of files that come in. */
  readonly files: FileWriter;
}

/** Connects, and makes of the connection a dialogue that serves the job. @throws {JobFailure} */
async function open(
  options: StorageJobOptions,
  files: FileWriter,
  events: Pick<StorageEvents, "attributes" | "status">,
): Promise<OpenedStorage> {
  const { job, environment, storage } = options;
  const { director, storageProbes } = environment;
  let opened;
  job.setStatus(JobStatus.WaitingForStorageDaemon);
  try {
    opened = await connectStorage(storage, {
      ...callerOf(director),
      patience: jobPatience(director.sdConnectTimeout),
      abort: job.givenUp,
      onRetry: (error) => job.log.info(`${error.message}. Retrying ...`),
      storageProbes,
    });
  } catch (cause) {
    if (cause instanceof DaemonConnectionError) throw new JobFailure(cause.message, { cause });
    throw cause;
  }
  const { connection, flavour } = opened;
  job.setStatus(JobStatus.Running);
  job.storageConnection = connection;
  const encryption = encryptionOf(connection);
  job.log.info(
    `Connected Storage daemon at ${storage.address}:${storage.port}, encryption: ${encryption}`,
  );
  job.log.info(` Encryption: ${encryption}`);
  const requester = { ...catalogRequester(options, files), isBacula: flavour === "bacula" };
  const dialogue = new StorageDialogue(connection, {
    jobMessage: (type, seconds, text) => job.log.remote(type, seconds, text),
    ...events,
    catalogRequest: (text) => answerCatalogRequest(requester, text),
    jobStarted: () => {},
    malformed: (text) => job.log.error(`Malformed message: ${text}`),
  }, job.abort.signal);
  return { dialogue, flavour, files };
}

function catalogRequester(options: StorageJobOptions, files: FileWriter): CatalogRequester {
  const { job, environment, storage, pool, isWriting } = options;
  const { catalog } = job;
  const poolId = catalog.pool(pool.resource);
  return {
    seeker: {
      catalog,
      pool: pool.resource,
      poolId,
      storage,
      storageId: catalog.storage(storage),
      mayCreate: true,
      pruneVolumes: job.resource.pruneVolumes,
      variables: jobVariables(job, environment),
      info: (text) => job.log.info(text),
      error: (text) => job.log.error(text),
      now: environment.now,
    },
    jobId: (options.rowsOf ?? job).jobId,
    startTime: job.startTime,
    isWriting,
    files,
    fatal: (text) => {
      job.log.fatal(text);
      job.setStatus("f");
    },
  };
}
