/** Our director's console beside the recorded one: the same lines in, the same texts out. @module */
import assert from "node:assert/strict";
import { parseConfiguration } from "../daemon/config/mod.ts";
import { DirectorDaemon, serveConsole } from "../daemon/director/mod.ts";
import { Signal } from "../protocol/mod.ts";
import { typed } from "./support/console_scene.ts";
import { Catalog } from "../storage/catalog/mod.ts";
import { freePort } from "./support/free_port.ts";
import { fixture, hasFixtures, join } from "./support/paths.ts";
import {
  answerTo,
  masked,
  recordedCatalog,
  sentTexts,
  transcript,
} from "./support/recorded_console.ts";
import { ServedDirector } from "./support/served_director.ts";

const ignore = !hasFixtures;

/** A director as the recordings configure it, with the catalog of job 1, and consoles to it. */
class RecordedScene extends ServedDirector {
  static async start(): Promise<RecordedScene> {
    const folder = await Deno.makeTempDir({ prefix: "roost-console-" });
    const catalog = join(folder, "catalog.db");
    await recordedCatalog(catalog);
    const port = freePort();
    const queries = join(folder, "query.sql");
    await Deno.writeTextFile(queries, queryFile());
    const text = Deno.readTextFileSync(fixture("config/dir.conf"))
      .replace("Port = 9501", `Port = ${port}`)
      .replace("/etc/bareos/query.sql", queries)
      .replaceAll("/srv/sample/log/", `${folder}/`)
      .replaceAll("/srv/sample/work", folder);
    const director = await new DirectorDaemon({
      configuration: parseConfiguration("director", text),
      openCatalog: () => Catalog.open(catalog),
      serveConsole,
    }).start();
    const stop = () => director.stop();
    return new RecordedScene({ folder, port, password: "console-pw", stop });
  }
}

/** A query file with the titles of the recorded one. */
function queryFile(): string {
  const titles = [...answerTo("36-admin-console", "query", "quit").matchAll(/^ ?\d+: (.*)$/gm)];
  return titles.map(([, title]) => `:${title}\nSELECT 1 AS one;\n`).join("");
}

