/**
 * One stream of messages, of a job or of the daemon (catalog-and-jobs.md 23): it counts, adds the prefix
 * and hands each message to the destinations that want its class; mail is sent when it is closed.
 *
 * @module
 */
import { messageOf } from "../../../bytes/mod.ts";
import { isJobOk, JOB_MESSAGE_PREFIX, JobMessageType } from "../../../protocol/mod.ts";
import type { Destination } from "../../config/mod.ts";
import { strftime } from "../../strftime.ts";
import { syslogLines, syslogPriority } from "../../syslog_priority.ts";
import { Deferred, mostDeferred } from "./deferred.ts";
import type { MailSpool } from "./mail_spool.ts";
import { commandWords } from "../../command_words.ts";
import { expandPercentCodes, type PercentCodes } from "../percent_codes.ts";

/** What a channel needs from the daemon. */
export interface ChannelEnvironment {
  /** Name of the director, as messages begin with it. */
  readonly daemon: string;
  /** Seconds since 1970. */
  now(): number;
  /** Takes what goes to standard output or error. */
  print(stream: "stdout" | "stderr", text: string): void;
  /** Told what could not be delivered. */
  onError(error: Error): void;
  /** Told every message, wherever it goes. */
  trace?(type: number, text: string): void;
}

/** Where messages of all channels come together. */
export interface MessageSinks {
  toConsole(text: string): void;
  toFile(path: string, text: string, truncate: boolean): void;
  toCommand(words: readonly string[], input: string | number): void;
  toSyslog(priority: string, lines: readonly string[]): void;
  /** A mail of a job; `onError` is told what cannot be written. */
  newMail(job: string, onError: (cause: unknown) => void): MailSpool;
  /** Hands on what waits for being handed on together. */
  flush(): void;
}

/** A message on its way to the catalog. */
export interface LogRow {
  /** 0 for the daemon's own messages. */
  readonly jobId: number;
  /** UNIX seconds. */
  readonly seconds: number;
  readonly text: string;
}

/** Whose messages a channel carries, and where they go. */
export interface ChannelOptions {
  /** 0 for the daemon's own messages. */
  readonly jobId: number;
  readonly destinations: readonly Destination[];
  /** Codes of mail commands. */
  readonly codes: PercentCodes;
  /** Writes rows of the Log in the job's catalog. */
  logToCatalog(rows: readonly LogRow[]): void;
}

/** Classes that are reported even if no destination wants them. */
const ALWAYS: ReadonlySet<number> = new Set([
  JobMessageType.ABORT,
  JobMessageType.ERROR_TERM,
  JobMessageType.CONFIG_ERROR,
]);

/** The messages of one job, or of the daemon. */
export class MessageChannel {
  readonly #router: MessageSinks;
  readonly #environment: ChannelEnvironment;
  readonly #options: ChannelOptions;
  readonly #mails = new Map<Destination, MailSpool>();
  readonly #rows: Deferred<LogRow>;
  #errors = 0;
  #warnings = 0;
  #owner: MessageChannel | undefined;

  /** Made by {@linkcode MessageRouter.channel}. */
  constructor(router: MessageSinks, environment: ChannelEnvironment, options: ChannelOptions) {
    this.#router = router;
    this.#environment = environment;
    this.#options = options;
    this.#rows = new Deferred<LogRow>(mostDeferred, (rows) => this.#toCatalog(rows));
  }

  /** The job's id; 0 for the daemon's own messages. */
  get jobId(): number {
    return this.#options.jobId;
  }

