/** `roost service`: units for systemd and launchd, printed, installed or removed. @module */
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { messageOf } from "../bytes/mod.ts";
import { describeStatuses, ownStatuses } from "./exit_statuses.ts";
import {
  commonOptions,
  describeOptions,
  type Manual,
  type OptionTable,
  usageText,
} from "./manual.ts";
import {
  serviceMark,
  type ServiceName,
  serviceNames,
  type ServiceSystem,
  serviceSystems,
} from "./service_units.ts";

const options = {
  config: {
    ...{ type: "string", short: "c", value: "PATH" },
    text: "the configuration (needed by print and install)",
  },
  system: {
    ...{ type: "string", default: Deno.build.os === "darwin" ? "launchd" : "systemd" },
    ...{ value: "NAME", text: "systemd or launchd (default: that of this machine)" },
  },
  executable: {
    ...{ type: "string", value: "PATH" },
    text: "what is started (default: this executable)",
  },
  folder: {
    ...{ type: "string", value: "FOLDER" },
    text: "where units are (default: /etc/systemd/system, /Library/LaunchDaemons)",
  },
  help: commonOptions.help,
} as const satisfies OptionTable;

/** What there is to say of it. */
export const manual: Manual = {
  synopsis: ["print|install|uninstall [options] [all|dir|sd|fd ...]"],
  about:
    "Writes the units by which systemd or launchd keep daemons running, and tells the commands " +
    "that start them. It starts and stops nothing itself. Without a name it means all: the three " +
    "daemons in one process.",
  options: describeOptions(options),
  statuses: describeStatuses(ownStatuses),
};
const usage = usageText("roost service", manual);

interface Wanted {
  readonly action: "print" | "install" | "uninstall";
  readonly names: readonly ServiceName[];
  readonly system: ServiceSystem;
  readonly folder: string;
  readonly config: string | undefined;
  readonly executable: string | undefined;
}

/** Runs the subcommand. */
export async function main(args: readonly string[]): Promise<number> {
  let wanted: Wanted | undefined;
  try {
    wanted = parse(args);
  } catch (error) {
    console.error(`roost service: ${messageOf(error)}\n\n${usage}`);
    return ownStatuses.badCommandLine;
  }
  if (wanted === undefined) {
    console.log(usage);
    return 0;
  }
  try {
    if (wanted.action === "uninstall") await uninstall(wanted);
    else await write(wanted);
    return 0;
  } catch (error) {
    console.error(`roost service: ${messageOf(error)}`);
    return 1;
  }
}

function parse(args: readonly string[]): Wanted | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    options,
    allowPositionals: true,
  });
  if (values.help) return undefined;
  const [action, ...words] = positionals;
  if (action !== "print" && action !== "install" && action !== "uninstall") {
    throw new Error("print, install or uninstall is needed");
  }
  const { system } = values;
  if (system !== "systemd" && system !== "launchd") {
    throw new Error(`--system ${system}: systemd and launchd are possible`);
  }
  const names = words.length === 0 ? ["all" as const] : words.map(serviceNamed);
  if (action === "install" && names.includes("all") && names.length > 1) {
    throw new Error("all runs every daemon in one process: install it or the others");
  }
  return {
    action,
    names,
    system,
    folder: resolve(values.folder ?? serviceSystems[system].folder),
    config: values.config,
    executable: values.executable ?? Deno.env.get("ROOST_EXECUTABLE"),
  };
}

function serviceNamed(word: string): ServiceName {
  const name = serviceNames.find((candidate) => candidate === word);
  if (name === undefined) throw new Error(`There is no daemon ${word}`);
  return name;
}

async function write({ action, names, system, folder, ...given }: Wanted): Promise<void> {
  if (given.config === undefined) throw new Error("--config is needed");
  if (given.executable === undefined) {
    throw new Error("--executable is needed where roost runs from its sources");
  }
  const parts = { config: resolve(given.config), executable: resolve(given.executable) };
  const { fileName, text, start } = serviceSystems[system];
  if (action === "print") {
    console.log(names.map((name) => text(name, parts)).join("\n").trimEnd());
    return;
  }
  for (const path of [parts.config, parts.executable]) {
    // What is not there would fail at the next boot, unseen.
    await Deno.stat(path).catch((cause) => {
      throw new Error(`Cannot install a unit for ${path}: it is not there`, { cause });
    });
  }
  for (const name of names) {
    const path = join(folder, fileName(name));
    const old = await textOf(path);
    if (old !== undefined && !old.includes(serviceMark)) {
      throw new Error(`Cannot write ${path}: it is there, and not by roost service`);
    }
    await Deno.writeTextFile(`${path}.part`, text(name, parts), { mode: 0o644 });
    await Deno.rename(`${path}.part`, path);
    console.log([`${path} is written. Start it:`, ...start(name, path)].join("\n  "));
  }
}

async function uninstall({ names, system, folder }: Wanted): Promise<void> {
  const { fileName, stop } = serviceSystems[system];
  for (const name of names) {
    const path = join(folder, fileName(name));
    const old = await textOf(path);
    if (old === undefined) {
      console.log(`${path} is not there.`);
      continue;
    }
    if (!old.includes(serviceMark)) {
      throw new Error(`Cannot remove ${path}: it was not written by roost service`);
    }
    await Deno.remove(path);
    console.log([`${path} is removed. If it still runs:`, ...stop(name, path)].join("\n  "));
  }
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
