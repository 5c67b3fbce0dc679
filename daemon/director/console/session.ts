/**
 * A console's session on the director: lines in, output and prompts out
 * (console.md 2, 3).
 *
 * @module
 */
import { TraceLevel } from "../../debug_trace.ts";
import { decodeText, messageOf } from "../../../bytes/mod.ts";
import { type Connection, JobMessageType, Signal } from "../../../protocol/mod.ts";
import type { DirectorCatalog } from "../director_catalog.ts";
import type { DirectorDaemon } from "../director_daemon.ts";
import type { ConsoleLogin } from "../visitors.ts";
import type { CatalogResource } from "../resources.ts";
import { AccessControl, type AccessKind } from "./access.ts";
import { Arguments, splitLine, withoutSecrets } from "./arguments.ts";
import { CommandFailed, type CommandRow } from "./command.ts";
import { ConsoleOutput } from "./console_output.ts";
import { Dialogue, DialogueEnded } from "./dialogue.ts";
import { HangUpWatch } from "./hang_up.ts";
import type { MessageClass } from "./reply.ts";

/** Consoles read lists with connections of their own; each kind tells once which catalog it uses. */
export type CatalogUse = "list" | "work";

/** Carries a command out; `false` says that it failed. */
export type CommandHandler = (
  session: ConsoleSession,
  args: Arguments,
) => Promise<boolean | void> | boolean | void;

/** A command that can be carried out. */
export interface ConsoleCommand extends CommandRow {
  readonly run: CommandHandler;
}

/** A session. */
export class ConsoleSession {
  readonly director: DirectorDaemon;
  /** What it may do. */
  readonly access: AccessControl;
  /** Its name; `*UserAgent*`'s is empty. */
  readonly name: string;
  readonly output: ConsoleOutput;
  readonly dialogue: Dialogue;
  /** Whether it is a script of a job. */
  readonly isScript: boolean;
  /** When it began, UNIX seconds. */
  readonly startTime: number = Math.floor(Date.now() / 1000);
  readonly #connection: Connection;
  readonly #commands: readonly ConsoleCommand[];
  readonly #catalogsTold = new Set<CatalogUse>();
  #catalog: CatalogResource | undefined;
  #hasEnded = false;
  #told: number;
  /** The line of the command that is being carried out. */
  line = "";
  /** Tables without commas, no word of messages. */
  isGui = false;
  /** Messages are shown after each command. */
  showsMessages = false;
  /** A volume is mounted after it was labelled. */
  mountsLabelled = true;

  /** A session with a console that has logged in. */
  constructor(director: DirectorDaemon, login: ConsoleLogin, commands: readonly ConsoleCommand[]) {
    this.director = director;
    this.access = new AccessControl(login.console);
    this.name = login.console?.name ?? "";
    this.isScript = login.isScript === true;
    this.#connection = login.connection;
    this.#commands = commands;
    this.#told = this.isScript ? director.messages.consoleMessageCount : 0;
    this.output = new ConsoleOutput(login.connection);
    this.output.knowsTree = login.isBacula !== true;
    this.dialogue = new Dialogue(this.output, {
      line: () => this.#line("prompt"),
      isScript: this.isScript,
      showMessages: async () => void await this.showPending(),
      isBatch: () => this.isBatch,
    });
  }

  /** Every command, for `help`. */
  get commands(): readonly ConsoleCommand[] {
    return this.#commands;
  }

  /** Whether the console has hung up. */
  get isGone(): boolean {
    return this.#connection.isTerminated;
  }

