/** How a console gets in, byte by byte, and how not (wire.md 9.1, 13, 15.2, 17). */
import { deepStrictEqual, match, rejects, strictEqual } from "node:assert";
import { decodeText } from "../bytes/mod.ts";
import {
  authenticateConnector,
  type Connection,
  ConsoleSession,
  dial,
  passwordKey,
  realEnvironment,
  Signal,
  startTls,
} from "../protocol/mod.ts";
import { RESOURCE_FILES as files, Rewriter } from "./support/rewrite.ts";
import { Installation } from "./support/roost.ts";
import { waitFor } from "./support/wait_for.ts";

const environment = { ...realEnvironment, pause: () => Promise.resolve() };
const modern = { version: "26.0.0", protocolVersion: "26.0.0" };

async function texts(connection: Connection, count: number): Promise<string[]> {
  const all: string[] = [];
  while (all.length < count) {
    const frame = await connection.receive({ timeoutMs: 300_000 });
    if (frame === undefined) break;
    all.push(frame.kind === "message" ? decodeText(frame.payload) : `signal ${frame.signal}`);
  }
  return all;
}

/** The separator of response messages made visible. */
const shown = (text: string): string => text.replace("\x1e", "|");

Deno.test("consoles before and after 18.2, named and default, under TLS and in the clear, with PAM and too many", async () => {
  await using installation = await Installation.create({ backup: Deno.cwd() });
  const rewriter = new Rewriter(installation);
  const port = Number(await rewriter.value(files.director, "Port"));
  const root = passwordKey(await rewriter.value(files.console, "Password"));
  const consoles = [
    'Console {\n  Name = safe\n  Password = "safe"\n  Command ACL = *all*\n}',
    'Console {\n  Name = clear\n  Password = "clear"\n  Command ACL = *all*\n  TLS Enable = no\n}',
    'Console {\n  Name = pam\n  Password = "pam"\n  Use Pam Authentication = yes\n}',
  ];
  await Deno.mkdir(rewriter.path("bareos-dir.d/console"), { recursive: true });
  await installation.configure("bareos-dir.d/console/all.conf", consoles.join("\n"));
  await rewriter.add(files.director, "Maximum Console Connections = 2");
  await installation.start("dir");
  const open = () => dial({ address: "127.0.0.1", port, who: "Director" });
  const log = async () => await Deno.readTextFile(rewriter.path("log/roost.log")).catch(() => "");
  const said = (text: RegExp) =>
    waitFor(`the log to say ${text}`, async () => text.test(await log()));

  // Authenticated by hand: what comes then is the director's answer and nothing else.
  const enter = async (name: string, key: string, hello: string, isTls: boolean) => {
    const connection = await open();
    if (isTls) await startTls(connection, { type: "R_CONSOLE", name }, key);
    await authenticateConnector(connection, {
      ...{ hello, key, environment, ownName: `R_CONSOLE::${name}` },
      tlsPolicy: isTls ? 2 : 0,
    });
    return connection;
  };
  const agent = "*UserAgent*";
  const safe = passwordKey("safe");
  const full = `Hello ${agent} calling version 26.0.0 Version="26.0.0"\n`;
  let connection = await enter(agent, root, full, true);
  let [first = "", second = ""] = await texts(connection, 2);
  match(shown(first), /^1000\|OK: roost-dir Version: \S+ \(\d+ \w+ \d{4}\)$/);
  match(shown(second), /^1002\|[^]*\nYou are connected using the default console$/);
  connection.close();

  connection = await enter("safe", safe, "Hello safe calling version 18.2.4rc2\n", true);
  [first = "", second = ""] = await texts(connection, 2);
  match(shown(second), /^1002\|[^]*\nYou are logged in as: safe$/);
  connection.close();

  // Before 18.2: one line, and no message 1002 after it.
  connection = await enter("safe", safe, "Hello safe calling version 17.2.4\n", true);
  [first = ""] = await texts(connection, 1);
  match(first, /^1000 OK: roost-dir Version: .* -- {2}Encryption: TLS_\S+ TLSv1\.3\n$/);
  await connection.send("version");
  match((await texts(connection, 1))[0] ?? "", /roost-dir Version/);
  connection.close();
  connection = await enter("clear", passwordKey("clear"), "Hello clear calling\n", false);
  match((await texts(connection, 1))[0] ?? "", /^1000 OK: roost-dir .* -- {2}Encryption: None\n$/);
  connection.close();

  // In the clear where TLS is wanted: closed at once; the old one hears of it after the challenge.
  connection = await open();
  await connection.send("Hello safe calling version 26.0.0\n");
  deepStrictEqual(await texts(connection, 2), ["signal -4"]);
  connection.close();
  await rejects(enter("safe", safe, "Hello safe calling\n", false), /requires TLS|required TLS/);
  connection = await open();
  await connection.send("Hello safe calling version nonsense\n");
  deepStrictEqual(await texts(connection, 2), ["signal -4"]);
  connection.close();

  // Unknown ones, by version.
  connection = await open();
  await connection.send("Hello nobody calling\n");
  deepStrictEqual(await texts(connection, 2), ["1999 You are not authorized.\n"]);
  connection.close();
  connection = await open();
  await connection.send("Hello nobody calling version 26.0.0\n");
  strictEqual((await texts(connection, 2)).some((text) => text.startsWith("1")), false);
  connection.close();
  await said(/Cannot accept Console "nobody" at 127\.0\.0\.1:\d+: there is no Console resource/);

  // PAM asks for a user and lets nobody in whom the machine does not know (tests/pam_test.ts has more).
  const pam = passwordKey("pam");
  connection = await enter("pam", pam, "Hello pam calling version 26.0.0\n", true);
  deepStrictEqual(await texts(connection, 1), ["1001\x1e"]);
  await connection.send("4001\x1e");
  [first = "", second = ""] = await texts(connection, 2);
  strictEqual(first, "\x02");
  match(second, /login: ?\0$/);
  connection.close();
  connection = await open();
  const credentials = { user: "nobody-at-all", password: "x" };
  await rejects(
    ConsoleSession.login(connection, {
      ...modern,
      name: "pam",
      key: pam,
      isTls: true,
      credentials,
    }),
    /You are not authorized/,
  );
  connection.close();
  await said(/Cannot accept Console "pam" at .*: PAM refuses the login: /);
  connection = await enter("pam", pam, "Hello pam calling\n", true);
  deepStrictEqual(await texts(connection, 2), ["1999 You are not authorized.\n"]);
  connection.close();
  await said(/Cannot accept Console "pam" at .*: consoles before 18\.2 cannot log in with PAM/);

  // A wrong password names both resources, on both ends.
  connection = await open();
  const wrong = { ...modern, name: "safe", key: root, isTls: true, environment };
  await rejects(
    ConsoleSession.login(connection, wrong),
    /passwords of R_CONSOLE::safe .* differ; Password in the Console resource "safe" of the console/,
  );
  connection.close();
  await said(
    /R_CONSOLE::safe: .*most likely: Password in the Console resource "safe" of the console/,
  );

  // Two sessions: a third one is let in if it is the default console's.
  const login = async (name: string | undefined, key: string) =>
    await ConsoleSession.login(await open(), {
      ...modern,
      ...(name && { name }),
      key,
      isTls: true,
    });
  const sessions = [await login("safe", safe), await login("safe", safe)];
  await rejects(login("safe", safe), /not authorized|connection closed/);
  sessions.push(await login(undefined, root));
  await said(/Console "\*UserAgent\*" from .* is beyond Maximum Console Connections = 2/);
  for (const session of sessions) await session.close();
});

