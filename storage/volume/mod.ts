/**
 * The format of a volume and nothing else: no device, no file, no network (volume.md 1 to 9).
 *
 * - A volume is a sequence of blocks with a checksum each ({@linkcode BlockBuilder} fills them,
 *   {@linkcode parseBlockHeader} reads their header).
 * - A block holds records, or pieces of records, of one session ({@linkcode RecordCursor},
 *   {@linkcode RecordJoiner}).
 * - A record is a label ({@linkcode VolumeLabel}, {@linkcode SessionLabel}) or belongs to a file;
 *   {@linkcode Stream} says what it holds. {@linkcode Attributes} are the first record of a file.
 * - A {@linkcode Bootstrap} says which records of which volumes are wanted.
 *
 * Everything malformed is a {@linkcode VolumeError}.
 *
 * @module
 */
export { type FileBlock, formatAddress, toFileBlock, toOffset } from "./address.ts";
export {
  type Attributes,
  type AttributesInit,
  decodeAttributes,
  decodeAttributesName,
  encodeAttributes,
} from "./attributes.ts";
export {
  type Block,
  blockChecksum,
  type BlockHeader,
  blockHeaderLength,
  blockId,
  classicBlockSize,
  defaultBlockSize,
  maximumBlockLength,
  parseBlockHeader,
  recordHeaderLength,
  recordLengthLimit,
  type SessionKey,
} from "./block.ts";
export { BlockBuilder } from "./block_builder.ts";
export {
  type Bootstrap,
  type BootstrapEntry,
  bootstrapEntry,
  formatBootstrap,
  type NumberRange,
} from "./bootstrap.ts";
export { type BootstrapMatch, BootstrapMatcher, type RecordIdentity } from "./bootstrap_matcher.ts";
export { BootstrapError, parseBootstrap } from "./bootstrap_parser.ts";
export {
  decodeStat,
  type EncodedStat,
  encodeStat,
  type FileStat,
  ModeType,
  type WideNumber,
} from "./file_stat.ts";
export { FileType, type FileTypeNumber, isDirectoryType } from "./file_type.ts";
export {
  decodeSessionLabel,
  decodeVolumeLabel,
  encodeSessionLabel,
  encodeVolumeLabel,
  LabelFormat,
  LabelType,
  type SessionEnd,
  type SessionLabel,
  type VolumeLabel,
} from "./labels.ts";
export { posixRegExp } from "./posix_reg_exp.ts";
export { RecordCursor } from "./record_cursor.ts";
export {
  type LostRecord,
  RecordJoiner,
  type RecordOrigin,
  type VolumeRecord,
} from "./record_joiner.ts";
export {
  catalogStreams,
  Stream,
  StreamFlag,
  streamName,
  type StreamNumber,
  streamType,
} from "./streams.ts";
export { asVolumeError, VolumeError } from "./volume_error.ts";