  /**
   * Does what may take without end; the signal that it gets is aborted when the console hangs up. A
   * script, which has said all at once, hangs up never.
   */
  async unlessGone<T>(work: (hungUp: AbortSignal | undefined) => Promise<T>): Promise<T> {
    if (this.isScript) return await work(undefined);
    using watch = new HangUpWatch(this.#connection);
    return await work(watch.signal);
  }

  /** The address of the console's host. */
  get peerAddress(): string {
    return this.#connection.peer.replace(/:\d+$/, "");
  }

  /** Whether nobody can answer questions. */
  get isBatch(): boolean {
    return this.isScript || this.output.api === 2;
  }

  /** Shows text; API mode 2 drops it. */
  print(text: string): void {
    this.output.print(text);
  }

  /** Tells an error, a warning or an information. */
  tell(kind: MessageClass, text: string): void {
    this.output.tell(kind, text);
  }

  /** Shows what was printed so far at once. */
  async flush(): Promise<void> {
    await this.output.flush();
  }

  /** Ends the session after this command. */
  quit(): void {
    this.#hasEnded = true;
  }

  /** Asks a question. @throws DialogueEnded if there is no answer */
  async ask(question: string): Promise<string> {
    return await this.dialogue.ask(question);
  }

  /** Asks until the answer is yes or no. */
  async confirm(question: string): Promise<boolean> {
    return await this.dialogue.confirm(question);
  }

  /** Whether `yes` is on the line, or the user says so; where nobody answers it is no. */
  async confirmed(args: Arguments, question: string): Promise<boolean> {
    if (args.has("yes")) return true;
    if (this.isBatch || this.output.api > 0) return false;
    return await this.confirm(question);
  }

  /** Whether the console may use this. */
  allows(kind: AccessKind, item: string): boolean {
    const isAllowed = this.access.allows(kind, item);
    if (!isAllowed) this.#audit(`Audit acl failure for ${kind} ${item}`);
    return isAllowed;
  }

  /** The catalog that the session uses, opened; says once a kind of use which it is. */
  async catalog(args: Arguments = new Arguments([]), use: CatalogUse = "work"): Promise<
    DirectorCatalog
  > {
    const resource = await this.#chooseCatalog(args);
    if (!this.#catalogsTold.has(use)) {
      this.#catalogsTold.add(use);
      if (!this.isScript) this.output.decorate(`Using Catalog "${resource.name}"\n`);
    }
    return this.director.catalogOf(resource);
  }

  /** The Catalog resource that the session uses, if it has one already. */
  get catalogResource(): CatalogResource {
    return this.#catalog ?? this.director.configuration.first("Catalog");
  }

  /** Uses this catalog from now on. */
  useCatalog(resource: CatalogResource): void {
    this.#catalog = resource;
  }

  async #chooseCatalog(args: Arguments): Promise<CatalogResource> {
    const { configuration } = this.director;
    const named = args.value("catalog");
    if (named !== undefined) {
      const found = configuration.get("Catalog", named);
      if (found === undefined) {
        throw new CommandFailed(`Could not open catalog database "${named}".`);
      }
      if (!this.allows("Catalog", named)) {
        throw new CommandFailed(`No authorization for Catalog "${named}"`);
      }
      return this.#catalog = found;
    }
    if (this.#catalog !== undefined) return this.#catalog;
    const ofJob = configuration.get("Job", args.value("job") ?? "");
    const client = configuration.get("Client", args.value("client") ?? "") ?? ofJob?.client;
    const implied = ofJob?.catalog ?? client?.catalog ??
      (client === undefined ? undefined : configuration.first("Catalog"));
    if (implied !== undefined && this.allows("Catalog", implied.name)) {
      return this.#catalog = implied;
    }
    const allowed = configuration.all("Catalog").filter(({ name }) => this.allows("Catalog", name));
    const [first] = allowed;
    if (first === undefined) {
      throw new CommandFailed(
        'You must specify a "use <catalog-name>" command before continuing.',
      );
    }
    const at = await this.dialogue.choose({
      header: "The defined Catalog resources are:",
      what: "Catalog",
      prompt: "Select Catalog resource",
      items: allowed.map(({ name }) => name),
    });
    return this.#catalog = allowed[at] ?? first;
  }

  /** Serves lines until the console hangs up. */
  async serve(): Promise<void> {
    for (;;) {
      const line = await this.#line("command");
      if (line === undefined) return;
      await this.#serveLine(line);
      if (this.#hasEnded) {
        if (this.#connection.canSend) await this.#connection.sendSignal(Signal.TERMINATE);
        return;
      }
      if (!this.#connection.canSend) return;
      await this.#tellOfMessages();
      await this.output.turn();
    }
  }

  /** Carries out one line with its beginning and end. */
  async #serveLine(line: string): Promise<void> {
    const [first, ...rest] = splitLine(line);
    if (first === undefined) return;
    const command = this.#find(first.keyword);
    if (command === undefined) {
      this.output.beginRefused();
      this.tell("error", `${first.keyword}: is an invalid command.\n`);
      this.output.end(false, false);
      return;
    }
    this.line = line.trim();
    this.director.debug.tell(TraceLevel.commands, () => `> console: ${withoutSecrets(this.line)}`);
    this.#auditCommand(this.line, command);
    const before = this.output.api;
    this.output.begin();
    const isOk = await this.#run(command, new Arguments([...asArgument(first.value), ...rest]));
    if (!this.#hasEnded) this.output.end(isOk, before > 0 || this.output.api > 0);
  }

  /** Carries out one line as part of another command; whether it went well. */
  async execute(line: string): Promise<boolean> {
    const [first, ...rest] = splitLine(line);
    const command = first && this.#find(first.keyword);
    if (command === undefined) return false;
    return await this.#run(command, new Arguments(rest));
  }

  #find(keyword: string): ConsoleCommand | undefined {
    const word = keyword.toLowerCase();
    const command = this.#commands.find(({ name }) => name.startsWith(word));
    if (command === undefined || !this.allows("Command", command.name)) return undefined;
    return command;
  }

  async #run(command: ConsoleCommand, args: Arguments): Promise<boolean> {
    if (this.isScript && !command.inScripts) {
      this.tell("error", `Can't use ${command.name} command in a runscript`);
      return false;
    }
    try {
      return await command.run(this, args) !== false;
    } catch (error) {
      if (error instanceof DialogueEnded) return false;
      const text = messageOf(error);
      if (error instanceof CommandFailed && error.kind === "plain") this.print(`${text}\n`);
      else if (text !== "") {
        this.tell(error instanceof CommandFailed ? errorKind(error) : "error", text);
      }
      return false;
    }
  }

  /** Shows the messages that wait; whether there were any. */
  async showPending(): Promise<boolean> {
    const { messages } = this.director;
    let wereAny = false;
    for (;;) {
      const pending = messages.takePending();
      if (pending.length === 0) break;
      wereAny = true;
      for (const text of pending) this.output.raw(text);
      await this.output.flush();
    }
    this.#told = messages.consoleMessageCount;
    return wereAny;
  }

  async #tellOfMessages(): Promise<void> {
    const { messages } = this.director;
    if (this.isScript || !messages.hasPending) return;
    if (!this.access.allows("Command", "messages")) return;
    if (this.showsMessages) {
      await this.showPending();
      return;
    }
    const count = Math.max(1, messages.consoleMessageCount);
    if (this.isGui || count <= this.#told) return;
    this.#told = count;
    if (this.output.api === 0) this.print("You have messages.\n");
    else this.output.signal(Signal.MSGS_PENDING);
  }

  /** Reports an action of the user as the director's Auditing directives want it. */
  #audit(text: string): void {
    if (!this.director.resource.auditing || this.isScript) return;
    const who = this.name === "" ? "default" : this.name;
    const from = `Console [${who}] from [${this.peerAddress}]`;
    this.director.log.own(JobMessageType.AUDIT, `${from} ${text}`);
  }

