/**
 * Messages of the director and of its jobs on the way to where the Messages resource wants them
 * (catalog-and-jobs.md 23): the router owns what lives as long as the daemon, which is open files, the
 * messages that wait for consoles, and commands that were started.
 *
 * @module
 */
import { appendFileSync, closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { encodeText } from "../../../bytes/mod.ts";
import { ConsoleMessages } from "./console_messages.ts";
import { Deferred, mostDeferred } from "./deferred.ts";
import { MailSpool } from "./mail_spool.ts";
import {
  type ChannelEnvironment,
  type ChannelOptions,
  MessageChannel,
  type MessageSinks,
} from "./message_channel.ts";
import { strftime } from "../../strftime.ts";
import { runCommand } from "../run_command.ts";

/** What the router needs from the daemon. */
export interface MessageEnvironment extends ChannelEnvironment {
  /** Where messages wait for a console or for the end of their job. */
  readonly workingDirectory: string;
}

/** Where the messages of all jobs go; one a daemon. */
export class MessageRouter implements MessageSinks {
  readonly #environment: MessageEnvironment;
  readonly #consoles: ConsoleMessages;
  readonly #files = new Map<string, number>();
  readonly #appended = new Map<string, Deferred<string>>();
  #commands: Promise<void>[] = [];
  #mails = 0;
  /** What waits for the system's log, and the `logger`s under way. */
  readonly #syslog: { readonly priority: string; readonly lines: string[] }[] = [];
  #logging: Promise<void> | undefined;

  /** A router without messages. */
  constructor(environment: MessageEnvironment) {
    const { workingDirectory, daemon, now, onError } = environment;
    this.#consoles = new ConsoleMessages(join(workingDirectory, `${daemon}.conmsg`), (cause) => {
      onError(new Error(`Cannot keep messages for the consoles: ${cause}`, { cause }));
    });
    this.#environment = {
      ...environment,
      now: () => now(),
      // Of a director in the background nobody reads standard error: consoles are told, too.
      onError: (error) => {
        onError(error);
        const time = strftime("%d-%b %H:%M", new Date(now() * 1000));
        this.#consoles.add(`${time} ${daemon} JobId 0: Error: ${error.message}\n`);
      },
    };
  }

  /** The stream of a job's messages, or of the daemon's own. */
  channel(options: ChannelOptions): MessageChannel {
    return new MessageChannel(this, this.#environment, options);
  }

  /** Whether messages wait for a console. */
  get hasPending(): boolean {
    return this.#consoles.hasPending;
  }

  /** Number of all messages that went to consoles so far: grows with each. */
  get consoleMessageCount(): number {
    return this.#consoles.total;
  }

  /** The next lines of messages that wait for a console, which are gone then; none at the end. */
  takePending(): string[] {
    return this.#consoles.take();
  }

  /** Adds a message for the consoles. */
  toConsole(text: string): void {
    this.#consoles.add(text);
  }

  /** Writes to a file: `truncate` empties it at its first use. */
  toFile(path: string, text: string, truncate: boolean): void {
    const key = `${truncate ? "w" : "a"}${path}`;
    let appended = this.#appended.get(key);
    if (appended === undefined) {
      appended = new Deferred<string>(
        mostDeferred,
        (texts) => this.#write(path, texts.join(""), truncate),
      );
      this.#appended.set(key, appended);
    }
    appended.add(text);
  }

  #write(path: string, text: string, truncate: boolean): void {
    try {
      if (truncate) {
        let file = this.#files.get(path);
        if (file === undefined) this.#files.set(path, file = openSync(path, "w", 0o640));
        writeSync(file, encodeText(text));
      } else {
        appendFileSync(path, encodeText(text), { mode: 0o640 });
      }
    } catch (cause) {
      this.#environment.onError(new Error(`Cannot write messages to ${path}: ${cause}`, { cause }));
    }
  }

  /** Hands on what waits for being handed on together. */
  flush(): void {
    this.#consoles.flush();
    for (const appended of this.#appended.values()) appended.flush();
  }

  /** A mail that gathers in the working directory. */
  newMail(job: string, onError: (cause: unknown) => void): MailSpool {
    const { workingDirectory, daemon } = this.#environment;
    return new MailSpool(join(workingDirectory, `${daemon}.${job}.${++this.#mails}.mail`), onError);
  }

  /**
   * Sends lines to the system's log: `logger` after `logger`, one at a time, so that they arrive in
   * their order, each with what has come together for its priority.
   */
  toSyslog(priority: string, lines: readonly string[]): void {
    const last = this.#syslog.at(-1);
    if (last?.priority === priority) last.lines.push(...lines);
    else this.#syslog.push({ priority, lines: [...lines] });
    this.#logging ??= this.#drainSyslog().finally(() => this.#logging = undefined);
  }

  async #drainSyslog(): Promise<void> {
    for (let next = this.#syslog.shift(); next !== undefined; next = this.#syslog.shift()) {
      const words = ["logger", "-p", next.priority, "-t", this.#environment.daemon];
      await this.#run(words, `${next.lines.join("\n")}\n`);
    }
  }

  /** Starts a command with a text or an open file, which is closed then, as its standard input. */
  toCommand(words: readonly string[], input: string | number): void {
    const done = this.#run(words, input);
    this.#commands.push(done);
    done.finally(() => {
      this.#commands = this.#commands.filter((other) => other !== done);
    });
  }

  /** Runs a command to its end; what goes wrong is told. */
  async #run(words: readonly string[], input: string | number): Promise<void> {
    const [program = "", ...args] = words;
    const options = typeof input === "string" ? { input } : { inputFile: input };
    try {
      const result = await runCommand(program, args, options);
      if (result.status === 0) return;
      const output = result.output.trim();
      throw new Error(`Cannot send messages with ${program}: ${result.why} ${output}`.trim());
    } catch (error) {
      this.#environment.onError(error instanceof Error ? error : new Error(String(error)));
    } finally {
      if (typeof input === "number") closeSync(input);
    }
  }

  /** Waits for the commands under way and closes the files. */
  async close(): Promise<void> {
    this.flush();
    await Promise.all([...this.#commands, this.#logging]);
    this.#consoles.flush(); // what could not be sent was told meanwhile
    for (const file of this.#files.values()) closeSync(file);
    this.#files.clear();
  }
}
