import { parseRegexWhere, rewriteName } from "../../regex_where.ts";

/** Where a restore puts files; texts come from the director (director-client.md 11). */
export interface DestinationOptions {
  /** Folder under which everything is put; empty or `/` for the original place. */
  readonly where?: string | undefined;
  /** Expressions that change names instead (director-client.md 11.1). */
  readonly regexWhere?: string | undefined;
  /** Whether targets of symbolic links are changed as names are. */
  readonly prefixLinks?: boolean;
}

/** New names for what is restored (director-client.md 25.1). */
export interface Destination {
  /** The folder that nothing may leave; undefined if files go to original or changed places. */
  readonly root: string | undefined;
  /** The name to restore a file under. */
  rewrite(name: string): string;
  /** The name by which a hard link's first name is known now. */
  rewriteHardLink(target: string): string;
  /** The target that a symbolic link gets. */
  rewriteSymbolicLink(target: string): string;
}

/**
 * Makes the rules by which names change.
 * @throws {RegexWhereError} if `regexWhere` is malformed
 */
export function destinationOf(options: DestinationOptions): Destination {
  const prefixLinks = options.prefixLinks ?? false;
  if (options.regexWhere !== undefined) {
    const expressions = parseRegexWhere(options.regexWhere);
    const rewrite = (name: string) => rewriteName(name, expressions);
    return {
      root: undefined,
      rewrite,
      rewriteHardLink: rewrite,
      rewriteSymbolicLink: (target) => prefixLinks ? rewrite(target) : target,
    };
  }
  const where = options.where ?? "";
  if (where === "" || where === "/") {
    const same = (name: string) => name;
    return { root: undefined, rewrite: same, rewriteHardLink: same, rewriteSymbolicLink: same };
  }
  const absolute = (target: string) => target.startsWith("/") ? join(where, target) : target;
  return {
    root: where,
    rewrite: (name) => join(where, name),
    rewriteHardLink: absolute,
    rewriteSymbolicLink: (target) => prefixLinks ? absolute(target) : target,
  };
}

/** A drive, `c:`, becomes a folder of its own. */
function join(where: string, name: string): string {
  const path = name.replace(/^([A-Za-z]):/, "$1");
  return where.endsWith("/") || path.startsWith("/") ? where + path : `${where}/${path}`;
}
