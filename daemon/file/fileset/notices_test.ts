import { deepStrictEqual } from "node:assert";
import { encodeText } from "../../../bytes/mod.ts";
import { FileType, type FileTypeNumber } from "../../../storage/volume/mod.ts";
import { noticeOf, verifyNoticeOf } from "./notices.ts";

const words = { path: encodeText("/t/x"), top: encodeText("/t"), reason: "No luck" };

/** Type and text of a backup's message, then of a verify's, without the blanks at their beginning. */
const cases: readonly (readonly [FileTypeNumber, number, string, number, string])[] = [
  [7, 8, 'Could not access "/t/x": ERR=No luck', 8, "Could not access /t/x: ERR=No luck"],
  [8, 8, 'Could not follow link "/t/x": ERR=No luck', 8, "Could not follow link /t/x: ERR=No luck"],
  [9, 8, 'Could not stat "/t/x": ERR=No luck', 8, "Could not stat /t/x: ERR=No luck"],
  [
    15,
    8,
    'Could not open directory "/t/x": ERR=No luck',
    8,
    "Could not open directory /t/x: ERR=No luck",
  ],
  [10, 9, "Unchanged file skipped: /t/x", 9, "Unchanged file skipped: /t/x"],
  [11, 9, "Unchanged file skipped: /t/x", 9, "Unchanged file skipped: /t/x"],
  [
    13,
    6,
    "Recursion turned off. Will not descend from /t into /t/x",
    9,
    "Recursion turned off. Directory skipped: /t/x",
  ],
  [
    14,
    6,
    "/t/x is a different filesystem. Will not descend from /t into it.",
    9,
    "File system change prohibited. Directory skipped: /t/x",
  ],
  [
    19,
    6,
    "Disallowed filesystem. Will not descend from /t into /t/x",
    6,
    "Disallowed filesystem. Will not descend from /t into /t/x",
  ],
];

Deno.test("noticeOf() and verifyNoticeOf() have the texts of the reference (24.2, 13)", () => {
  for (const [type, backupType, backup, verifyType, verify] of cases) {
    const notice = noticeOf(type, words);
    deepStrictEqual(notice, { type: backupType, text: `     ${backup}\n` });
    const error = { reason: words.reason };
    deepStrictEqual(verifyNoticeOf({ type, notice, ...words, error }), {
      type: verifyType,
      text: `     ${verify}\n`,
    });
    // Of what a backup says nothing, such as an entry on another file system, neither does a verify.
    deepStrictEqual(verifyNoticeOf({ type, notice: undefined, ...words, error }), undefined);
  }
  deepStrictEqual(noticeOf(FileType.regularFile, words), undefined);
});
