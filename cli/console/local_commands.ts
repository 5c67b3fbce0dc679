/**
 * The console's own commands, which begin with `@` (console.md 1.6).
 *
 * @module
 */
import { decodeText } from "../../bytes/mod.ts";
import { systemReason } from "../../daemon/system_reason.ts";
import { PLATFORM, VERSION, VERSION_DATE } from "../../daemon/version.ts";
import type { LineSource } from "./line_source.ts";
import { StreamLines } from "./line_source.ts";
import type { Output } from "./output.ts";

/** What a local command may use of the console. */
export interface LocalContext {
  /** Where answers go. */
  readonly output: Output;
  /** Takes lines from `source` until its end, then from where they came before. */
  pushSource(source: LineSource): void;
  /** The character that splits one typed line into several commands. */
  separator: string | undefined;
  /** Effective user id; 0 may not touch files or programs from here. */
  readonly userId: number;
  /** The time, for `@time`. */
  now(): Date;
}

/** What the console does after a local command. */
export type LocalOutcome = "continue" | "quit";

interface LocalCommand {
  readonly name: string;
  readonly help: string;
  /** Refused for the privileged user. */
  readonly isPrivileged?: true;
  run(
    context: LocalContext,
    args: readonly string[],
  ): LocalOutcome | void | Promise<LocalOutcome | void>;
}

const SEPARATORS = "!$%&'()*+,-/:;<>?[]^`{|}~";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** In the order in which prefixes are matched. */
const COMMANDS: readonly LocalCommand[] = [
  {
    name: "input",
    help: "input from file",
    isPrivileged: true,
    async run(context, args) {
      const [path] = args;
      if (args.length > 1) return context.output.write("Too many arguments on input command.\n");
      if (path === undefined) {
        return context.output.write("First argument to input command must be a filename.\n");
      }
      try {
        context.pushSource(await StreamLines.open(path));
      } catch (error) {
        context.output.write(`Cannot open file ${path} for input. ERR=${systemReason(error)}\n`);
      }
    },
  },
  {
    name: "output",
    help: "output to file",
    isPrivileged: true,
    run: (context, args) => redirect(context, args, false),
  },
  {
    name: "tee",
    help: "output to file and terminal",
    isPrivileged: true,
    run: (context, args) => redirect(context, args, true),
  },
  { name: "exec", help: "execute an external command", isPrivileged: true, run: execute },
  { name: "quit", help: "quit", run: () => "quit" },
  {
    name: "sleep",
    help: "sleep specified time",
    async run(_context, [seconds = "0"]) {
      const milliseconds = Math.max(0, Number.parseInt(seconds) || 0) * 1000;
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
    },
  },
  {
    name: "time",
    help: "print current time",
    run: (context) => context.output.write(`${formatTime(context.now())}\n`),
  },
  {
    name: "version",
    help: "print Console's version",
    run: ({ output }) => output.write(`Version: ${VERSION} (${VERSION_DATE}) ${PLATFORM}\n`),
  },
  {
    name: "echo",
    help: "echo command string",
    run: ({ output }, args) => output.write(`${args.map((word) => `${word} `).join("")}\n`),
  },
  { name: "exit", help: "exit = quit", run: () => "quit" },
  {
    name: "help",
    help: "help listing",
    run({ output }) {
      for (const { name, help } of COMMANDS) output.write(`  ${name.padEnd(10)} ${help}\n`);
    },
  },
  {
    name: "separator",
    help: "set command separator",
    run(context, [character]) {
      if (character !== undefined && (character.length > 1 || !SEPARATORS.includes(character))) {
        return context.output.write("Illegal separator character.\n");
      }
      context.separator = character;
    },
  },
];

