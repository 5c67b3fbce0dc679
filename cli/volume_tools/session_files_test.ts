import { deepStrictEqual, strictEqual } from "node:assert";
import { encodeAttributes, encodeSessionLabel, LabelType } from "../../storage/volume/mod.ts";
import { VolumeReader } from "../../storage/mod.ts";
import { deviceOf, packBlocks, sampleSession } from "../../tests/support/volume_files.ts";
import { NameList, SessionFiles } from "./mod.ts";

/** Records of files, each with attributes and one data record. */
function filesOf(jobId: number, names: readonly string[]) {
  const label = encodeSessionLabel({ ...sampleSession, jobId });
  return [
    { fileIndex: LabelType.startOfSession, stream: jobId, data: label },
    ...names.flatMap((name, i) => [
      {
        fileIndex: i + 1,
        stream: 1,
        data: encodeAttributes({ fileIndex: i + 1, type: 3, name, stat: "A" }),
      },
      { fileIndex: i + 1, stream: 2, data: new Uint8Array(200).fill(jobId) },
    ]),
  ];
}

Deno.test("SessionFiles deals interleaved sessions out, by the lists of names", () => {
  const one = packBlocks({ sessionId: 1, sessionTime: 1 }, filesOf(7, ["/a", "/b", "/c/d"]), 300);
  const two = packBlocks({ sessionId: 2, sessionTime: 1 }, filesOf(8, ["/c", "/b"]), 300);
  const blocks = one.flatMap((block, i) => [block, two[i]]).filter((block) => block !== undefined);
  const device = deviceOf({ A: blocks });
  const run = (include?: string[], exclude?: string[]): Record<number, string[]> => {
    const seen: Record<number, string[]> = {};
    let finished = 0;
    const files = new SessionFiles({
      include: include === undefined ? undefined : new NameList(include),
      exclude: exclude === undefined ? undefined : new NameList(exclude),
      onProblem: (message) => {
        throw new Error(message);
      },
      open: (jobId) => {
        const list: string[] = [];
        seen[jobId] = list;
        return {
          accept: ({ fileIndex, stream, data }) => {
            if (stream === 2) strictEqual(data[199], jobId);
            list.push(`${fileIndex}:${stream}`);
          },
          finish: () => finished++,
        };
      },
    });
    const reader = new VolumeReader({ withLabels: true });
    for (const record of reader.read(device.open("A", "read"))) files.accept(record);
    files.finish();
    strictEqual(finished, Object.keys(seen).length);
    return seen;
  };
  deepStrictEqual(run(), {
    7: ["1:1", "1:2", "2:1", "2:2", "3:1", "3:2"],
    8: ["1:1", "1:2", "2:1", "2:2"],
  });
  deepStrictEqual(run(["/c"]), { 7: ["3:1", "3:2"], 8: ["1:1", "1:2"] });
  deepStrictEqual(run(undefined, ["/c", "/a"]), { 7: ["2:1", "2:2"], 8: ["2:1", "2:2"] });
  deepStrictEqual(run(["/nothing"]), {});
});
