/**
 * Our storage daemon, driven by the recorded director and file daemon: it says what the recorded
 * one said.
 */
import { deepStrictEqual } from "node:assert";
import { decodeText } from "../bytes/mod.ts";
import { StorageDaemon } from "../daemon/storage/mod.ts";
import { dial, parseAttributeUpdate, passwordKey } from "../protocol/mod.ts";
import { fixture, hasFixtures } from "./support/paths.ts";
import { RecordedCatalog } from "./support/recorded_catalog.ts";
import { loadRecording, type RecordedConnection, type Recording } from "./support/recording.ts";
import {
  comparable,
  type Played,
  type PlayedFrame,
  ScriptedPeer,
} from "./support/scripted_peer.ts";
import { testDevice, testStorage } from "./support/storage_settings.ts";

/** Fields that differ from run to run. */
const VARYING = [
  "ticket",
  "sdId",
  "sdTime",
  "authorization",
  "endTime",
  "readTime",
  "writeTime",
  "firstWritten",
];

/** What the script learns of the live job. */
interface LiveJob {
  readonly sdId: number;
  readonly sdTime: number;
  readonly key: string;
}

/** The connection of `link` that begins with `hello`. */
function connectionOf(recording: Recording, link: string, hello: string): RecordedConnection {
  const found = recording.connections.find(({ frames: [first], link: own }) =>
    own === link && first?.kind === "message" &&
    decodeText(first.payload ?? new Uint8Array()).startsWith(hello)
  );
  if (found === undefined) throw new Error(`Cannot find ${hello} in ${recording.name}`);
  return found;
}

/** Plays the director's and the file daemon's side of `name` against a daemon on `port`. */
async function play(
  name: string,
  port: number,
): Promise<{ director: Played; file: Played; catalog: RecordedCatalog }> {
  const recording = loadRecording(name);
  const directorSide = connectionOf(recording, "to-sd1", "Hello Director");
  const fileSide = connectionOf(recording, "to-sd1", "Hello Start Job");
  const catalog = new RecordedCatalog(directorSide);
  const started = Promise.withResolvers<LiveJob>();
  const director = new ScriptedPeer(await dial({ address: "127.0.0.1", port, who: "storage" }), {
    recorded: directorSide,
    side: ">",
    ownName: "R_DIRECTOR::rec-dir",
    key: passwordKey("sd1-pw"),
    answer: (frame) =>
      frame.name.startsWith("catalogRequest.") ? catalog.answer(frame.payload) : undefined,
    onFrame: ({ name, fields }) => {
      if (name !== "storageToDirector.jobIdOk" || fields === undefined) return;
      const { sdId, sdTime, authorization } = fields;
      started.resolve({ sdId: Number(sdId), sdTime: Number(sdTime), key: String(authorization) });
    },
  }).play();
  director.catch(started.reject);
  const job = await started.promise;
  const file = new ScriptedPeer(await dial({ address: "127.0.0.1", port, who: "storage" }), {
    recorded: fileSide,
    side: ">",
    ownName: "R_CLIENT::rec-fd",
    key: job.key,
    rewrite: (frame) => {
      const text = decodeText(frame.payload);
      return frame.name.startsWith("fileToStorage.") && frame.fields?.ticket !== undefined
        ? text.replace(String(frame.fields.ticket), String(job.sdId))
        : undefined;
    },
  }).play();
  const [directorPlayed, filePlayed] = await Promise.all([director, file]);
  return { director: directorPlayed, file: filePlayed, catalog };
}

function only(frames: readonly PlayedFrame[], start: string): readonly PlayedFrame[] {
  return frames.filter(({ name }) => name.startsWith(start));
}

/** Job messages without times, versions and rates. */
function texts(frames: readonly PlayedFrame[], folder: string): string[] {
  return only(frames, "job.").map(({ fields }) =>
    `${fields?.type} ${fields?.text}`
      .replaceAll(folder, "/srv/sample/st1")
      .replace(/Version: .*/, "Version")
      .replace(/Elapsed time=.*/, "Elapsed time")
      .replace(`size=${labelBytes(frames)}`, "size=label")
  );
}

/** Attribute updates without the session's time. */
function updates(frames: readonly PlayedFrame[]): unknown[] {
  return only(frames, "attributeUpdate").map(({ payload }) => {
    const update = parseAttributeUpdate(payload);
    return update && [update.job, update.fileIndex, update.stream, decodeText(update.data)];
  });
}

/** Bytes of the volume label, whose texts name the host and the program. */
function labelBytes(frames: readonly PlayedFrame[]): number {
  return Number(only(frames, "catalogRequest.updateMedia")[0]?.fields?.bytes ?? 0);
}

/** Catalog requests with positions counted from the end of the label. */
function requests(frames: readonly PlayedFrame[]): unknown[] {
  const label = labelBytes(frames);
  return comparable(only(frames, "catalogRequest."), VARYING).map(({ name, fields }) => ({
    name,
    fields: Object.fromEntries(
      Object.entries(fields).map(([field, value]) => {
        const isPosition = ["bytes", "startBlock", "endBlock"].includes(field);
        return [field, isPosition && Number(value) > 0 ? Number(value) - label : value];
      }),
    ),
  }));
}

Deno.test({
  name: "the storage daemon answers the recorded director and file daemon of 01 as recorded",
  ignore: !hasFixtures,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    const settings = testStorage(folder, [testDevice(folder, { maximumBlockSize: 1_048_576 })], {
      name: "rec-sd1",
    });
    const daemon = await new StorageDaemon({
      ...settings,
      directors: [{ name: "rec-dir", key: passwordKey("sd1-pw"), isMonitor: false }],
    }).start();
    try {
      const { director, file } = await play("01", daemon.ports[0] ?? 0);
      deepStrictEqual(comparable(file.said, VARYING), comparable(file.recordedSaid, VARYING));
      deepStrictEqual(
        comparable(director.said, VARYING),
        comparable(director.recordedSaid, VARYING),
      );
      deepStrictEqual(updates(director.aside), updates(director.recordedAside));
      deepStrictEqual(requests(director.aside), requests(director.recordedAside));
      deepStrictEqual(texts(director.aside, folder), texts(director.recordedAside, folder));
    } finally {
      await daemon.stop();
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "the storage daemon reads the recorded volume to the recorded file daemon of 06",
  ignore: !hasFixtures,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    await Deno.copyFile(fixture("volumes/Main-0001"), `${folder}/Main-0001`);
    const settings = testStorage(folder, [testDevice(folder, { maximumBlockSize: 1_048_576 })], {
      name: "rec-sd1",
    });
    const daemon = await new StorageDaemon({
      ...settings,
      directors: [{ name: "rec-dir", key: passwordKey("sd1-pw"), isMonitor: false }],
    }).start();
    try {
      const { director, file } = await play("06", daemon.ports[0] ?? 0);
      deepStrictEqual(
        only(file.aside, "dataHeader.").map(({ fields }) => fields),
        only(file.recordedAside, "dataHeader.").map(({ fields }) => fields),
      );
      deepStrictEqual(
        only(file.aside, "record data").map(({ payload }) => decodeText(payload)),
        only(file.recordedAside, "record data").map(({ payload }) => decodeText(payload)),
      );
      deepStrictEqual(comparable(file.said, VARYING), comparable(file.recordedSaid, VARYING));
      deepStrictEqual(
        comparable(director.said, VARYING),
        comparable(director.recordedSaid, VARYING),
      );
      deepStrictEqual(texts(director.aside, folder), texts(director.recordedAside, folder));
    } finally {
      await daemon.stop();
      await Deno.remove(folder, { recursive: true });
    }
  },
});
