/** What jobs save, and when (configuration.md 6.6, 6.7). @module */
import type { Directive } from "../../directive.ts";
import { namedResource } from "../named_resource.ts";

/** FileSet (6.6). */
export const fileSetDirectives = [
  ...namedResource,
  { name: "Include", type: "include", help: "block, no =, see section 7" },
  { name: "Exclude", type: "exclude", help: "block, no =" },
  {
    name: "IgnoreFileSetChanges",
    type: "bool",
    default: "no",
    help: "no new FileSet record (and forced Full) after a change",
  },
  { name: "EnableVSS", type: "bool", default: "yes", help: "Windows: use volume shadow copies" },
] as const satisfies readonly Directive[];

/** Schedule (6.7). */
export const scheduleDirectives = [
  ...namedResource,
  { name: "Run", type: "run", help: "see section 8; repeatable" },
  { name: "Enabled", type: "bool", default: "yes", help: "no = schedule ignored" },
] as const satisfies readonly Directive[];
