/**
 * Configuration files (configuration.md): text in, typed resources out.
 *
 * Directives are data: `tables/` has a row for each, from the reference. The
 * scanner cuts text into tokens and follows includes, `raw_resource.ts` applies
 * the grammar and gathers every problem, `build.ts` inherits JobDefs, fills in
 * defaults and resolves references, `checks.ts` looks at the whole. The types of
 * the resources follow from the tables: `Maximum Concurrent Jobs` of a Client is
 * `client.maximumConcurrentJobs`, a number. Unset texts are empty, unset numbers
 * 0; times are seconds, sizes bytes, speeds bytes per second.
 *
 * `loadConfiguration("director", path)` is all that a daemon needs.
 *
 * @module
 */
export { isNamedLikeBacula } from "./bacula_table.ts";
export { Configuration } from "./configuration.ts";
export {
  defaultConfigurationFolder,
  extendConfiguration,
  loadConfiguration,
  type LoadOptions,
  parseConfiguration,
} from "./load_configuration.ts";
export { type DeviceKind, deviceKindOf } from "./device_kind.ts";
export {
  type Destination,
  type DestinationKind,
  formatTypes,
  messageTypes,
} from "./destination.ts";
export type { Directive, SocketAddress, ValueType } from "./directive.ts";
export {
  type AnyResource,
  exportedDirectives,
  type ExportOptions,
  type JsonValue,
  resourceJson,
  resourceText,
} from "./export/mod.ts";
export { blockKeywords, keywordsOf } from "./keywords.ts";
export { ConfigurationError, formatProblem, type Position, type Problem } from "./errors.ts";
export { defaultOptions, type FileSetBlock, type FileSetOptions, optionsOf } from "./file_set.ts";
export { Password } from "./password.ts";
export {
  directivesOf,
  programs,
  type ProgramTable,
  type ResourceTable,
  resourceTypes,
} from "./programs.ts";
export { formatSize, formatTime, parseSize, parseSpeed, parseTime } from "./quantities.ts";
export type * from "./resources.ts";
export { queryFileText } from "./query_file.ts";
export { installationFiles, installationFolders, type TemplateOptions } from "./template.ts";
export { tlsFileWarnings } from "./tls_files.ts";
export type { RunTimes } from "./run_line.ts";
export { type RunScript, runsWhen } from "./run_script.ts";
