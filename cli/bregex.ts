/** `roost bregex`: tries regular expressions of a FileSet on the lines of a file. @module */
import { decodeText } from "../bytes/mod.ts";
import { posixRegExp } from "../storage/volume/mod.ts";
import type { Manual } from "./manual.ts";
import { patternManual, testPatterns } from "./pattern_tester.ts";

const asks = "regex pattern";

/** What there is to say of it. */
export const manual: Manual = patternManual({ asks });

/** Runs the program; the result is its exit status. */
export function main(args: readonly string[]): Promise<number> {
  return testPatterns({
    program: "bregex",
    asks,
    prompt: "Enter regex pattern: ",
    compile: (pattern, ignoreCase) => {
      const expression = posixRegExp(pattern, { ignoreCase });
      return (line) => expression.test(decodeText(line));
    },
  }, args);
}
