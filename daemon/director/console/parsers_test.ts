import assert from "node:assert/strict";
import { parentOf } from "./bvfs_cache.ts";
import { parseSlotList, parseSlots } from "./changer.ts";
import { commandTable } from "./command_table.ts";
import { consoleCommands, handlers } from "./handlers.ts";
import { commentProblem, nameProblem, volumeNameProblem } from "./names.ts";
import { parseQueries, splitStatements } from "./query_commands.ts";
import { completeDate } from "./restore_jobs.ts";
import { modeText } from "./tree_commands.ts";

Deno.test("every command of the table is carried out, and nothing else is", () => {
  assert.deepEqual(Object.keys(handlers).sort(), commandTable.map(({ name }) => name).sort());
  assert.equal(consoleCommands.length, commandTable.length);
});

Deno.test("completeDate() fills a short date up and refuses what is none", () => {
  assert.equal(completeDate("2024-5"), "2024-05-01 00:00:00");
  assert.equal(completeDate("2024-05-07 3:04"), "2024-05-07 03:04:00");
  assert.equal(completeDate("2024-13-01"), undefined);
  assert.equal(completeDate("2024-02-31"), undefined);
  assert.equal(completeDate("soon"), undefined);
});

Deno.test("names of resources, volumes and comments hold what they may", () => {
  assert.equal(nameProblem("My Job:1.a-b_c/d"), undefined);
  assert.equal(nameProblem("a;b"), 'Illegal character ";" in name.');
  assert.equal(nameProblem(" a"), "Name cannot start with space.");
  assert.equal(nameProblem("x".repeat(128)), "Name too long.");
  assert.equal(volumeNameProblem("/v"), 'Volume name can not start with "/".');
  assert.equal(volumeNameProblem("a b"), 'Illegal character " " in a volume name.');
  assert.equal(commentProblem("it's"), 'Illegal character "\'" in a comment.');
});

Deno.test("slots are read from both lists of a changer, and from selections", () => {
  assert.deepEqual(parseSlots("D:0:F:2:Vol2\nS:1:F:Vol1\nS:2:E\nI:20:F:Vol9\n"), [
    { kind: "drive", slot: 0, volume: "Vol2", isFull: true, loadedFrom: 2 },
    { kind: "slot", slot: 1, volume: "Vol1", isFull: true, loadedFrom: 0 },
    { kind: "slot", slot: 2, volume: "", isFull: false, loadedFrom: 0 },
    { kind: "import", slot: 20, volume: "Vol9", isFull: true, loadedFrom: 0 },
  ]);
  assert.deepEqual(parseSlots("3306 Issuing autochanger list command.\n1:Vol1\n2:\n").length, 2);
  assert.deepEqual([...parseSlotList("1,3-5") ?? []], [1, 3, 4, 5]);
  assert.equal(parseSlotList("5-1"), undefined);
});

Deno.test("a query file gives titles, questions and statements", () => {
  const [first] = parseQueries(
    "# comment\n:Title one\n*Enter name:\nSELECT ';' AS a\nFROM b; !SELECT 2;\n",
  );
  assert.deepEqual(first, {
    title: "Title one",
    prompts: ["Enter name:"],
    statements: ["SELECT ';' AS a\nFROM b", "!SELECT 2"],
  });
  assert.deepEqual(splitStatements(" ; "), []);
});

Deno.test("parentOf() goes up to the top and no further", () => {
  assert.equal(parentOf("/a/b/"), "/a/");
  assert.equal(parentOf("/a/"), "/");
  assert.equal(parentOf("/"), "");
  assert.equal(parentOf("C:/"), "");
  assert.equal(parentOf(""), undefined);
});

Deno.test("modeText() writes a mode as ls does, a fifo as f", () => {
  assert.equal(modeText(0o104755), "-rwsr-xr-x");
  assert.equal(modeText(0o010600), "frw-------");
  assert.equal(modeText(0o041777), "drwxrwxrwt");
});
