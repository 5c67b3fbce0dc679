/**
 * Our storage daemon in a migration and in a copy between two, driven by the recorded director: it says
 * what the recorded one said.
 */
import { deepStrictEqual, match, strictEqual } from "node:assert";
import { decodeText } from "../bytes/mod.ts";
import { type RunningStorageDaemon, StorageDaemon } from "../daemon/storage/mod.ts";
import { dial, parseAttributeUpdate, passwordKey } from "../protocol/mod.ts";
import { VolumeReader } from "../storage/mod.ts";
import { FileDevice } from "../storage/device/mod.ts";
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
  "port",
];

/** The director's connection that announces a job of that type. */
function directorOf(recording: Recording, link: string, jobType: string): RecordedConnection {
  const found = recording.connections.find(({ frames, link: own }) =>
    own === link && frames.some((frame) =>
      frame.kind === "message" &&
      new RegExp(`^JobId=.* type=${jobType.charCodeAt(0)} `).test(
        decodeText(frame.payload ?? new Uint8Array()),
      )
    )
  );
  if (found === undefined) throw new Error(`Cannot find a job of type ${jobType} on ${link}`);
  return found;
}

/** A daemon with the name, the password and the devices of a recorded one. */
function startDaemon(
  name: "rec-sd1" | "rec-sd2",
  folder: string,
  devices: Readonly<Record<string, string>>,
): Promise<RunningStorageDaemon> {
  const settings = testStorage(
    folder,
    Object.entries(devices).map(([device, place]) =>
      testDevice(`${folder}/${place}`, {
        name: device,
        mediaType: device.replace("FileStorage", "File"),
        maximumBlockSize: 1_048_576,
      })
    ),
    { name },
  );
  const password = name === "rec-sd1" ? "sd1-pw" : "sd2-pw";
  return new StorageDaemon({
    ...settings,
    directors: [{ name: "rec-dir", key: passwordKey(password), isMonitor: false }],
  }).start();
}

/** Plays the recorded director against the daemon on `port`. */
async function playDirector(
  recorded: RecordedConnection,
  port: number,
  password: string,
  further: {
    onFrame?(frame: PlayedFrame): void;
    rewrite?(frame: PlayedFrame): string | undefined;
  } = {},
): Promise<Played> {
  const catalog = new RecordedCatalog(recorded);
  return await new ScriptedPeer(await dial({ address: "127.0.0.1", port, who: "storage" }), {
    recorded,
    side: ">",
    ownName: "R_DIRECTOR::rec-dir",
    key: passwordKey(password),
    answer: (frame) =>
      frame.name.startsWith("catalogRequest.") ? catalog.answer(frame.payload) : undefined,
    ...further,
  }).play();
}

function only(frames: readonly PlayedFrame[], start: string): readonly PlayedFrame[] {
  return frames.filter(({ name }) => name.startsWith(start));
}

/** Job messages without what is another run's. */
function texts(frames: readonly PlayedFrame[], folder: string): string[] {
  return only(frames, "job.").map(({ fields }) =>
    `${fields?.type} ${fields?.text}`
      .replaceAll(folder, "/srv/sample")
      .replace(/Elapsed time=.*/, "Elapsed time")
      .replace(/127\.0\.0\.1:\d+/, "address")
      .replace(/size=\d+/, "size")
  );
}

/** The volume that was written begins with a label, whose length depends on names of host and program. */
function requests(frames: readonly PlayedFrame[], volume: string): unknown[] {
  const all = comparable(only(frames, "catalogRequest."), VARYING);
  const label = Number(all.find(({ fields }) => fields.relabel === 1)?.fields.bytes ?? 0);
  const mediaOf = (fields: Readonly<Record<string, unknown>>): boolean =>
    fields.volume === volume || (fields.firstIndex !== undefined && fields.firstIndex !== 0);
  return all.map(({ name, fields }) => ({
    name,
    fields: Object.fromEntries(
      Object.entries(fields).map(([field, value]) => {
        const isPosition = ["bytes", "startBlock", "endBlock"].includes(field) && mediaOf(fields);
        return [field, isPosition && Number(value) > 0 ? Number(value) - label : value];
      }),
    ),
  }));
}

function updates(frames: readonly PlayedFrame[]): unknown[] {
  return only(frames, "attributeUpdate").map(({ payload }) => {
    const update = parseAttributeUpdate(payload);
    return update && [update.job, update.fileIndex, update.stream, decodeText(update.data)];
  });
}

