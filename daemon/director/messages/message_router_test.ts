import { deepStrictEqual, match, strictEqual } from "node:assert";
import { JobMessageType as Type } from "../../../protocol/mod.ts";
import type { Destination, DestinationKind } from "../../config/mod.ts";
import { MessageRouter } from "./message_router.ts";

const ALL = new Set(Array.from({ length: 17 }, (_, at) => at + 1));
const NOON = new Date(2026, 10, 24, 12, 0, 0).getTime() / 1000;

/** A router in a folder of its own, and what comes out of it where that is no file. */
class Desk implements AsyncDisposable {
  readonly folder = Deno.makeTempDirSync();
  readonly printed: string[] = [];
  readonly rows: [number, number, string][] = [];
  readonly problems: string[] = [];
  readonly router: MessageRouter;

  constructor() {
    this.router = new MessageRouter({
      daemon: "dir",
      workingDirectory: this.folder,
      now: () => NOON,
      print: (stream, text) => void this.printed.push(`${stream} ${text}`),
      onError: ({ message }) => void this.problems.push(message),
    });
  }

  destination(kind: DestinationKind, changes: Partial<Destination> = {}): Destination {
    return {
      kind,
      address: "",
      types: ALL,
      command: "",
      timestampFormat: "%d-%b %H:%M",
      ...changes,
    };
  }

  /** A mail destination whose mails are files: status of the job, recipients, text. */
  mail(kind: DestinationKind, name: string, types = ALL): Destination {
    const command = `/bin/sh -c 'cat > "$0/${name}.$1"; echo "$2|$3" >> "$0/${name}.args"' ` +
      `${this.folder} %i "%r" '%n %e'`;
    return this.destination(kind, { command, types, address: "a@x b@x" });
  }

  channel(...destinations: Destination[]) {
    return this.router.channel({
      jobId: 7,
      destinations,
      codes: { i: "7", n: "Job; rm -rf /", e: "OK" },
      logToCatalog: (rows) => {
        for (const { jobId, seconds, text } of rows) this.rows.push([jobId, seconds, text]);
      },
    });
  }

