/** What every resource has. @module */
import type { Directive } from "../directive.ts";

/** Its name, and a text for those who read the configuration. */
export const namedResource = [
  { name: "Name", type: "name", required: true, help: "name of the resource" },
  { name: "Description", type: "str", help: "free text" },
] as const satisfies readonly Directive[];
