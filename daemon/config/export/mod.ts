/**
 * Resources on their way out: the text that `show` and `--xc` print, which the
 * parser reads back, and the same as JSON (configuration.md 15). Everything
 * follows from the tables of directives; blocks with a grammar of their own
 * (FileSets, Run lines, scripts, destinations) have a writer each.
 *
 * @module
 */
export {
  type AnyResource,
  exportedDirectives,
  type ExportOptions,
  resourceJson,
  resourceText,
} from "./resource_export.ts";
export { runLineText } from "./run_line_text.ts";
export type { ExportedDirective, JsonValue } from "./values.ts";
