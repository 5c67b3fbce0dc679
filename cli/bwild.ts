/** `roost bwild`: tries wild cards of a FileSet on the lines of a file. @module */
import { WildCard } from "../daemon/file/fileset/mod.ts";
import type { Manual } from "./manual.ts";
import { patternManual, testPatterns } from "./pattern_tester.ts";

const asks = "wild-card";

/** What there is to say of it. */
export const manual: Manual = patternManual({ asks });

/** Runs the program; the result is its exit status. */
export function main(args: readonly string[]): Promise<number> {
  return testPatterns({
    program: "bwild",
    asks,
    prompt: "Enter a wild-card: ",
    compile: (pattern, ignoreCase) => {
      const wildCard = new WildCard(pattern, { ignoreCase });
      return (line) => wildCard.matches(line);
    },
  }, args);
}
