/** The console on a real terminal: prompts, editing, history, completion, idle messages. */
import { strictEqual } from "node:assert";
import { Signal } from "../protocol/mod.ts";
import { fromFileUrl } from "./support/paths.ts";
import { SmallDirector } from "./support/small_director.ts";
import { waitFor } from "./support/wait_for.ts";

const child = fromFileUrl(new URL("support/console_child.ts", import.meta.url));
const hasTerminal = await new Deno.Command("script", { args: ["--version"], stdout: "null" })
  .output().then(({ success }) => success, () => false);

const ENTER = "\r";
const UP = "\x1b[A";
const LEFT = "\x1b[D";
const TAB = "\t";

/** A console on a terminal of its own: what it shows, and a keyboard. */
class Terminal implements AsyncDisposable {
  shown = "";
  readonly #process: Deno.ChildProcess;
  readonly #keyboard: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reading: Promise<void>;

  constructor(port: number, historyFile: string) {
    const command = [Deno.execPath(), "run", "-A", child, String(port), historyFile].join(" ");
    this.#process = new Deno.Command("script", {
      args: ["-qfec", command, "/dev/null"],
      stdin: "piped",
      stdout: "piped",
      env: { TERM: "xterm" },
    }).spawn();
    this.#keyboard = this.#process.stdin.getWriter();
    this.#reading = this.#read(this.#process.stdout);
  }

  async #read(output: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const bytes of output) this.shown += decoder.decode(bytes, { stream: true });
  }

  /** Waits until `text` is shown after what has been seen before. */
  async sees(text: string): Promise<void> {
    try {
      await waitFor(text, () => this.shown.includes(text));
    } catch {
      throw new Error(`Cannot see ${JSON.stringify(text)} in ${JSON.stringify(this.shown)}`);
    }
    this.shown = this.shown.slice(this.shown.indexOf(text) + text.length);
  }

  async types(keys: string): Promise<void> {
    await this.#keyboard.write(new TextEncoder().encode(keys));
  }

  async ends(): Promise<number> {
    const { code } = await this.#process.status;
    await this.#reading;
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#keyboard.close().catch(() => {});
    try {
      this.#process.kill();
    } catch {
      // it has ended
    }
    await this.#process.status;
    await this.#reading;
  }
}

Deno.test({
  name: "a console on a terminal edits, remembers, completes and answers prompts",
  ignore: !hasTerminal,
  fn: async () => {
    const director = new SmallDirector((line) => {
      if (line === "quit") return undefined;
      if (line === ".help all") return ["label\nlist\n", Signal.EOD];
      if (line === "label") return ["Volume name: ", Signal.SUB_PROMPT];
      return [`<${line}>\n`, Signal.EOD];
    });
    const listener = director.listen();
    const folder = await Deno.makeTempDir();
    try {
      await using terminal = new Terminal(listener.ports[0] ?? 0, `${folder}/history`);
      await terminal.sees("welcome");
      await terminal.sees("Enter a period (.) to cancel a command.");
      await terminal.sees("*");
      await terminal.types(`lst${LEFT}${LEFT}i${ENTER}`);
      await terminal.sees("<list>");
      await terminal.sees("*");
      await terminal.types(UP);
      await terminal.sees("list");
      await terminal.types(` jobs${ENTER}`);
      await terminal.sees("<list jobs>");
      await terminal.sees("*");
      await terminal.types(`la${TAB}`);
      await terminal.sees("label");
      await terminal.types(ENTER);
      await terminal.sees("Volume name: ");
      await terminal.types(`V1${ENTER}`);
      await terminal.sees("<V1>");
      await terminal.sees("*");
      await terminal.types(`quit${ENTER}`);
      strictEqual(await terminal.ends(), 0);
      strictEqual(
        await Deno.readTextFile(`${folder}/history`),
        "list\nlist jobs\nlabel\nV1\nquit\n",
      );
    } finally {
      await listener.close(0);
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "Ctrl-Z stops a long answer; what was typed ahead or pasted is taken line by line",
  ignore: !hasTerminal,
  fn: async () => {
    const stopped = Promise.withResolvers<void>();
    const director = new SmallDirector((line) => {
      if (line === "quit") return undefined;
      if (line !== "list") return [`<${line}>\n`, Signal.EOD];
      return ["begun\n", stopped.promise, "never shown\n", Signal.EOD];
    });
    const listener = director.listen();
    const folder = await Deno.makeTempDir();
    try {
      await using terminal = new Terminal(listener.ports[0] ?? 0, `${folder}/history`);
      await terminal.sees("*");
      await terminal.types(`list${ENTER}`);
      await terminal.sees("begun");
      await terminal.types("\x1a");
      // The keyboard is read in order: what is answered to a key behind it came after it.
      await terminal.types(`@echo typed ahead${ENTER}`);
      await terminal.sees("@echo typed ahead");
      stopped.resolve();
      await terminal.sees("*@echo typed ahead");
      await terminal.sees("typed ahead ");
      await terminal.sees("*");
      strictEqual(terminal.shown.includes("never shown"), false);
      // Lines that are pasted are taken one after the other.
      await terminal.types(`one${ENTER}two${ENTER}three${ENTER}`);
      for (const line of ["<one>", "<two>", "<three>"]) await terminal.sees(line);
      await terminal.types(`quit${ENTER}`);
      strictEqual(await terminal.ends(), 0);
      strictEqual(terminal.shown.includes("never shown"), false);
    } finally {
      await listener.close(0);
      await Deno.remove(folder, { recursive: true });
    }
  },
});
