/** Values as PostgreSQL sends them. @module */
import { decodeText } from "../../../bytes/mod.ts";
import type { SqlValue } from "../rows.ts";

/** Numbers of types in every PostgreSQL server. */
const types = {
  bool: 16,
  bytea: 17,
  int8: 20,
  int2: 21,
  int4: 23,
  oid: 26,
  float4: 700,
  float8: 701,
  numeric: 1700,
} as const;

const numbers: ReadonlySet<number> = new Set([
  ...[types.int8, types.int2, types.int4, types.oid, types.float4, types.float8, types.numeric],
]);

/** Whether values of a type travel as they are in the server, not as text. */
export function isBinary(type: number): boolean {
  return type === types.bytea;
}

/** A value of a result: numbers and truth as numbers, as SQLite has them, bytes as bytes, the rest as text. */
export function valueOf(type: number, bytes: Uint8Array): SqlValue {
  if (type === types.bytea) return bytes.slice();
  const text = decodeText(bytes);
  if (type === types.bool) return Number(text === "t");
  if (!numbers.has(type)) return text;
  const value = Number(text);
  return Number.isInteger(value) && !Number.isSafeInteger(value) && /^-?\d+$/.test(text)
    ? BigInt(text)
    : value;
}
