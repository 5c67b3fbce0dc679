import { decodeText } from "../../../bytes/mod.ts";
import { posixRegExp } from "../../../storage/volume/mod.ts";
import type { FileSet, OptionsBlock, PatternScope, SelectionBlock } from "./file_set.ts";
import { WildCard } from "./wild_card.ts";

const slash = 0x2f;

/** A name on its way through the patterns; its text is made when a regular expression asks for it. */
class Candidate {
  readonly path: Uint8Array;
  #text: string | undefined;

  constructor(path: Uint8Array) {
    this.path = path;
  }

  get text(): string {
    return this.#text ??= decodeText(this.path);
  }
}

type Test = (candidate: Candidate) => boolean;

/** The patterns of an Options block, ready to use, in the order in which they are asked. */
interface Rules {
  readonly block: OptionsBlock;
  readonly directories: readonly Test[];
  readonly files: readonly Test[];
}

/** Order of the patterns of a block (director-client.md 23.2). */
const order: Readonly<Record<"directories" | "files", readonly [string, PatternScope][]>> = {
  directories: [["wild", "directories"], ["wild", "all"], ["regex", "directories"], [
    "regex",
    "all",
  ]],
  files: [["wild", "files"], ["wild", "baseNames"], ["wild", "all"], ["regex", "files"], [
    "regex",
    "all",
  ]],
};

/**
 * Decides which names an Include block saves and with which options (director-client.md 23.2): the
 * first Options block with a pattern that matches decides at once; if there is none, the last block's
 * options hold unless an Exclude block names it.
 */
export class Selection {
  readonly #rules: readonly Rules[];
  readonly #last: OptionsBlock;
  readonly #excluded: readonly Test[];

  /** Compiles the patterns of one Include block and of all Exclude blocks. */
  constructor(include: SelectionBlock, { excludes }: Pick<FileSet, "excludes">) {
    this.#rules = include.blocks.map(compile);
    const last = include.blocks.at(-1);
    if (last === undefined) throw new TypeError("An Include block has no Options block");
    this.#last = last;
    this.#excluded = excludes.flatMap(compileExclude);
  }

  /** The Options block by which a file is saved; undefined if it is left out. */
  decide(path: Uint8Array, isDirectory: boolean): OptionsBlock | undefined {
    const candidate = new Candidate(path);
    for (const rules of this.#rules) {
      const tests = isDirectory ? rules.directories : rules.files;
      if (tests.some((matches) => matches(candidate))) {
        return rules.block.options.exclude ? undefined : rules.block;
      }
      if (rules.block.options.exclude && rules.block.patterns.length === 0) return undefined;
    }
    return this.#excluded.some((matches) => matches(candidate)) ? undefined : this.#last;
  }

  /** The Options block for an entry of the FileSet itself, which is saved whatever patterns say. */
  optionsOf(path: Uint8Array, isDirectory: boolean): OptionsBlock {
    const candidate = new Candidate(path);
    const match = this.#rules.find(({ block, directories, files }) =>
      !block.options.exclude &&
      (isDirectory ? directories : files).some((matches) => matches(candidate))
    );
    return match?.block ?? this.#last;
  }
}

function compile(block: OptionsBlock): Rules {
  const { ignoreCase, enhancedWild } = block.options;
  const wildCard = (text: string) => new WildCard(text, { ignoreCase, keepSlash: enhancedWild });
  const testsOf = (kind: string, scope: PatternScope): Test[] =>
    block.patterns.filter((pattern) => pattern.kind === kind && pattern.scope === scope)
      .map(({ text }) => {
        if (kind === "regex") {
          const expression = posixRegExp(text, { ignoreCase });
          return (candidate) => expression.test(candidate.text);
        }
        const wild = wildCard(text);
        const usesBaseName = scope === "baseNames" && enhancedWild;
        return usesBaseName
          ? ({ path }) => wild.matches(path, path.lastIndexOf(slash) + 1)
          : ({ path }) => wild.matches(path);
      });
  return {
    block,
    directories: order.directories.flatMap(([kind, scope]) => testsOf(kind, scope)),
    files: order.files.flatMap(([kind, scope]) => testsOf(kind, scope)),
  };
}

/** An entry of an Exclude block matches as it stands and as a wild card; so does its `W` pattern. */
function compileExclude(exclude: SelectionBlock): Test[] {
  const ignoreCase = exclude.blocks.some(({ options }) => options.ignoreCase);
  const patterns = exclude.blocks.flatMap(({ patterns }) => patterns)
    .filter(({ kind, scope }) => kind === "wild" && scope === "all");
  return [
    ...exclude.entries.map((entry): Test => ({ path }) => equalBytes(entry, path)),
    ...[...exclude.entries, ...patterns.map(({ text }) => text)].map((pattern): Test => {
      const wild = new WildCard(pattern, { ignoreCase });
      return ({ path }) => wild.matches(path);
    }),
  ];
}

/** Whether two names are the same. */
export function equalBytes(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let at = one.length - 1; at >= 0; at--) {
    if (one[at] !== other[at]) return false;
  }
  return true;
}
