import assert from "node:assert/strict";
import fc from "fast-check";
import { wrapUsage } from "./help_command.ts";
import { layOut, sorted } from "./selection_list.ts";
import { horizontalTable, rawTable, verticalTable } from "./table.ts";

Deno.test("layOut() numbers a short list in one column", () => {
  assert.equal(layOut(["File", "File2"]), "1: File\n2: File2\n");
  assert.match(layOut(Array.from({ length: 12 }, (_, at) => `n${at}`)), /^ 1: n0\n 2: n1\n/);
});

Deno.test("layOut() fills columns downwards when there are more than twenty", () => {
  const lines = layOut(Array.from({ length: 21 }, (_, at) => `item${at}`)).split("\n");
  assert.equal(
    lines[0],
    " 1: item0   4: item3   7: item6  10: item9  13: item12 16: item15 19: item18 ",
  );
  assert.equal(lines.length, 4);
});

Deno.test("layOut() shows every item once, whatever the lengths", () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-z]{1,50}$/), { minLength: 1, maxLength: 60 }),
      (items) => {
        const text = layOut(items);
        const numbers = [...text.matchAll(/(\d+): /g)].map(([, number]) => Number(number));
        assert.deepEqual(numbers.sort((a, b) => a - b), items.map((_item, at) => at + 1));
      },
    ),
  );
});

Deno.test("sorted() orders without case and drops what is twice", () => {
  assert.deepEqual(sorted(["b", "A", "c", "b"]), ["A", "b", "c"]);
});

Deno.test("horizontalTable() is drawn as the reference shows", () => {
  const rows = [
    { jobid: 1, name: "backup", starttime: null, jobbytes: 1234567 },
    { jobid: 1200, name: "r", starttime: "2025-12-01 10:12:00", jobbytes: 204 },
  ];
  assert.equal(
    horizontalTable(rows),
    "+-------+--------+---------------------+-----------+\n" +
      "| jobid | name   | starttime           | jobbytes  |\n" +
      "+-------+--------+---------------------+-----------+\n" +
      "|     1 | backup |                     | 1,234,567 |\n" +
      "|  1200 | r      | 2025-12-01 10:12:00 |       204 |\n" +
      "+-------+--------+---------------------+-----------+\n",
  );
  assert.equal(horizontalTable([]), "No results to list.\n");
  const bare = { isBare: true };
  assert.equal(horizontalTable([{ clientid: 1, name: "fd" }], bare), "        1 | fd   |\n");
});

Deno.test("rows that are not shown still count for the widths", () => {
  const rows = [{ name: "a" }, { name: "a long name" }];
  const text = horizontalTable(rows, { isShown: ({ name }) => name === "a" });
  assert.equal(text.split("\n")[3], "| a           |");
});

Deno.test("verticalTable() and rawTable() show a record a paragraph, or as it is", () => {
  assert.equal(verticalTable([{ id: 1, name: "x" }]), "   id: 1\n name: x\n\n");
  assert.equal(
    rawTable([{ time: "T", logtext: "text\n" }, { time: null, logtext: "b\n" }]),
    " T text\n NULL b\n",
  );
});

Deno.test("wrapUsage() breaks behind | outside of brackets and at blanks of long lines", () => {
  assert.equal(wrapUsage("on | off"), "on |\n\toff");
  assert.equal(wrapUsage("[a | b] c"), "[a | b] c");
});
