/** What recorded consoles typed and saw, and the catalog behind it. @module */
import { decodeText } from "../../bytes/mod.ts";
import { Catalog } from "../../storage/catalog/mod.ts";
import { fixture } from "./paths.ts";
import { loadRecording } from "./recording.ts";

/** What a recorded console printed, its own lines among it. */
export function transcript(name: string): string {
  return Deno.readTextFileSync(fixture(`transcripts/${name}.console.txt`));
}

/** What a recorded director printed between a line that was typed and the next one. */
export function answerTo(name: string, line: string, next: string): string {
  const text = transcript(name);
  const start = text.indexOf(`\n${line}\n`);
  if (start < 0) throw new Error(`${name} has no line ${line}`);
  const from = start + line.length + 2;
  const end = text.indexOf(`\n${next}\n`, from - 1);
  return text.slice(from, end < 0 ? undefined : end + 1);
}

/** The texts that a director sent a recorded console. */
export function sentTexts(name: string): string[] {
  const recording = loadRecording(name);
  return recording.connections.filter(({ link }) => link === "console-dir").flatMap(({ frames }) =>
    frames.flatMap((frame) =>
      frame.kind === "message" && frame.side === "<" && frame.payload !== undefined
        ? [decodeText(frame.payload)]
        : []
    )
  );
}

/** Times, paths and numbers that differ from run to run, made the same. */
export function masked(text: string): string {
  return text.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, "TIME")
    .replaceAll(/\S+\/rec-dir\.restore\.\d+\.bsr/g, "BOOTSTRAP")
    .replaceAll(/^You have messages\.\n/gm, "");
}

/** Fills a catalog with job 1 of the recordings: its row, its files, where they lie. */
export function recordedCatalog(path: string): void {
  const catalog = Catalog.open(path);
  try {
    const client = {
      name: "rec-fd",
      autoPrune: false,
      fileRetention: 5184000,
      jobRetention: 15552000,
    };
    const { clientId } = catalog.client(client);
    const storageId = catalog.storage({ name: "File1", autoChanger: false });
    const { fileSetId } = catalog.fileSet("FsFull", "digest", "FileSet {\n}\n", false);
    const start = Math.floor(new Date("2026-11-23T06:59:39").getTime() / 1000);
    const jobId = catalog.createJob({
      job: "BackupFull.2026-11-23_06.59.37_03",
      name: "BackupFull",
      type: "B",
      level: "F",
      schedTime: start - 2,
      clientId,
      comment: "",
    });
    const writer = catalog.fileWriter(jobId);
    for (const file of recordedFiles()) writer.add(file);
    writer.flush();
    catalog.run(
      "INSERT INTO Pool (Name, PoolType, LabelFormat, UseCatalog) VALUES ('Main', 'Backup', '', 1)",
    );
    const poolId = catalog.poolIdByName("Main") ?? 0;
    const media = catalog.createMedia({
      volumeName: "Main-0001",
      poolId,
      mediaType: "File1",
      volStatus: "Append",
      enabled: 1,
      storageId,
    });
    catalog.addJobMedia({
      jobId,
      mediaId: media.mediaId,
      firstIndex: 1,
      lastIndex: 87,
      startFile: 0,
      endFile: 0,
      startBlock: 191,
      endBlock: 974673,
    });
    catalog.updateJob(jobId, {
      jobStatus: "T",
      startTime: start,
      endTime: start + 1,
      realEndTime: start + 1,
      jobTDate: start + 1,
      fileSetId,
      poolId,
      volSessionId: 1,
      volSessionTime: 1795417143,
      jobFiles: writer.count,
      jobBytes: 961554,
    });
  } finally {
    catalog.close();
  }
}

/** The files of job 1, from the attributes that its client sent. */
function recordedFiles() {
  const recording = loadRecording("01-backup-full");
  return recording.connections.filter(({ link }) => link === "to-sd1").flatMap(({ frames }) =>
    frames.flatMap((frame) => {
      if (frame.kind !== "message" || frame.side !== ">" || frame.payload === undefined) return [];
      const match = /^(\d+) \d+ ([^\0]+)\0((?:\S+ ){12,15}\S+)\0/.exec(decodeText(frame.payload));
      if (match === null) return [];
      const [, fileIndex, path = "", lstat = ""] = match;
      return [{ fileIndex: Number(fileIndex), path, lstat, digest: "0", deltaSeq: 0 }];
    })
  );
}
