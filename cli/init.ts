/** `roost init`: a complete configuration with random passwords, under one folder. @module */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { installationFiles, installationFolders } from "../daemon/config/mod.ts";

/** What {@linkcode createInstallation} makes. */
export interface InitOptions {
  /** The folder that will hold everything. */
  readonly folder: string;
  /** What the first job backs up. */
  readonly backup: string;
  /** `auto` finds free ones. */
  readonly ports: "default" | "auto";
}

const usage = `Usage: roost init --folder FOLDER [--backup PATH] [--ports auto]

  --folder FOLDER  holds the configuration, catalog, volumes, log: everything
  --backup PATH    what the first job backs up (default: the home folder)
  --ports auto     free ports in place of 9101 to 9103`;

/** Writes a new installation. @throws Error if there is one already or it cannot be written */
export async function createInstallation(options: InitOptions): Promise<void> {
  const folder = resolve(options.folder);
  if (existsSync(join(folder, "bareos-dir.d")) || existsSync(join(folder, "bareos-dir.conf"))) {
    throw new Error(`Cannot initialise ${folder}: it holds a configuration already`);
  }
  const files = installationFiles({
    folder,
    backup: resolve(options.backup),
    ports: options.ports === "auto" ? freePorts() : { director: 9101, file: 9102, storage: 9103 },
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

function makePassword(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(33))))
    .replaceAll("+", "-").replaceAll("/", "_");
}

/** Three ports that nobody listens on now. */
function freePorts(): { director: number; file: number; storage: number } {
  const listeners = [0, 1, 2].map(() => Deno.listen({ hostname: "127.0.0.1", port: 0 }));
  const [director, file, storage] = listeners.map(({ addr }) => (addr as Deno.NetAddr).port) as [
    number,
    number,
    number,
  ];
  for (const listener of listeners) listener.close();
  return { director, file, storage };
}

/** Runs the subcommand. */
export async function main(args: readonly string[]): Promise<number> {
  let values: { folder?: string; backup?: string; ports?: string; help?: boolean };
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        folder: { type: "string" },
        backup: { type: "string" },
        ports: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    }));
  } catch (error) {
    console.error(`roost init: ${error instanceof Error ? error.message : error}\n${usage}`);
    return 41;
  }
  if (values.help || values.folder === undefined) {
    console.log(usage);
    return values.help ? 0 : 41;
  }
  try {
    await createInstallation({
      folder: values.folder,
      backup: values.backup ?? Deno.env.get("HOME") ?? "/home",
      ports: values.ports === "auto" ? "auto" : "default",
    });
  } catch (error) {
    console.error(`roost init: ${error instanceof Error ? error.message : error}`);
    return 1;
  }
  const folder = resolve(values.folder);
  console.log(
    `Installed in ${folder}. Next:\n  roost all -c ${folder}\n  roost console -c ${folder}`,
  );
  return 0;
}
