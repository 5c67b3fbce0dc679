import { equal } from "node:assert/strict";
import fc from "fast-check";
import { formatSize, formatTime, parseSize, parseSpeed, parseTime } from "./quantities.ts";

Deno.test("times and sizes are read back as they are written", () => {
  fc.assert(fc.property(fc.maxSafeNat(), (value) => {
    equal(parseTime(formatTime(value)), value);
    equal(parseSize(formatSize(value)), value);
    equal(parseTime(String(value)), value);
    equal(parseSize(String(value)), value);
    equal(parseSpeed(String(value)), value);
  }));
});

Deno.test("a blank behind a number without a unit is none of the number", () => {
  equal(parseTime("60 "), 60);
  equal(parseSize("1 k 5\t"), 1029);
});

Deno.test("numbers with units add up, in capitals or not, with blanks or without", () => {
  // "Units match by prefix, first hit in this order" (configuration.md 5.3): n, seconds, months, ...
  const units = [
    [parseTime, { n: 60, s: 1, sec: 1, mo: 2_592_000, m: 2_592_000, min: 60, h: 3600, d: 86_400 }],
    [parseTime, { weeks: 604_800, q: 7_862_400, quarters: 7_862_400, y: 31_536_000, "": 1 }],
    [parseSize, { k: 1024, kb: 1000, m: 2 ** 20, mb: 1e6, g: 2 ** 30, gb: 1e9, t: 2 ** 40, "": 1 }],
    [parseSpeed, { "k/s": 1024, "kb/s": 1000, "m/s": 2 ** 20, "mb/s": 1e6, k: 1024, "": 1 }],
  ] as const;
  for (const [parse, factors] of units) {
    const unit = fc.constantFrom(...Object.entries(factors));
    const part = fc.tuple(fc.nat(999), unit, fc.boolean(), fc.constantFrom("", " ", "\t"));
    fc.assert(fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
      let sum = 0;
      const text = parts.map(([count, [name, factor], isLarge, blank]) => {
        sum += count * factor;
        return `${count}${blank}${isLarge ? name.toUpperCase() : name} `;
      }).join("");
      equal(parse(text), sum, text);
    }));
  }
});

Deno.test("whatever is written as a quantity is a whole number that is not negative, or none", () => {
  const text = fc.string({ unit: fc.constantFrom(..."0123456789.-+ kmgbtyhdwsq/e_\n") });
  fc.assert(fc.property(text, (text) => {
    for (const parse of [parseTime, parseSize, parseSpeed]) {
      const value = parse(text);
      equal(value === undefined || (Number.isSafeInteger(value) && value >= 0), true, `${value}`);
    }
  }));
});