Deno.test({
  name: "help, errors and lists of names answer as recorded in 32 and 34",
  ignore,
  async fn() {
    await using scene = await RecordedScene.start();
    const session = await scene.login();
    await session.call("list clients");
    for (
      const [line, next] of [
        ["help", "help run"],
        ["help run", ".help"],
        [
          ".help all",
          "version\nrec-dir Version: 26.0.0~pre1 (05 August 2026) Debian GNU/Linux 12 (bookworm) debian Debian GNU/Linux 12 (bookworm) ",
        ],
        ["list foo", "foo"],
        ["foo", "list"],
      ] as const
    ) assert.equal(await session.call(line), answerTo("32-lists", line, next), line);
    // `list` alone is also a line of the lists before.
    const bare = answerTo("32-lists", "foo: is an invalid command.\nlist", "run job=Nope yes");
    assert.equal(await session.call("list"), bare);
    const help = (text: string): string[] =>
      text.split("\n").filter((line) => !line.startsWith("configure "));
    assert.deepEqual(
      help(await session.call(".help")),
      help(answerTo("32-lists", ".help", ".help all")),
    );
    // The arguments of `configure`, whose order and further directives are our own.
    const adds = (text: string): [string, string[]][] =>
      (/^configure .*$/m.exec(text)?.[0] ?? "").split(" | ").map((part) => {
        const [type = "", ...words] = part.split(" add ").at(-1)?.replace(/^add /, "").split(" ") ??
          [];
        return [type, words];
      });
    const own = new Map(adds(await session.call(".help")));
    for (const [type, words] of adds(answerTo("32-lists", ".help", ".help all"))) {
      const known = new Set(own.get(type)?.map((word) => word.replace(/^\[?(\w+)=.*/, "$1")));
      const missing = words.map((word) => word.replace(/^\[?(\w+)=.*/, "$1"))
        .filter((word) => !known.has(word));
      assert.deepEqual(missing, [], `configure add ${type}`);
    }
    const text = Deno.readTextFileSync(fixture("config/dir.conf"));
    const names = parseConfiguration("director", text).all("Job").map(({ name }) => `${name}\n`);
    assert.equal(await session.call(".jobs"), names.join(""));
  },
});

Deno.test({
  name: "run asks, changes and gives up as recorded in 35",
  ignore,
  async fn() {
    await using scene = await RecordedScene.start();
    const session = await scene.login();
    const got = await typed(session, "run", "1", "mod", "1", "1", "no", "run job=BackupFull", "no");
    const recorded = transcript("35-interactive-run");
    const start = recorded.indexOf("\nrun\n") + 1;
    const end = recorded.indexOf("OK to run? (yes/mod/no): yes", start);
    const wanted = `${recorded.slice(start, end)}OK to run? (yes/mod/no): no\nJob not run.\n`;
    // A console prints what is typed behind the prompt; ours is joined the same way.
    assert.equal(masked(got), masked(wanted));
  },
});

Deno.test({
  name: "menus without a job end as recorded in 35 and 36",
  ignore,
  async fn() {
    await using scene = await RecordedScene.start();
    const session = await scene.login();
    const got = await typed(session, "status", ".", "label", ".", "delete", ".", "query", ".");
    const recorded = transcript("35-interactive-run");
    const menus = recorded.slice(recorded.indexOf("\nstatus\n") + 1, recorded.indexOf("\nquit\n"));
    const query = transcript("36-admin-console");
    const queries = query.slice(query.indexOf("\nquery\n") + 1, query.indexOf("\nquit\n"));
    // The first command that opens the catalog says which it is; in the recording that was `run`.
    const without = (text: string): string => masked(text).replaceAll(/^.*Catalog.*\n/gm, "");
    assert.equal(without(got), without(`${menus}\n${queries}\n`));
  },
});

Deno.test({
  name: "restore browses, marks and counts as recorded in 07",
  ignore,
  async fn() {
    await using scene = await RecordedScene.start();
    const session = await scene.login();
    const recorded = transcript("07-restore-tree");
    const start = recorded.indexOf("\nrestore ") + 1;
    const end = recorded.indexOf("Defined Clients:", start);
    const wanted = recorded.slice(start, end);
    const lines = [
      wanted.split("\n")[0] ?? "",
      ...[...wanted.matchAll(/^\$ (.*)$/gm)].map(([, line]) => line ?? ""),
    ];
    const [first = "", ...others] = lines;
    let begin = "";
    let beforeTree = "";
    await session.send(first);
    for await (const event of session.events()) {
      if (event.kind === "text") begin += event.text;
      else if (event.signal === Signal.START_RTREE) beforeTree = begin;
    }
    assert.match(beforeTree, /Enter "done" to leave this mode\.\n\n$/, "the tree opens here");
    const got = `${first}\n${begin}${await typed(session, ...others)}`;
    assert.equal(masked(got).replace(/Defined Clients:[^]*/, ""), masked(wanted));
    const bootstrap = /written to (\S+)/.exec(got)?.[1] ?? "";
    const text = await Deno.readTextFile(bootstrap);
    assert.match(
      text,
      /^Storage="File1"\nVolume="Main-0001"\nMediaType="File1"\nDevice="FileStorage1"\n/,
    );
    assert.match(text, /\nCount=61\n$/);
  },
});

Deno.test({
  name: "restore of everything goes on to the client as recorded in 08",
  ignore,
  async fn() {
    await using scene = await RecordedScene.start();
    const session = await scene.login();
    const recorded = transcript("08-restore-regexwhere");
    const start = recorded.indexOf("\nrestore ") + 1;
    const wanted = recorded.slice(start, recorded.indexOf("Defined Clients:", start));
    const got = await typed(session, wanted.split("\n")[0] ?? "");
    assert.equal(
      masked(got).replace(/Automatically selected Client[^]*|Defined Clients:[^]*/, ""),
      masked(wanted),
    );
  },
});

Deno.test({
  name: "API mode 1 sends rows without frames, and signals around them, as recorded in 33",
  ignore,
  async fn() {
    await using scene = await RecordedScene.start();
    const session = await scene.login();
    const answer = async (line: string): Promise<[string, number[]]> => {
      await session.send(line);
      let text = "";
      const signals: number[] = [];
      for await (const event of session.events()) {
        if (event.kind === "text") text += event.text;
        else signals.push(event.signal);
      }
      return [text, signals];
    };
    await session.call(".api 2");
    const around = [Signal.CMD_BEGIN, Signal.CMD_OK, Signal.MAIN_PROMPT];
    assert.deepEqual(await answer(".api 1"), ["api: 1\n", around]);
    const recorded = transcript("33-api-json");
    const from = recorded.indexOf("api: 1\n");
    const between = (line: string, next: string): string =>
      recorded.slice(
        recorded.indexOf(`\n${line}\n`, from) + line.length + 2,
        recorded.indexOf(`\n${next}\n`, from) + 1,
      );
    assert.deepEqual(await answer("list clients"), [between("list clients", ".clients"), around]);
    assert.deepEqual(await answer(".clients"), [between(".clients", ".api 0"), around]);
    assert.deepEqual(await answer("foo"), [
      "foo: is an invalid command.\n",
      [Signal.ERROR_MSG, Signal.MAIN_PROMPT],
    ]);
    assert.deepEqual(await answer(".api 0"), ["api: 0\n", [Signal.CMD_BEGIN, Signal.EOD]]);
  },
});

Deno.test({
  name: "API mode 2 answers with the documents of recording 33",
  ignore,
  async fn() {
    await using scene = await RecordedScene.start();
    const session = await scene.login();
    const sent = await sentTexts("33-api-json");
    const recorded = transcript("33-api-json");
    await session.call(".api 2");
    for (
      const line of [
        "llist jobs limit=1",
        ".clients",
        ".filesets",
        ".pools",
        ".storages",
        ".schedules",
        ".levels",
        ".types",
        ".defaults job=BackupFull",
        ".defaults client=rec-fd",
        "show client=rec-fd",
        ".bvfs_update jobid=1",
        ".bvfs_get_jobids jobid=1 all",
        ".bvfs_versions jobid=1 client=rec-fd pathid=1 fname=text-200k.txt",
        "run job=Nope yes",
        "foo",
        "whoami",
      ]
    ) {
      const from = recorded.indexOf(`}${line}\n`) + line.length + 2;
      const wanted = sent.find((text) =>
        text === recorded.slice(from, from + text.length) && text.startsWith("{")
      );
      assert.ok(wanted !== undefined, `${line} is recorded`);
      const got = JSON.parse(await session.call(line));
      assert.deepEqual(withoutIds(got), withoutIds(JSON.parse(wanted)), line);
    }
    const signals: number[] = [];
    await session.send("whoami");
    for await (const event of session.events()) {
      if (event.kind === "signal") signals.push(event.signal);
    }
    assert.deepEqual(signals, [Signal.CMD_BEGIN, Signal.CMD_OK, Signal.MAIN_PROMPT]);
  },
});

/** Numbers that the recorded catalog gave in another order, and texts of other times, made the same. */
function withoutIds(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, member) => {
      if (["pathid", "fileid", "purgedfiles"].includes(key)) return 0;
      // The seeded row is no more than the lists need.
      return ["jobtdate", "filesetid"].includes(key) ? "ID" : member;
    }),
  );
}

Deno.test({
  name: "a console with lists of rights is refused as recorded in 34",
  ignore,
  async fn() {
    await using scene = await RecordedScene.start();
    const session = await scene.login("limited", "limited-pw");
    for (
      const [line, next] of [
        ["whoami", "list jobs"],
        ["run job=BackupFull yes", "status client=rec-fd"],
        ["show jobs", ".jobs"],
        [".jobs", "help"],
        ["help", "quit"],
      ] as const
    ) {
      assert.equal(
        masked(await session.call(line)),
        masked(answerTo("34-acl-limited", line, next)),
        line,
      );
    }
    assert.match(await session.call("list jobs"), /BackupFull/);
    assert.doesNotMatch(await session.call("list clients"), /passive-fd/);
  },
});
