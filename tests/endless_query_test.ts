/** Queries of users that never end: the console that asked them can end them (console.md 19). */
import { match, strictEqual } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { encodeText } from "../bytes/mod.ts";
import {
  Connection,
  ConsoleSession,
  dial,
  frameInto,
  passwordKey,
  TcpTransport,
} from "../protocol/mod.ts";
import { ConsoleScene } from "./support/console_scene.ts";
import { begun } from "./support/listed_scene.ts";
import { join } from "./support/paths.ts";
import { allowPlainConsoles, loginTo } from "./support/console_session.ts";
import { Installation } from "./support/roost.ts";
import { waitFor } from "./support/wait_for.ts";

/** Counts for ever, without a row in between. */
const endless =
  "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) AS n FROM c";

/** The processes that have a catalog open, its director left out. */
function readersOf(catalog: string, director: number): number[] {
  return readdirSync("/proc").map(Number).filter((pid) => pid > 0 && pid !== director)
    .filter((pid) => {
      try {
        return readdirSync(`/proc/${pid}/fd`).some((fd) => {
          try {
            return Deno.readLinkSync(`/proc/${pid}/fd/${fd}`) === catalog;
          } catch {
            return false; // closed meanwhile
          }
        });
      } catch {
        return false; // another user's, or gone
      }
    });
}

/** Processor time of a process, in ticks of the system's clock; undefined if it has ended. */
function ticksOf(pid: number): number | undefined {
  try {
    const [, rest = ""] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ");
    const [state, , , , , , , , , , , user, system] = rest.split(" ");
    if (state === "Z") return undefined; // ended, and init has not looked yet
    return Number(user) + Number(system);
  } catch {
    return undefined;
  }
}

/** The process that works on a query, once it does. */
async function workingReader(catalog: string, director = Deno.pid): Promise<number> {
  const [pid = 0] = await waitFor("a process that reads the catalog", () => {
    const readers = readersOf(catalog, director);
    return readers.length > 0 && readers;
  });
  const before = ticksOf(pid) ?? 0;
  await waitFor("its query to run", () => (ticksOf(pid) ?? 0) > before + 5);
  return pid;
}

const isGone = (pid: number) =>
  waitFor("the query's process to end", () => ticksOf(pid) === undefined);

const catalogOf = ({ folder }: ConsoleScene): string => join(folder, "catalog.db");

const onLinux = { ignore: Deno.build.os !== "linux" };

Deno.test("an endless sqlquery holds nobody up, and quit ends it", onLinux, async () => {
  const { scene, session } = await begun();
  await using _ = scene;
  await session.call("sqlquery");
  const answer = session.call(`${endless};`);
  const pid = await workingReader(catalogOf(scene));
  const other = await scene.login();
  match(await other.call("list clients"), /\bfd2\b/);
  // One that comes soon after the query might be a script's, which has said all at once.
  let isAnswered = false;
  answer.finally(() => isAnswered = true).catch(() => {}); // awaited below
  await waitFor("the query to end", async () => {
    if (!isAnswered) await session.send("quit").catch(() => {}); // an earlier one has worked
    return isAnswered;
  });
  match(await answer, /ERR=the console has hung up\nEnd query mode\.\n$/);
  await waitFor("the director to end the session", async () => {
    for await (const _ of session.events());
    return session.isTerminated;
  });
  await isGone(pid);
});

Deno.test("a query holds nobody up, however it begins", onLinux, async () => {
  const { scene } = await begun();
  await using _ = scene;
  const other = await scene.login();
  for (const sql of [`/* x */ ${endless}`, `-- note\n ${endless}`]) {
    const session = await scene.login();
    await session.send(`.sql query="${sql}"`);
    const pid = await workingReader(catalogOf(scene));
    match(await other.call("list clients"), /\bfd2\b/);
    await session.close();
    await isGone(pid);
  }
});

