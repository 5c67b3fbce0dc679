/**
 * What the director knows of the files of earlier jobs (director-client.md 7, 23.4). The list comes
 * over the wire in the order of the catalog and is looked up in the order of the walk, in another
 * thread; there may be ten million files in it.
 *
 * In: entries as they come (`KnownFilesWriter`). Out: a table in shared memory that says where in a
 * store of entries a name stands (`KnownFiles`). The first 16 MiB of entries stay in memory, all that
 * follow go to a file of the working directory, which is read entry by entry. A file costs 7 to 15
 * bytes of memory, whatever its name, and its entry (name, stat, digest; some 150 bytes) on disk.
 *
 * @module
 */
export type { EntryMemory } from "./entry_store.ts";
export { type KnownFile, KnownFiles, type KnownFilesMemory } from "./known_files.ts";
export { KnownFilesWriter, removeLeftOvers } from "./known_files_writer.ts";
