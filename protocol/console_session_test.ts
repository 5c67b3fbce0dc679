import { deepStrictEqual, rejects, strictEqual } from "node:assert";
import { memoryPair } from "../tests/support/memory_transport.ts";
import { SmallDirector } from "../tests/support/small_director.ts";
import {
  authenticateAcceptor,
  AuthenticationError,
  Connection,
  ConsoleSession,
  passwordKey,
  readHello,
  realEnvironment,
  Signal,
} from "./mod.ts";

const key = passwordKey("secret");
const modern = { key, version: "26.0.0", protocolVersion: "26.0.0" };
const impatient = { ...realEnvironment, pause: () => Promise.resolve() };

/** A director that authenticates a console and then says what the test wants. */
function directorThat(then: (connection: Connection) => Promise<void>): Connection {
  const [a, b] = memoryPair();
  (async () => {
    const connection = new Connection(b);
    await readHello(connection, "director");
    await authenticateAcceptor(connection, { ownName: "R_DIRECTOR::d", key });
    await then(connection);
  })().catch(() => {}); // the console's end is what is tested
  return new Connection(a);
}

Deno.test("ConsoleSession speaks the new protocol and the old one", async () => {
  for (const login of [modern, { key }]) {
    const [a, b] = memoryPair();
    const director = new SmallDirector((line) => [`<${line}>\n`, Signal.EOD]);
    const serving = director.serve(new Connection(b));
    const session = await ConsoleSession.login(new Connection(a), login);
    strictEqual(session.greeting, "1000 OK: d Version: 26.0.0 (today)");
    strictEqual(session.information, "version" in login ? "welcome" : "");
    strictEqual(await session.call("version"), "<version>\n");
    await session.close();
    await serving;
  }
});

Deno.test("ConsoleSession tells texts from signals and knows when the tree is open", async () => {
  const [a, b] = memoryPair();
  const answers: Readonly<Record<string, (string | number)[]>> = {
    restore: ["cwd is: /\n", Signal.START_RTREE, "$ ", Signal.SUB_PROMPT],
    done: [Signal.END_RTREE, "ok\n", Signal.EOD],
  };
  new SmallDirector((line) => answers[line]).serve(new Connection(b)).catch(() => {});
  const session = await ConsoleSession.login(new Connection(a), modern);
  deepStrictEqual(await session.dialogue("restore"), {
    text: "cwd is: /\n$ ",
    signal: Signal.SUB_PROMPT,
  });
  strictEqual(session.isInTree, true);
  strictEqual(await session.call("done"), "ok\n");
  strictEqual(session.isInTree, false);
  await rejects(session.call("anything else"), /the director closed the connection/);
});

Deno.test("ConsoleSession gives credentials to a director that asks for them", async () => {
  let given: string | undefined;
  const connect = () =>
    directorThat(async (connection) => {
      await connection.send("1001\x1e");
      const frame = await connection.receive();
      if (frame?.kind === "message") given = new TextDecoder().decode(frame.payload);
      await connection.send("1000\x1eOK: d Version: 26.0.0 (today)");
      await connection.send("1002\x1ehello alice");
    });
  const credentials = { user: "alice", password: "alice's" };
  const login = { ...modern, credentials };
  await rejects(ConsoleSession.login(connect(), login), /not sent over an unencrypted connection/);
  strictEqual(given, undefined);
  const session = await ConsoleSession.login(connect(), {
    ...login,
    allowsCleartextCredentials: true,
  });
  strictEqual(given, "4002\x1ealice\x1ealice's");
  strictEqual(session.information, "hello alice");
  await rejects(ConsoleSession.login(connect(), modern), /asks for PAM credentials/);
});

Deno.test("ConsoleSession answers the prompts of a PAM dialogue", async () => {
  const given: string[] = [];
  const connection = directorThat(async (director) => {
    const hear = async () => {
      const frame = await director.receive();
      given.push(new TextDecoder().decode(frame?.kind === "message" ? frame.payload : undefined));
    };
    await director.send("1001\x1e");
    await hear();
    for (const [kind, text] of [["\x02", "login:\0"], ["\x01", "Password: \0"]] as const) {
      await director.send(kind);
      await director.send(text);
      await hear();
    }
    await director.send("\0");
    await director.send("\0");
    await director.send("1000\x1eOK: d Version: 26.0.0 (today)");
    await director.send("1002\x1ehello alice");
  });
  const asked: [string, boolean][] = [];
  const session = await ConsoleSession.login(connection, {
    ...modern,
    allowsCleartextCredentials: true,
    prompt: (text, isSecret) => {
      asked.push([text, isSecret]);
      return Promise.resolve(isSecret ? "alicespw" : "alice");
    },
  });
  deepStrictEqual(given, ["4001\x1e", "alice", "alicespw"]);
  deepStrictEqual(asked, [["login:", false], ["Password: ", true]]);
  strictEqual(session.information, "hello alice");
});

Deno.test("ConsoleSession reports a wrong password, a refusal and a closed connection", async () => {
  const wrong = { ...modern, key: passwordKey("other"), environment: impatient };
  const [a, b] = memoryPair();
  new SmallDirector(() => [], impatient).serve(new Connection(b)).catch(() => {});
  await rejects(ConsoleSession.login(new Connection(a), wrong), AuthenticationError);
  const refusing = directorThat((connection) => connection.send("1999 You are not authorized.\n"));
  await rejects(ConsoleSession.login(refusing, modern), /You are not authorized/);
  const closing = directorThat((connection) => Promise.resolve(connection.close()));
  await rejects(ConsoleSession.login(closing, modern), /connection closed/);
});

Deno.test("ConsoleSession keeps the hello short enough for every director", async () => {
  const [a, b] = memoryPair();
  const connection = new Connection(b);
  const version = "26.0.0~pre1045.0bb2f1c";
  const login = { ...modern, name: "n".repeat(100), version, environment: impatient };
  const session = ConsoleSession.login(new Connection(a), login);
  session.catch(() => {}); // nobody answers it
  const frame = await connection.receive();
  strictEqual(frame?.kind === "message" && frame.payload.length <= 142, true);
  const hello = new TextDecoder().decode(frame?.kind === "message" ? frame.payload : undefined);
  strictEqual(hello.endsWith("calling version 26.0\n"), true);
  connection.close();
  await rejects(session);
});
