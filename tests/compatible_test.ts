/**
 * `Compatible = yes`: our file daemon and storage daemon under a director of Bareos 13.2, with the texts of the
 * reference (director-client.md 22, 27.2, 27.4; storage-daemon.md 15.2, 16; volume.md 5.2, 17).
 */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { decodeText } from "../bytes/mod.ts";
import { loadConfiguration } from "../daemon/config/mod.ts";
import { FileDaemon, fileOptions } from "../daemon/file/mod.ts";
import {
  authenticateConnector,
  type Connection,
  dial,
  passwordKey,
  Signal,
} from "../protocol/mod.ts";
import { FileDevice } from "../storage/device/mod.ts";
import { VolumeReader } from "../storage/mod.ts";
import { LabelFormat, type VolumeRecord } from "../storage/volume/mod.ts";
import { fixture, hasFixtures, join } from "./support/paths.ts";
import { StorageScene } from "./support/storage_scene.ts";

const ignore = !hasFixtures || Deno.build.os !== "linux";

/** A director of 13.2 at a file daemon: a line is sent, an answer read. */
class OldDirector {
  readonly jobMessages: string[] = [];
  private constructor(readonly connection: Connection, readonly greeting: string) {}

  static async connect(port: number): Promise<OldDirector> {
    const connection = await dial({ address: "127.0.0.1", port, who: "File daemon" });
    await authenticateConnector(connection, {
      hello: "Hello Director rec-dir calling\n",
      ownName: "rec-dir",
      key: passwordKey("fd-pw"),
    });
    const frame = await connection.receive({ timeoutMs: 60_000 });
    return new OldDirector(connection, frame?.kind === "message" ? decodeText(frame.payload) : "");
  }

  /** The next text that is no job message; signals as their numbers. */
  async next(): Promise<string | number> {
    for (;;) {
      const frame = await this.connection.receive({ timeoutMs: 60_000 });
      if (frame === undefined) return "lost";
      if (frame.kind === "signal") return frame.signal;
      const text = decodeText(frame.payload);
      if (!text.startsWith("Jmsg ")) return text;
      this.jobMessages.push(text);
    }
  }

  async ask(...lines: readonly (string | number)[]): Promise<string | number> {
    for (const line of lines) {
      if (typeof line === "number") await this.connection.sendSignal(line);
      else await this.connection.send(line);
    }
    return await this.next();
  }
}

async function startClient(compatible: boolean, workingDirectory: string) {
  const options = fileOptions(loadConfiguration("file", fixture("config/rec-fd.conf")));
  return await new FileDaemon({
    ...options,
    settings: { ...options.settings, workingDirectory, compatible },
    addresses: [{ host: "127.0.0.1", port: 0 }],
  }).start();
}

const job = "backup.2025-07-31_11.06.40_05";

function recordsOf(folder: string, name: string): VolumeRecord[] {
  const volume = new FileDevice(folder).open(name, "read");
  try {
    const reader = new VolumeReader({ withLabels: true });
    return [...reader.read(volume)].map((record) => ({ ...record, data: record.data.slice() }));
  } finally {
    volume.close();
  }
}