  file(name: string): string | undefined {
    try {
      return Deno.readTextFileSync(`${this.folder}/${name}`);
    } catch {
      return undefined;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.router.close();
    Deno.removeSync(this.folder, { recursive: true });
  }
}

Deno.test("MessageChannel sends each class where it is wanted, with its prefix and time", async () => {
  await using desk = new Desk();
  const channel = desk.channel(
    desk.destination("console", { types: new Set([Type.INFO, Type.FATAL]) }),
    desk.destination("catalog"),
    desk.destination("stdout", { types: new Set([Type.WARNING]), timestampFormat: "%H" }),
    desk.destination("stderr", { types: new Set([Type.ERROR]) }),
  );
  channel.info("one\ntwo");
  channel.warning("careful");
  channel.error("bad");
  channel.fatal("worse\n");
  deepStrictEqual(desk.router.takePending(), [
    "24-Nov 12:00 dir JobId 7: one\n",
    "two\n",
    "24-Nov 12:00 dir JobId 7: Fatal error: worse\n",
  ]);
  deepStrictEqual(desk.router.takePending(), []);
  deepStrictEqual(desk.printed, [
    "stdout 12 dir JobId 7: Warning: careful\n",
    "stderr 24-Nov 12:00 dir JobId 7: Error: bad\n",
  ]);
  channel.flush();
  deepStrictEqual(desk.rows.map(([jobId, , text]) => [jobId, text]), [
    [7, "dir JobId 7: one\ntwo\n"],
    [7, "dir JobId 7: Warning: careful\n"],
    [7, "dir JobId 7: Error: bad\n"],
    [7, "dir JobId 7: Fatal error: worse\n"],
  ]);
});

Deno.test("MessageChannel counts its own errors, and those that a daemon tells, not its messages", async () => {
  await using desk = new Desk();
  const channel = desk.channel();
  channel.remote(Type.FATAL, 0, "fd JobId 7: Fatal error: no\n");
  channel.remote(Type.ERROR, 0, "fd JobId 7: Error: no\n");
  channel.remote(Type.WARNING, 0, "fd JobId 7: Warning: hm\n");
  deepStrictEqual([channel.errors, channel.warnings], [0, 1]);
  channel.addErrors(2);
  strictEqual(channel.errors, 2);
  channel.fatal("so it ends"); // there was an error already
  channel.error("and this");
  strictEqual(channel.errors, 3);
});

Deno.test("MessageChannel gives messages of daemons their own time, or none", async () => {
  await using desk = new Desk();
  const channel = desk.channel(desk.destination("console"));
  channel.remote(Type.INFO, NOON - 3600, "sd JobId 7: then\n");
  channel.remote(Type.INFO, 0, "sd JobId 7: now\n");
  channel.remote(Type.INFO, 1, "sd JobId 7: bare");
  deepStrictEqual(desk.router.takePending(), [
    "24-Nov 11:00 sd JobId 7: then\n",
    "24-Nov 12:00 sd JobId 7: now\n",
    "sd JobId 7: bare\n",
  ]);
});

Deno.test("MessageChannel mails at the end, by how the job ended, and empty mails never", async () => {
  for (const [status, sent] of [["T", "always good"], ["W", "always good"], ["E", "always bad"]]) {
    await using desk = new Desk();
    const channel = desk.channel(
      desk.mail("mail", "always"),
      desk.mail("mailOnSuccess", "good"),
      desk.mail("mailOnError", "bad"),
      desk.mail("mail", "empty", new Set([Type.SECURITY])),
      desk.mail("operator", "operator", new Set([Type.MOUNT])),
    );
    channel.info("one");
    channel.own(Type.MOUNT, "please mount");
    channel.error("two");
    strictEqual(desk.file("always.7"), undefined);
    channel.flush();
    strictEqual(mailFiles(desk), 3);
    channel.close(status ?? "");
    await desk.router.close();
    const names = ["always", "good", "bad", "empty"];
    strictEqual(names.filter((name) => desk.file(`${name}.7`) !== undefined).join(" "), sent);
    strictEqual(
      desk.file("always.7"),
      "24-Nov 12:00 dir JobId 7: one\n24-Nov 12:00 dir JobId 7: please mount\n" +
        "24-Nov 12:00 dir JobId 7: Error: two\n",
    );
    strictEqual(desk.file("operator.7"), "24-Nov 12:00 dir JobId 7: please mount\n");
    // The codes are words of the command: nothing in them is a command of its own.
    strictEqual(desk.file("always.args"), "a@x b@x|Job; rm -rf / OK\n");
    deepStrictEqual(desk.problems, []);
    strictEqual(mailFiles(desk), 0);
  }
});

/** How many mails still gather. */
function mailFiles({ folder }: Desk): number {
  return [...Deno.readDirSync(folder)].filter(({ name }) => name.endsWith(".mail")).length;
}

Deno.test("MessageChannel writes files anew and appends to others; problems are told", async () => {
  await using desk = new Desk();
  Deno.writeTextFileSync(`${desk.folder}/new`, "old\n");
  Deno.writeTextFileSync(`${desk.folder}/more`, "old\n");
  const at = (name: string) => ({ address: `${desk.folder}/${name}`, timestampFormat: "%M" });
  const destinations = [
    desk.destination("file", at("new")),
    desk.destination("append", at("more")),
    desk.destination("append", at("no/such/folder")),
  ];
  desk.channel(...destinations).info("a");
  desk.router.flush();
  desk.channel(...destinations).info("b");
  desk.router.flush();
  strictEqual(desk.file("new"), "00 dir JobId 7: a\n00 dir JobId 7: b\n");
  strictEqual(desk.file("more"), "old\n00 dir JobId 7: a\n00 dir JobId 7: b\n");
  strictEqual(desk.problems.length, 2);
  // The consoles hear of it as well: nobody reads the standard error of a daemon in the background.
  const told = desk.router.takePending();
  strictEqual(told.length, 2);
  match(told[0] ?? "", /^24-Nov 12:00 dir JobId 0: Error: Cannot write messages to .*no\/such\/fo/);
});

Deno.test("a mail command that fails is told to the consoles, with its words and status", async () => {
  await using desk = new Desk();
  const command = "/bin/sh -c 'echo no such host >&2; exit 3'";
  const channel = desk.channel(desk.destination("mail", { command, address: "root" }));
  channel.info("lost");
  channel.close("T");
  await desk.router.close();
  match(desk.file("dir.conmsg") ?? "", /Cannot send messages/, "it outlives the daemon");
  const [told = ""] = desk.router.takePending();
  match(told, /JobId 0: Error: Cannot send messages with \/bin\/sh: .*3 no such host\n$/);
});

Deno.test("MessageChannel reports what no destination wants only if that would hide an abort", async () => {
  await using desk = new Desk();
  const channel = desk.channel();
  channel.error("nobody wants it");
  channel.own(Type.ABORT, "must be seen");
  strictEqual(desk.printed.length, 1);
});

Deno.test("a catalog that cannot be written does not keep messages from elsewhere", async () => {
  await using desk = new Desk();
  const channel = desk.router.channel({
    jobId: 7,
    destinations: [desk.destination("catalog"), desk.destination("console")],
    codes: {},
    logToCatalog: () => {
      throw new Error("disk full");
    },
  });
  channel.info("one");
  channel.flush();
  strictEqual(desk.router.takePending().length, 2); // the message, and that it is not in the catalog
  deepStrictEqual(desk.problems, [
    "Cannot write a message of JobId 7 to the catalog: disk full",
  ]);
});

Deno.test("messages for consoles outlive the daemon", async () => {
  await using desk = new Desk();
  desk.channel(desk.destination("console")).info("kept");
  desk.router.flush();
  const next = new MessageRouter({
    daemon: "dir",
    workingDirectory: desk.folder,
    now: () => NOON,
    print: () => {},
    onError: () => {},
  });
  strictEqual(next.hasPending, true);
  deepStrictEqual(next.takePending(), ["24-Nov 12:00 dir JobId 7: kept\n"]);
  strictEqual(next.hasPending, false);
});

Deno.test("messages for consoles go on after somebody has removed their file", async () => {
  await using desk = new Desk();
  const channel = desk.channel(desk.destination("console"));
  channel.info("lost");
  desk.router.flush();
  Deno.removeSync(`${desk.folder}/dir.conmsg`);
  deepStrictEqual(desk.router.takePending(), []);
  strictEqual(desk.router.hasPending, false);
  channel.info("new");
  deepStrictEqual(desk.router.takePending(), ["24-Nov 12:00 dir JobId 7: new\n"]);
});

Deno.test("many messages are kept in few steps, and come back piece by piece, all of them", async () => {
  await using desk = new Desk();
  const channel = desk.channel(
    desk.destination("console"),
    desk.destination("append", { address: `${desk.folder}/log` }),
    desk.destination("catalog"),
  );
  const long = "x".repeat(200_000);
  const texts = Array.from({ length: 3_000 }, (_, at) => at === 1_000 ? long : `message ${at}`);
  for (const text of texts) channel.info(text);
  await new Promise((resolve) => setTimeout(resolve)); // the next turn: nobody has asked for them
  const line = (text: string) => `24-Nov 12:00 dir JobId 7: ${text}\n`;
  strictEqual(desk.file("log"), texts.map(line).join(""));
  strictEqual(desk.rows.length, texts.length);
  const pieces: string[][] = [];
  for (let piece = desk.router.takePending(); piece.length > 0;) {
    pieces.push(piece);
    if (pieces.length === 2) channel.info("late");
    piece = desk.router.takePending();
  }
  deepStrictEqual(pieces.flat(), [...texts, "late"].map(line));
  strictEqual(pieces.length > 2, true);
  strictEqual(desk.router.hasPending, false);
});
