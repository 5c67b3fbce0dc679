/** Files that change in the second in which a job looks at them. */
import { ok, strictEqual } from "node:assert";
import { encodeText } from "../../../bytes/mod.ts";
import { FileType } from "../../../storage/volume/mod.ts";
import { join } from "../../../tests/support/paths.ts";
import { FileSetBuilder, type FoundFile, walk } from "../fileset/mod.ts";
import { openPlatform } from "../platform/mod.ts";
import { YoungFiles } from "./young_files.ts";

const platform = openPlatform();

/** A new file with this text as a walk finds it, and a clock that stands still in the second of its change. */
async function withFile(
  text: string,
  run: (found: FoundFile, path: string, clock: Clock) => void,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "roost-young-" });
  try {
    const path = join(folder, "file");
    const builder = new FileSetBuilder();
    for (const line of ["I", "O M", "N", `F ${path}`]) builder.add(line);
    Deno.writeTextFileSync(path, text);
    const [found] = walk(await builder.build(), platform);
    if (found?.stat === undefined) throw new Error("The walk has not found the file");
    run(found, path, new Clock(found.stat.ctime * 1000 + 300));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Time that a test moves, in milliseconds. */
class Clock {
  constructor(public now: number) {}

  /** What a job has that goes by it. */
  young(isAccurate = true): YoungFiles {
    return new YoungFiles(platform, isAccurate, () => this.now);
  }
}

/** Runs to the end, at which the clock arrives when there is `meanwhile`, and gives what comes out. */
function settle(
  young: YoungFiles,
  found: FoundFile,
  clock?: Clock,
  meanwhile?: () => void,
): { file: FoundFile; hasWaited: boolean } {
  const steps = young.settled(found);
  let file = take(steps);
  const hasWaited = file === undefined;
  if (hasWaited && clock !== undefined) {
    meanwhile?.();
    const over = ((found.stat?.ctime ?? 0) + 1) * 1000 + 20;
    clock.now = over - 1;
    strictEqual(take(steps), undefined, "its second is not over for who is 20 ms behind");
    clock.now = over;
    file = take(steps);
    ok(file, "its second is over");
  }
  while (file === undefined) file = take(steps);
  return { file, hasWaited };
}

/** The file that a step ends with, if it is the last one. */
function take(steps: Generator<"polls", FoundFile, undefined>): FoundFile | undefined {
  const { done, value } = steps.next();
  return done === true ? value : undefined;
}

Deno.test("a file of this second is looked at when the second is over, once a job", () =>
  withFile("", (found, path, clock) => {
    const young = clock.young();
    const { file, hasWaited } = settle(
      young,
      found,
      clock,
      () => Deno.writeTextFileSync(path, "text"),
    );
    ok(hasWaited);
    strictEqual(file.type, FileType.regularFile); // it was empty at first
    strictEqual(file.stat?.size, 4);
    Deno.writeTextFileSync(path, "more text");
    const stat = platform.lstat(encodeText(path));
    clock.now = stat.ctime * 1000 + 300;
    strictEqual(settle(young, { ...found, stat }).hasWaited, false);
    strictEqual(settle(clock.young(), { ...found, stat }, clock).hasWaited, true);
  }));

Deno.test("a job waits by the time of the system", () =>
  withFile("text", (found) => {
    settle(new YoungFiles(platform, true), found);
    ok(Date.now() >= ((found.stat?.ctime ?? 0) + 1) * 1000);
  }));

Deno.test("no job waits for old files, for foreign clocks, or if no later job compares times", () =>
  withFile("text", (found, _path, clock) => {
    const { stat } = found;
    if (stat === undefined) throw new Error("The file has no attributes");
    const seconds = Math.floor(clock.now / 1000);
    for (const ctime of [seconds - 2, seconds - 1, seconds + 1, seconds + 3, 1]) {
      const other: FoundFile = { ...found, stat: { ...stat, ctime } };
      const { file, hasWaited } = settle(clock.young(), other);
      strictEqual(hasWaited, false, String(ctime - seconds));
      strictEqual(file, other);
    }
    strictEqual(settle(clock.young(false), found).file, found);
  }));

Deno.test("a file that is gone or replaced meanwhile is saved as it was found", () =>
  withFile("text", (found, path, clock) => {
    const { now } = clock;
    const replaced = settle(clock.young(), found, clock, () => {
      Deno.removeSync(path);
      Deno.mkdirSync(path);
    });
    strictEqual(replaced.file, found);
    clock.now = now;
    const gone = settle(clock.young(), found, clock, () => Deno.removeSync(path));
    strictEqual(gone.hasWaited, true);
    strictEqual(gone.file, found);
  }));
