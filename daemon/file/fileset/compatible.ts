/** File sets for jobs that Bacula or Bareos 13.2 must be able to restore (bacula.md 15, director-client.md 22). */
import type { Algorithm } from "../../../compress/mod.ts";
import type { FileSet, SelectionBlock } from "./file_set.ts";

/** What their file daemons decompress. */
const knownAlgorithms: ReadonlySet<Algorithm> = new Set(["GZIP", "LZO"]);

/** The same file set, saved in streams and chunks that they know. */
export function asCompatible({ includes, excludes }: FileSet): FileSet {
  const changed = (block: SelectionBlock): SelectionBlock => ({
    ...block,
    blocks: block.blocks.map((each) => ({
      ...each,
      options: { ...each.options, isCompatible: true },
    })),
  });
  return { includes: includes.map(changed), excludes };
}

/** The compression that a compatible backup cannot use, if its file set asks for one. */
export function incompatibleCompression({ includes }: FileSet): Algorithm | undefined {
  return includes.flatMap(({ blocks }) => blocks)
    .map(({ options }) => options.isCompatible ? options.compression?.algorithm : undefined)
    .find((algorithm) => algorithm !== undefined && !knownAlgorithms.has(algorithm));
}
