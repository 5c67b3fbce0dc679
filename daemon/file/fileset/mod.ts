/**
 * What a job saves: selection of files (director-client.md 6, 23, 24.1, 24.2).
 *
 * The lines that a director sends become a {@linkcode FileSet} in a {@linkcode FileSetBuilder}: plain
 * data that threads get copies of. {@linkcode walk} goes over the disk and yields every
 * {@linkcode FoundFile} with the options by which it was selected, in the order in which it belongs
 * on the volume, and with the job message that is to be sent about it. Whether a file changed since
 * an earlier job is asked of the caller. {@linkcode checkShadowing} compares the entries themselves.
 *
 * @module
 */
export * from "./file_set.ts";
export { asCompatible, incompatibleCompression } from "./compatible.ts";
export { FileSetBuilder, type FileSetBuilderOptions, FileSetError } from "./file_set_builder.ts";
export { type FoundFile, type HardLink, savedType } from "./found_file.ts";
export { type Notice, verifyNoticeOf } from "./notices.ts";
export { type AskedPlugin, nameOf, pluginFilesOf, withPluginFiles } from "./plugin_files.ts";
export { parseOptionLetters } from "./option_letters.ts";
export { equalBytes, Selection } from "./selection.ts";
export { checkShadowing } from "./shadowing.ts";
export { isInRange, parseSizeRange } from "./size_range.ts";
export { stripPath } from "./strip_path.ts";
export { type Candidate, walk, type WalkOptions } from "./walk.ts";
export { WildCard, type WildCardOptions } from "./wild_card.ts";
