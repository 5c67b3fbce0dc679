/**
 * What each daemon sends to who is not let in, byte by byte, row by row of wire.md 17: who speaks something
 * else, is unknown, or has the wrong password. All of them at once, since refusals take seconds.
 */
import { deepStrictEqual } from "node:assert";
import { decodeText, encodeText } from "../bytes/mod.ts";
import { Connection, cramResponse, passwordKey, TcpTransport } from "../protocol/mod.ts";
import { hasFixtures } from "./support/paths.ts";
import { RESOURCE_FILES as files, Rewriter } from "./support/rewrite.ts";
import { Installation } from "./support/roost.ts";
import { startFileDaemon } from "./support/start_file_daemon.ts";
import { StorageScene } from "./support/storage_scene.ts";

/** What is said first, with which password if it comes to that, and what is heard until the end. */
interface Row {
  /** A frame's text, or bytes as they are. */
  readonly says: string | Uint8Array;
  /** The password behind the answer to the challenge. */
  readonly password?: string;
  /** Does not accept the daemon's own answer: `1999 ...` in place of `1000 OK auth`. */
  readonly rejects?: true;
  /** What is said after having been let in. */
  readonly then?: string;
  readonly hears: readonly string[];
}

/** A stranger's conversation, from its first words to the end that the daemon makes. */
async function heard(port: number, row: Row): Promise<string[]> {
  const socket = await Deno.connect({ hostname: "127.0.0.1", port });
  const connection = new Connection(new TcpTransport(socket));
  const texts: string[] = [];
  try {
    if (typeof row.says === "string") await connection.send(row.says);
    else await socket.write(row.says);
    let isAnswered = false;
    for (;;) {
      const frame = await connection.receive({ timeoutMs: 300_000 });
      if (frame === undefined) return texts;
      const text = frame.kind === "signal" ? `signal ${frame.signal}` : decodeText(frame.payload);
      const challenge = /^auth cram-md5 (<.*>) ssl=\d+\n$/.exec(text)?.[1];
      if (challenge !== undefined) {
        const key = passwordKey(row.password ?? "");
        await connection.send(`${cramResponse(key, challenge, "legacy")}\0`);
      } else if (text === "1000 OK auth\n" && !isAnswered) {
        isAnswered = true;
        await connection.send("auth cram-md5 <1.1@stranger> ssl=0\n");
        await connection.receive({ timeoutMs: 300_000 });
        await connection.send(row.rejects ? "1999 Authorization failed.\n" : "1000 OK auth\n");
      } else {
        texts.push(text.replace(/127\.0\.0\.1(:\d+)?/g, "ADDRESS"));
        if (/^[23]000 OK Hello/.test(text) && row.then !== undefined) {
          await connection.send(row.then);
        }
      }
    }
  } finally {
    connection.close();
  }
}

async function assertRows(port: number, rows: readonly Row[]): Promise<void> {
  const all = await Promise.all(rows.map((row) => heard(port, row)));
  const shown = ({ says, password = "" }: Row): string =>
    typeof says === "string" ? `${says.trim()} ${password}` : `${says.length} bytes`;
  deepStrictEqual(
    rows.map((row, index) => [shown(row), all[index]]),
    rows.map((row) => [shown(row), row.hears]),
  );
}

const terminate = "signal -4";
const failed = "1999 Authorization failed.\n";
const refused = "1999 You are not authorized.\n";

/** What no daemon takes for a hello. */
const strangers: readonly Row[] = [
  { says: encodeText("GET / HTTP/1.1\r\n\r\n"), hears: [terminate] },
  {
    says: Uint8Array.of(0, 0x0f, 0x42, 0x41, ...encodeText("Hello world")),
    hears: [terminate],
  },
];
const nobody: Row = {
  says: "Hello, is anybody there? I am not one of yours",
  hears: [terminate],
};

Deno.test({
  name: "a file daemon refuses as the reference says",
  ignore: !hasFixtures,
  async fn() {
    const work = await Deno.makeTempDir({ prefix: "roost-refusals-" });
    const daemon = await startFileDaemon?.(work);
    if (daemon === undefined) throw new Error("There is no file daemon");
    const says = 'Hello Director rec-dir calling Version="26.0.0"\n';
    const last = ["2999 Authentication failed.\n", "Unable to authenticate Director rec-dir.\n"];
    try {
      await assertRows(daemon.ports[0] ?? 0, [
        ...strangers,
        nobody,
        {
          says: "Hello Director nobody calling\n",
          hears: ["Connection from unknown Director nobody at ADDRESS rejected.\n"],
        },
        { says: "Hello Storage calling Start Job nothing\n", hears: [] },
        { says, password: "wrong", hears: [failed, ...last] },
        { says, password: "fd-pw", rejects: true, hears: last },
        {
          says,
          password: "fd-pw",
          then: "nonsense",
          hears: ["2000 OK Hello 54\n", "2999 Invalid command\n", terminate],
        },
      ]);
    } finally {
      await daemon.stop();
      await Deno.remove(work, { recursive: true });
    }
  },
});

Deno.test("a storage daemon refuses as the reference says", async () => {
  await using scene = await StorageScene.start();
  const says = "Hello Director test-dir calling\n";
  await assertRows(scene.port, [
    ...strangers,
    nobody,
    {
      says: "Hello Director nobody calling\n",
      hears: [
        "Connection from unknown Director nobody at ADDRESS rejected.\n",
        "Unable to authenticate Director\n",
        terminate,
      ],
    },
    { says: "Hello Start Job no-such-job.2026-01-01_00.00.00_01\n", hears: [terminate] },
    { says: "Hello Start Storage Job no-such-job.2026-01-01_00.00.00_01\n", hears: [terminate] },
    { says, password: "wrong", hears: [failed, "3999 No go\n", terminate] },
    { says, password: "secret", rejects: true, hears: ["3999 No go\n", terminate] },
    {
      says,
      password: "secret",
      then: "nonsense",
      hears: ["3000 OK Hello\n", "3900 Invalid command: nonsense\n", "signal -1", terminate],
    },
  ]);
});

Deno.test("a director refuses as the reference says", async () => {
  await using installation = await Installation.create({ backup: Deno.cwd() });
  const rewriter = new Rewriter(installation);
  await Deno.mkdir(rewriter.path("bareos-dir.d/console"), { recursive: true });
  await installation.configure(
    "bareos-dir.d/console/clear.conf",
    'Console {\n  Name = clear\n  Password = "clear"\n  TLS Enable = no\n}\n',
  );
  const comes = "Connection From Client To Director = yes";
  await rewriter.add(files.client, comes, "TLS Require = no");
  await installation.start("dir");
  const version = "version 26.0.0";
  await assertRows(installation.port("dir"), [
    ...strangers,
    { says: "Hello clear calling version nonsense\n", hears: [terminate] },
    { says: "Hello nobody calling\n", hears: [refused] },
    { says: `Hello nobody calling ${version}\n`, hears: [] },
    { says: "Hello clear calling\n", password: "wrong", hears: [failed, refused] },
    { says: `Hello clear calling ${version}\n`, password: "wrong", hears: [failed] },
    { says: "Hello clear calling\n", password: "clear", rejects: true, hears: [refused] },
    { says: "Hello Client nobody calling\n", hears: [terminate] },
    {
      says: "Hello Client roost-fd FdProtocolVersion=54 calling\n",
      password: "wrong",
      hears: [failed, refused],
    },
  ]);
});