/** The records of all jobs on a volume: what a copy has to keep. */
function recordsOf(folder: string, name: string, wanted: (sessionId: number) => boolean): string[] {
  const volume = new FileDevice(folder).open(name, "read");
  try {
    return [...new VolumeReader().read(volume)].filter(({ sessionId }) => wanted(sessionId)).map((
      { fileIndex, stream, data },
    ) => `${fileIndex} ${stream} ${data.toHex()}`);
  } finally {
    volume.close();
  }
}

Deno.test({
  name: "the storage daemon migrates for the recorded director of 16 as recorded",
  ignore: !hasFixtures,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    for (const place of ["st1", "st1b"]) await Deno.mkdir(`${folder}/${place}`);
    await Deno.copyFile(fixture("volumes/Mig-0003"), `${folder}/st1/Mig-0003`);
    const devices = { FileStorage1: "st1", FileStorage1b: "st1b" };
    const daemon = await startDaemon("rec-sd1", folder, devices);
    try {
      const recorded = directorOf(loadRecording("16"), "to-sd1", "g");
      const played = await playDirector(recorded, daemon.ports[0] ?? 0, "sd1-pw");
      deepStrictEqual(comparable(played.said, VARYING), comparable(played.recordedSaid, VARYING));
      deepStrictEqual(updates(played.aside), updates(played.recordedAside));
      deepStrictEqual(
        requests(played.aside, "MigTo-0004"),
        requests(played.recordedAside, "MigTo-0004"),
      );
      deepStrictEqual(texts(played.aside, folder), texts(played.recordedAside, folder));
      deepStrictEqual(
        recordsOf(`${folder}/st1b`, "MigTo-0004", () => true),
        recordsOf(`${folder}/st1`, "Mig-0003", () => true),
      );
    } finally {
      await daemon.stop();
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "two storage daemons copy for the recorded director of 15 as recorded",
  ignore: !hasFixtures,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    for (const place of ["st1", "st2"]) await Deno.mkdir(`${folder}/${place}`);
    await Deno.copyFile(fixture("volumes/Main-0001"), `${folder}/st1/Main-0001`);
    const reader = await startDaemon("rec-sd1", folder, { FileStorage1: "st1" });
    const writer = await startDaemon("rec-sd2", folder, { FileStorage2: "st2" });
    try {
      const recording = loadRecording("15");
      const readerSide = directorOf(recording, "to-sd1", "c");
      const writerSide = directorOf(recording, "to-sd2", "B");
      const key = Promise.withResolvers<string>();
      const writing = playDirector(writerSide, writer.ports[0] ?? 0, "sd2-pw", {
        onFrame: ({ name, fields }) => {
          if (name === "storageToDirector.jobIdOk") key.resolve(String(fields?.authorization));
        },
      });
      writing.catch(key.reject);
      const authorization = await key.promise;
      const reading = playDirector(readerSide, reader.ports[0] ?? 0, "sd1-pw", {
        rewrite: ({ name, payload }) =>
          name === "directorToStorage.replicate"
            ? decodeText(payload).replace(/port=\d+/, `port=${writer.ports[0]}`)
              .replace(/Authorization=\S+/, `Authorization=${authorization}`)
            : undefined,
      });
      const [read, written] = await Promise.all([reading, writing]);
      for (const played of [read, written]) {
        deepStrictEqual(comparable(played.said, VARYING), comparable(played.recordedSaid, VARYING));
        deepStrictEqual(updates(played.aside), updates(played.recordedAside));
        deepStrictEqual(
          requests(played.aside, "Copies-0002"),
          requests(played.recordedAside, "Copies-0002"),
        );
        // whether the end of a volume is told depends on whether the reader looks beyond the last file
        const ends = /End of (Volume|all)/;
        deepStrictEqual(
          texts(played.aside, folder).filter((text) => !ends.test(text)),
          texts(played.recordedAside, folder).filter((text) => !ends.test(text)),
        );
      }
      match(texts(read.aside, folder).join(""), /Ready to read from volume "Main-0001"/);
      const copied = recordsOf(`${folder}/st2`, "Copies-0002", () => true);
      deepStrictEqual(copied, recordsOf(`${folder}/st1`, "Main-0001", (id) => id === 1));
      strictEqual(
        copied.join("\n"),
        recordsOf(fixture("volumes/sd2"), "Copies-0002", (id) => id === 1).join("\n"),
      );
    } finally {
      await reader.stop();
      await writer.stop();
      await Deno.remove(folder, { recursive: true });
    }
  },
});
