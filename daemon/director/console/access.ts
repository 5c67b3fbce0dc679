/**
 * What a console may do (console.md 5): its own lists and then those of its
 * profiles, in order; the first entry that matches decides.
 *
 * @module
 */
import { posixRegExp } from "../../../storage/volume/mod.ts";
import { nameProblem } from "./names.ts";

/** The kinds of lists. */
export type AccessKind =
  | "Job"
  | "Client"
  | "Storage"
  | "Schedule"
  | "Pool"
  | "Command"
  | "FileSet"
  | "Catalog"
  | "Where"
  | "PluginOptions";

/** The lists of a Console, User or Profile resource. */
export type AccessLists = Readonly<Record<`${Uncapitalize<AccessKind>}Acl`, readonly string[]>>;

/** A console or user with its profiles. */
export type AccessHolder = AccessLists & { readonly profile: readonly AccessLists[] };

/** Everyone's commands. */
const always: ReadonlySet<string> = new Set(["exit", "quit", "whoami", ".quit", ".exit"]);

/** Letters that make an entry a regular expression. */
const special = /[.()[\]|^$+?*]/;

/** What an entry, without its `!`, is as a regular expression; `undefined` if it means itself only. */
function expressionOf(entry: string): RegExp | undefined {
  if (!special.test(entry)) return undefined;
  try {
    return posixRegExp(`^(${entry})$`, { ignoreCase: true });
  } catch {
    return undefined; // no regular expression
  }
}

/** Whether `item` matches one entry, without its `!`; `compile` may know its expression already. */
export function matchesEntry(
  entry: string,
  item: string,
  compile: (entry: string) => RegExp | undefined = expressionOf,
): boolean {
  if (entry.toLowerCase() === "*all*") return true;
  if (entry.toLowerCase() === item.toLowerCase()) return true;
  return compile(entry)?.test(item) === true;
}

/** What the first entry that matches says; `undefined` if none does. */
export function decision(
  list: readonly string[],
  item: string,
  compile: (entry: string) => RegExp | undefined = expressionOf,
): boolean | undefined {
  for (const entry of list) {
    const isDenied = entry.startsWith("!");
    if (matchesEntry(isDenied ? entry.slice(1) : entry, item, compile)) return !isDenied;
  }
  return undefined;
}

/** What one console may do. */
export class AccessControl {
  readonly #lists: readonly AccessLists[] | undefined;
  /** The expressions of entries, each compiled once: a list has them tried for every row. */
  readonly #expressions = new Map<string, RegExp | undefined>();

  /** The rights of a console; nothing means the default one, which may do everything. */
  constructor(holder: AccessHolder | undefined) {
    this.#lists = holder && [holder, ...holder.profile];
  }

  /** Whether there are no restrictions at all. */
  get isDefault(): boolean {
    return this.#lists === undefined;
  }

  /** Whether an item of this kind may be used. */
  allows(kind: AccessKind, item: string): boolean {
    if (this.#lists === undefined) return true;
    if (kind === "Command" && always.has(item)) return true;
    if (kind !== "Where" && kind !== "PluginOptions" && kind !== "Command") {
      if (nameProblem(item) !== undefined) return false;
    }
    for (const lists of this.#lists) {
      const decided = decision(listOf(lists, kind), item, (entry) => this.#expressionOf(entry));
      if (decided !== undefined) return decided;
    }
    return false;
  }

  #expressionOf(entry: string): RegExp | undefined {
    if (!this.#expressions.has(entry)) this.#expressions.set(entry, expressionOf(entry));
    return this.#expressions.get(entry);
  }

  /** Whether everything of this kind may be used: `*all*` stands before any `!`. */
  isUnrestricted(kind: AccessKind): boolean {
    if (this.#lists === undefined) return true;
    for (const lists of this.#lists) {
      for (const entry of listOf(lists, kind)) {
        if (entry.toLowerCase() === "*all*") return true;
        if (entry.startsWith("!")) return false;
      }
    }
    return false;
  }
}

function listOf(lists: AccessLists, kind: AccessKind): readonly string[] {
  const key = `${kind.charAt(0).toLowerCase()}${kind.slice(1)}Acl` as keyof AccessLists;
  return lists[key];
}
