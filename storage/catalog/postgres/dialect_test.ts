import { strictEqual } from "node:assert";
import { translate } from "./dialect.ts";

const words = {
  "SELECT 1 WHERE a = ? AND b = '?''?' AND \"?\" = ?":
    "SELECT 1 WHERE a = $1 AND b = '?''?' AND \"?\" = $2",
  "SELECT CAST(p.Path AS BLOB) AS Path FROM Path AS p WHERE p.Path = CAST(? AS TEXT)":
    "SELECT convert_to(p.Path, 'SQL_ASCII') AS Path FROM Path AS p WHERE p.Path = CAST($1 AS TEXT)",
  "SELECT CAST((SELECT p.Path FROM Path AS p WHERE p.PathId = f.PathId) || f.Name AS BLOB)":
    "SELECT convert_to((SELECT p.Path FROM Path AS p WHERE p.PathId = f.PathId) || f.Name, 'SQL_ASCII')",
  "SELECT max(JobId), max(0, min(a, max(b, ')'))) FROM t":
    "SELECT max(JobId), greatest(0, least(a, greatest(b, ')'))) FROM t",
  "SELECT strftime('%s', coalesce(EndTime, datetime('now', 'localtime'))) - 1":
    "SELECT CAST(extract(epoch FROM coalesce(EndTime, LOCALTIMESTAMP(0))) AS BIGINT) - 1",
  "Name NOT IN (SELECT value FROM json_each(?))":
    "Name NOT IN (SELECT value FROM json_array_elements_text(CAST($1 AS json)))",
  "SELECT 'max(a, b)', 'it''s', x": "SELECT 'max(a, b)', 'it''s', x",
  "INSERT INTO Path (Path) VALUES (CAST(? AS TEXT))":
    "INSERT INTO Path (Path) VALUES (CAST($1 AS TEXT)) RETURNING PathId",
  "INSERT INTO File (JobId) SELECT JobId FROM Job":
    "INSERT INTO File (JobId) SELECT JobId FROM Job",
  "INSERT INTO Quota (ClientId) VALUES (?)": "INSERT INTO Quota (ClientId) VALUES ($1)",
};

for (const [ours, theirs] of Object.entries(words)) {
  Deno.test(`translate() of ${ours.slice(0, 60)}`, () => strictEqual(translate(ours).sql, theirs));
}

Deno.test("translate() spells members as the query does, then as the schema does", () => {
  const { names } = translate("SELECT Job.JobId AS jobid, StartTime AS startTime, Name FROM Job");
  strictEqual(names.get("jobid"), "jobid");
  strictEqual(names.get("starttime"), "startTime");
  strictEqual(names.get("filesetid"), "FileSetId");
  strictEqual(names.get("name"), "Name");
  strictEqual(translate("SELECT MD5 FROM FileSet").names.get("md5"), "MD5");
  strictEqual(translate("SELECT f.Md5 FROM File AS f").names.get("md5"), "Md5");
  strictEqual(translate("SELECT 'ab' AS Text, CAST(? AS TEXT)").names.get("text"), "Text");
});
