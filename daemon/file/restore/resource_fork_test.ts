/**
 * Resource forks as macOS has them, over a stand-in for its file system: the fork of a file is a file
 * beside it, the Finder info another attribute. What is on the wire is what is tried.
 */
import { deepStrictEqual as equal } from "node:assert/strict";
import { decodeText, encodeText } from "../../../bytes/mod.ts";
import { FRAME_HEADER, headerAt } from "../../../protocol/mod.ts";
import { Stream } from "../../../storage/volume/mod.ts";
import { join } from "../../../tests/support/paths.ts";
import { bytesOf } from "../../../tests/support/sample.ts";
import { JobWork } from "../backup/job_work.ts";
import type { FromBackupThread } from "../backup/messages.ts";
import { SharedArea } from "../backup/shared_area.ts";
import { SharedPool } from "../backup/shared_pool.ts";
import { makeTools } from "../backup/unit_saver.ts";
import { FileSetBuilder } from "../fileset/mod.ts";
import { openPlatform, type Platform } from "../platform/mod.ts";
import { destinationOf } from "./destination.ts";
import { type RestoreRecord, RestoreTarget } from "./mod.ts";

/** A Linux whose files have forks. */
function withForks(platform: Platform): Platform {
  const finder = (name: Uint8Array): Uint8Array =>
    decodeText(name) === "com.apple.FinderInfo" ? encodeText("user.finder") : name;
  const own: Partial<Platform> = {
    forkSuffix: encodeText(".fork"),
    readAttribute: (path, name, at) => platform.readAttribute(path, finder(name), at),
    writeAttribute: (path, name, value, at) =>
      platform.writeAttribute(path, finder(name), value, at),
  };
  return new Proxy(platform, {
    get(target, name) {
      const value = Reflect.get(own, name) ?? Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** What a backup sends of a file, as a restore gets it. */
async function saved(platform: Platform, path: string, letters: string): Promise<RestoreRecord[]> {
  const builder = new FileSetBuilder();
  for (const line of ["I", `O ${letters}`, "N", `F ${path}`]) builder.add(line);
  const fileSet = await builder.build();
  const area = new SharedArea(1, new SharedPool(1));
  area.reset(1);
  const frames: Uint8Array[] = [];
  const send = (message: FromBackupThread): void => {
    if (message.kind === "idle") equal(message.failure, undefined);
    if (message.kind !== "part") return;
    const { buffer, length, messages } = message;
    equal(messages, []);
    if (buffer < 0) return;
    frames.push(area.buffer(buffer).slice(0, length));
    area.freeBuffer(buffer);
  };
  const { memory } = area;
  const job = { level: "F", since: 0, firstFileIndex: 0 };
  const work = new JobWork(
    { kind: "lead", memory, fileSet, ...job },
    area,
    makeTools(platform),
    send,
  );
  while (work.step() !== "done");
  return recordsOf(new Uint8Array(await new Blob(frames as BlobPart[]).arrayBuffer()));
}

function recordsOf(frames: Uint8Array): RestoreRecord[] {
  const records: RestoreRecord[] = [];
  let header: readonly number[] | undefined;
  for (let at = 0; at < frames.length;) {
    const length = headerAt(frames, at);
    at += FRAME_HEADER + Math.max(0, length);
    if (length < 0) header = undefined;
    else {
      const data = frames.slice(at - length, at);
      if (header === undefined) header = decodeText(data).split(" ").map(Number);
      else records.push({ fileIndex: header[0] ?? 0, stream: header[1] ?? 0, data });
    }
  }
  return records;
}

Deno.test({
  name: "resource forks and Finder info are saved behind the data, and come back",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "roost-fork-" });
    const plain = openPlatform();
    const platform = withForks(plain);
    try {
      const path = join(folder, "file");
      const fork = bytesOf(3, 600_000);
      await Deno.writeTextFile(path, "data");
      await Deno.writeFile(`${path}.fork`, fork);
      const info = bytesOf(4, 32);
      platform.writeAttribute(encodeText(path), encodeText("com.apple.FinderInfo"), info);
      const records = await saved(platform, path, "MR");
      equal(records.map(({ stream, data }) => [stream, data.length]).slice(1), [
        [Stream.fileData, 4],
        [Stream.macosForkData, 262_144],
        [Stream.macosForkData, 262_144],
        [Stream.macosForkData, 75_712],
        [Stream.hfsplusAttributes, 32],
        [Stream.md5Digest, 16],
      ]);
      // Without the option, or on a system without forks, there is nothing of them.
      for (const other of [await saved(platform, path, "M"), await saved(plain, path, "MR")]) {
        equal(other.map(({ stream }) => stream), [
          Stream.unixAttributes,
          Stream.fileData,
          Stream.md5Digest,
        ]);
      }
      const messages: string[] = [];
      const where = join(folder, "back");
      const target = new RestoreTarget({
        platform,
        destination: destinationOf({ where }),
        replace: "always",
        report: ({ text }) => void messages.push(text),
      });
      for (const record of records) target.accept(record);
      target.finish();
      equal(messages, []);
      equal(await Deno.readTextFile(join(where, path)), "data");
      equal(new Uint8Array(await Deno.readFile(`${join(where, path)}.fork`)), fork);
      const name = encodeText("com.apple.FinderInfo");
      equal(platform.readAttribute(encodeText(join(where, path)), name), info);
      equal(target.counters.files, 1);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
