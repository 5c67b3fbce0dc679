/**
 * Volumes as a whole: what lies above single blocks (`volume/`) and below jobs.
 *
 * {@linkcode BlockReader} walks over the blocks of an open volume in large reads and finds its way
 * back after damage. {@linkcode VolumeReader} makes whole records of them, for everything on a set
 * of volumes or for what a bootstrap wants. {@linkcode readVolumeLabel} tells what an open volume is.
 * Damage is reported with volume, address and number of bytes, and the rest is read
 * (volume.md 3.5, 4.4; storage-daemon.md 10.7, 11.2).
 *
 * @module
 */
export { type BlockDamage, BlockReader, type BlockReaderOptions } from "./block_reader.ts";
export { type FoundVolumeLabel, readVolumeLabel } from "./volume_label.ts";
export { type ReadProblem, VolumeReader, type VolumeReaderOptions } from "./volume_reader.ts";
