/**
 * What may follow what has been typed. The candidates come from the director, by its own dot commands
 * on the same connection (console.md 1.7).
 *
 * @module
 */

/** Asks the director, and gives its answer as text. */
export type Ask = (command: string) => Promise<string>;

/** Which command lists the values of a keyword. */
const VALUES: Readonly<Record<string, string>> = {
  pool: ".pool",
  nextpool: ".pool",
  fileset: ".fileset",
  client: ".client",
  job: ".jobs",
  jobdefs: ".jobdefs",
  restore_job: ".jobs type=R",
  level: ".level",
  storage: ".storage",
  schedule: ".schedule",
  volume: ".media",
  oldvolume: ".media",
  volstatus: ".volstatus",
  catalog: ".catalogs",
  message: ".msgs",
  profile: ".profiles",
  actiononpurge: ".actiononpurge",
};

/** Which command lists what a command of the restore tree may take. */
const TREE: Readonly<Record<string, string>> = {
  ls: ".ls",
  add: ".ls",
  mark: ".ls",
  m: ".ls",
  cd: ".lsdir",
  delete: ".lsmark",
  unmark: ".lsmark",
};

/** Candidates for the last word of `line`, and the part of the line that they replace. */
export async function complete(
  line: string,
  isInTree: boolean,
  ask: Ask,
): Promise<readonly [readonly string[], string]> {
  const command = /^\s*(\S*)/.exec(line)?.[1] ?? "";
  const part = /[^\s=]*$/.exec(line)?.[0] ?? "";
  if (isInTree) {
    const list = TREE[command];
    if (list === undefined || !/^\s*\S+\s/.test(line)) return [[], part];
    return [startingWith(part, lines(await ask(`${list} ${part}*`))), part];
  }
  const keyword = /(\w+)="?[^\s=]*$/.exec(line)?.[1];
  if (keyword !== undefined) {
    const list = VALUES[keyword.toLowerCase()];
    return [list === undefined ? [] : startingWith(part, lines(await ask(list))), part];
  }
  if (!/^\s*\S+\s/.test(line)) return [startingWith(part, lines(await ask(".help all"))), part];
  const help = await ask(`.help item=${command}`);
  return [startingWith(part, keywords(help)), part];
}

/** The keywords in a command's help: lower-case words that end in `=`, a space or the text's end. */
export function keywords(help: string): string[] {
  const found = [...help.matchAll(/(?<![<\w-])[a-z]+(=|(?=\s|$))/g)].map(([word]) => word);
  return [...new Set(found)];
}

function lines(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
}

function startingWith(part: string, candidates: readonly string[]): string[] {
  return candidates.filter((candidate) => candidate.startsWith(part));
}