/** Runs a line that begins with `@`. */
export async function runLocalCommand(context: LocalContext, line: string): Promise<LocalOutcome> {
  if (line.startsWith("@#")) return "continue";
  const [word = "", ...args] = splitWords(line.slice(1));
  const wanted = word.toLowerCase();
  const command = wanted === "" ? undefined : COMMANDS.find(({ name }) => name.startsWith(wanted));
  if (command === undefined) {
    context.output.write(`${line}: is an invalid command\n`);
    return "continue";
  }
  if (command.isPrivileged && context.userId === 0) {
    context.output.write(`@${command.name} command is not allowed as privileged user.\n`);
    return "continue";
  }
  return await command.run(context, args) ?? "continue";
}

/** Splits at white space outside double quotes; a backslash takes the next character (console.md 3). */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let isQuoted = false;
  for (let i = 0; i < line.length; i++) {
    const character = line.charAt(i);
    if (character === '"') {
      isQuoted = !isQuoted;
      word ??= "";
    } else if (character === "\\" && i + 1 < line.length) {
      word = (word ?? "") + line.charAt(++i);
    } else if (!isQuoted && /\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? "") + character;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}

/** `dd-Mon-YYYY HH:MM:SS` in local time. */
export function formatTime(time: Date): string {
  const two = (n: number) => String(n).padStart(2, "0");
  const day = `${two(time.getDate())}-${MONTHS[time.getMonth()]}-${time.getFullYear()}`;
  return `${day} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

function redirect({ output }: LocalContext, args: readonly string[], isTee: boolean): void {
  const [path, mode] = args;
  if (args.length > 2) return output.write("Too many arguments on output/tee command.\n");
  try {
    output.redirect(path, mode, isTee);
  } catch (error) {
    output.write(`Cannot open file ${path} for output. ERR=${systemReason(error)}\n`);
  }
}

async function execute({ output }: LocalContext, args: readonly string[]): Promise<void> {
  const [command, wait] = args;
  if (command === undefined || args.length > 2) {
    return output.write("Too many arguments. Enclose command in double quotes.\n");
  }
  const seconds = Number.parseInt(wait ?? "") || 0;
  try {
    const child = new Deno.Command("/bin/sh", {
      args: ["-c", command],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    let isRunning = true;
    const ended = child.status.finally(() => isRunning = false);
    const streams = [child.stdout, child.stderr].map((stream) => new Gathered(stream));
    const timer = seconds > 0
      ? setTimeout(() => {
        if (isRunning) end(child);
        // What the program has started itself may hold on to its output.
        for (const stream of streams) stream.stop();
      }, seconds * 1000)
      : undefined;
    const texts = await Promise.all(streams.map((stream) => stream.text));
    const { code, signal } = await ended;
    clearTimeout(timer);
    output.write(texts.join(""));
    if (signal !== null) output.write(`Autochanger error: ERR=Child died from signal ${signal}\n`);
    else if (code !== 0) output.write(`Autochanger error: ERR=Child exited with code ${code}\n`);
  } catch (error) {
    output.write(`Cannot popen("${command}", "r"): ERR=${systemReason(error)}\n`);
  }
}

function end(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGTERM");
  } catch {
    // It has just ended, which we are about to hear.
  }
}

/** For how long nothing may come of what a program has written before it was stopped, in milliseconds. */
const LAST_WORDS_MS = 100;

/** What a stream brings until its end, or until it is stopped and has nothing more. */
class Gathered {
  readonly text: Promise<string>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #parts = 0;

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
    this.text = this.#gather();
  }

  /** What was written already may still be on its way; who goes on writing is not waited for. */
  stop(rest = 10): void {
    const parts = this.#parts;
    setTimeout(() => {
      if (this.#parts > parts && rest > 0) return this.stop(rest - 1);
      this.#reader.cancel().catch(() => {}); // it has ended by itself
    }, LAST_WORDS_MS);
  }

  async #gather(): Promise<string> {
    let text = "";
    for (let part = await this.#reader.read(); !part.done; part = await this.#reader.read()) {
      this.#parts++;
      text += decodeText(part.value);
    }
    return text;
  }
}
