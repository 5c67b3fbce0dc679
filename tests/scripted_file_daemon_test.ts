/**
 * Our file daemon, driven by the recorded director and storage daemon: it answers and sends what the
 * recorded one did. The scripts are first tried against the recorded file daemon itself.
 */
import { deepStrictEqual } from "node:assert";
import { decodeStat } from "../storage/volume/mod.ts";
import { startFileDaemon } from "./support/start_file_daemon.ts";
import { hasFixtures, join } from "./support/paths.ts";
import { describeSaved, savedFiles } from "./support/saved_files.ts";
import {
  type PlayedFileDaemon,
  playFileDaemon,
  RECORDED_FOLDER,
  startRecordedFileDaemon,
  turnBack,
  unpackSample,
  VARYING,
} from "./support/scripted_file_daemon.ts";
import { comparable, type PlayedFrame } from "./support/scripted_peer.ts";
import { compareTrees, describeTree } from "./support/tree.ts";

/** Job messages without times and versions. */
function messages(frames: readonly PlayedFrame[], folder: string): string[] {
  return frames.filter(({ name }) => name === "job.jobMessage").map(({ fields }) =>
    `${fields?.type} ${fields?.text}`
      .replaceAll(folder, RECORDED_FOLDER)
      .replace(/Version: .*/, "Version")
      .replace(/127\.0\.0\.1:\d+/, "127.0.0.1:port")
  );
}

/** Lines of an estimate without times, sizes of folders and order. */
function listing(frames: readonly PlayedFrame[], folder: string): string[] {
  const decoder = new TextDecoder();
  return frames.filter(({ name }) => name === "estimate").map(({ payload }) =>
    decoder.decode(payload)
      .replaceAll(folder, RECORDED_FOLDER)
      .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/, "time")
      .replace(/^(d\S+) +\d+ (.*?) +\d+ time/, "$1 $2 time")
  ).toSorted();
}

/** Records of a verify in the order of their names, without what differs from disk to disk. */
function verified(frames: readonly PlayedFrame[], folder: string, keepsStat: boolean): string[] {
  let record: string[] = [];
  const records = [record];
  for (const { name, fields } of frames) {
    if (name === "fileToDirector.verifyAttributes") {
      const path = `${fields?.name}`.replaceAll(folder, RECORDED_FOLDER);
      const stat = decodeStat(`${fields?.stat}`);
      const { mode, uid, gid, linkFileIndex, dataStream } = stat;
      const size = path.endsWith("/") ? 0 : stat.size;
      const kept = { mode, uid, gid, size, hasFirst: linkFileIndex > 0, dataStream };
      record = [
        `${path} ${fields?.options} ${fields?.link}`.replaceAll(folder, RECORDED_FOLDER),
        keepsStat ? `${fields?.fileIndex} ${fields?.stat}` : JSON.stringify(kept),
      ];
      records.push(record);
    }
    if (name === "fileToDirector.verifyDigest") {
      const { fileIndex, digestIndex, stream, digest, algorithm } = fields ?? {};
      record.push(`${stream} ${algorithm} ${digest} ${fileIndex === digestIndex}`);
    }
  }
  return records.slice(1).map((each) => each.join(", ")).toSorted();
}

/** Compares everything that a file daemon has said with what the recorded one said. */
function compare(
  { director, storage }: PlayedFileDaemon,
  folder: string,
  touched: ReadonlySet<string>,
  isCompressed = false,
): void {
  const varying = isCompressed ? [...VARYING, "jobBytes"] : VARYING;
  deepStrictEqual(comparable(director.said, varying), comparable(director.recordedSaid, varying));
  deepStrictEqual(messages(director.aside, folder), messages(director.recordedAside, folder));
  const isOfVolume = storage !== undefined;
  deepStrictEqual(
    verified(director.aside, folder, isOfVolume),
    verified(director.recordedAside, folder, isOfVolume),
  );
  deepStrictEqual(listing(director.aside, folder), listing(director.recordedAside, folder));
  if (storage === undefined) return;
  deepStrictEqual(comparable(storage.said, VARYING), comparable(storage.recordedSaid, VARYING));
  const isTouched = (path: string) => touched.has(path);
  const wanted = describeSaved(savedFiles(storage.recordedAside), {
    folder: RECORDED_FOLDER,
    isTouched,
  });
  const got = describeSaved(savedFiles(storage.aside), { folder, isTouched });
  deepStrictEqual(got.map((line, at) => withoutElided(line, wanted[at] ?? "")), wanted);
}

/** A described file without the data that the recording leaves out; its digest is still compared. */
function withoutElided(line: string, wanted: string): string {
  const elided = /, (\d+): \(see digest\)/.exec(wanted)?.[1];
  return elided === undefined
    ? line
    : line.replace(new RegExp(`, ${elided}: [^,]*`), `, ${elided}: (see digest)`);
}

const scenarios: readonly {
  readonly name: string;
  readonly index?: number;
  readonly what: string;
}[] = [
  { name: "01", what: "full backup" },
  { name: "03", what: "accurate incremental backup" },
  { name: "05", what: "estimate with listing" },
  { name: "05", index: 1, what: "estimate of an accurate incremental" },
  { name: "06", what: "restore" },
  { name: "09", what: "verify of a volume" },
  { name: "10", what: "verify, first run" },
  { name: "11", what: "verify of the disk" },
  { name: "14", what: "backup with rules and run scripts" },
];

for (const { name, index = 0, what } of scenarios) {
  Deno.test({
    name: `the scripts of ${name} (${what}) play against the recorded file daemon`,
    ignore: !hasFixtures || name === "14", // its large frames are not in the recording
    fn: async () => {
      const recorded = startRecordedFileDaemon(name, index);
      try {
        const port = recorded.ports[0] ?? 0;
        compare(
          await playFileDaemon({ name, index, port, folder: RECORDED_FOLDER }),
          RECORDED_FOLDER,
          new Set(),
        );
      } finally {
        await recorded.close(1000);
      }
    },
  });

  Deno.test({
    name: `the file daemon answers the recorded director of ${name} (${what}) as recorded`,
    ignore: !hasFixtures || startFileDaemon === undefined || Deno.uid() !== 0,
    fn: async () => {
      const folder = await Deno.makeTempDir();
      const work = await Deno.makeTempDir();
      await unpackSample(folder);
      const touched = name === "01" ? turnBack(folder, name) : new Set<string>();
      const daemon = await startFileDaemon?.(work);
      try {
        const port = daemon?.ports[0] ?? 0;
        // Two encoders of one format need not make the same bytes (volume.md 11).
        const isCompressed = name === "14";
        compare(await playFileDaemon({ name, index, port, folder }), folder, touched, isCompressed);
        if (name === "06") {
          const restored = await describeTree(join(folder, "restore", RECORDED_FOLDER, "data"));
          // The jobs that were recorded had two more files, and left the folder at another time.
          const differences = compareTrees(await describeTree(join(folder, "data")), restored)
            .filter((line) => !/^\.\/many\/f00[34]: should not|^\.: mtime/.test(line));
          deepStrictEqual(differences, []);
        }
      } finally {
        await daemon?.stop();
        await Deno.remove(folder, { recursive: true });
        await Deno.remove(work, { recursive: true });
      }
    },
  });
}
