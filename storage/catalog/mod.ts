/**
 * The catalog: what was backed up, when, and where on which volume
 * (catalog-and-jobs.md 1 to 4), in one SQLite file or in a PostgreSQL database.
 *
 * {@linkcode Catalog} has a method for each thing that the director asks. Rows of
 * files go in through a {@linkcode CatalogFileWriter}, many a transaction; the
 * state that several jobs make up comes out file by file or folder by folder, so
 * that its size does not matter. The class stands on others, one a kind of rows: the
 * database itself, resources, jobs, files, and last the volumes. What keeps the rows is a
 * {@linkcode SqlStore}; queries are written once, and translated for PostgreSQL.
 *
 * @module
 */
export { Catalog, type JobOnVolume } from "./catalog.ts";
export { CatalogFiles, type TreeEntry } from "./catalog_files.ts";
export { CatalogJobs } from "./catalog_jobs.ts";
export { CatalogResources, labelTypeNumber } from "./catalog_resources.ts";
export { copyCatalog } from "./copy_catalog.ts";
export {
  type CatalogFilePlace,
  type LongRead,
  type LongReadRows,
  type LongReadSource,
  readLong,
  rowBytes,
} from "./long_read.ts";
export { type CatalogPlace, openReader, openStore } from "./place.ts";
export { SqliteStore } from "./sqlite_store.ts";
export { CatalogDatabase } from "./database.ts";
export { CatalogError, ReadOnlyError, type SqlStore } from "./store.ts";
export {
  type CatalogCheck,
  catalogChecks,
  type ConfiguredNames,
  firstCheck,
  runCheck,
} from "./checks.ts";
export {
  BaseFileWriter,
  baseJobsOf,
  copyBaseFiles,
  filesOfJobs,
  type LostBaseFiles,
  lostBaseFiles,
  replaceBaseJob,
} from "./base_files.ts";
export { CatalogFileMarks, type MarkedRows } from "./file_marks.ts";
export { CatalogFileWriter, type FileRows } from "./file_writer.ts";
export { PackedFiles } from "./packed_files.ts";
export type { RestoreObject } from "./restore_objects.ts";
export type { StateWish } from "./job_chains.ts";
export type { QuotaRow, QuotaScope } from "./quotas.ts";
export { rankOf } from "./rows.ts";
export type {
  CatalogFile,
  CatalogQueries,
  JobMediaRow,
  JobRow,
  MediaRow,
  SqlRow,
  SqlValue,
} from "./rows.ts";
export * from "./postgres/mod.ts";
export { catalogSeconds, catalogTime } from "./times.ts";
