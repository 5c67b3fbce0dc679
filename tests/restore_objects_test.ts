/** What plugins have stored in the catalog goes to the file daemon before a restore. */
import { deepStrictEqual, match, ok } from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { encodeText } from "../bytes/mod.ts";
import { join } from "./support/paths.ts";
import { Installation } from "./support/roost.ts";

/** Hands everything on to a port of this machine, and keeps what the caller says. */
class Tap implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #done: Promise<void>;
  readonly heard: Uint8Array[] = [];

  constructor(readonly target: number) {
    this.#done = this.#serve();
  }

  get port(): number {
    return (this.#listener.addr as Deno.NetAddr).port;
  }

  async #serve(): Promise<void> {
    for await (const caller of this.#listener) void this.#join(caller);
  }

  async #join(caller: Deno.Conn): Promise<void> {
    const callee = await Deno.connect({ hostname: "127.0.0.1", port: this.target });
    const listening = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform: (chunk, controller) => {
        this.heard.push(chunk.slice());
        controller.enqueue(chunk);
      },
    });
    await Promise.allSettled([
      caller.readable.pipeThrough(listening).pipeTo(callee.writable),
      callee.readable.pipeTo(caller.writable),
    ]);
  }

  /** The messages that were heard, cut by their lengths; signals are left out. */
  messages(): string[] {
    const all = new Uint8Array(this.heard.reduce((sum, { length }) => sum + length, 0));
    let end = 0;
    for (const part of this.heard) {
      all.set(part, end);
      end += part.length;
    }
    const view = new DataView(all.buffer);
    const found: string[] = [];
    for (let at = 0; at + 4 <= end;) {
      const length = view.getInt32(at);
      at += 4;
      if (length < 0) continue;
      found.push(new TextDecoder().decode(all.subarray(at, at + length)));
      at += length;
    }
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#done;
  }
}

Deno.test("objects of plugins are sent before a restore, and to an incremental", async () => {
  const source = await Deno.makeTempDir({ prefix: "roost-data-" });
  try {
    await Deno.writeTextFile(join(source, "file"), "content");
    await using installation = await Installation.create({ backup: source });
    const path = "bareos-dir.d/client/roost-fd.conf";
    const text = await Deno.readTextFile(join(installation.folder, path));
    const port = Number(/Port = (\d+)/.exec(text)?.[1]);
    await using tap = new Tap(port);
    // In the clear, so that the tap hears words.
    const clear = (of: string): string =>
      of.replace(/\{/, "{\n  TLS Enable = no\n  TLS Require = no");
    await installation.configure(path, clear(text.replace(String(port), String(tap.port))));
    for (
      const file of [
        "bareos-fd.d/director/roost-dir.conf",
        "bareos-fd.d/client/myself.conf",
        "bareos-dir.d/storage/File.conf",
        "bareos-sd.d/storage/roost-sd.conf",
        "bareos-sd.d/director/roost-dir.conf",
      ]
    ) {
      const resource = await Deno.readTextFile(join(installation.folder, file));
      await installation.configure(file, clear(resource));
    }
    await installation.start();
    match(
      await installation.console("run job=Backup level=Full yes", "wait", "messages"),
      /Backup OK/,
    );
    deepStrictEqual(tap.messages().filter((message) => message.startsWith("restoreobject")), []);

    using database = new DatabaseSync(join(installation.folder, "work/catalog.db"), {
      timeout: 30_000, // the director writes, too
    });
    const insert = database.prepare(
      `INSERT INTO RestoreObject (ObjectName, RestoreObject, PluginName, ObjectLength,
         ObjectFullLength, ObjectIndex, ObjectType, FileIndex, JobId, ObjectCompression)
       VALUES (?, ?, ?, ?, ?, ?, ?, 1, 1, 0)`,
    );
    insert.run("config", encodeText("a=b=c"), "my plugin", 5, 5, 1, 27);
    insert.run("first", new Uint8Array([0x78, 0]), "other", 2, 9, 0, 25);
    const wanted = [
      "restoreobject JobId=1 2,9,0,25,0,1,other\n",
      "first",
      "x\0",
      "restoreobject JobId=1 5,5,1,27,0,1,my\x01plugin\n",
      "config",
      "a=b=c",
      "restoreobject end\n",
    ];
    const sent = async (commands: readonly string[]): Promise<string[]> => {
      tap.heard.length = 0;
      match(await installation.console(...commands), /Termination: +\w+ OK\n/);
      const messages = tap.messages();
      const start = messages.indexOf(wanted[0] ?? "");
      ok(start > 0, messages.join("|"));
      return messages.slice(start, start + wanted.length);
    };
    deepStrictEqual(
      await sent(["restore jobid=1 all done yes", "wait", "messages"]),
      wanted,
    );
    deepStrictEqual(
      await sent(["run job=Backup level=Incremental yes", "wait", "messages"]),
      wanted,
    );
    match(await installation.console("delete jobid=1 yes"), /1 job has been deleted|deleted/i);
    deepStrictEqual(database.prepare("SELECT * FROM RestoreObject").all(), []);
  } finally {
    await Deno.remove(source, { recursive: true });
  }
});

Deno.test("all parts of a file that a plugin saved in parts are restored, a gap is told", async () => {
  const source = await Deno.makeTempDir({ prefix: "roost-data-" });
  try {
    const file = join(source, "file");
    await using installation = await Installation.create({ backup: source });
    await installation.start();
    for (
      const [level, text] of [["Full", "one"], ["Incremental", "two"], ["Incremental", "three"]]
    ) {
      await Deno.writeTextFile(file, text ?? "");
      const report = await installation.console(
        `run job=Backup level=${level} yes`,
        "wait",
        "messages",
      );
      match(report, /Backup OK/);
    }
    using database = new DatabaseSync(join(installation.folder, "work/catalog.db"), {
      timeout: 30_000, // the director writes, too
    });
    const number = (jobId: number, deltaSeq: number): void =>
      void database.prepare("UPDATE File SET DeltaSeq = ? WHERE JobId = ? AND Name = 'file'")
        .run(deltaSeq, jobId);
    number(2, 1);
    number(3, 2);
    const mark = [
      "restore client=roost-fd fileset=SelfTest select current",
      `mark ${file}`,
      "done",
      "no",
      ".",
    ];
    match(await installation.console(...mark), /\n3 files selected to be restored\.\n/);
    number(3, 3);
    const gap = await installation.console(...mark);
    match(
      gap,
      /Something is wrong with the Delta sequence of .*file, skipping new parts\. Current sequence is 1/,
    );
    match(gap, /\n2 files selected to be restored\.\n/);
  } finally {
    await Deno.remove(source, { recursive: true });
  }
});
