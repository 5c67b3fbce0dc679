import { deepStrictEqual as equal, ok, rejects } from "node:assert/strict";
import fc from "fast-check";
import { decodeText, encodeText } from "../../../bytes/mod.ts";
import { hasFixtures } from "../../../tests/support/paths.ts";
import { loadRecording, recordingNames } from "../../../tests/support/recording.ts";
import { defaultOptions, type FileSet } from "./file_set.ts";
import { FileSetBuilder, FileSetError } from "./file_set_builder.ts";
import { parseOptionLetters } from "./option_letters.ts";
import { isInRange, parseSizeRange } from "./size_range.ts";
import { stripPath } from "./strip_path.ts";

async function build(...lines: string[]): Promise<FileSet> {
  const builder = new FileSetBuilder();
  for (const line of lines) builder.add(line);
  return await builder.build();
}

function entries(fileSet: FileSet): string[] {
  return fileSet.includes.flatMap(({ entries }) => entries.map(decodeText));
}

Deno.test("FileSetBuilder reads the example of director-client.md 6.4", async () => {
  const list = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(list, `/from/list  \n\n${"/long".repeat(300)}\r\n/last`);
    const fileSet = await build(
      "I\n",
      "Z .nobackup\n",
      "O S4Zf4fHAX\n",
      "X ext4\n",
      "X xfs\n",
      "N\n",
      "O eHAX\n",
      "WD /home/*/.cache\n",
      "WF *.o\n",
      "N\n",
      "F /home/\n",
      "F /",
      "F |/bin/echo '/a b'",
      `F <${list}`,
      "N\n",
      "N\n",
      "E\n",
      "O HAX\n",
      "N\n",
      "F /tmp",
      "N\n",
      "N\n",
    );
    const [include] = fileSet.includes;
    ok(include);
    equal(include.ignoreDirectoriesContaining, [".nobackup"]);
    equal(include.blocks.map(({ fileSystemTypes }) => fileSystemTypes), [["ext4", "xfs"], []]);
    equal(include.blocks[1]?.patterns, [
      { kind: "wild", scope: "directories", text: "/home/*/.cache" },
      { kind: "wild", scope: "files", text: "*.o" },
    ]);
    equal(include.blocks[0]?.options, {
      ...defaultOptions,
      signature: "XXH128",
      compression: { algorithm: "LZ4", level: 0 },
      oneFileSystem: false,
      hardLinks: false,
      acl: true,
      extendedAttributes: true,
    });
    const long = "/long".repeat(300);
    equal(entries(fileSet), [
      "/home",
      "/",
      "/a b",
      "/from/list",
      long.slice(0, 999),
      long.slice(999),
      "/last",
    ]);
    equal(fileSet.excludes[0]?.entries.map(decodeText), ["/tmp"]);
    equal([include.accurate, include.verify, include.baseJob], ["mcs", "V", "spug5"]);
  } finally {
    await Deno.remove(list);
  }
});

Deno.test("FileSetBuilder opens a new Options block for options after a list's end", async () => {
  const fileSet = await build("I", "O M", "W *.a", "N", "W *.b", "N", "F /a");
  equal(fileSet.includes[0]?.blocks.map(({ patterns }) => patterns.map(({ text }) => text)), [
    ["*.a"],
    ["*.b"],
  ]);
  const old = await build("I", "N", "F /a", "N", "N");
  equal(old.includes[0]?.blocks.map(({ options }) => options), [defaultOptions]);
});

Deno.test("FileSetBuilder keeps names that are not UTF-8", async () => {
  const builder = new FileSetBuilder();
  builder.add("I\n");
  builder.add(Uint8Array.of(0x46, 0x20, 0x2f, 0xff, 0xe9, 0x0a));
  equal((await builder.build()).includes[0]?.entries, [Uint8Array.of(0x2f, 0xff, 0xe9)]);
});

Deno.test("FileSetBuilder keeps the plugins of Options blocks for who asks them", async () => {
  const { includes } = await build("I", "O M", "G one:a=b", "N", "G two", "N", "F /a", "N", "N");
  equal(includes[0]?.blocks.map(({ plugins }) => plugins), [["one:a=b"], ["two"]]);
});

