import assert from "node:assert/strict";
import { fixture, hasFixtures } from "../../../tests/support/paths.ts";
import { parseConfiguration } from "../mod.ts";
import { resourceJson, resourceText } from "./mod.ts";

const ignore = !hasFixtures;
const text = (path: string): string => hasFixtures ? Deno.readTextFileSync(fixture(path)) : "";
const configuration = hasFixtures
  ? parseConfiguration("director", text("config/dir.conf"))
  : parseConfiguration("director", minimal());
const recorded = text("transcripts/32-lists.console.txt");

/** Enough for the module to load where the recordings are not. */
function minimal(): string {
  return [
    "Director { Name = d; Password = p; Messages = m; QueryFile = /q }",
    "Messages { Name = m; Console = all }",
    "Catalog { Name = c; DbName = x; DbUser = y }",
    "Client { Name = rec-fd; Address = localhost; Password = p }",
    "Storage { Name = s; Address = localhost; Password = p; Device = d; MediaType = f }",
    "Pool { Name = p; Storage = s }",
    "FileSet { Name = f; Include { File = / } }",
    "Job { Name = j; Type = Backup; Client = rec-fd; FileSet = f; Pool = p; Messages = m }",
  ].join("\n");
}

/** What the recorded director printed for a command. */
function answer(command: string, next: string): string {
  const start = recorded.indexOf(`\n${command}\n`) + command.length + 2;
  return recorded.slice(start, recorded.indexOf(`\n${next}\n`, start) + 1);
}

const show = (type: "Client" | "Pool" | "Job" | "FileSet" | "Schedule", name?: string): string =>
  configuration.all(type).filter((each) => name === undefined || each.name === name)
    .map((each) => resourceText(configuration, type, each, { asShown: true })).join("");

Deno.test({
  name: "resourceText() prints resources as recorded",
  ignore,
  fn() {
    assert.equal(show("Client", "rec-fd"), answer("show client=rec-fd", "show pool=Main"));
    assert.equal(show("Pool", "Main"), answer("show pool=Main", "show job=BackupFull"));
    assert.equal(
      show("FileSet", "FsRules"),
      answer("show fileset=FsRules", "show schedule=Weekly"),
    );
    assert.equal(show("Schedule", "Weekly"), answer("show schedule=Weekly", "show jobs"));
  },
});

Deno.test({
  name: "resourceText() prints every recorded job",
  ignore,
  fn() {
    assert.equal(show("Job"), answer("show jobs", "help"));
  },
});

Deno.test({
  name: "resourceJson() gives the members of the recording",
  ignore,
  fn() {
    const client = configuration.get("Client", "rec-fd");
    assert.ok(client);
    assert.deepEqual(resourceJson(configuration, "Client", client, { asShown: true }), {
      name: "rec-fd",
      address: "127.0.0.1",
      port: 9602,
      password: "[md5]6f8fdc32b9944c4f974a517a868a0fd4",
      catalog: "MyCatalog",
      maximumconcurrentjobs: 10,
      tlsenable: false,
    });
  },
});

Deno.test("resourceText() hides passwords and tells defaults as comments", () => {
  const client = configuration.get("Client", "rec-fd");
  assert.ok(client);
  const text = resourceText(configuration, "Client", client, {
    hidesPasswords: true,
    isVerbose: true,
  });
  assert.match(text, /^ {2}Password = "\*{16}"$/m);
  assert.match(text, /^ {2}# Passive = No$/m);
});

Deno.test("resourceText() is read back as the same resources", () => {
  const types = [
    ...["Director", "Client", "JobDefs", "Job", "Storage", "Catalog", "Schedule", "FileSet"],
    ...["Pool", "Messages", "Profile", "Console"],
  ] as const;
  const print = (from: typeof configuration): string =>
    types.map((type) =>
      from.all(type as "Job").map((each) => resourceText(from, type, each)).join("")
    ).join("");
  const text = print(configuration);
  assert.equal(print(parseConfiguration("director", text)), text);
});