  /**
   * A stream of messages of a job that is a part of this one: they bear its JobId, and go and count
   * where this one's go and count.
   */
  partOf(jobId: number): MessageChannel {
    const part = new MessageChannel(this.#router, this.#environment, { ...this.#options, jobId });
    part.#owner = this;
    return part;
  }

  /**
   * Errors of the director itself, of which a fatal message is one if there was none, and those that
   * a daemon has counted. Messages of daemons do not count: the daemons tell their number at the end.
   */
  get errors(): number {
    return this.#errors;
  }

  /** Adds errors that a daemon counted. */
  addErrors(count: number): void {
    this.#errors += count;
  }

  /** Warnings of the director and of the daemons. */
  get warnings(): number {
    return this.#warnings;
  }

  /** Something worth knowing. */
  info(text: string): void {
    this.own(JobMessageType.INFO, text);
  }

  /** Something is not as it should be. */
  warning(text: string): void {
    this.own(JobMessageType.WARNING, text);
  }

  /** Something went wrong. */
  error(text: string): void {
    this.own(JobMessageType.ERROR, text);
  }

  /** The job cannot go on. */
  fatal(text: string): void {
    this.own(JobMessageType.FATAL, text);
  }

  /** A message of the director itself; its line end may be left out. */
  own(type: number, text: string, seconds: number = this.#environment.now()): void {
    this.#countOwn(type);
    const head = `${this.#environment.daemon} JobId ${this.jobId}: `;
    const prefix = JOB_MESSAGE_PREFIX[type] ?? "";
    this.#count(type);
    this.#route(type, seconds, ended(`${head}${prefix}${text}`));
  }

  /**
   * A message of another daemon, which has its prefix already; `seconds` 0 means now, 1 now and
   * without a date.
   */
  remote(type: number, seconds: number, text: string): void {
    this.#count(type);
    const isDated = seconds !== 1;
    this.#route(type, seconds <= 1 ? this.#environment.now() : seconds, ended(text), isDated);
  }

  /** Hands on what waits for being handed on together with what comes next. */
  flush(): void {
    this.#rows.flush();
    for (const mail of this.#mails.values()) mail.flush();
    this.#router.flush();
  }

  /** Sends the collected mail; `status` is the letter of the job's final status. */
  close(status: string): void {
    this.flush();
    for (const [destination, mail] of this.#mails) {
      const { kind } = destination;
      const isWanted = kind === "mail" || (kind === "mailOnSuccess") === isJobOk(status);
      if (isWanted) this.#guarded(() => this.#mail(destination, mail.open()));
      else mail.discard();
    }
    this.#mails.clear();
  }

  #countOwn(type: number): void {
    if (type === JobMessageType.ERROR) this.#errors++;
    if (type === JobMessageType.FATAL) this.#errors = Math.max(1, this.#errors);
    if (this.#owner !== undefined) this.#owner.#countOwn(type);
  }

  #count(type: number): void {
    if (this.#owner !== undefined) this.#owner.#count(type);
    if (type === JobMessageType.WARNING) this.#warnings++;
  }

  #route(type: number, seconds: number, text: string, isDated = true): void {
    if (this.#owner !== undefined) return this.#owner.#route(type, seconds, text, isDated);
    this.#environment.trace?.(type, text);
    let isDelivered = false;
    for (const destination of this.#options.destinations) {
      if (!destination.types.has(type)) continue;
      isDelivered = true;
      this.#deliver(destination, type, seconds, text, isDated);
    }
    if (!isDelivered && ALWAYS.has(type)) this.#environment.print("stderr", text);
  }

  #deliver(
    destination: Destination,
    type: number,
    seconds: number,
    text: string,
    isDated: boolean,
  ): void {
    const { kind, address, timestampFormat } = destination;
    const stamped = isDated
      ? `${strftime(timestampFormat, new Date(seconds * 1000))} ${text}`
      : text;
    switch (kind) {
      case "catalog":
        return this.#rows.add({ jobId: this.jobId, seconds, text });
      case "console":
        return this.#router.toConsole(stamped);
      case "file":
        return this.#router.toFile(address, stamped, true);
      case "append":
        return this.#router.toFile(address, stamped, false);
      case "stdout":
      case "stderr":
        return this.#environment.print(kind, stamped);
      case "director":
        return this.#environment.print("stdout", stamped);
      case "operator":
        return this.#mail(destination, mailText(destination, stamped));
      case "syslog":
        return this.#syslog(address, type, text);
      case "mail":
      case "mailOnError":
      case "mailOnSuccess":
        return this.#gather(destination, stamped);
    }
  }

  /**
   * Words are split before codes are expanded: no value can become an argument of its own. Only the
   * addresses, which are the administrator's, become as many words as they are.
   */
  #mail({ command, address }: Destination, input: string | number): void {
    if (command === "") {
      const words = ["/usr/lib/sendmail", "-F", "BAREOS", ...address.split(/[\s,]+/)];
      this.#router.toCommand(words, input);
      return;
    }
    const addressed = command.replace(/%(.)/g, (code, letter) => letter === "r" ? address : code);
    const words = commandWords(addressed).map((word) =>
      expandPercentCodes(word, this.#options.codes)
    );
    this.#router.toCommand(words, input);
  }

  #gather(destination: Destination, text: string): void {
    let mail = this.#mails.get(destination);
    if (mail === undefined) {
      const job = String(this.#options.codes.j ?? this.jobId);
      mail = this.#router.newMail(job, (cause) => this.#tellOfMail(cause));
      this.#mails.set(destination, mail);
      text = mailText(destination, text);
    }
    mail.add(text);
  }

  /** Does what may fail for reasons of the disk, which must not end a job. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (cause) {
      this.#tellOfMail(cause);
    }
  }

  #tellOfMail(cause: unknown): void {
    const why = messageOf(cause);
    this.#environment.onError(
      new Error(`Cannot mail messages of JobId ${this.jobId}: ${why}`, { cause }),
    );
  }

  /** A catalog that cannot be written must not keep a job from being reported elsewhere. */
  #toCatalog(rows: readonly LogRow[]): void {
    try {
      this.#options.logToCatalog(rows);
    } catch (cause) {
      const why = messageOf(cause);
      this.#environment.onError(
        new Error(`Cannot write a message of JobId ${this.jobId} to the catalog: ${why}`, {
          cause,
        }),
      );
    }
  }

  #syslog(facility: string, type: number, text: string): void {
    const priority = syslogPriority(facility, type);
    this.#router.toSyslog(priority, syslogLines(text));
  }
}

/** The text of a mail: the built-in command takes a head. */
function mailText({ command }: Destination, text: string): string {
  return command === "" ? `Subject: BAREOS Message\n\n${text}` : text;
}

function ended(text: string): string {
  return text.endsWith("\n") ? text : `${text}\n`;
}
