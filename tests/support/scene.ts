/** An installation with a folder to back up, and what tests of whole jobs do with it. @module */
import { join } from "./paths.ts";
import { fromSource, Installation, type ProgramCommand } from "./roost.ts";
import { compareTrees, describeTree } from "./tree.ts";

/** An installation that a test has to start. */
export interface Scene {
  readonly installation: Installation;
  /** What the job `Backup` saves; empty at first. */
  readonly source: string;
  /** A path in the installation's folder. */
  path(name: string): string;
  /** Adds directives to the resource of a file of the configuration as it was written. */
  withDirectives(file: string, ...directives: string[]): Promise<void>;
  /** Replaces what the file set of the job `Backup` says inside of `FileSet { }`, but for its name. */
  withFileSet(text: string): Promise<void>;
  /** Gives commands to the console, waits for the jobs, and gives what was said of them. */
  job(...commands: string[]): Promise<string>;
  /** Restores the newest state and compares it with the source; gives the differences and the report. */
  restored(
    ignore?: (path: string, property: string) => boolean,
  ): Promise<{ readonly differences: string[]; readonly report: string }>;
}

/** The file of the client's own resource. */
export const clientFile = "bareos-fd.d/client/myself.conf";
/** The file of the director as the client knows it. */
export const clientDirectorFile = "bareos-fd.d/director/roost-dir.conf";
/** The file of the job that {@linkcode Scene.job} runs. */
export const jobFile = "bareos-dir.d/job/Backup.conf";

/** What root's processes may do besides others; see capabilities(7). */
export type Capability = "chown" | "dac_override" | "dac_read_search" | "fowner" | "mknod";

/** Whether {@linkcode scene} can take capabilities away: on Linux, as root. */
export const canDropCapabilities = Deno.build.os === "linux" && Deno.uid() === 0;

/**
 * Runs a test in an installation that is gone afterwards. Its daemons are without some capabilities:
 * without `dac_override` and `dac_read_search` root, too, cannot read what its mode forbids.
 */
export async function scene(
  run: (scene: Scene) => Promise<void>,
  { without = [] }: { readonly without?: readonly Capability[] } = {},
): Promise<void> {
  const program: ProgramCommand = without.length === 0 ? fromSource : [
    "setpriv",
    `--bounding-set=${without.map((name) => `-${name}`).join()}`,
    ...fromSource,
  ];
  const source = await Deno.makeTempDir({ prefix: "roost-data-" });
  try {
    await using installation = await Installation.create({ backup: source, program });
    const path = (name: string): string => join(installation.folder, name);
    const originals = new Map<string, string>();
    await run({
      ...{ installation, source, path },
      async withDirectives(file, ...directives) {
        const original = originals.get(file) ?? await Deno.readTextFile(path(file));
        originals.set(file, original);
        const lines = directives.map((line) => `  ${line}\n`).join("");
        await installation.configure(file, original.replace(/\}\s*$/, `${lines}}\n`));
      },
      async withFileSet(text) {
        const folder = "bareos-dir.d/fileset";
        for (const { name } of Deno.readDirSync(path(folder))) {
          const original = await Deno.readTextFile(path(`${folder}/${name}`));
          const fileSet = /Name\s*=\s*"?([^"\n]+)/.exec(original)?.[1];
          if (!original.includes(source) && !originals.has(`${folder}/${name}`)) continue;
          originals.set(`${folder}/${name}`, original);
          await installation.configure(
            `${folder}/${name}`,
            `FileSet {\n  Name = "${fileSet?.trim()}"\n${text}\n}\n`,
          );
        }
      },
      job: (...commands) => installation.console(...commands, "wait", "messages"),
      async restored(ignore = (path) => path === "") {
        const where = join(installation.folder, "restored");
        const report = await installation.console(
          `restore client=roost-fd where=${where} select current all done yes`,
          "wait",
          "messages",
        );
        const differences = compareTrees(
          await describeTree(source),
          await describeTree(join(where, source)),
          ignore,
        );
        await Deno.remove(where, { recursive: true });
        return { differences, report };
      },
    });
  } finally {
    await Deno.remove(source, { recursive: true });
  }
}
