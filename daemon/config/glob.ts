/** File names with wild cards, as includes and the folder scheme use them. @module */
import { dirname, join } from "node:path";

/** Whether a path has wild cards. */
function hasWildcards(path: string): boolean {
  return /[*?[]/.test(path);
}

/**
 * The files that `path` means, sorted: the path itself, or what its wild cards
 * match, which may be nothing. The file may not exist if there are no wild cards.
 */
export function matchingFiles(path: string): string[] {
  if (!hasWildcards(path)) return [path];
  const pattern = path.split("/");
  let found = [path.startsWith("/") ? "/" : "."];
  for (const part of pattern) {
    if (part === "") continue;
    found = hasWildcards(part)
      ? found.flatMap((folder) => entriesOf(folder, part))
      : found.map((folder) => join(folder, part));
  }
  // Only `*` and `?` may match nothing; other signs may as well belong to the name.
  if (found.length === 0 && !/[*?]/.test(path)) return [path];
  return found.filter(isFile).sort();
}

function entriesOf(folder: string, pattern: string): string[] {
  const expression = new RegExp(
    `^${
      pattern.replace(/[.+^${}()|\\]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".")
        .replace(/\[!/g, "[^")
    }$`,
  );
  try {
    return [...Deno.readDirSync(folder)]
      .filter(({ name }) => expression.test(name) && !(name.startsWith(".") && pattern[0] !== "."))
      .map(({ name }) => join(folder, name));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return [];
    }
    throw error;
  }
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** The folder of a file. */
export const folderOf: (path: string) => string = dirname;
