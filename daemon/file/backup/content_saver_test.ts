import { deepEqual, equal } from "node:assert/strict";
import { openBelow } from "../../../tests/support/open_files.ts";
import { join } from "../../../tests/support/paths.ts";
import { makeLargeFile } from "../../../tests/support/sample.ts";
import { FileSetBuilder } from "../fileset/mod.ts";
import { openPlatform, type Platform, StoppedError, SystemError } from "../platform/mod.ts";
import type { FromBackupThread } from "./messages.ts";
import { JobWork } from "./job_work.ts";
import { SharedArea } from "./shared_area.ts";
import { SharedPool } from "./shared_pool.ts";
import { makeTools } from "./unit_saver.ts";

/**
 * Saves a large file as if there were another thread, and cannot read its third chunk: the numbers of chunks that
 * any thread may work on, group by group.
 */
async function offered(path: string, error: Error): Promise<readonly number[]> {
  const builder = new FileSetBuilder();
  for (const line of ["I", "O MZf4", "N", `F ${path}`]) builder.add(line);
  const fileSet = await builder.build();
  const area = new SharedArea(2, new SharedPool(2));
  area.reset(1);
  const groups: number[] = [];
  const offer = area.offerGroup.bind(area);
  area.offerGroup = (group) => {
    groups.push(group.chunks.length);
    offer(group);
  };
  const real = openPlatform();
  let chunks = 0;
  const own: Partial<Platform> = {
    read: (file, into, position) => {
      if (into.length >= 1 << 16 && ++chunks === 3) throw error;
      return real.read(file, into, position);
    },
  };
  const platform: Platform = new Proxy(real, {
    get(target, name) {
      const value = Reflect.get(name in own ? own : target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const order = { level: "F", since: 0, firstFileIndex: 0, fileSet, memory: area.memory } as const;
  const send = (message: FromBackupThread): void => {
    if (message.kind === "part" && message.buffer >= 0) area.freeBuffer(message.buffer);
  };
  const work = new JobWork({ kind: "lead", ...order }, area, makeTools(platform), send);
  while (work.step() !== "done");
  equal(chunks, 3);
  equal(openBelow(path), 0);
  return groups;
}

Deno.test({
  name: "ContentSaver sends what it read before an error, and nothing when it is stopped",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "roost-saver-" });
    try {
      const path = join(folder, "large");
      await makeLargeFile(path, 3 << 20);
      const failure = new SystemError("read", 5, "EIO", "Input/output error");
      deepEqual(await offered(path, failure), [2]);
      deepEqual(await offered(path, new StoppedError("the job is canceled")), []);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
