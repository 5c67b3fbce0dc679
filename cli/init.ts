/** `roost init`: a complete configuration with random passwords, under one folder. @module */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { messageOf } from "../bytes/mod.ts";
import { installationFiles, installationFolders } from "../daemon/config/mod.ts";
import { ownCommand } from "./daemon/mod.ts";
import { describeStatuses, ownStatuses } from "./exit_statuses.ts";
import {
  commonOptions,
  describeOptions,
  type Manual,
  type OptionTable,
  usageText,
} from "./manual.ts";

/** What {@linkcode createInstallation} makes. */
export interface InitOptions {
  /** The folder that will hold everything. */
  readonly folder: string;
  /** What the first job backs up. */
  readonly backup: string;
  /** `auto` finds free ones. */
  readonly ports: "default" | "auto" | DaemonPorts;
}

/** Where the daemons listen. */
export interface DaemonPorts {
  readonly director: number;
  readonly file: number;
  readonly storage: number;
}

const defaultPorts: DaemonPorts = { director: 9101, file: 9102, storage: 9103 };

/** Ports that no system gives to outgoing connections, and no program by custom has: first, and how many. */
const firstFreePort = 10_240;
const freePortCount = 10_240;
const mostAttempts = 1_000;

const options = {
  folder: {
    ...{ type: "string", value: "FOLDER" },
    text: "holds the configuration, catalog, volumes, log: everything",
  },
  backup: {
    ...{ type: "string", value: "PATH" },
    text: "what the first job backs up (default: the home folder)",
  },
  ports: {
    ...{ type: "string", value: "auto|DIR,FD,SD" },
    text:
      "free ports in place of 9101 to 9103, or these ports of director, file daemon and storage daemon",
  },
  help: commonOptions.help,
} as const satisfies OptionTable;

/** What there is to say of it. */
export const manual: Manual = {
  synopsis: ["--folder FOLDER [--backup PATH] [--ports auto|DIR,FD,SD]"],
  about:
    "Writes a complete configuration of the three daemons and the console, with random passwords.",
  options: describeOptions(options),
  statuses: describeStatuses(ownStatuses),
};
const usage = usageText("roost init", manual);

/** Writes a new installation. @throws Error if there is one already or it cannot be written */
export async function createInstallation(options: InitOptions): Promise<void> {
  const folder = resolve(options.folder);
  if (existsSync(join(folder, "bareos-dir.d")) || existsSync(join(folder, "bareos-dir.conf"))) {
    throw new Error(`Cannot initialise ${folder}: it holds a configuration already`);
  }
  const files = installationFiles({
    folder,
    backup: resolve(options.backup),
    ports: portsOf(options.ports),
    dumpCommand: commandText(ownCommand(["catalog", "dump", "-c", folder])),
    makePassword,
  });
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of installationFolders) {
    await Deno.mkdir(join(folder, name), { recursive: true, mode: 0o700 });
  }
  for (const [path, content] of files) {
    const target = join(folder, path);
    await Deno.mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await Deno.writeTextFile(target, content, { mode: 0o600, createNew: true });
  }
}

/**
 * Words as a directive has them that runs a command: quoted where they need it, `%` no code.
 * @throws Error if a word cannot be written so
 */
function commandText(words: readonly string[]): string {
  return words.map((word) => {
    const text = word.replaceAll("%", "%%");
    if (/^[^"'\s][^\s]*$/.test(text)) return text;
    const quote = ['"', "'"].find((each) => !text.includes(each));
    if (quote !== undefined) return `${quote}${text}${quote}`;
    throw new Error(`Cannot put ${word} into a command: it has blanks and both kinds of quotes`);
  }).join(" ");
}

function makePassword(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(33))))
    .replaceAll("+", "-").replaceAll("/", "_");
}

function portsOf(ports: InitOptions["ports"]): DaemonPorts {
  if (ports === "default") return defaultPorts;
  return ports === "auto" ? freePorts() : ports;
}

/**
 * Three ports that nobody listens on now. The daemons bind them later, so none of them is one that
 * the system may give to somebody else's connection meanwhile.
 */
function freePorts(): DaemonPorts {
  const listeners: Deno.TcpListener[] = [];
  try {
    for (let attempts = 0; listeners.length < 3; attempts++) {
      const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
      try {
        const port = firstFreePort + random % freePortCount;
        listeners.push(Deno.listen({ hostname: "127.0.0.1", port }));
      } catch (cause) {
        if (attempts < mostAttempts) continue;
        throw new Error("Cannot find free ports for the daemons", { cause });
      }
    }
    const [director = 0, file = 0, storage = 0] = listeners.map(({ addr }) => addr.port);
    return { director, file, storage };
  } finally {
    for (const listener of listeners) listener.close();
  }
}

/** The ports that the command line names; undefined if these are none. */
function parsePorts(text: string | undefined): InitOptions["ports"] | undefined {
  if (text === undefined) return "default";
  if (text === "auto") return "auto";
  const ports = /^\d{1,5}(,\d{1,5}){2}$/.test(text) ? text.split(",").map(Number) : [];
  const [director = 0, file = 0, storage = 0] = ports;
  const areUsable = ports.every((port) => port > 0 && port < 65_536) && new Set(ports).size === 3;
  return areUsable ? { director, file, storage } : undefined;
}

/** Runs the subcommand. */
export async function main(args: readonly string[]): Promise<number> {
  let values: { folder?: string; backup?: string; ports?: string; help?: boolean };
  try {
    ({ values } = parseArgs({
      args: [...args],
      options,
    }));
  } catch (error) {
    console.error(`roost init: ${messageOf(error)}\n${usage}`);
    return ownStatuses.badCommandLine;
  }
  if (values.help || values.folder === undefined) {
    console.log(usage);
    return values.help ? 0 : ownStatuses.badCommandLine;
  }
  const ports = parsePorts(values.ports);
  if (ports === undefined) {
    console.error(`roost init: --ports takes "auto" or three different ports\n${usage}`);
    return ownStatuses.badCommandLine;
  }
  try {
    await createInstallation({
      folder: values.folder,
      backup: values.backup ?? Deno.env.get("HOME") ?? "/home",
      ports,
    });
  } catch (error) {
    console.error(`roost init: ${messageOf(error)}`);
    return 1;
  }
  const folder = resolve(values.folder);
  console.log(
    `Installed in ${folder}. Next:\n  roost all -c ${folder}\n  roost console -c ${folder}`,
  );
  return 0;
}
