/** `roost bwild`: tries wild cards of a FileSet on the lines of a file. @module */
import { WildCard } from "../daemon/file/fileset/mod.ts";
import { testPatterns } from "./pattern_tester.ts";

/** Runs the program; the result is its exit status. */
export function main(args: readonly string[]): Promise<number> {
  return testPatterns({
    program: "bwild",
    asks: "wild-card",
    prompt: "Enter a wild-card: ",
    compile: (pattern, ignoreCase) => {
      const wildCard = new WildCard(pattern, { ignoreCase });
      return (line) => wildCard.matches(line);
    },
  }, args);
}