Deno.test("FileSetBuilder refuses with the words of the reference", async () => {
  const messages: [string[], string | undefined][] = [
    [["I", "Q x"], "Invalid FileSet command: x\n"],
    [["I", "R [a"], "REGEX [a compile error. ERR=Unmatched [, [^, [:, [., or [=\n"],
    [["I", "RX a"], undefined],
    [["IX"], undefined],
    [["F /a"], undefined],
    [
      ["I", "F </not/there"],
      "Cannot open FileSet input file: /not/there. ERR=No such file or directory\n",
    ],
    [
      ["I", "F |/not/there a"],
      "Cannot run program: /not/there a. ERR=No such file or directory\n",
    ],
    [
      ["I", "F |/bin/sh -c 'exit 3'"],
      "Error running program: /bin/sh -c 'exit 3'. status=3: ERR=Child exited with code 3\n",
    ],
  ];
  for (const [lines, jobMessage] of messages) {
    await rejects(build(...lines, "F /more"), (error) => {
      ok(error instanceof FileSetError);
      equal(error.jobMessage, jobMessage);
      return true;
    });
  }
});

Deno.test("parseOptionLetters() knows every letter of director-client.md 6.3", () => {
  const changed = (letters: string) => {
    const { options, unknown } = parseOptionLetters(letters);
    equal(unknown, [], letters);
    const standard: Record<string, unknown> = { ...defaultOptions };
    return Object.fromEntries(
      Object.entries(options).filter(([name, value]) => standard[name] !== value),
    );
  };
  equal(changed("0aw"), {});
  equal(changed("CmpA:Jspug5:VpinS:"), { accurate: "mpA", baseJob: "spug5", verify: "VpinS" });
  equal(changed("Cmcs"), { accurate: "mcs" });
  equal(changed("d3Ea3EfP2:"), {
    shadowing: "globalWarn",
    cipher: "aes256",
    forceEncryption: true,
    stripPath: 2,
  });
  equal(changed("S"), { signature: "SHA1" });
  equal(changed("S1"), { signature: "SHA1" });
  equal(changed("S3M"), { signature: "MD5" });
  equal(changed("Z9"), { compression: { algorithm: "GZIP", level: 9 } });
  equal(changed("Zfh"), { compression: { algorithm: "LZ4HC", level: 0 } });
  equal(changed("z10k-1m:"), { size: { from: 10240, to: 1 << 20 } });
  equal(parseOptionLetters("M?iP:").unknown, ["?", "P"]);
  equal(parseOptionLetters("M?i").options.ignoreCase, true);
});

Deno.test("parseOptionLetters() takes anything", () => {
  fc.assert(fc.property(fc.string(), (letters) => {
    parseOptionLetters(letters);
  }));
});

Deno.test("parseSizeRange() reads the forms of director-client.md 23.5", () => {
  const matches = (text: string, size: number) => isInRange(size, parseSizeRange(text));
  equal([matches("10k-1mb", 10239), matches("10k-1mb", 10240)], [false, true]);
  equal([matches("10k-1mb", 1_000_000), matches("10k-1mb", 1_000_001)], [true, false]);
  equal([matches("<1m", (1 << 20) - 1), matches("<1m", 1 << 20)], [true, false]);
  equal([matches(">1kb", 1000), matches(">1kb", 1001)], [false, true]);
  equal([matches("1000b", 991), matches("1000b", 990), matches("1000b", 1009)], [
    true,
    false,
    true,
  ]);
  equal(parseSizeRange("big"), undefined);
});

Deno.test("stripPath() takes leading components away", () => {
  const strip = (path: string, count: number) => decodeText(stripPath(encodeText(path), count));
  equal(strip("/a/b/c/f", 2), "/c/f");
  equal(strip("/a/b", 1), "/b");
  equal(strip("/a/b", 2), "/a/b");
  equal(strip("/a/b", 0), "/a/b");
});

Deno.test({
  name: "FileSetBuilder reads the FileSets of all recordings",
  ignore: !hasFixtures,
  async fn() {
    let count = 0;
    for (const name of recordingNames()) {
      for (const { link, frames } of loadRecording(name).connections) {
        if (!link.includes("fd")) continue;
        let builder: FileSetBuilder | undefined;
        for (const frame of frames) {
          if (frame.side !== ">") continue;
          if (frame.kind === "signal") {
            if (builder === undefined) continue;
            const { includes } = await builder.build();
            ok(includes.length > 0 && includes.every(({ entries }) => entries.length > 0));
            builder = undefined;
            count++;
          } else if (builder !== undefined) builder.add(frame.payload ?? new Uint8Array());
          else if (frame.payload && decodeText(frame.payload).startsWith("fileset")) {
            builder = new FileSetBuilder({
              onWarning: (text) => ok(false, text),
            });
          }
        }
      }
    }
    ok(count >= 10, `${count} FileSets`);
  },
});
