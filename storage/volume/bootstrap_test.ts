import { deepStrictEqual, ok, strictEqual, throws } from "node:assert";
import fc from "fast-check";
import { anyBootstrapEntry } from "../../tests/support/volume_arbitraries.ts";
import {
  BootstrapError,
  BootstrapMatcher,
  encodeAttributes,
  formatBootstrap,
  LabelFormat,
  parseBootstrap,
  type SessionKey,
} from "./mod.ts";

Deno.test("formatBootstrap() writes what the director writes", () => {
  const text =
    'Storage="File"\nVolume="Full-0001"\nMediaType="File"\nDevice="FileStorage"\nSlot=3\n' +
    "VolSessionId=3\nVolSessionTime=1785600000\nVolAddr=187-729\nFileIndex=1\nFileIndex=3-17\nCount=1\n";
  strictEqual(formatBootstrap(parseBootstrap(text)), text);
});

Deno.test("parseBootstrap() is the inverse of formatBootstrap()", () => {
  fc.assert(fc.property(fc.array(anyBootstrapEntry, { maxLength: 3 }), (entries) => {
    deepStrictEqual(parseBootstrap(formatBootstrap(entries)), entries);
  }));
});

Deno.test("parseBootstrap() takes every freedom of the grammar", () => {
  const [entry, other, ...more] = parseBootstrap(
    '# a comment\n\n  vol ume = "A\\"1|B" ; VOLSESSIONID=1,3-5 # why\nVolSessionTime=7\n' +
      "Slot=3 and more\nFileIndex = 1 , 2-3\nFileRegex=^/a;b#c\nInclude\nExclude=x\nJobType=B\n" +
      "Client=c-fd,d-fd\nStream=2\nVolume=C\nCount=9",
  );
  deepStrictEqual(more, []);
  deepStrictEqual(entry?.volumes, ['A"1', "B"]);
  deepStrictEqual(entry?.sessionIds, [{ first: 1, last: 1 }, { first: 3, last: 5 }]);
  deepStrictEqual(entry?.fileIndexes, [{ first: 1, last: 1 }, { first: 2, last: 3 }]);
  strictEqual(entry?.slot, 3);
  strictEqual(entry?.fileRegex, "^/a;b#c");
  deepStrictEqual(entry?.clients, ["c-fd", "d-fd"]);
  strictEqual(other?.count, 9);
});

Deno.test("parseBootstrap() says where it is wrong", () => {
  const table: [text: string, line: number, reason: RegExp][] = [
    ["Volume=A\nWhat=3\n", 2, /^Keyword What not found$/],
    ["Volume=A\nFileIndex\n", 2, /^expected an equals, got: end of line$/],
    ["Volume=A\n\nFileIndex=x\n", 3, /^expected an integer or a range, got: x$/],
    ["FileIndex=3\n", 1, /inappropriate place/],
    ['Volume="A\n', 1, /no end/],
    ["Volume=A\nFileRegex=(\n", 2, /^REGEX '\(' compile error\. ERR=/],
    ["Volume=A\nVolAddr=1-99999999999999999999\n", 2, /integer/],
  ];
  for (const [text, line, reason] of table) {
    throws(
      () => parseBootstrap(text, "job.bsr"),
      (error) =>
        error instanceof BootstrapError && error.line === line && reason.test(error.reason),
      text,
    );
  }
  throws(() => parseBootstrap("Volume=A\nWhat=3\n", "job.bsr"), {
    message: "Bootstrap file error: Keyword What not found\n" +
      "            : Line 2, col 1 of file job.bsr\nWhat=3\n",
  });
});

Deno.test("parseBootstrap() throws nothing but BootstrapError, and ends", () => {
  const word = fc.constantFrom("Volume", "FileIndex", "=", ",", "-", ";", "\n", '"', "#", "1", "x");
  fc.assert(fc.property(fc.array(fc.oneof(word, fc.string()), { maxLength: 30 }), (words) => {
    try {
      parseBootstrap(words.join(""));
    } catch (error) {
      ok(error instanceof BootstrapError, String(error));
    }
  }));
});

const session: SessionKey = { sessionId: 1, sessionTime: 100 };

/** FileIndexes from 1 to 9 that a bootstrap takes out of one block at 0 to 999. */
function taken(text: string): number[] {
  const matcher = new BootstrapMatcher(parseBootstrap(text));
  matcher.startVolume("A");
  if (!matcher.startBlock(0, 999, session)) return [];
  const found: number[] = [];
  for (let fileIndex = 1; fileIndex < 10 && !matcher.isVolumeDone; fileIndex++) {
    for (const stream of [1, 2, 3]) {
      const data = stream === 1
        ? encodeAttributes({ fileIndex, type: 3, name: `/f${fileIndex}`, stat: "" })
        : new Uint8Array(1);
      const match = matcher.match({ ...session, fileIndex, stream });
      if (match === undefined) continue;
      if (matcher.accept(match, { ...session, fileIndex, stream, data }) && stream === 1) {
        found.push(fileIndex);
      }
    }
  }
  return found;
}

