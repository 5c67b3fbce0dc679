import { deepStrictEqual as equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { decodeText, encodeText } from "../../../bytes/mod.ts";
import {
  type Attributes,
  decodeAttributes,
  FileType,
  isDirectoryType,
  Stream,
} from "../../../storage/volume/mod.ts";
import { fixture, hasFixtures } from "../../../tests/support/paths.ts";
import { loadRecording } from "../../../tests/support/recording.ts";
import { unpack } from "../../../tests/support/sample.ts";
import { FileSetBuilder, type FoundFile, walk } from "../fileset/mod.ts";
import { openPlatform } from "../platform/mod.ts";
import {
  dataStreamOf,
  decodeAclText,
  decodeExtendedAttributes,
  encodeAclText,
  encodeExtendedAttributes,
  encodeFoundFile,
  formatListing,
  formatMode,
  readLists,
  savedName,
} from "./mod.ts";

Deno.test("encodeExtendedAttributes() writes the example of volume.md 14.2", () => {
  const data = encodeExtendedAttributes([
    { name: encodeText("user.comment"), value: encodeText("hello xattr") },
  ]);
  const expected = "00 5c 58 84 00 00 00 0c 75 73 65 72 2e 63 6f 6d 6d 65 6e 74 " +
    "00 00 00 0b 68 65 6c 6c 6f 20 78 61 74 74 72";
  equal(Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join(" "), expected);
});

Deno.test("decodeExtendedAttributes() is the inverse and bears garbage", () => {
  const attribute = fc.record({
    name: fc.uint8Array({ minLength: 1, maxLength: 30 }),
    value: fc.uint8Array({ maxLength: 100 }),
  }, { noNullPrototype: true });
  fc.assert(fc.property(fc.array(attribute), fc.nat(), (attributes, cut) => {
    const data = encodeExtendedAttributes(attributes);
    equal(decodeExtendedAttributes(data), { attributes, problem: undefined });
    const short = decodeExtendedAttributes(data.subarray(0, cut % (data.length + 1)));
    equal(short.attributes, attributes.slice(0, short.attributes.length));
  }));
  fc.assert(fc.property(fc.uint8Array(), (data) => {
    const { problem } = decodeExtendedAttributes(data);
    ok(data.length === 0 || problem?.startsWith("Illegal xattr stream"));
  }));
});

Deno.test("encodeAclText() ends in a zero byte", () => {
  const text = "user::rw-\nuser:bob:r--\ngroup::r--\nmask::r--\nother::r--\n";
  equal(encodeAclText(text).length, 56);
  equal(decodeAclText(encodeAclText(text)), text);
  equal(decodeAclText(encodeText("user::r--")), "user::r--");
});

Deno.test("dataStreamOf() is the table of volume.md 9.1", () => {
  const compression = { algorithm: "LZ4", level: 0 } as const;
  const of = (sparse: boolean, compressed: boolean, encrypted: boolean) =>
    dataStreamOf({ sparse, compression: compressed ? compression : undefined }, encrypted);
  equal([of(false, false, false), of(true, false, false)], [2, 6]);
  equal([of(false, true, false), of(true, true, false)], [29, 30]);
  equal([of(true, false, true), of(true, true, true)], [20, 32]);
});

Deno.test("formatMode() has a letter for every bit", () => {
  equal(formatMode(0o100644), "-rw-r--r--");
  equal(formatMode(0o104755), "-rwsr-xr-x");
  equal(formatMode(0o102644), "-rw-r-Sr--");
  equal(formatMode(0o041777), "drwxrwxrwt");
  equal(formatMode(0o010600), "frw-------");
});

const isRoot = Deno.build.os === "linux" && Deno.uid() === 0;

/** Unpacks the recorded files and walks over them with a FileSet of a recording. */
async function withSample(
  recording: string,
  test: (found: FoundFile[], folder: string) => void,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "roost-sample-" });
  try {
    await unpack(fixture("sample-data.tar.gz"), folder);
    const builder = new FileSetBuilder();
    const frames = loadRecording(recording).connections
      .find(({ link }) => link === "to-fd")?.frames ?? [];
    let isInside = false;
    for (const frame of frames) {
      if (frame.side !== ">") continue;
      if (frame.kind === "signal") break;
      const text = decodeText(frame.payload ?? new Uint8Array());
      if (isInside) builder.add(text.replaceAll("/srv/sample", folder));
      else isInside = text.startsWith("fileset");
    }
    test(Array.from(walk(await builder.build(), openPlatform())), folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Attributes records that a recorded file daemon sent, and the lists of each file, by name. */
function recordedFiles(
  recording: string,
): Map<string, { attributes: Attributes; lists: [number, Uint8Array][] }> {
  const files = new Map<string, { attributes: Attributes; lists: [number, Uint8Array][] }>();
  const isData = /^(\d+) (\d+) 0$/;
  for (const { link, frames } of loadRecording(recording).connections) {
    if (link !== "to-sd1") continue;
    let stream = 0;
    let current: { attributes: Attributes; lists: [number, Uint8Array][] } | undefined;
    for (const frame of frames) {
      if (frame.side !== ">") continue;
      if (frame.kind === "signal") {
        stream = 0;
        continue;
      }
      const payload = frame.payload ?? new Uint8Array();
      const head = payload.length < 30 ? isData.exec(decodeText(payload)) : null;
      if (head !== null) {
        stream = Number(head[2]);
      } else if (stream === Stream.unixAttributes) {
        const attributes = decodeAttributes(payload);
        current = { attributes, lists: [] };
        files.set(attributes.name, current);
      } else if (stream >= 1000) current?.lists.push([stream, payload.slice()]);
    }
  }
  return files;
}

Deno.test({
  name: "the walk of the sample lists what recording 05 lists",
  ignore: !hasFixtures || !isRoot,
  async fn() {
    await withSample("05-estimate-listing", (found, folder) => {
      const platform = openPlatform();
      // ctime and the sizes of directories belong to the disk, not to the sample.
      const plain = (line: string) =>
        line.replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/, "TIME").replace(/^(d.{32}) *\d+ /, "$1 ");
      const lines = found.map(({ stat, path, link, type }) => {
        ok(stat);
        const name = decodeText(path).replace(folder, "/srv/sample");
        const target = type === FileType.symbolicLink ? decodeText(link) : "";
        return plain(formatListing(stat, name, target, platform));
      });
      const recorded: string[] = [];
      for (const { link, frames } of loadRecording("05-estimate-listing").connections) {
        if (link !== "to-fd" || recorded.length > 0) continue;
        for (const frame of frames) {
          if (frame.side !== "<" || frame.kind !== "message") continue;
          const text = decodeText(frame.payload ?? new Uint8Array());
          if (text.includes("  /srv/")) recorded.push(plain(text));
        }
      }
      equal(lines.sort(), recorded.sort());
      equal(lines.length, 87);
    });
  },
});

/** Recordings, and how many of their files are as the sample has them. */
const comparable: Readonly<Record<string, number>> = {
  "01-backup-full": 80,
  "03-backup-accurate-incremental": 4,
  "14-backup-rules-runscripts": 80,
};

for (const [recording, expected] of Object.entries(comparable)) {
  Deno.test({
    name: `the sample's attributes are those of recording ${recording}`,
    ignore: !hasFixtures || !isRoot,
    async fn() {
      const recorded = recordedFiles(recording);
      await withSample(recording, (found, folder) => {
        const platform = openPlatform();
        let compared = 0;
        found.forEach((file, index) => {
          const dataStream = dataStreamOf(file.options);
          const ours = decodeAttributes(encodeFoundFile(file, index + 1, dataStream));
          const name = ours.name.replace(folder, "/srv/sample");
          const theirs = recorded.get(name);
          // The sample is as it was from scenario 03 on; see the README of the recordings.
          const isEarlier = name === "/srv/sample/data/" ||
            recording.startsWith("01") && /mode-4755|\/many\/$/.test(name);
          if (theirs === undefined || isEarlier) return;
          compared++;
          const facts = ({ type, link, stat }: Attributes) => {
            const { mode, uid, gid, rdev, nlink, size, mtime, flags, dataStream } = stat;
            const isDirectory = isDirectoryType(type);
            const isLinked = nlink > 1 && !isDirectory; // which name is the first, the disk decides
            return {
              ...{ mode, uid, gid, rdev, flags, dataStream },
              nlink,
              size: isDirectory ? 0 : size,
              // tar cannot set the times of symbolic links and directories everywhere alike
              mtime: isLinked || type === FileType.symbolicLink ? 0 : mtime,
              type: isLinked ? 0 : type,
              link: type === FileType.symbolicLink ? link : "",
            };
          };
          equal(facts(ours), facts(theirs.attributes), name);
          if (ours.type !== FileType.hardLink && theirs.attributes.type !== FileType.hardLink) {
            const lists = readLists(platform, file).records
              .map(({ stream, data }) => [stream, data]);
            equal(lists, theirs.lists, name);
          }
        });
        ok(compared >= expected, `${compared} compared`);
        if (recording.startsWith("14")) {
          // Patterns, markers and exclusions left out just what they left out there.
          const names = found.filter(({ isSaved }) => isSaved)
            .map((file) => decodeText(savedName(file)).replace(folder, "/srv/sample"));
          const theirs = [...recorded.keys()]
            .filter((name) => !name.endsWith("/zz-blocker"));
          equal(names.sort(), theirs.sort());
        }
      });
    },
  });
}
