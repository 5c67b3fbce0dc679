/** Which catalog a command works with, and lists to choose from (console.md 4.2, 4.3). */
import assert from "node:assert/strict";
import { ConsoleScene, enterJobs, steady, typed } from "./support/console_scene.ts";

const resources = `Catalog { Name = Second; DbName = second; DbUser = x }
Client { Name = fd3; Address = 127.0.0.1; Port = 1; Password = x; Catalog = Second; TlsEnable = no }
Job { Name = Third; JobDefs = Standard; Type = Backup; Client = fd3 }
Console { Name = second; Password = secret; TlsEnable = no; CommandAcl = *all*; CatalogAcl = Second; JobAcl = *all*
  ClientAcl = *all*
}
Console { Name = none; Password = secret; TlsEnable = no; CommandAcl = *all* }
`;
const menu =
  "The defined Catalog resources are:\n1: MyCatalog\n2: Second\nSelect Catalog resource (1-2): ";
const count = "+-------+\n| count |\n+-------+\n|     1 |\n+-------+\n";
const unspecified = 'You must specify a "use <catalog-name>" command before continuing.\n';

Deno.test("the catalog is named, that of a client or job, the only one, or asked for", async () => {
  await using scene = await ConsoleScene.start({
    resources,
    fill: (catalog) => enterJobs(catalog, [{ files: ["/data/a"] }]),
  });
  for (
    const [console, ...lines] of [
      [undefined, ["list jobs count", menu], ["2", `Using Catalog "Second"\n${count}`], [
        "list jobs count",
        count,
      ]],
      [undefined, ["list jobs count", menu], [".", "Selection aborted, nothing done.\n"]],
      [undefined, ["list jobs count catalog=Second", `Using Catalog "Second"\n${count}`]],
      [undefined, ["list jobs client=fd3", 'Using Catalog "Second"\nNo results to list.\n']],
      [undefined, ["list jobs job=Third", 'Using Catalog "Second"\nNo results to list.\n']],
      [undefined, ["use catalog=Nope", 'Could not open catalog database "Nope".\n']],
      [
        undefined,
        ["use", menu],
        ["1", 'Using Catalog "MyCatalog"\nUsing Catalog name=MyCatalog DB=catalog\n'],
        ["use catalog=Second", "Using Catalog name=Second DB=second\n"],
        ["use", "Using Catalog name=Second DB=second\n"],
      ],
      [
        "second",
        [
          "list jobs count",
          `Automatically selected Catalog: Second\nUsing Catalog "Second"\n${count}`,
        ],
        ["list jobs catalog=MyCatalog", 'No authorization for Catalog "MyCatalog"\n'],
      ],
      ["none", ["list jobs", unspecified], ["use", unspecified], [
        "use catalog=Second",
        'No authorization for Catalog "Second"\n',
      ]],
    ] as const
  ) {
    const session = await scene.login(console);
    for (const [line, wanted] of lines) assert.equal(await session.call(line), wanted, line);
    await session.close();
  }
});

Deno.test("long lists are chosen from in columns, sorted without regard to case", async () => {
  const names = Array.from({ length: 21 }, (_, at) => `${at % 2 === 0 ? "p" : "Q"}${at + 10}`);
  await using scene = await ConsoleScene.start({
    resources: names.map((name) => `Pool { Name = ${name}; PoolType = Backup }\n`).join(""),
  });
  const session = await scene.login();
  await session.call("use");
  assert.equal(
    (await session.call("run job=Backup pool=Nope")).replace(/^.*not found\.\n/, ""),
    "The defined Pool resources are:\n" +
      " 1: Full  4: p10   7: p16  10: p22  13: p28  16: Q13  19: Q19  22: Q25  \n" +
      " 2: Incr  5: p12   8: p18  11: p24  14: p30  17: Q15  20: Q21  23: Q27  \n" +
      " 3: Next  6: p14   9: p20  12: p26  15: Q11  18: Q17  21: Q23  24: Q29  \n" +
      "Select Pool resource (1-24): ",
  );
  await session.call(".");
  assert.match(
    steady(await typed(session, "run job=Backup pool=Nope", "0", "25", "x", "", "24", "no")),
    /: 0\nPlease enter a number between 1 and 24\n[^]*25\nPlease enter a number between 1 and 24\n[^]*x\nExpected a positive integer, got: x\n[^]*Pool: {5}Q29 \(From command line\)\n[^]*Job not run\.\n$/,
  );
});
