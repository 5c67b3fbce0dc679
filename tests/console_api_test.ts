/** The API modes: signals, documents, and commands that nobody can be asked about (console.md 2.3, 7). @module */
import assert from "node:assert/strict";
import { type ConsoleSession, Signal } from "../protocol/mod.ts";
import { begun } from "./support/listed_scene.ts";

/** What a line brings: texts, and the signals around them. */
async function heard(session: ConsoleSession, line: string): Promise<[string, string[]]> {
  const names = Object.entries(Signal);
  await session.send(line);
  let text = "";
  const signals: string[] = [];
  for await (const event of session.events()) {
    if (event.kind === "text") text += event.text;
    else signals.push(names.find(([, number]) => number === event.signal)?.[0] ?? "");
  }
  return [text, signals];
}

const begin = "CMD_BEGIN";
const ok = [begin, "CMD_OK", "MAIN_PROMPT"];
const failed = [begin, "ERROR_MSG", "CMD_FAILED", "MAIN_PROMPT"];

Deno.test(".api switches between modes, each with its signals", async () => {
  const { scene, session } = await begun();
  await using _ = scene;
  const json = (api: number, isCompact: boolean): string =>
    JSON.stringify({ jsonrpc: "2.0", id: null, result: { api } }, undefined, isCompact ? 0 : 2);
  for (
    const [line, text, signals] of [
      [".api", "api: 1\n", ["CMD_OK", "MAIN_PROMPT"]],
      [".api 0", "api: 0\n", [begin, "EOD"]],
      [".api on", "api: 1\n", ["CMD_OK", "MAIN_PROMPT"]],
      [".api 1", "api: 1\n", ok],
      [".api off", "api: 0\n", [begin, "EOD"]],
      [".api 3", "", ["EOD"]],
      [".api 1 2 3", "", ["EOD"]],
      [".api json", json(2, false), ["CMD_OK", "MAIN_PROMPT"]],
      [".api 2 compact=yes", json(2, true), ok],
      [".api 2", json(2, true), ok],
      [".api 2 compact=no", json(2, false), ok],
      ["foo", undefined, ["ERROR_MSG", "MAIN_PROMPT"]],
      ["list foo", undefined, failed],
      [".bvfs_clear_cache yes", undefined, [begin, "INFO_MSG", "CMD_OK", "MAIN_PROMPT"]],
      [".", undefined, ok],
      ["", undefined, ["MAIN_PROMPT"]],
    ] as const
  ) {
    const [got, around] = await heard(session, line);
    if (text !== undefined) assert.equal(got, text, line);
    assert.deepEqual(around, signals, line);
  }
});

Deno.test("in API mode 1 questions come with their signals, answers with a number", async () => {
  const { scene, session } = await begun();
  await using _ = scene;
  await session.call(".api 1");
  assert.deepEqual(await heard(session, "run job=Backup client=Nope"), [
    'Client "Nope" not found.\nThe defined Client resources are:\nfdfd2tape-fdSelect Client (File daemon) resource (1-3): ',
    [begin, "WARNING_MSG", "START_SELECT", "END_SELECT", "SELECT_INPUT", "SUB_PROMPT"],
  ]);
  const [screen, signals] = await heard(session, "2");
  assert.match(screen, /^Type: Backup\nTitle: Run Backup Job\n[^]*\nClient: {3}fd2\n/);
  assert.deepEqual(signals, ["RUN_CMD", "TEXT_INPUT", "SUB_PROMPT"]);
  assert.deepEqual(await heard(session, "no"), [
    "Job not run.\n",
    ["CMD_FAILED", "MAIN_PROMPT"],
  ]);
  assert.deepEqual(await heard(session, "restore jobid=1 client=fd restorejob=Restore"), [
    `You have selected the following JobId: 1

Building directory tree for JobId(s) 1 ...  
2 files inserted into the tree.

You are now entering file selection mode where you add (mark) and
remove (unmark) files to be restored. No files are initially added, unless
you used the "all" keyword on the command line.
Enter "done" to leave this mode.

cwd is: /
$ `,
    [begin, "INFO_MSG", "START_RTREE", "SUB_PROMPT"],
  ]);
  assert.deepEqual(await heard(session, "quit"), [
    "Restore not done.\n",
    ["END_RTREE", "CMD_FAILED", "MAIN_PROMPT"],
  ]);
});

Deno.test("commands that change something work in mode 2 with every choice on the line, and fail without", async () => {
  const { scene, session } = await begun();
  await using _ = scene;
  const later = 'when="2040-01-01 00:00:00"';
  await session.call(".api 2 compact=yes");
  const keys: [string, string[] | undefined][] = [];
  for (
    const line of [
      `run job=Backup ${later} yes`,
      `run job=Backup ${later}`,
      "run job=Nope",
      "run",
      "rerun jobid=1 yes",
      "rerun",
      "restore client=fd restorejob=Restore jobid=1 all done yes",
      "restore client=fd restorejob=Restore jobid=1 all",
      "restore client=fd jobid=1 all done yes",
      "restore",
      "cancel jobid=4",
      "cancel all yes",
      "cancel jobid=99",
      "enable job=Backup",
      "enable",
      "disable client=fd2",
      "disable client",
      "update volume=Full-0001 volstatus=Used",
      "update volume=Full-0001",
      "update",
      "prune files client=fd yes",
      "prune files client=fd",
      "purge volume=Full-0001 yes",
      "purge volume=Full-0001",
      "delete jobid=3",
      "delete volume=Full-0001 yes",
      "delete volume=Nope yes",
      "delete",
      "configure add pool name=Extra pooltype=Backup",
      "configure add pool name=Extra pooltype=Backup",
      "reload",
      "setdebug dir level=1",
      "setdebug",
      "gui on",
      "gui",
    ]
  ) {
    const { result } = JSON.parse(await session.call(line));
    keys.push([line, result === undefined ? undefined : Object.keys(result)]);
  }
  assert.deepEqual(keys, [
    [`run job=Backup ${later} yes`, ["run"]],
    [`run job=Backup ${later}`, ["run"]],
    ["run job=Nope", undefined],
    ["run", undefined],
    ["rerun jobid=1 yes", ["run"]],
    ["rerun", undefined],
    ["restore client=fd restorejob=Restore jobid=1 all done yes", ["run"]],
    ["restore client=fd restorejob=Restore jobid=1 all", ["run"]],
    ["restore client=fd jobid=1 all done yes", undefined],
    ["restore", undefined],
    ["cancel jobid=4", []],
    ["cancel all yes", []],
    ["cancel jobid=99", undefined],
    ["enable job=Backup", ["jobs"]],
    ["enable", undefined],
    ["disable client=fd2", ["clients"]],
    ["disable client", undefined],
    ["update volume=Full-0001 volstatus=Used", []],
    ["update volume=Full-0001", undefined],
    ["update", undefined],
    ["prune files client=fd yes", []],
    ["prune files client=fd", undefined],
    ["purge volume=Full-0001 yes", []],
    ["purge volume=Full-0001", undefined],
    ["delete jobid=3", ["deleted"]],
    ["delete volume=Full-0001 yes", ["deleted"]],
    ["delete volume=Nope yes", undefined],
    ["delete", undefined],
    ["configure add pool name=Extra pooltype=Backup", ["configure"]],
    ["configure add pool name=Extra pooltype=Backup", undefined],
    ["reload", ["reload"]],
    ["setdebug dir level=1", []],
    ["setdebug", undefined],
    ["gui on", []],
    ["gui", undefined],
  ]);
});