Deno.test({
  name:
    "Compatible = yes: a backup under a director of 13.2 is one that 13.2 and Bacula can restore",
  ignore,
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "roost-compatible-" });
    const client = await startClient(true, folder);
    try {
      const source = join(folder, "data");
      await Deno.mkdir(source);
      const content = new Uint8Array(300_000).map((_, at) => (at * at) >> 7);
      await Deno.writeFile(join(source, "large"), content);
      await using scene = await StorageScene.start({ maximumBlockSize: 1 << 20 }, {
        compatible: true,
      });
      // 13.2 tells the storage daemon to run before it sees to the client.
      const storage = await scene.director();
      await storage.announce({ jobId: 7, job });
      await storage.useStorage(true);
      await storage.say("run");

      const director = await OldDirector.connect(client.ports[0] ?? 0);
      strictEqual(director.greeting, "2000 OK Hello 5\n");
      const { sdId, sdTime, key } = storage;
      match(
        `${await director.ask(
          `JobId=7 Job=${job} SDid=${sdId} SDtime=${sdTime} Authorization=${key}\n`,
        )}`,
        /^2000 OK Job /,
      );
      strictEqual(await director.ask("level = full  mtime_only=0 \n"), "2000 OK level\n");
      const lines = ["I\n", "O MZ6s\n", "N\n", `F ${source}\n`, "N\n", "N\n"];
      strictEqual(
        await director.ask("fileset vss=1\n", ...lines, Signal.EOD),
        "2000 OK include\n",
      );
      strictEqual(
        await director.ask(`setbandwidth=104857600 Job=${job}\n`),
        "2000 OK Bandwidth\n",
      );
      strictEqual(
        await director.ask(`storage address=127.0.0.1 port=${scene.port} ssl=0\n`),
        "2000 OK storage\n",
      );
      strictEqual(
        await director.ask(
          "Run OnSuccess=1 OnFailure=0 AbortOnError=1 When=2 Command=/bin/echo\x01pre\n",
        ),
        "2000 OK RunScript\n",
      );
      strictEqual(await director.ask("RunBeforeNow\n"), "2000 OK RunBeforeNow\n");
      strictEqual(await director.ask("RunBeforeJob /bin/echo\x01old\n"), "2000 OK RunBefore\n");
      strictEqual(await director.ask("RunAfterJob /bin/echo\x01after\n"), "2000 OK RunAfter\n");
      const jobEnd = storage.jobEnd();
      strictEqual(await director.ask("backup FileIndex=0\n"), "2000 OK backup\n");
      match(
        `${await director.next()}`,
        /^2800 End Job TermCode=84 JobFiles=2 .* Errors=0 VSS=0 Encrypt=0\n$/,
      );
      strictEqual(await director.next(), Signal.TERMINATE);
      match(await jobEnd, /JobStatus=84 JobFiles=2 JobBytes=\d+ JobErrors=0\n$/);
      ok(director.jobMessages.every((text) => text.startsWith(`Jmsg Job=${job} `)));
      const said = director.jobMessages.join("");
      match(said, /shell command: run ClientBeforeJob "\/bin\/echo pre"/);
      match(said, /ClientRunBeforeJob: old\n/);
      match(said, /ClientAfterJob: after\n/);
      storage.close();

      const [volume] = scene.catalog.volumes;
      const head = Deno.readFileSync(join(scene.folder, volume?.volume ?? ""));
      const view = new DataView(head.buffer);
      strictEqual(decodeText(head.subarray(36, 56)), LabelFormat.bacula.id);
      strictEqual(view.getUint32(57), LabelFormat.bacula.version);
      for (let at = 0; at < head.length; at += view.getUint32(at + 4)) {
        ok(view.getUint32(at + 4) <= 64_512, `a block of ${view.getUint32(at + 4)} bytes`);
      }
      const records = recordsOf(scene.folder, volume?.volume ?? "");
      const ofFile = records.filter(({ fileIndex }) => fileIndex === 1);
      // 7: an offset and a bare zlib stream of at most 65528 bytes
      deepStrictEqual(ofFile.map(({ stream }) => stream), [1, 7, 7, 7, 7, 7, 3]);
      strictEqual(ofFile[2]?.data.subarray(0, 8).at(-2), 0xff);
      strictEqual(ofFile[2]?.data[8], 0x78);
      const session = records.find(({ fileIndex }) => fileIndex === -4);
      strictEqual(session === undefined || decodeText(session.data).startsWith("Bacula 1.0"), true);
    } finally {
      await client.stop();
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name:
    "Compatible = yes refuses what 13.2 could not restore; Compatible = no does not know old commands",
  ignore,
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "roost-compatible-" });
    const announcement = `JobId=8 Job=${job} SDid=1 SDtime=1 Authorization=KEY\n`;
    const old = await startClient(true, folder);
    const modern = await startClient(false, folder);
    try {
      const director = await OldDirector.connect(old.ports[0] ?? 0);
      await director.ask(announcement);
      await director.ask("level = full  mtime_only=0 \n");
      await director.ask(
        "fileset vss=1\n",
        "I\n",
        "O MZf4\n",
        "N\n",
        "F /etc\n",
        "N\n",
        "N\n",
        Signal.EOD,
      );
      strictEqual(await director.ask("backup FileIndex=0\n"), "2902 Bad backup\n");
      match(director.jobMessages.join(""), /type=3 .*Cannot compress with LZ4: .*Compatible = yes/);
      director.connection.close();

      const other = await OldDirector.connect(modern.ports[0] ?? 0);
      strictEqual(other.greeting, "2000 OK Hello 54\n");
      await other.ask(announcement);
      strictEqual(
        await other.ask("RunBeforeJob /bin/echo\n"),
        "2905 Bad RunBeforeJob command.\n",
      );
      other.connection.close();
    } finally {
      await old.stop();
      await modern.stop();
      await Deno.remove(folder, { recursive: true });
    }
  },
});
