import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert";
import { DirectorScene, jobText, poolText } from "../../tests/support/director_scene.ts";
import { freePort } from "../../tests/support/free_port.ts";
import { waitFor } from "../../tests/support/wait_for.ts";
import { ConsoleSession, dial, passwordKey } from "../../protocol/mod.ts";
import { Catalog } from "../../storage/catalog/mod.ts";
import { DirectorDaemon, serveConsole } from "./mod.ts";

/** A director of a scene, listening, with a catalog of its own. */
async function withDirector(
  text: string,
  test: (port: number, director: DirectorDaemon, scene: DirectorScene) => Promise<void>,
): Promise<void> {
  const port = freePort();
  using scene = new DirectorScene(poolText("") + jobText() + text);
  const resource = scene.configuration.first("Director");
  Object.assign(resource, { addresses: [{ host: "127.0.0.1", port }] });
  const director = new DirectorDaemon({
    configuration: scene.configuration,
    openCatalog: ({ dbName }) => Catalog.open(`${scene.folder}/own-${dbName}.db`),
    serveConsole,
  });
  const running = await director.start();
  try {
    await test(running.ports[0] ?? 0, director, scene);
  } finally {
    await running.stop();
  }
}

async function login(port: number, name?: string): Promise<ConsoleSession> {
  const connection = await dial({ address: "127.0.0.1", port, who: "Director" });
  return await ConsoleSession.login(connection, {
    key: passwordKey("secret"),
    isTls: true,
    version: "26.0.0",
    protocolVersion: "26.0.0",
    ...(name !== undefined && { name }),
  });
}

const NAMED = 'Console { Name = admin; Password = secret; Command ACL = "*all*" }\n';

Deno.test("a named console beyond the limit is refused, the default one is not", async () => {
  await withDirector(NAMED, async (port, director) => {
    Object.assign(director.resource, { maximumConsoleConnections: 1 });
    const first = await login(port, "admin");
    await rejects(login(port, "admin"));
    const second = await login(port);
    match(await second.call("version"), /Version/);
    await second.close();
    await first.close();
    await waitFor("the consoles to be gone", async () => {
      try {
        await (await login(port, "admin")).close();
        return true;
      } catch {
        return false;
      }
    });
  });
});

Deno.test("what goes wrong outside of jobs goes where the Director's Messages say", async () => {
  await withDirector("", async (port, director) => {
    await rejects(login(port, "nobody"));
    await waitFor("the message", () => Promise.resolve(director.messages.hasPending));
    const [line = ""] = director.messages.takePending();
    match(line, /dir JobId 0: Error: .*R_CONSOLE::nobody is unknown here/);
    const rows = director.catalog as Catalog;
    const logged = () => rows.all("SELECT LogText FROM Log WHERE JobId = 0").length;
    await waitFor("its row", () => Promise.resolve(logged() > 0));
    strictEqual(logged(), 1);
  });
});

Deno.test("every catalog is opened at the start, with the pools, clients and storages that are its own", async () => {
  const others = "Catalog { Name = Second; DbName = second; DbUser = x }\n" +
    poolText("Catalog = Second", "Other");
  await withDirector(others, (_port, director) => {
    const names = (catalog: string, table: string) => {
      const resource = director.configuration.get("Catalog", catalog);
      ok(resource);
      const rows = (director.catalogOf(resource) as Catalog).all(
        `SELECT Name FROM ${table} ORDER BY Name`,
      );
      return rows.map(({ Name }) => Name);
    };
    deepStrictEqual(names("Main", "Pool"), ["Full", "None"]);
    deepStrictEqual(names("Second", "Pool"), ["Full", "None", "Other"]);
    deepStrictEqual(names("Main", "Client"), ["fd"]);
    deepStrictEqual(names("Main", "Storage"), ["Disk"]);
    return Promise.resolve();
  });
});
