import { strictEqual } from "node:assert";
import { fixture, hasFixtures } from "../../../tests/support/paths.ts";
import { parseConfiguration, resourceText } from "../../config/mod.ts";

Deno.test({
  name: "records of FileSets have the text that the recorded catalog has",
  ignore: !hasFixtures,
  fn() {
    const list = Deno.readTextFileSync(fixture("transcripts/32-lists.console.txt"));
    const recorded = [...list.matchAll(/FileSet \{\n {2}Name = "([^"]+)"\n[^|]*?\n\}\n\n/g)];
    const configuration = parseConfiguration(
      "director",
      Deno.readTextFileSync(fixture("config/dir.conf")),
    );
    strictEqual(recorded.length > 4, true);
    for (const [text, name = ""] of recorded) {
      const fileSet = configuration.get("FileSet", name);
      strictEqual(
        fileSet && resourceText(configuration, "FileSet", fileSet, { asShown: true }),
        text,
      );
    }
  },
});
