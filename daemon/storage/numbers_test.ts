import { deepStrictEqual } from "node:assert";
import { asClock, withCommas, withSuffix } from "./numbers.ts";

Deno.test("withSuffix() writes what recording 19 shows", () => {
  const values = [0, 658, 971_201, 2_419_300, 602_500, 12_345_678, 1_000, 999_999];
  deepStrictEqual(values.map(withSuffix), [
    "0 ",
    "658 ",
    "971.2 K",
    "2.419 M",
    "602.5 K",
    "12.34 M",
    "1.000 K",
    "999.9 K",
  ]);
});

Deno.test("withCommas() and asClock() write what operators read", () => {
  deepStrictEqual([0, 999, 1000, 1234567].map(withCommas), ["0", "999", "1,000", "1,234,567"]);
  deepStrictEqual([0, 61, 3600 * 30 + 5].map(asClock), ["00:00:00", "00:01:01", "30:00:05"]);
});
