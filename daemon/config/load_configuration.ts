/**
 * Loading a configuration: which files, what is in them, whether it holds
 * together (configuration.md 2 to 5).
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { messageOf } from "../../bytes/mod.ts";
import { asBaculaTable, baculaConfigurationFolder, isNamedLikeBacula } from "./bacula_table.ts";
import { buildResources } from "./build.ts";
import { Configuration } from "./configuration.ts";
import { ConfigurationError, type Problem } from "./errors.ts";
import { matchingFiles } from "./glob.ts";
import { checkProgram } from "./checks.ts";
import { programs, type ProgramTable } from "./programs.ts";
import { parseResources, type RawResource } from "./raw_resource.ts";
import type { ProgramName, ProgramResources } from "./resources.ts";
import { Scanner } from "./scanner.ts";

/** The folder that is looked into where no path is given. */
export const defaultConfigurationFolder = "/etc/bareos";

/** Where configuration files are looked for. */
export interface LoadOptions {
  /** What stands in for `/etc/bareos`. */
  readonly defaultFolder?: string;
  /** It is one of Bacula's, as a file named `bacula-fd.conf` is without this too (bacula.md 18). */
  readonly isBacula?: boolean;
}

/**
 * Loads the configuration of a program: a file, a folder, or what is found at the default place if
 * `path` is absent (configuration.md 2.2).
 *
 * @throws ConfigurationError that names every problem with file, line and column
 */
export function loadConfiguration<P extends ProgramName>(
  program: P,
  path?: string,
  options: LoadOptions = {},
): Configuration<ProgramResources[P]> {
  const isBacula = options.isBacula === true || isNamedLikeBacula(basename(path ?? ""));
  const table = isBacula ? asBaculaTable(programs[program]) : programs[program];
  const { files, ...place } = findFiles(table, path, {
    ...(isBacula ? { defaultFolder: baculaConfigurationFolder } : {}),
    ...options,
  });
  return parse(program, place, files.map((file) => () => Scanner.ofFile(file)), table);
}

/**
 * Loads the configuration of a program from a text; `name` stands for its file in messages.
 *
 * @throws ConfigurationError that names every problem with line and column
 */
export function parseConfiguration<P extends ProgramName>(
  program: P,
  text: string,
  name = "configuration",
): Configuration<ProgramResources[P]> {
  return parse(program, { folder: ".", path: name }, [() => new Scanner(text, name)]);
}

/**
 * A configuration with the resources of a text beside its own, which are made anew; `name` stands for
 * the text's file in messages.
 *
 * @throws ConfigurationError that names every problem with line and column
 */
export function extendConfiguration<P extends ProgramName>(
  program: P,
  configuration: Configuration<ProgramResources[P]>,
  text: string,
  name: string,
): Configuration<ProgramResources[P]> {
  const { written } = configuration;
  return parse(program, configuration, [() => new Scanner(text, name)], programs[program], written);
}

function parse<P extends ProgramName>(
  program: P,
  place: { readonly folder: string; readonly path: string },
  scanners: readonly (() => Scanner)[],
  table: ProgramTable = programs[program],
  before: readonly RawResource[] = [],
): Configuration<ProgramResources[P]> {
  const problems: Problem[] = [];
  const warnings = new Set<string>();
  const told = new Set<string>();
  const raw: RawResource[] = [...before];
  for (const open of scanners) {
    try {
      raw.push(...parseResources(open(), table, { problems, warnings, told }));
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      problems.push(...error.problems);
    }
  }
  // As with Bareos, references are looked at only in a text whose syntax is right.
  if (problems.length > 0) throw new ConfigurationError(problems);
  const built = buildResources(raw, table, problems);
  const hints = [...warnings];
  const configuration = new Configuration<ProgramResources[P]>(
    program,
    place,
    hints,
    built,
    raw,
  );
  checkProgram(configuration as unknown as Configuration, problems, hints);
  if (problems.length > 0) throw new ConfigurationError(problems);
  return configuration;
}

function findFiles(
  { file, folder }: ProgramTable,
  path: string | undefined,
  options: LoadOptions,
): { folder: string; path: string; files: readonly string[] } {
  const base = path ?? options.defaultFolder ?? defaultConfigurationFolder;
  const info = statOf(base);
  if (info?.isFile || (path !== undefined && info !== undefined && !info.isDirectory)) {
    return { folder: dirname(base), path: base, files: [base] };
  }
  const single = join(base, file);
  if (statOf(single)?.isFile) return { folder: base, path: single, files: [single] };
  const tree = join(base, folder);
  // Files are processed in reverse alphabetical order of their full path (2.3).
  const files = matchingFiles(join(tree, "*", "*.conf")).reverse();
  if (files.length > 0) return { folder: base, path: tree, files };
  throw ConfigurationError.at(
    undefined,
    info === undefined && path !== undefined
      ? `Cannot read the configuration: ${path} does not exist`
      : path === undefined
      ? `Failed to read config file at the default locations "${single}" (config file path) and "${tree}" (config include directory).`
      : `Failed to find configuration files under directory "${base}". Did look for "${single}" (config file path) and "${tree}" (config include directory).`,
  );
}

function statOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return undefined;
    }
    const reason = messageOf(error);
    throw ConfigurationError.at(undefined, `Cannot read the configuration ${path}: ${reason}`);
  }
}
