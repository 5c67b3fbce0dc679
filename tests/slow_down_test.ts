/** Who fails to authenticate again and again is slowed down, by each daemon, whoever he says that he is. */
import { match, ok } from "node:assert";
import {
  authenticateConnector,
  type Connection,
  dial,
  type Identity,
  passwordKey,
  realEnvironment,
  startTls,
} from "../protocol/mod.ts";
import { RESOURCE_FILES as files, Rewriter } from "./support/rewrite.ts";
import { Installation } from "./support/roost.ts";
import { waitFor } from "./support/wait_for.ts";

/** Failures of one address, of which five cost nothing and one is forgiven in two seconds. */
const failures = 40;
/** A quarter of a second each from the sixth failure on, three at the most: less only when a minute has passed. */
const leastMs = 1_000;

const environment = { ...realEnvironment, pause: () => Promise.resolve() };

/** Somebody with a password: how he gets in. */
interface Visitor {
  readonly who: string;
  readonly port: number;
  readonly password: string;
  enter(connection: Connection, key: string): Promise<void>;
}

const underTls = (identity: Identity) => (connection: Connection, key: string): Promise<void> =>
  startTls(connection, identity, key);

Deno.test("repeated failures from one address are slowed down: named and default consoles, with TLS and without, directors", async () => {
  await using installation = await Installation.create({ backup: Deno.cwd() });
  const rewriter = new Rewriter(installation);
  await Deno.mkdir(rewriter.path("bareos-dir.d/console"), { recursive: true });
  await installation.configure(
    "bareos-dir.d/console/all.conf",
    'Console {\n  Name = safe\n  Password = "safe"\n}\n' +
      'Console {\n  Name = clear\n  Password = "clear"\n  TLS Enable = no\n}\n',
  );
  await installation.start();
  const director = underTls({ type: "R_DIRECTOR", name: "roost-dir" });
  const visitors: readonly Visitor[] = [
    {
      ...{ who: "safe", port: installation.port("dir"), password: "safe" },
      enter: underTls({ type: "R_CONSOLE", name: "safe" }),
    },
    {
      ...{ who: "clear", port: installation.port("dir"), password: "clear" },
      enter: async (connection, key) => {
        const hello = "Hello clear calling version 26.0.0\n";
        const names = { hello, key, environment, ownName: "R_CONSOLE::clear" };
        await authenticateConnector(connection, { ...names, tlsPolicy: 0 });
      },
    },
    {
      ...{ who: "*UserAgent*", port: installation.port("dir") },
      password: await rewriter.value(files.console, "Password"),
      enter: underTls({ type: "R_CONSOLE", name: "*UserAgent*" }),
    },
    {
      ...{ who: "the storage daemon's director", port: installation.port("sd"), enter: director },
      password: await rewriter.value(files.storageDirector, "Password"),
    },
    {
      ...{ who: "the file daemon's director", port: installation.port("fd"), enter: director },
      password: await rewriter.value(files.fileDirector, "Password"),
    },
  ];
  await Promise.all(visitors.map(async ({ who, port, password, enter }, at) => {
    // Each comes from an address of its own, or it would be slowed down for the others.
    const sourceAddress = `127.0.7.${at + 1}`;
    const come = async (key: string): Promise<void> => {
      const connection = await dial({ address: "127.0.0.1", port, who, sourceAddress });
      try {
        await enter(connection, key);
      } finally {
        connection.close();
      }
    };
    // All at once: only so they come faster than they are forgiven, however slow the machine is.
    const ends = await Promise.allSettled(
      Array.from({ length: failures }, () => come(passwordKey("wrong"))),
    );
    ok(ends.every(({ status }) => status === "rejected"), who);
    const began = performance.now();
    await come(passwordKey(password));
    const tookMs = performance.now() - began;
    ok(tookMs >= leastMs, `${who} was let in after ${tookMs} ms`);
  }));
  // The log tells of each address, and of the rest by number.
  const log = async () => await Deno.readTextFile(rewriter.path("log/roost.log")).catch(() => "");
  match(
    await waitFor("the log to tell of it", async () => {
      const text = await log();
      return /127\.0\.7\.1:/.test(text) && text;
    }),
    /R_CONSOLE::safe[^]*Console resource "safe"/,
  );
});
