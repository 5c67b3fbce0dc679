/**
 * Who fails to authenticate again and again is slowed down, by each daemon, whoever he says that he is and however
 * long he stays. How long the waits are: daemon/listener_test.ts, with a clock of its own.
 */
import { match, rejects } from "node:assert";
import {
  authenticateConnector,
  AuthenticationError,
  type Connection,
  dial,
  hellos,
  type Identity,
  passwordKey,
  realEnvironment,
  receiveText,
  Signal,
  startTls,
} from "../protocol/mod.ts";
import { RESOURCE_FILES as files, Rewriter } from "./support/rewrite.ts";
import { type DaemonName, Installation } from "./support/roost.ts";
import { waitFor } from "./support/wait_for.ts";

/** Visits at once, of which five cost nothing and one is forgiven in two seconds: half a minute of room. */
const visits = 20;
/** How often as many come; the second time some have to wait, unless all of it takes long. */
const mostRounds = 8;

const environment = { ...realEnvironment, pause: () => Promise.resolve() };

/** Somebody who comes again and again. */
interface Visitor {
  readonly who: string;
  readonly daemon: DaemonName;
  /** Fails; what it does not close stays open. */
  fail(connection: Connection): Promise<unknown>;
  /** Comes with the right password. */
  readonly enter?: (connection: Connection) => Promise<unknown>;
}

/** With a wrong password, and with the right one. */
const withPassword = (
  password: string,
  enter: (connection: Connection, key: string) => Promise<unknown>,
): Pick<Visitor, "fail" | "enter"> => ({
  fail: (connection) => rejects(enter(connection, passwordKey("wrong")), AuthenticationError),
  enter: (connection) => enter(connection, passwordKey(password)),
});

const underTls = (identity: Identity) => (connection: Connection, key: string): Promise<void> =>
  startTls(connection, identity, key);

/** Waits for the signal by which a peer is sent away; the peer itself closes nothing. */
async function untilRefused(connection: Connection): Promise<void> {
  for (;;) {
    const frame = await connection.receive({ timeoutMs: 300_000 });
    if (frame?.kind === "signal" && frame.signal === Signal.TERMINATE) return;
    if (frame === undefined) throw new Error("The connection has ended without TERMINATE");
  }
}

Deno.test("repeated failures from one address are slowed down: wrong passwords with TLS and without, unknown names, names of others", async () => {
  await using installation = await Installation.create({ backup: Deno.cwd() });
  const rewriter = new Rewriter(installation);
  await Deno.mkdir(rewriter.path("bareos-dir.d/console"), { recursive: true });
  await installation.configure(
    "bareos-dir.d/console/all.conf",
    'Console {\n  Name = safe\n  Password = "safe"\n}\n' +
      'Console {\n  Name = clear\n  Password = "clear"\n  TLS Enable = no\n}\n',
  );
  await installation.start();
  const identity = { type: "R_DIRECTOR", name: "roost-dir" };
  const director = underTls(identity);
  const filePassword = await rewriter.value(files.fileDirector, "Password");
  const visitors: readonly Visitor[] = [
    {
      ...{ who: "safe", daemon: "dir" },
      ...withPassword("safe", underTls({ type: "R_CONSOLE", name: "safe" })),
    },
    {
      ...{ who: "clear", daemon: "dir" },
      ...withPassword("clear", async (connection, key) => {
        const hello = "Hello clear calling version 26.0.0\n";
        const names = { hello, key, environment, ownName: "R_CONSOLE::clear" };
        await authenticateConnector(connection, { ...names, tlsPolicy: 0 });
      }),
    },
    {
      ...{ who: "*UserAgent*", daemon: "dir" },
      ...withPassword(
        await rewriter.value(files.console, "Password"),
        underTls({ type: "R_CONSOLE", name: "*UserAgent*" }),
      ),
    },
    {
      ...{ who: "an unknown client at the director", daemon: "dir" },
      async fail(connection) {
        await connection.send(hellos.client.format({ name: "nobody", fdVersion: 54 }));
        await untilRefused(connection);
      },
    },
    {
      ...{ who: "the storage daemon's director", daemon: "sd" },
      ...withPassword(await rewriter.value(files.storageDirector, "Password"), director),
    },
    {
      ...{ who: "an unknown director at the storage daemon", daemon: "sd" },
      async fail(connection) {
        await connection.send(hellos.director.format({ name: "nobody" }));
        await untilRefused(connection);
      },
    },
    {
      ...{ who: "an unknown job at the storage daemon", daemon: "sd" },
      async fail(connection) {
        await connection.send(hellos.fileToStorage.format({ job: "nobody", version: "26.0.0" }));
        await untilRefused(connection);
      },
    },
    {
      ...{ who: "the file daemon's director", daemon: "fd" },
      ...withPassword(filePassword, director),
    },
    {
      ...{ who: "an unknown director at the file daemon", daemon: "fd" },
      async fail(connection) {
        await connection.send(hellos.director.format({ name: "nobody" }));
        // Six seconds for each, one after the other, pass after that (wire.md 6.6).
        match(
          await receiveText(connection, "daemon"),
          /unknown Director nobody at .*rejected/,
        );
      },
    },
    {
      ...{ who: "a director with another's key at the file daemon", daemon: "fd" },
      async fail(connection) {
        await startTls(connection, identity, passwordKey(filePassword));
        await connection.send(hellos.director.format({ name: "another" }));
        await untilRefused(connection);
      },
    },
  ];
  await Promise.all(visitors.map(async ({ who, daemon, fail, enter }, at) => {
    // Each comes from an address of its own, or it would be slowed down for the others.
    const sourceAddress = `127.0.7.${at + 1}`;
    const told = new RegExp(`Slowing down connections from 127\\.0\\.7\\.${at + 1}: auth`);
    const port = installation.port(daemon);
    const stay: Connection[] = [];
    const come = async (does: (connection: Connection) => Promise<unknown>): Promise<void> => {
      const connection = await dial({ address: "127.0.0.1", port, who, sourceAddress });
      stay.push(connection);
      await does(connection);
    };
    try {
      // All at once: only so they come faster than they are forgiven, however slow the machine is.
      for (let round = 0; round < mostRounds && !installation.hasSaid(daemon, told); round++) {
        await Promise.all(Array.from({ length: visits }, () => come(fail)));
      }
      await installation.untilSaid(daemon, told);
      // It takes longer, and is not forbidden.
      if (enter !== undefined) await come(enter);
    } finally {
      for (const connection of stay) connection.close();
    }
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
