import fc from "./mod.ts";

/**
 * Any code point but surrogates, for texts of any letters. fast-check's unit `binary` gives the same, and
 * takes more than a second of processor time to make.
 */
export const anyLetter: fc.Arbitrary<string> = fc.oneof(
  fc.nat(0x7f),
  fc.nat(0xffff - 0x800).map((code) => code < 0xd800 ? code : code + 0x800),
  fc.integer({ min: 0x10000, max: 0x10ffff }),
).map((code) => String.fromCodePoint(code));
