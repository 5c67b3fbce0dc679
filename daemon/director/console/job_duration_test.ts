/** How long jobs took, of jobs whose times are odd or not there: alike in every database. */
import { deepStrictEqual } from "node:assert";
import { catalogTest } from "../../../tests/support/catalogs.ts";
import { jobsTable } from "./list_tables.ts";

// The larger of two values is NULL in SQLite if one is, and the other one in PostgreSQL.
catalogTest(
  "lists know no duration of a job that has not begun, and none below nothing",
  (open) => {
    const catalog = open();
    const jobs: readonly (readonly [start: string | null, end: string | null])[] = [
      [null, null],
      [null, "2020-01-01 04:00:00"],
      ["2020-01-01 01:00:00", "2020-01-01 02:02:03"],
      ["2020-01-01 01:00:00", "2020-01-01 00:00:00"], // the clock was set back
      ["2999-01-01 01:00:00", null], // it runs, and the clock was set back
    ];
    for (const [at, [start, end]] of jobs.entries()) {
      const of = { job: `j${at}`, name: "Backup", type: "B", level: "F", clientId: 1, comment: "" };
      const jobId = catalog.createJob({ ...of, schedTime: 1_577_836_800 });
      catalog.run("UPDATE Job SET StartTime = ?, EndTime = ? WHERE JobId = ?", start, end, jobId);
    }
    const { columns, from } = jobsTable;
    const rows = catalog.all(`SELECT ${columns} FROM ${from} ORDER BY Job.JobId`);
    deepStrictEqual(rows.map(({ duration }) => duration), [
      ...[null, null, "01:02:03", "00:00:00", "00:00:00"],
    ]);
  },
);
