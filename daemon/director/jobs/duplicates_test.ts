import { deepStrictEqual } from "node:assert";
import { DirectorScene, jobText, poolText } from "../../../tests/support/director_scene.ts";
import { judgeDuplicate } from "./duplicates.ts";

/** What becomes of a new job of level `mine` beside one of level `theirs`. */
function verdict(
  directives: string,
  mine: string,
  theirs: string,
  other: { status?: string; isStarted?: boolean; ignores?: boolean } = {},
): string {
  using scene = new DirectorScene(poolText("") + jobText(directives));
  const old = scene.job("Backup", { level: theirs, ignoreDuplicateCheck: other.ignores ?? false });
  old.setStatus(other.status ?? "R");
  old.isStarted = other.isStarted ?? true;
  return judgeDuplicate(scene.job("Backup", { level: mine }), [old]).kind;
}

const NO = "Allow Duplicate Jobs = no";
const LOWER = `${NO}; Cancel Lower Level Duplicates = yes`;
const QUEUED = `${NO}; Cancel Queued Duplicates = yes`;
const RUNNING = `${NO}; Cancel Running Duplicates = yes`;

Deno.test("judgeDuplicate() decides as the directives say", () => {
  deepStrictEqual(
    [
      verdict("", "F", "F"),
      verdict(NO, "F", "F"),
      verdict(NO, "F", "F", { ignores: true }),
      verdict(QUEUED, "I", "I", { status: "p", isStarted: false }),
      verdict(QUEUED, "I", "I"),
      verdict(RUNNING, "I", "I"),
    ],
    ["run", "refuse", "run", "cancel", "refuse", "cancel"],
  );
});

Deno.test("judgeDuplicate() prefers higher levels where lower ones are canceled", () => {
  const levels = [["F", "I"], ["F", "D"], ["D", "I"], ["I", "D"], ["I", "F"], ["D", "F"], [
    "F",
    "F",
  ]];
  deepStrictEqual(
    levels.map(([mine = "", theirs = ""]) => verdict(LOWER, mine, theirs)),
    ["cancel", "cancel", "cancel", "refuse", "refuse", "refuse", "refuse"],
  );
});

Deno.test("judgeDuplicate() looks at the first job of the same name only", () => {
  using scene = new DirectorScene(poolText("") + jobText(NO) + jobText(NO, "Other"));
  const job = scene.job("Backup");
  deepStrictEqual(judgeDuplicate(job, [job, scene.job("Other")]), { kind: "run" });
});

Deno.test("judgeDuplicate() never lets two virtual fulls merge the same backups", () => {
  const always = "Always Incremental = yes; Accurate = yes";
  using scene = new DirectorScene(
    poolText("") + jobText(always) + jobText(always, "Other") + jobText("", "Plain"),
  );
  const request = { level: "f", ignoreDuplicateCheck: true };
  const [first, second, plain] = ["Backup", "Other", "Plain"].map((name) =>
    scene.job(name, request)
  );
  if (first === undefined || second === undefined || plain === undefined) throw new Error("no job");
  deepStrictEqual(judgeDuplicate(second, [second, plain, first]), {
    kind: "refuse",
    other: first,
    why: `JobId ${first.jobId} already running. Duplicate consolidation job of Client "fd" and ` +
      'FileSet "Set" not allowed.',
  });
  deepStrictEqual(judgeDuplicate(plain, [first]), { kind: "run" });
});
