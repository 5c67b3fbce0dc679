import { deepEqual, equal } from "node:assert/strict";
import type { SocketTarget } from "../storage/catalog/mod.ts";
import { serverTarget } from "./catalog_place.ts";
import { environmentPassword, passwordIn } from "./server_environment.ts";

const socket = { transport: "unix", path: "/run/pg/.s.PGSQL.5433" } satisfies SocketTarget;
const address = { transport: "tcp", hostname: "db.example", port: 5432 } satisfies SocketTarget;
const owner = (target: SocketTarget) => ({ target, database: "bareos", user: "backup" });
const environment = (values: Readonly<Record<string, string>>) => (name: string) => values[name];
const nowhere = { address: undefined, port: undefined, socket: undefined };

Deno.test("serverTarget() takes from the environment what the configuration leaves out", () => {
  const there = environment({ PGHOST: "/run/pg", PGPORT: "5433" });
  deepEqual(serverTarget(nowhere, there), socket);
  deepEqual(serverTarget({ ...nowhere, address: "db.example", port: 5432 }, there), address);
  deepEqual(
    serverTarget({ ...nowhere, socket: "/run/pg" }, environment({ PGPORT: "5433" })),
    socket,
  );
  deepEqual(serverTarget(nowhere, environment({ PGHOST: "db.example" })), address);
  deepEqual(
    serverTarget({ ...nowhere, address: "db.example" }, environment({ PGPORT: "x" })),
    address,
  );
});

Deno.test("passwordIn() finds the first line of a password file that fits", () => {
  const text = [
    "#db.example:5432:bareos:backup:comment",
    "db.example:5432:other:backup:wrong database",
    "db.example:*:bareos:backup:it\\:is \\\\here",
    "*:*:*:*:any",
    "/run/pg:5433:*:backup:never reached",
    "short:line",
  ].join("\n");
  equal(passwordIn(text, owner(address)), "it:is \\here");
  equal(passwordIn(text, owner(socket)), "any");
  equal(passwordIn("localhost:5433:bareos:backup:by name\r\n", owner(socket)), "by name");
  equal(passwordIn("/run/pg:5433:bareos:backup:by folder", owner(socket)), "by folder");
  equal(passwordIn("localhost:5432:bareos:backup:other port\n", owner(socket)), undefined);
});

Deno.test("environmentPassword() prefers PGPASSWORD, and reads no file that others may read", () => {
  const folder = Deno.makeTempDirSync({ prefix: "roost-pgpass-" });
  try {
    const told: string[] = [];
    const ask = (values: Readonly<Record<string, string>>) =>
      environmentPassword(owner(address), environment(values), (text) => told.push(text));
    const file = `${folder}/.pgpass`;
    equal(ask({ HOME: folder }), "");
    Deno.writeTextFileSync(file, "*:*:*:backup:from the file\n");
    Deno.chmodSync(file, 0o600);
    equal(ask({ HOME: folder }), "from the file");
    equal(ask({ HOME: "/nowhere", PGPASSFILE: file }), "from the file");
    equal(ask({ HOME: folder, PGPASSWORD: "given" }), "given");
    equal(ask({}), "");
    deepEqual(told, []);
    Deno.chmodSync(file, 0o640);
    equal(ask({ HOME: folder }), "");
    equal(told.length, 1);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