  /** Audits something else than a command: `info message Job queued. JobId=N`. */
  auditInfo(text: string): void {
    this.#audit(`info message ${text}`);
  }

  /** Audits a line of a dialogue, a command of its own. */
  auditLine(line: string, name: string): void {
    this.#auditCommand(line, { name, isAudited: true });
  }

  /** Audits a command: those of Audit Events, or those that are marked where there are none. */
  #auditCommand(line: string, { name, isAudited }: Pick<CommandRow, "name" | "isAudited">): void {
    const { auditEvents } = this.director.resource;
    const isWanted = auditEvents.length === 0
      ? isAudited
      : auditEvents.some((event) => event.toLowerCase() === name);
    if (isWanted) this.#audit(`cmdline ${withoutSecrets(line)}`);
  }

  /** What the user typed. Signals are answered where a command is waited for (wire.md 3.5). */
  async #line(what: "command" | "prompt"): Promise<string | undefined> {
    for (;;) {
      const frame = await this.#connection.receive();
      if (frame === undefined) return undefined;
      if (frame.kind === "message") return decodeText(frame.payload).replace(/[\r\n ]+$/, "");
      if (frame.signal === Signal.TERMINATE) return undefined;
      if (what === "prompt" || !this.#connection.canSend) continue;
      await this.#connection.sendSignal(Signal.POLL);
    }
  }
}

const errorKind = (error: CommandFailed): MessageClass =>
  error.kind === "plain" ? "error" : error.kind;

/** `.jobstatus=T`: the value of the command's own word. */
function asArgument(value: string | undefined): { keyword: string; value: string }[] {
  return value === undefined ? [] : [{ keyword: "", value }];
}
