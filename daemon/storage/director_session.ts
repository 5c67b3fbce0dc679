import { Signal, storageToDirector as say } from "../../protocol/mod.ts";
import { TraceLevel } from "../debug_trace.ts";
import type { DirectorPeer } from "./director_peer.ts";
import type { DirectorLink } from "./director_link.ts";
import type { StorageContext } from "./storage_context.ts";
import type { StorageJob } from "./storage_job.ts";

/** Whether the session goes on after a command. */
export type Verdict = "go on" | "stop";

/** One command of a director. */
export interface DirectorCommand {
  /** What the command begins with; the first that fits wins. */
  readonly prefix: string;
  /** A monitor may use it. */
  readonly forMonitor?: true;
  /** Serves the command and answers it. */
  run(session: DirectorSession, command: string): Promise<Verdict> | Verdict;
}

/**
 * The session of one director, from its hello to its end (storage-daemon.md 3). It owns the job that
 * the director announces: with the session the job is gone.
 */
export class DirectorSession {
  readonly link: DirectorLink;
  readonly context: StorageContext;
  readonly peer: DirectorPeer;
  readonly #commands: readonly DirectorCommand[];
  /** The job of `JobId=`. */
  job: StorageJob | undefined;

  /** A session over `link` with an authenticated director; `commands` in matching order. */
  constructor(
    link: DirectorLink,
    peer: DirectorPeer,
    context: StorageContext,
    commands: readonly DirectorCommand[],
  ) {
    this.#commands = commands;
    this.link = link;
    this.peer = peer;
    this.context = context;
  }

  /** Sends a text. */
  say(text: string): Promise<void> {
    this.#trace("to", text);
    return this.link.send(text);
  }

  /** Sends an answer that EOD ends. */
  async answer(text: string): Promise<Verdict> {
    this.#trace("to", text);
    void this.link.send(text);
    await this.link.signal(Signal.EOD);
    return "go on";
  }

  /** Serves commands until the director hangs up or one of them ends the session. */
  async serve(): Promise<void> {
    const onLost = (): void => this.job?.abandon();
    this.link.lost.addEventListener("abort", onLost, { once: true });
    try {
      while (true) {
        const frame = await this.link.next();
        if (frame === undefined || frame.kind === "signal" || frame.text === "") break;
        if (await this.#dispatch(frame.text) === "stop") break;
      }
    } finally {
      const { job } = this;
      if (job !== undefined) this.context.endJob(job);
      await this.link.signal(Signal.EOD);
      await this.link.signal(Signal.TERMINATE);
      this.link.close();
    }
  }

  #trace(way: "from" | "to", text: string): void {
    const { debug } = this.context;
    debug.tell(TraceLevel.commands, () => `${way} ${this.peer.name}: ${text.trimEnd()}`);
  }

  async #dispatch(text: string): Promise<Verdict> {
    this.#trace("from", text);
    const command = this.#commands.find(({ prefix }) => text.startsWith(prefix));
    if (command !== undefined && (!this.peer.isMonitor || command.forMonitor)) {
      return await command.run(this, text);
    }
    if (command !== undefined) await this.answer(say.monitorOnly.format({}));
    await this.say(say.invalidCommand.format({ command: text }));
    return "stop";
  }
}
