import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { join } from "node:path";
import { loadConfiguration } from "../daemon/config/mod.ts";
import { createInstallation, main } from "./init.ts";

/** Calls `roost init`, and gives its status and the ports of the installation. */
async function init(...ports: string[]): Promise<{ status: number; ports: number[] }> {
  const folder = await Deno.makeTempDir({ prefix: "roost-init-" });
  const print = console.log;
  const complain = console.error;
  const said: string[] = [];
  console.log = console.error = (text: string) => said.push(text);
  try {
    const status = await main(["--folder", folder, "--backup", "/etc", ...ports]);
    if (status !== 0) {
      match(said.join("\n"), /^roost init: --ports takes "auto" or three different ports\nUsage: /);
      deepStrictEqual([...Deno.readDirSync(folder)], []);
      return { status, ports: [] };
    }
    const found = ["dir.d/director/roost-dir", "fd.d/client/myself", "sd.d/storage/roost-sd"].map(
      async (name) => {
        const text = await Deno.readTextFile(join(folder, `bareos-${name}.conf`));
        return Number(/^\s*(?:Dir |Sd |Fd )?Port = (\d+)/m.exec(text)?.[1]);
      },
    );
    return { status, ports: await Promise.all(found) };
  } finally {
    console.log = print;
    console.error = complain;
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("init takes the usual ports, those that are named, or free ones that no connection gets", async () => {
  deepStrictEqual(await init(), { status: 0, ports: [9101, 9102, 9103] });
  deepStrictEqual(await init("--ports", "7,8,9"), { status: 0, ports: [7, 8, 9] });
  const { ports } = await init("--ports", "auto");
  strictEqual(new Set(ports).size, 3);
  ok(ports.every((port) => port >= 10_240 && port < 20_480), ports.join());
});

Deno.test("init refuses what are no ports, and makes nothing", async () => {
  for (const ports of ["atuo", "", "7,8", "7,8,8", "0,1,2", "1,2,65536", "1,2,3,4"]) {
    deepStrictEqual(await init("--ports", ports), { status: 41, ports: [] }, ports);
  }
});

Deno.test("init writes a query file that only its owner may read, and the director's directive names it", async () => {
  const folder = join(await Deno.makeTempDir({ prefix: "roost-init-" }), "new");
  try {
    await createInstallation({ folder, backup: "/etc", ports: "default" });
    const configuration = loadConfiguration("director", folder);
    const { queryFile } = configuration.first("Director");
    strictEqual(queryFile, join(folder, "query.sql"));
    match(await Deno.readTextFile(queryFile), /^:Which jobs have saved a file\?$/m);
    strictEqual(((await Deno.stat(queryFile)).mode ?? 0) & 0o777, 0o600);
  } finally {
    await Deno.remove(join(folder, ".."), { recursive: true });
  }
});