Deno.test("BootstrapMatcher compares every keyword", () => {
  const all = [1, 2, 3, 4, 5, 6, 7, 8, 9];
  const table: [string, number[]][] = [
    ["", all],
    ["FileIndex=2-3,7", [2, 3, 7]],
    ["FileIndex=2-8\nCount=2", [2, 3]],
    ["Count=1", [1]],
    ["VolSessionId=1\nVolSessionTime=100", all],
    ["VolSessionId=2-5", []],
    ["VolSessionTime=99", []],
    ["VolAddr=0-999", all],
    ["VolAddr=999-999", all],
    ["VolAddr=1000-2000", []],
    ["VolFile=0\nVolBlock=0-999", all],
    ["VolFile=1", []],
    ["FileRegex=f[[:digit:]]*[13]$", [1, 3]],
    ["Stream=1", all],
    ["Stream=2", []],
    ["Job=unknown", []],
    ["VolSessionId=1\nJobId=3", all], // reading began behind the label: the session decides
  ];
  for (const [text, wanted] of table) {
    deepStrictEqual(taken(`Volume=A\n${text}\n`), wanted, text);
    deepStrictEqual(taken(`Volume=B\n${text}\n`), [], text);
  }
});

Deno.test("BootstrapMatcher takes the name of a plugin before it knows the name of the file", () => {
  const matcher = new BootstrapMatcher(parseBootstrap("Volume=A\nFileRegex=^/b$\n"));
  matcher.startVolume("A");
  ok(matcher.startBlock(0, 999, session));
  const found: string[] = [];
  for (const [index, name] of ["/a", "/b", "/c"].entries()) {
    const fileIndex = index + 1;
    const file = { ...session, fileIndex };
    for (const stream of [26, 1, 2, 26]) {
      const data = stream === 1
        ? encodeAttributes({ fileIndex, type: 3, name, stat: "" })
        : new Uint8Array(1);
      const match = matcher.match({ ...file, stream });
      if (match === undefined) continue;
      if (matcher.accept(match, { ...file, stream, data })) found.push(`${name} ${stream}`);
    }
  }
  deepStrictEqual(found, ["/a 26", "/a 26", "/b 26", "/b 1", "/b 2", "/b 26", "/c 26", "/c 26"]);
});

Deno.test("BootstrapMatcher compares session labels once it has seen them", () => {
  const label = {
    ...LabelFormat.bareos,
    jobId: 3,
    writeTimeMicros: 0,
    poolName: "",
    poolType: "",
    jobName: "",
    clientName: "c-fd",
    job: "J.1",
    fileSetName: "",
    jobType: "B",
    jobLevel: "F",
    fileSetMd5: "",
  };
  for (
    const [text, isWanted] of [
      ["JobId=2-3", true],
      ["JobId=4", false],
      ["Job=J.1", true],
      ["Client=x,c-fd", true],
      ["Client=x", false],
    ] as const
  ) {
    const matcher = new BootstrapMatcher(parseBootstrap(`Volume=A\n${text}\n`));
    matcher.startVolume("A");
    matcher.noteLabel(session, label);
    matcher.startBlock(0, 9, session);
    strictEqual(matcher.match({ ...session, fileIndex: 1, stream: 1 }) !== undefined, isWanted);
  }
});

Deno.test("BootstrapMatcher seeks forward to what is still wanted, and knows when it is done", () => {
  const matcher = new BootstrapMatcher(parseBootstrap(
    "Volume=A\nVolSessionId=1\nVolSessionTime=100\nVolAddr=1000-1999\nFileIndex=2\n" +
      "Volume=B\nVolume=A\nVolSessionId=1\nVolSessionTime=100\nVolAddr=5000-5999\nFileIndex=7\n",
  ));
  deepStrictEqual(matcher.volumes, ["A", "B"]);
  matcher.startVolume("A");
  strictEqual(matcher.seekTarget(0), 1000);
  matcher.startBlock(1000, 1499, session);
  strictEqual(matcher.seekTarget(1500), undefined);
  ok(matcher.match({ ...session, fileIndex: 2, stream: 1 }));
  strictEqual(matcher.match({ ...session, fileIndex: 3, stream: 1 }), undefined);
  strictEqual(matcher.seekTarget(1500), 5000);
  strictEqual(matcher.isVolumeDone, false);
  matcher.startBlock(6000, 6100, session);
  strictEqual(matcher.isVolumeDone, true);
  matcher.startVolume("B");
  strictEqual(matcher.seekTarget(0), undefined);
  strictEqual(matcher.isVolumeDone, false);
});
