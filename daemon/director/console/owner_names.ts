/** Names of users and groups on the director's host. @module */
import { readFileSync } from "node:fs";

/** Names by number, read once an instance. */
export class OwnerNames {
  #users: ReadonlyMap<number, string> | undefined;
  #groups: ReadonlyMap<number, string> | undefined;

  /** The name of a user; the number if there is none. */
  user(id: number): string {
    this.#users ??= namesOf("/etc/passwd");
    return this.#users.get(id) ?? String(id);
  }

  /** The name of a group; the number if there is none. */
  group(id: number): string {
    this.#groups ??= namesOf("/etc/group");
    return this.#groups.get(id) ?? String(id);
  }
}

/** The names of a file like `/etc/passwd`. */
function namesOf(path: string): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  let text = "";
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return names; // a host without such a file: numbers then
  }
  for (const line of text.split("\n")) {
    const [name, , id] = line.split(":");
    if (name !== undefined && id !== undefined && !names.has(Number(id))) {
      names.set(Number(id), name);
    }
  }
  return names;
}
