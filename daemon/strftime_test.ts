import { equal } from "node:assert/strict";
import fc from "fast-check";
import { strftime } from "./strftime.ts";

Deno.test("strftime() knows the codes of times, and leaves others", () => {
  const time = new Date(2027, 0, 3, 15, 4, 5); // a Sunday of the last week of 2026
  equal(strftime("%d-%b-%Y %H:%M:%S", time), "03-Jan-2027 15:04:05");
  equal(strftime("%G-W%V-%u %U %W %l%P", time), "2026-W53-7 01 00  3pm");
  equal(strftime("%% %Q %", time), "% %Q %");
});

/** The C library's own, as the judge. */
function openJudge(): (format: string, seconds: number) => string {
  const { symbols } = Deno.dlopen("libc.so.6", {
    localtime_r: { parameters: ["buffer", "buffer"], result: "pointer" },
    strftime: { parameters: ["buffer", "usize", "buffer", "buffer"], result: "usize" },
  });
  return (format, seconds) => {
    const fields = new Uint8Array(64);
    symbols.localtime_r(BigInt64Array.of(BigInt(seconds)), fields);
    const into = new Uint8Array(200);
    const zeroEnded = new TextEncoder().encode(`${format}\0`);
    const length = symbols.strftime(into, BigInt(into.length), zeroEnded, fields);
    return new TextDecoder().decode(into.subarray(0, Number(length)));
  };
}

Deno.test({
  name: "strftime() agrees with the C library",
  ignore: Deno.build.os !== "linux",
  fn() {
    const judge = openJudge();
    const codes = fc.constantFrom(..."aAbBcCdDeFgGhHIjklmMnpPrRsStTuUVwWxXyYz%");
    // Up to 2037, for which every table of time zones has rules.
    fc.assert(
      fc.property(codes, fc.nat(2_140_000_000), (code, seconds) => {
        equal(strftime(`%${code}`, new Date(seconds * 1000)), judge(`%${code}`, seconds));
      }),
      { numRuns: 1000 },
    );
  },
});
