/**
 * What is saved of a file besides its data (volume.md 8, 14; director-client.md 14).
 *
 * {@linkcode encodeFoundFile} makes the attributes record of a file that the walk found;
 * {@linkcode readLists} its access control lists and extended attributes, as records. The codecs
 * of those two are here as well, for the way back. {@linkcode formatListing} is the line that
 * estimates and restores print about a file.
 *
 * @module
 */
export { decodeAclText, encodeAclText } from "./acl_text.ts";
export {
  decodeExtendedAttributes,
  encodeExtendedAttributes,
  type ExtendedAttribute,
  extendedAttributesLimit,
} from "./extended_attributes.ts";
export { dataStreamOf, encodeFoundFile, savedName } from "./found_attributes.ts";
export { type AccountNames, formatListing, formatMode } from "./listing.ts";
export { type FoundLists, type ListedFile, type ListRecord, readLists } from "./read_lists.ts";
export {
  finderInfoLength,
  finderInfoName,
  forkPath,
  readFinderInfo,
  writeFinderInfo,
} from "./resource_fork.ts";
