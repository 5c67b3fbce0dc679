/**
 * Messages of the jobs of a storage or file daemon that its own Messages resource sends to files,
 * to its standard output and error, or to the system's log (configuration.md 10.2). Those for the
 * director go their own way.
 *
 * @module
 */
import { appendFileSync, writeFileSync } from "node:fs";
import { encodeText, messageOf } from "../bytes/mod.ts";
import { strftime } from "./strftime.ts";
import { syslogLines, syslogPriority } from "./syslog_priority.ts";

/** A destination of a Messages resource; the configuration's fits. */
export interface LocalDestination {
  readonly kind: string;
  /** A path, or the facility of syslog. */
  readonly address: string;
  /** The types of messages that go there. */
  readonly types: ReadonlySet<number>;
  /** strftime format of the time stamp; empty for the daemon's. */
  readonly timestampFormat: string;
}

/** What a {@linkcode LocalLog} is made of. */
export interface LocalLogOptions {
  /** Name of the daemon. */
  readonly daemon: string;
  readonly destinations: readonly LocalDestination[];
  /** The daemon's format of time stamps. */
  readonly timestampFormat: string;
  /** Told what cannot be written; once for each destination. */
  onError(error: Error): void;
}

/** Kinds of destinations that a storage or file daemon serves itself. */
export const localKinds: ReadonlySet<string> = new Set([
  ...["append", "file", "stderr", "stdout", "syslog"],
]);

/** Writes messages to the places that are this machine's own. */
export class LocalLog {
  readonly #options: LocalLogOptions;
  readonly #opened = new Set<LocalDestination>();
  readonly #failed = new Set<LocalDestination>();

  /** A log without messages. */
  constructor(options: LocalLogOptions) {
    this.#options = {
      ...options,
      destinations: options.destinations.filter(({ kind }) => localKinds.has(kind)),
    };
  }

  /** Writes a message with its line end. @param seconds UNIX time of the message */
  write(type: number, text: string, seconds: number): void {
    for (const destination of this.#options.destinations) {
      if (!destination.types.has(type)) continue;
      try {
        this.#deliver(destination, type, text, seconds);
      } catch (cause) {
        if (this.#failed.has(destination)) continue;
        this.#failed.add(destination);
        const why = messageOf(cause);
        const where = destination.address || destination.kind;
        this.#options.onError(new Error(`Cannot write messages to ${where}: ${why}`, { cause }));
      }
    }
  }

  #deliver(destination: LocalDestination, type: number, text: string, seconds: number): void {
    const { kind, address } = destination;
    const format = destination.timestampFormat || this.#options.timestampFormat;
    const line = encodeText(`${strftime(format, new Date(seconds * 1000))} ${text}`);
    switch (kind) {
      case "file":
        // Emptied at its first use.
        if (this.#opened.has(destination)) appendFileSync(address, line);
        else writeFileSync(address, line, { mode: 0o640 });
        this.#opened.add(destination);
        return;
      case "append":
        return appendFileSync(address, line, { mode: 0o640 });
      case "stdout":
        return writeAll(Deno.stdout, line);
      case "stderr":
        return writeAll(Deno.stderr, line);
      case "syslog":
        return this.#syslog(syslogPriority(address, type), text);
    }
  }

  #syslog(priority: string, text: string): void {
    const child = new Deno.Command("logger", {
      args: ["-p", priority, "-t", this.#options.daemon],
      ...{ stdin: "piped", stdout: "null", stderr: "null" } as const,
    }).spawn();
    child.unref();
    const lines = encodeText(`${syslogLines(text).join("\n")}\n`);
    // One that has ended already says so by its status.
    new Blob([lines]).stream().pipeTo(child.stdin).catch(() => {});
    child.status.then(({ code }) => {
      if (code !== 0) this.#options.onError(new Error(`logger ended with status ${code}`));
    });
  }
}

function writeAll(stream: { writeSync(bytes: Uint8Array): number }, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += stream.writeSync(bytes.subarray(at));
}