Deno.test("an answer that is held whole has a limit in bytes, also in API mode 2; .sql has none", async () => {
  const { scene, session } = await begun();
  await using _ = scene;
  const large = (rows: number) =>
    `WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT hex(zeroblob(2000000)) AS n FROM c LIMIT ${rows}`;
  await session.call("sqlquery");
  match(
    await session.call(`${large(1e9)};`),
    /ERR=a table has up to 1000000 rows and \d+ bytes: say LIMIT, or use \.sql\n/,
  );
  await session.call("");
  strictEqual((await session.call(`.sql query="${large(3)}"`)).trim().length, 12_000_002);
  await session.call(".api 2");
  match(await session.call(`.sql query="${large(1e9)}"`), /an answer in API mode 2 has up to/);
});

Deno.test(
  "a query ends with its console, whether that says so or is cut off",
  onLinux,
  async () => {
    const { scene } = await begun();
    await using _ = scene;
    for (const says of ["TERMINATE", "nothing"]) {
      const connection = await dial(scene.address);
      const session = await ConsoleSession.login(connection, {
        key: passwordKey("secret"),
        version: "26.0.0",
        protocolVersion: "26.0.0",
      });
      await session.send(`.sql query="${endless}"`);
      const pid = await workingReader(catalogOf(scene));
      if (says === "nothing") connection.close();
      else await session.close();
      await isGone(pid);
    }
    strictEqual(readersOf(catalogOf(scene), Deno.pid).length, 0);
  },
);

Deno.test("a query ends with its director, however that ends", onLinux, async () => {
  await using installation = await Installation.create({ backup: "/var/empty" });
  await allowPlainConsoles(installation);
  await installation.start("dir");
  const work = join(installation.folder, "work");
  const name = readdirSync(work).find((each) => each.endsWith(".db")) ?? "";
  const session = await loginTo(installation);
  await session.send(`.sql query="${endless}"`);
  const pid = await workingReader(join(work, name), installation.pid("dir"));
  await installation.end("dir", "SIGKILL");
  try {
    await isGone(pid);
  } finally {
    if (ticksOf(pid) !== undefined) Deno.kill(pid, "SIGKILL");
    await session.close().catch(() => {}); // nobody answers
  }
});

/** Takes long enough for what comes with it to be there before its one row, 3000000. */
const slow =
  "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 3000000) SELECT count(*) AS n FROM c";

/** A console over a socket of the test's own. */
async function openConsole({ address }: ConsoleScene) {
  const socket = await Deno.connect({ hostname: address.address, port: address.port });
  const session = await ConsoleSession.login(new Connection(new TcpTransport(socket)), {
    key: passwordKey("secret"),
    version: "26.0.0",
    protocolVersion: "26.0.0",
  });
  return { socket, session };
}

/** Lines that come at once. */
function linesOf(...lines: readonly string[]): Uint8Array {
  const bytes = new Uint8Array(2_000);
  let end = 0;
  for (const line of lines) end = frameInto(bytes, end, encodeText(line));
  return bytes.subarray(0, end);
}

/** All that the director says until it ends. */
async function restOf(session: ConsoleSession): Promise<string> {
  let text = "";
  while (!session.isTerminated) {
    for await (const event of session.events()) if (event.kind === "text") text += event.text;
  }
  return text;
}

Deno.test("a script that says a query and quit at once gets its rows", async () => {
  const { scene } = await begun();
  await using _ = scene;
  const { socket, session } = await openConsole(scene);
  await socket.write(linesOf(`.sql query="${slow}"`, "quit"));
  match(await restOf(session), /\b3000000\n/);
  await session.close();
});

Deno.test("a console that has ended its half gets the rows of all that it has asked", async () => {
  const { scene } = await begun();
  await using _ = scene;
  const { socket, session } = await openConsole(scene);
  await socket.write(linesOf(`.sql query="${slow}"`, '.sql query="SELECT 4711 AS n"'));
  await socket.closeWrite();
  match(await restOf(session), /\b3000000\n[^]*\b4711\n/);
  await session.close();
});

Deno.test("a query ends when a console that had ended its half goes", onLinux, async () => {
  const { scene } = await begun();
  await using _ = scene;
  const { socket, session } = await openConsole(scene);
  await socket.write(linesOf(`.sql query="${endless}"`));
  await socket.closeWrite();
  const pid = await workingReader(catalogOf(scene));
  await session.close();
  await isGone(pid);
});
