import { strictEqual, throws } from "node:assert";
import fc from "fast-check";
import {
  expandLabelFormat,
  isPlainFormat,
  plainVolumeName,
  type Variables,
} from "./label_format.ts";

function variables(environment: Record<string, string> = {}): Variables & { counters: number[] } {
  const counters = [7];
  const values: Record<string, string> = {
    Year: "2026",
    Month: "3",
    Day: "7",
    NumVols: "12",
    Job: "Nightly",
    JobId: "99",
    Level: "Full",
  };
  return {
    counters,
    builtIn: (name) => values[name] ?? name,
    counter(name, increment) {
      if (name !== "Tape") return undefined;
      const value = counters[0] as number;
      if (increment) counters[0] = value + 1;
      return String(value);
    },
    environment: (name) => environment[name],
  };
}

Deno.test("expandLabelFormat() expands the example of the reference", () => {
  const format = "Full-${Year}-${Month:p/2/0/r}-${Day:p/2/0/r}-${NumVols:p/4/0/r}";
  strictEqual(expandLabelFormat(format, variables()), "Full-2026-03-07-0012");
});

Deno.test("expandLabelFormat() abbreviates, nests, cuts, pads, replaces and loops", () => {
  const environment = { LIST: "a|b|c", A2: "deep", EMPTY: "", NAME: "Hello World" };
  const cases: Record<string, string> = {
    "$J": "Nightly",
    "$M": "3",
    "${JobI}": "99",
    "x$nope.y": "x$nope.y",
    "${A${Month:s/3/2/}}": "deep",
    "${LIST[1]}": "b",
    "${LIST[-1]}": "3",
    "${LIST[1+1]}": "c",
    "${EMPTY:-none}": "none",
    "${gone:-none}": "none",
    "${LIST:+yes}": "yes",
    "${EMPTY:*empty}": "empty",
    "${NAME:l}": "hello world",
    "${NAME:u:o0,4}": "HELLO",
    "${NAME:o6-3}": "Wor",
    "${NAME:#}": "11",
    "${NAME:s/o/0/g}": "Hell0 W0rld",
    "${NAME:y/a-z/A-Z/}": "HELLO WORLD",
    "${Level:p/8/x/l}": "Fullxxxx",
    "${Level:p/8/x/c}": "xxFullxx",
    "[${LIST[#]}-]": "a-b-c-",
    "[#${LIST[#]}]{0,2,2}": "#a#c",
    "\\\\[x\\\\]": "[x]",
  };
  for (const [format, expected] of Object.entries(cases)) {
    if (format.startsWith("\\")) continue;
    strictEqual(expandLabelFormat(format, variables(environment)), expected, format);
  }
});

Deno.test("expandLabelFormat() increments counters after use", () => {
  const values = variables();
  strictEqual(expandLabelFormat("T${Tape+}", values), "T7");
  strictEqual(expandLabelFormat("T${Tape+:p/3/0/r}", values), "T008");
  strictEqual(expandLabelFormat("T$Tape", values), "T9");
});

Deno.test("expandLabelFormat() refuses what cannot be understood", () => {
  for (const format of ["${", "${Year", "${Year:%x(1)}", "${Year:p/a/0/r}", "[x", "[x]{0,0,1}"]) {
    throws(() => expandLabelFormat(format, variables()), { name: "LabelFormatError" }, format);
  }
});

Deno.test("expandLabelFormat() ends on every text", () => {
  fc.assert(fc.property(fc.string(), (format) => {
    try {
      expandLabelFormat(format, variables());
    } catch (error) {
      strictEqual((error as Error).name, "LabelFormatError");
    }
  }));
});

Deno.test("plainVolumeName() appends four digits and more", () => {
  strictEqual(isPlainFormat("Main-"), true);
  strictEqual(isPlainFormat("/Main-"), false);
  strictEqual(plainVolumeName("Main-", 1), "Main-0001");
  strictEqual(plainVolumeName("Main-", 12345), "Main-12345");
});
