import { ok, strictEqual } from "node:assert";
import fc from "fast-check";
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
  'SELECT max("a,b", "c)"), x': 'SELECT greatest("a,b", "c)"), x',
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

/** An expression in SQLite's words and in PostgreSQL's, where `\0` stands for the number of a value. */
interface Expression {
  readonly ours: string;
  readonly theirs: string;
}

const same = (text: string): Expression => ({ ours: text, theirs: text });

/** What stays as it is, whatever it looks like inside. */
const quoted = (quote: string): fc.Arbitrary<Expression> =>
  fc.string({
    unit: fc.constantFrom(..."ab?(),'\" -", "max(a, b)", "CAST(? AS BLOB)", " AS BLOB"),
    maxLength: 8,
  }).map((text) => same(`${quote}${text.replaceAll(quote, quote + quote)}${quote}`));

const leaf: fc.Arbitrary<Expression> = fc.oneof(
  fc.constantFrom(
    ...["1", "NULL", "f.Name", "maxi", "LStat"].map(same),
    { ours: "?", theirs: "\0" },
    { ours: "datetime('now', 'localtime')", theirs: "LOCALTIMESTAMP(0)" },
    { ours: "char(1114111)", theirs: "E'\\377'" },
    same("char(65)"),
  ),
  quoted("'"),
  quoted('"'),
);

const { expression } = fc.letrec<{ expression: Expression }>((tie) => {
  const inner = tie("expression");
  const several = fc.array(inner, { minLength: 2, maxLength: 3 });
  /** A call that is written anew: its values are put together with a comma and a blank. */
  const renamed = (name: string, other: string) =>
    fc.tuple(several, fc.constantFrom(",", ", ", " ,\n "), fc.boolean()).map(
      ([values, comma, isLarge]): Expression => ({
        ours: `${isLarge ? name.toUpperCase() : name}(${
          values.map(({ ours }) => ours).join(comma)
        })`,
        theirs: `${other}(${values.map(({ theirs }) => theirs).join(", ")})`,
      }),
    );
  const around = (ours: string, theirs: string) =>
    inner.map((one): Expression => ({
      ours: ours.replace("\x01", () => one.ours),
      theirs: theirs.replace("\x01", () => one.theirs),
    }));
  const joined = (before: string, between: string, after: string) =>
    several.map((values): Expression => ({
      ours: before + values.map(({ ours }) => ours).join(between) + after,
      theirs: before + values.map(({ theirs }) => theirs).join(between) + after,
    }));
  return {
    expression: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      leaf,
      renamed("max", "greatest"),
      renamed("min", "least"),
      joined("coalesce(", ", ", ")"),
      joined("my_max(", ",", ")"),
      joined("(", " || ", ")"),
      around("max(\x01)", "max(\x01)"),
      around("(SELECT \x01 FROM t WHERE \x01)", "(SELECT \x01 FROM t WHERE \x01)"),
      around("CAST(\x01 AS TEXT)", "CAST(\x01 AS TEXT)"),
      around("CAST(\x01 AS BLOB)", "convert_to(\x01, 'SQL_ASCII')"),
      around("clock_text(\x01)", "to_char(make_interval(secs => \x01), 'HH24:MI:SS')"),
      around("strftime('%s', \x01)", "CAST(extract(epoch FROM \x01) AS BIGINT)"),
      around("json_each(\x01)", "json_array_elements_text(CAST(\x01 AS json))"),
    ),
  };
});

Deno.test("translate() finds what differs at any depth, and numbers the values", () => {
  fc.assert(fc.property(fc.array(expression, { minLength: 1, maxLength: 4 }), (columns) => {
    let count = 0;
    const ours = `SELECT ${columns.map(({ ours }) => ours).join(", ")} FROM t`;
    const theirs = `SELECT ${columns.map(({ theirs }) => theirs).join(", ")} FROM t`;
    strictEqual(translate(ours).sql, theirs.replace(/\0/g, () => `$${++count}`));
  }));
});

Deno.test("translate() comes to an end with whatever is no query", () => {
  const pieces = fc.constantFrom(
    ...["max(", "min (", "CAST(", " AS BLOB", "strftime('%s',", "char(", "datetime(", "json_each("],
    ...["'", '"', "(", ")", ",", "?", "1", " ", "INSERT INTO Path (Path) VALUES", "\\", "--", "a"],
  );
  fc.assert(fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
    const { sql } = translate(parts.join(""));
    ok(sql.length <= 100 * (parts.length + 1));
  }));
});
