/**
 * The director's resources (configuration.md 6).
 *
 * Each row is a directive: what it is called, what it holds, what it means if it
 * is not given. Parsing, defaults, validation, `show`, export and the schema
 * derive from it.
 *
 * @module
 */
export { aclDirectives, consoleDirectives, profileDirectives, userDirectives } from "./access.ts";
export { catalogDirectives } from "./catalog.ts";
export { clientDirectives } from "./client.ts";
export { directorDirectives } from "./director.ts";
export { jobDirectives } from "./job.ts";
export { counterDirectives, poolDirectives } from "./pool.ts";
export { fileSetDirectives, scheduleDirectives } from "./selection.ts";
export { storageDirectives } from "./storage.ts";
