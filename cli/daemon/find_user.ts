import { execFileSync } from "node:child_process";
import type { Identity } from "./process_calls.ts";

/**
 * The numbers of a user and a group to run as, by their names; of the user's own group where none is
 * named, of neither where neither is.
 * @throws Error if the system does not know one of them
 */
export function findUser(
  user: string | undefined,
  group: string | undefined,
): Partial<Identity> {
  const number = (what: string, ...words: string[]): number => {
    try {
      return Number(execFileSync("id", words, { encoding: "utf8", stdio: "pipe" }).trim());
    } catch (cause) {
      throw new Error(`Cannot run as ${what} "${words.at(-1)}": there is none of that name`, {
        cause,
      });
    }
  };
  const gid = group === undefined ? undefined : groupNumber(group);
  if (user === undefined) return gid === undefined ? {} : { gid };
  return {
    name: user,
    uid: number("user", "-u", "--", user),
    gid: gid ?? number("user", "-g", "--", user),
  };
}

function groupNumber(name: string): number {
  for (const line of Deno.readTextFileSync("/etc/group").split("\n")) {
    const [group, , number] = line.split(":");
    if (group === name && /^\d+$/.test(number ?? "")) return Number(number);
  }
  throw new Error(`Cannot run as group "${name}": there is none of that name`);
}
