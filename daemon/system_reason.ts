/** The system's words for an error, as they stand behind `ERR=`. @module */
import { messageOf } from "../bytes/mod.ts";

/** Codes for which the runtime has words of its own. */
const words: Readonly<Record<string, string>> = {
  EISDIR: "Is a directory",
  EPERM: "Operation not permitted",
};

/** `No such file or directory`, without what a runtime puts around it: codes, calls and paths. */
export function systemReason(error: unknown): string {
  const text = messageOf(error);
  const [, code = "", rest = ""] = /^(E[A-Z0-9]+): (.*?)(?:, [a-z]+(?: '.*)?)?$/s.exec(text) ?? [];
  const reason = words[code] ?? (rest || text.replace(/ ?\(os error \d+\).*$/s, ""));
  return reason.charAt(0).toUpperCase() + reason.slice(1);
}
