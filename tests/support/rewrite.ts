/** Changing the configuration of an installation, resource file by resource file. @module */
import { join } from "./paths.ts";
import type { Installation } from "./roost.ts";

/** Adds directives to the resource in a file of an installation, which then holds these and no others. */
export class Rewriter {
  readonly #installation: Installation;
  readonly #originals = new Map<string, string>();

  constructor(installation: Installation) {
    this.#installation = installation;
  }

  /** The path of a file below the installation's folder. */
  path(file: string): string {
    return join(this.#installation.folder, file);
  }

  /** Writes the file as it was at first, with these directives before its last brace. */
  async add(file: string, ...directives: readonly string[]): Promise<void> {
    const original = this.#originals.get(file) ?? await Deno.readTextFile(this.path(file));
    this.#originals.set(file, original);
    const lines = directives.map((line) => `  ${line}\n`).join("");
    await this.#installation.configure(file, original.replace(/\}\s*$/, `${lines}}\n`));
  }

  /** What a directive of a file says. */
  async value(file: string, directive: string): Promise<string> {
    const text = await Deno.readTextFile(this.path(file));
    const found = new RegExp(`^\\s*${directive}\\s*=\\s*(.*)$`, "m").exec(text)?.[1];
    if (found === undefined) throw new Error(`There is no ${directive} in ${file}`);
    return found.replace(/^"(.*)"$/, "$1");
  }
}

/** The files of an installation that hold what daemons need to know of one another. */
export const RESOURCE_FILES = {
  director: "bareos-dir.d/director/roost-dir.conf",
  client: "bareos-dir.d/client/roost-fd.conf",
  storage: "bareos-dir.d/storage/File.conf",
  file: "bareos-fd.d/client/myself.conf",
  fileDirector: "bareos-fd.d/director/roost-dir.conf",
  storageDaemon: "bareos-sd.d/storage/roost-sd.conf",
  storageDirector: "bareos-sd.d/director/roost-dir.conf",
  console: "bconsole.d/director/roost-dir.conf",
} as const;
