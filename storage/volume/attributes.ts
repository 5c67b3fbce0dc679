import { ByteWriter, decodeText, encodeText } from "../../bytes/mod.ts";
import { decodeStat, type EncodedStat, encodeStat } from "./file_stat.ts";
import { VolumeError } from "./volume_error.ts";

/** An attributes record: streams 1 and 5 (volume.md 8.1). */
export interface Attributes {
  /** Number of the file within its job, from 1. */
  readonly fileIndex: number;
  /** One of `FileType`. */
  readonly type: number;
  /** Path of the file, byte preserving; directories end in `/`. */
  readonly name: string;
  /** What `stat` said of the file. */
  readonly stat: EncodedStat;
  /** Target of a symbolic link, or the name under which a hard linked file was saved first. */
  readonly link: string;
  /** Attributes of Windows (stream 5) or length of the resource fork; else empty. */
  readonly extended: string;
  /** Number in a chain of deltas. */
  readonly deltaSequence: number;
}

/** What {@linkcode encodeAttributes} needs; the rest has defaults. Names may be bytes as on disk. */
export type AttributesInit =
  & Pick<Attributes, "fileIndex" | "type">
  & Partial<Pick<Attributes, "extended" | "deltaSequence">>
  & {
    readonly name: string | Uint8Array;
    readonly link?: string | Uint8Array;
    /** The stat, or its text made by `encodeStat`. */
    readonly stat: EncodedStat | string;
  };

/** Writes an attributes record, with the zero byte at its end. */
export function encodeAttributes(attributes: AttributesInit): Uint8Array<ArrayBuffer> {
  const { fileIndex, type, name, stat, link = "", extended = "", deltaSequence = 0 } = attributes;
  const head = `${fileIndex} ${type} `;
  const statText = typeof stat === "string" ? stat : encodeStat(stat, stat);
  const tail = `\0${extended}\0${deltaSequence}\0`;
  if (typeof name === "string" && typeof link === "string") {
    return encodeText(`${head}${name}\0${statText}\0${link}${tail}`);
  }
  const writer = new ByteWriter(128 + name.length + link.length).text(head);
  for (const [value, after] of [[name, `\0${statText}\0`], [link, tail]] as const) {
    if (typeof value === "string") writer.text(value);
    else writer.bytes(value);
    writer.text(after);
  }
  return writer.toBytes();
}

/**
 * Reads an attributes record. A missing extended field or delta number, as on old volumes, is empty
 * or 0; bits above the 16th of the type are dropped.
 * @throws {VolumeError} if a required part is missing or malformed
 */
export function decodeAttributes(data: Uint8Array): Attributes {
  const { fileIndex, type, rest } = readHead(data);
  const [name, stat, link, extended, delta] = splitTexts(rest, 5);
  if (name === undefined || stat === undefined) {
    throw new VolumeError("Cannot read attributes record: name or stat is missing");
  }
  return {
    fileIndex,
    type,
    name,
    stat: decodeStat(stat),
    link: link ?? "",
    extended: extended ?? "",
    deltaSequence: /^\d{1,10}$/.test(delta ?? "") ? Number(delta) : 0,
  };
}

/**
 * Reads just the name of an attributes record, for selection by name.
 * @throws {VolumeError} if the record does not begin as it must
 */
export function decodeAttributesName(data: Uint8Array): string {
  const [name] = splitTexts(readHead(data).rest, 1);
  if (name === undefined) throw new VolumeError("Cannot read attributes record: no name");
  return name;
}

function readHead(data: Uint8Array): { fileIndex: number; type: number; rest: Uint8Array } {
  const first = readDecimal(data, 0);
  const second = readDecimal(data, first.next);
  return {
    fileIndex: first.value,
    type: second.value & 0xffff,
    rest: data.subarray(second.next),
  };
}

/** The first `count` texts that end in a zero byte; the last one may end with the data. */
function splitTexts(bytes: Uint8Array, count: number): string[] {
  const texts: string[] = [];
  let start = 0;
  while (texts.length < count && start < bytes.length) {
    const zero = bytes.indexOf(0, start);
    const end = zero < 0 ? bytes.length : zero;
    texts.push(decodeText(bytes.subarray(start, end)));
    start = end + 1;
  }
  return texts;
}

/** A decimal number of at most ten digits and the one space behind it. */
function readDecimal(data: Uint8Array, start: number): { value: number; next: number } {
  let value = 0;
  for (let at = start; at < data.length && at <= start + 10; at++) {
    const byte = data[at] as number;
    if (byte === 0x20 && at > start) return { value, next: at + 1 };
    if (byte < 0x30 || byte > 0x39) break;
    value = value * 10 + byte - 0x30;
  }
  throw new VolumeError("Cannot read attributes record: a number and a space were expected");
}
