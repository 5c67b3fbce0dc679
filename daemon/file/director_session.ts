/**
 * The session of one director, from its first command to its end
 * (director-client.md 2). It owns the job that the director announces.
 *
 * @module
 */
import { decodeText } from "../../bytes/mod.ts";
import {
  commandOf,
  type Connection,
  FILE_COMMANDS,
  fileToDirector as say,
  JobMessageType,
  receiveFrame,
  Signal,
} from "../../protocol/mod.ts";
import { TraceLevel } from "../debug_trace.ts";
import type { KnownFilesWriter } from "./accurate/mod.ts";
import type { ConnectedDirector, DirectorSettings, FileContext } from "./file_context.ts";
import type { FileJob } from "./file_job.ts";
import { occasions, runScripts } from "./run_scripts.ts";

/** Whether the session goes on after a command. */
export type Verdict = "go on" | "stop";

/** Serves a command whose text begins with its keyword. */
export type CommandHandler = (
  session: DirectorSession,
  command: string,
) => Promise<Verdict> | Verdict;

/** One command of a director. */
export interface FileCommand {
  readonly run: CommandHandler;
  /** A monitor may use it. */
  readonly forMonitor?: true;
}

/** A command that is not one of the field's, by what it begins with. */
export interface ForeignCommand extends FileCommand {
  readonly prefix: string;
}

/** Every command by its keyword. */
export type FileCommands = Readonly<Partial<Record<(typeof FILE_COMMANDS)[number], FileCommand>>>;

/** What a director's hello and our configuration say of how to speak with it. */
export interface DirectorManner {
  /** It is one of Bacula (bacula.md 3). */
  readonly isBacula: boolean;
  /** Do as Bacula and 13.2 do: `Compatible = yes`, or the director is one of Bacula. */
  readonly isCompatible: boolean;
}

/** A session. */
export class DirectorSession {
  readonly connection: Connection;
  readonly context: FileContext;
  readonly director: DirectorSettings;
  readonly manner: DirectorManner;
  readonly #commands: FileCommands;
  readonly #foreign: readonly ForeignCommand[];
  /** The job of `JobId=`; console work has number 0. */
  job: FileJob | undefined;
  readonly #entry: ConnectedDirector;
  /** The accurate list, if the director has sent one. */
  accurate: KnownFilesWriter | undefined;
  /** Whether there was a `fileset`: a second one ends the session. */
  hasFileSet = false;
  /** Whether a restore is under way, for the end line. */
  isRestoring = false;

  /** A session with an authenticated director; `foreign` are commands that others' directors have not. */
  constructor(
    connection: Connection,
    director: DirectorSettings,
    manner: DirectorManner,
    context: FileContext,
    commands: FileCommands,
    foreign: readonly ForeignCommand[] = [],
  ) {
    this.#foreign = foreign;
    this.manner = manner;
    this.connection = connection;
    this.director = director;
    this.context = context;
    this.#commands = commands;
    const since = Math.floor(Date.now() / 1000);
    this.#entry = { name: director.name, since, hasJob: false };
  }

  /** Makes the job of this session known to the daemon. */
  begin(job: FileJob): void {
    this.#entry.hasJob = true;
    this.context.begin(job);
  }

  /** Sends a text. */
  say(text: string): Promise<void> {
    this.context.debug.tell(TraceLevel.commands, () => `> ${this.director.name}: ${text}`);
    return this.connection.send(text);
  }

  /** Sends the answer that a command was served; the session goes on. */
  async accept(text: string): Promise<Verdict> {
    await this.say(text);
    return "go on";
  }

  /** Sends an answer that EOD ends. */
  async answer(text: string): Promise<Verdict> {
    this.connection.queue(text);
    await this.connection.sendSignal(Signal.EOD);
    return "go on";
  }

  /** A fatal job message; the session ends. */
  fail(text: string): Verdict {
    if (this.job === undefined || this.job.announcement.jobId === 0) {
      this.connection.queue(text);
    }
    this.job?.fail(text);
    return "stop";
  }

