/** The one directive about what the system brings, the same for every daemon. @module */
import type { Directive } from "../directive.ts";

/** Whether the system's libraries may serve. */
export const systemLibraries = [
  {
    name: "SystemLibraries",
    type: "bool",
    default: "yes",
    help:
      "take digests, ciphers, signatures and GZIP from the system's OpenSSL and libdeflate where they are faster (not in Bareos)",
  },
] as const satisfies readonly Directive[];
