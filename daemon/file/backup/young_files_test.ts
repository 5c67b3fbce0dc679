/** Files that change in the second in which a job looks at them. */
import { ok, strictEqual } from "node:assert";
import { encodeText } from "../../../bytes/mod.ts";
import { FileType } from "../../../storage/volume/mod.ts";
import { join } from "../../../tests/support/paths.ts";
import { FileSetBuilder, type FoundFile, walk } from "../fileset/mod.ts";
import { openPlatform } from "../platform/mod.ts";
import { YoungFiles } from "./young_files.ts";

const platform = openPlatform();

/** A new file with this text, as the walk finds it at once. */
async function withFile(
  text: string,
  run: (found: FoundFile, path: string) => void,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "roost-young-" });
  try {
    const path = join(folder, "file");
    const builder = new FileSetBuilder();
    for (const line of ["I", "O M", "N", `F ${path}`]) builder.add(line);
    const fileSet = await builder.build();
    // In the first half of a second, so that the walk is in the same one however slow the machine is.
    let found: FoundFile | undefined;
    do {
      Deno.writeTextFileSync(path, text);
      [found] = walk(fileSet, platform);
    } while (Date.now() > ((found?.stat?.ctime ?? 0) + 0.5) * 1000);
    if (found === undefined) throw new Error("The walk has not found the file");
    run(found, path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs to the end and gives what comes out; `meanwhile` is called once while it waits. */
function settle(
  young: YoungFiles,
  found: FoundFile,
  meanwhile?: () => void,
): { file: FoundFile; hasWaited: boolean } {
  const steps = young.settled(found);
  let step = steps.next();
  const hasWaited = step.done !== true;
  if (hasWaited) meanwhile?.();
  while (step.done !== true) step = steps.next();
  return { file: step.value, hasWaited };
}

Deno.test("a file of this second is looked at when the second is over, once a job", () =>
  withFile("", (found, path) => {
    const young = new YoungFiles(platform, true);
    const { file, hasWaited } = settle(young, found, () => Deno.writeTextFileSync(path, "text"));
    ok(hasWaited);
    ok(Date.now() >= ((found.stat?.ctime ?? 0) + 1) * 1000);
    strictEqual(file.type, FileType.regularFile); // it was empty at first
    strictEqual(file.stat?.size, 4);
    Deno.writeTextFileSync(path, "more text");
    const stat = platform.lstat(encodeText(path));
    strictEqual(settle(young, { ...found, stat }).hasWaited, false);
  }));

Deno.test("no job waits for old files, for foreign clocks, or if no later job compares times", () =>
  withFile("text", (found) => {
    const { stat } = found;
    if (stat === undefined) throw new Error("The file has no attributes");
    const seconds = Math.floor(Date.now() / 1000);
    for (const ctime of [seconds - 2, seconds + 3, 1]) {
      const other: FoundFile = { ...found, stat: { ...stat, ctime } };
      const { file, hasWaited } = settle(new YoungFiles(platform, true), other);
      strictEqual(hasWaited, false, String(ctime - seconds));
      strictEqual(file, other);
    }
    strictEqual(settle(new YoungFiles(platform, false), found).file, found);
  }));

Deno.test("a file that is gone or replaced meanwhile is saved as it was found", () =>
  withFile("text", (found, path) => {
    const replaced = settle(new YoungFiles(platform, true), found, () => {
      Deno.removeSync(path);
      Deno.mkdirSync(path);
    });
    strictEqual(replaced.file, found);
    Deno.removeSync(path);
    const stat = found.stat && { ...found.stat, ctime: Math.floor(Date.now() / 1000) };
    const young = { ...found, stat };
    strictEqual(settle(new YoungFiles(platform, true), young).file, young);
  }));