  /** Reads a list: messages up to EOD. False if the director hung up. */
  async readList(take: (payload: Uint8Array) => void): Promise<boolean> {
    for (;;) {
      const frame = await receiveFrame(this.connection, "daemon");
      if (frame === undefined) return false;
      if (frame.kind === "signal") return frame.signal === Signal.EOD;
      take(frame.payload);
    }
  }

  /** Whether `keyword` is allowed to this director (director-client.md 18). */
  allows(keyword: string): boolean {
    const own = this.director.allowedJobCommand;
    const list = own.length > 0 ? own : this.context.settings.allowedJobCommand;
    return list.length === 0 || list.some((word) => word.toLowerCase() === keyword);
  }

  /** The fatal message where {@linkcode allows} says no. */
  refuse(keyword: string): Verdict {
    return this.fail(
      `Illegal "${keyword}" command not allowed by Allowed Job Cmds setting of this filed.\n`,
    );
  }

  /** Folders that run scripts must lie in. */
  get scriptFolders(): readonly string[] {
    const own = this.director.allowedScriptDir;
    return own.length > 0 ? own : this.context.settings.allowedScriptDir;
  }

  /** Serves commands until the director hangs up or one of them ends the session. */
  async serve(): Promise<void> {
    const entry = this.#entry;
    this.context.directors.add(entry);
    const { debug } = this.context;
    debug.tell(TraceLevel.events, () => `session of ${this.director.name} begins`);
    try {
      for (;;) {
        const frame = await this.connection.receive();
        if (frame === undefined || frame.kind === "signal") break;
        if (await this.#dispatch(decodeText(frame.payload)) === "stop") break;
      }
    } finally {
      this.context.directors.delete(entry);
      debug.tell(TraceLevel.events, () => `session of ${this.director.name} ends`);
      await this.#finish();
    }
  }

  async #dispatch(text: string): Promise<Verdict> {
    this.context.debug.tell(TraceLevel.commands, () => `< ${this.director.name}: ${text}`);
    const keyword = commandOf(FILE_COMMANDS, text);
    const command = keyword === undefined
      ? this.#foreign.find(({ prefix }) => text.startsWith(prefix))
      : this.#commands[keyword];
    if (command === undefined) {
      await this.say(say.invalidCommand.format({}));
      return "stop";
    }
    if (this.director.isMonitor && !command.forMonitor) {
      await this.answer(say.monitorOnly.format({}));
      return "stop";
    }
    return await command.run(this, text);
  }

  /** The end of every session, always in this order (director-client.md 2, step 3). */
  async #finish(): Promise<void> {
    const { job, connection } = this;
    try {
      if (job !== undefined) {
        if (job.storage?.canSend) await job.storage.sendSignal(Signal.TERMINATE).catch(() => {});
        job.storage?.close();
        job.storage = undefined;
        if (job.announcement.jobId !== 0) await this.#endJob(job);
      }
      if (connection.canSend) await connection.sendSignal(Signal.TERMINATE);
    } finally {
      this.accurate?.discard();
      if (job !== undefined && job.announcement.jobId !== 0) this.context.end(job);
      connection.close();
    }
  }

  async #endJob(job: FileJob): Promise<void> {
    if (job.status === "C" || job.status === "R") {
      job.become(job.type === "R" && job.log.warnings > 0 ? "W" : "T");
    }
    if (job.type === "R" && job.errors > 0) job.become("E");
    await runScripts(job, occasions.after, {
      daemon: this.context.settings.name,
      allowedFolders: this.scriptFolders,
    });
    if (!this.connection.canSend) return;
    await this.say(say.endJob.format({
      termCode: job.status.charCodeAt(0),
      jobFiles: job.counters.files,
      readBytes: job.counters.readBytes,
      jobBytes: job.counters.bytes,
      errors: job.errors,
      vss: 0,
      encrypt: job.protection?.session === undefined ? 0 : 1,
    }));
  }

  /** A job message of any type. */
  message(type: JobMessageType, text: string): void {
    this.job?.message(type, text);
  }
}