Deno.test("a director answers a console's signals where it waits for a command, and at prompts ignores them", async () => {
  await using installation = await Installation.create({ backup: Deno.cwd() });
  await installation.start("dir");
  const rewriter = new Rewriter(installation);
  const connection = await dial({
    ...{ address: "127.0.0.1", port: installation.port("dir"), who: "Director" },
  });
  const key = passwordKey(await rewriter.value(files.console, "Password"));
  const session = await ConsoleSession.login(connection, { key, isTls: true, ...modern });
  const signals = [
    Signal.BREAK,
    Signal.HEARTBEAT,
    Signal.HB_RESPONSE,
    Signal.STATUS,
    Signal.EOD,
    -30,
  ];
  for (const signal of signals) {
    await connection.sendSignal(signal);
    deepStrictEqual(await texts(connection, 1), [`signal ${Signal.POLL}`]);
  }
  const { signal } = await session.dialogue("delete");
  strictEqual(signal, Signal.SUB_PROMPT);
  for (const signal of signals) await connection.sendSignal(signal);
  match((await session.dialogue(".")).text, /Selection aborted|canceled|nothing done/i);
  match(await session.call("version"), /roost-dir Version: /);
  await connection.sendSignal(Signal.TERMINATE);
  deepStrictEqual((await texts(connection, 1)).filter((text) => !/^signal -4$/.test(text)), []);
  connection.close();
});
