import { deepStrictEqual as equal, ok } from "node:assert/strict";
import {
  type Certificate,
  createDigest,
  decodeSignatureData,
  FileSigner,
  makeKeyPair,
  readCertificate,
  readKeyPair,
} from "../../../crypto/mod.ts";
import { JobMessageType } from "../../../protocol/mod.ts";
import { makeBoard, SignatureBoard, SignatureHelper } from "./mod.ts";
import { RestoreReports } from "./restore_reports.ts";
import { isGood, type SignatureCheck } from "./signature_board.ts";

const pair = await makeKeyPair({ name: "signer", bits: 2048 });
const pem = pair.certificate + pair.privateKey;
const signers: readonly Certificate[] = [readCertificate(pem)];
const [signer = readCertificate(pem)] = signers;
const files = new FileSigner(readKeyPair(pem));

/** The check of contents with a signature of them, or of other ones. */
function checkOf(contents: string, signed = contents): SignatureCheck {
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  const file = files.begin();
  file.update(encode(signed));
  const [{ digest: oid, signature } = { digest: "", signature: encode("") }] = decodeSignatureData(
    file.finish(),
  );
  const digest = createDigest("SHA256");
  digest.update(encode(contents));
  return { signer, oid, digest: digest.digest(), signature };
}

const good = checkOf("a");
const bad = checkOf("a", "b");

Deno.test("SignatureBoard gives answers in order, whoever has them", () => {
  const memory = makeBoard();
  const board = new SignatureBoard(memory, signers);
  const helper = new SignatureHelper(memory, signers);
  equal(helper.help(10), false);
  const wanted: boolean[] = [];
  const found: boolean[] = [];
  for (let number = 0; number < 700; number++) { // more than there are slots, twice
    while (!board.hasRoom) found.push(board.wait());
    const isGood = number % 3 !== 0;
    equal(board.put(isGood ? good : bad), true);
    wanted.push(isGood);
    if (number % 7 === 0) equal(helper.help(3), true);
    if (number % 5 === 0) {
      const answer = board.answer();
      if (answer !== undefined) found.push(answer);
    }
  }
  while (found.length < wanted.length) found.push(board.wait());
  equal(found, wanted);
  equal(helper.help(10), false);
});

Deno.test("SignatureBoard does a check again whose helper is gone", () => {
  const memory = makeBoard();
  const board = new SignatureBoard(memory, signers);
  board.put(good);
  board.put(bad);
  // As a thread leaves them that was ended: taken, never answered.
  const control = new Int32Array(memory.control);
  for (let at = 0; at < control.length; at++) {
    const state = control[at] ?? 0;
    if (at % 5 === 0 && state !== 0) control[at] = state | 1;
  }
  equal(board.answer(), undefined);
  equal([board.wait(), board.wait()], [true, false]);
});

Deno.test("SignatureBoard takes nothing that it has no room for", () => {
  const board = new SignatureBoard(makeBoard(), signers);
  equal(board.put({ ...good, signature: new Uint8Array(2000) }), false);
  equal(board.put({ ...good, oid: "1.2.3" }), false);
  equal(board.put({ ...good, signer: { ...signer } }), false);
});

Deno.test("SignatureBoard says no of a digest that the key is too short for", () => {
  const short = {
    ...signer,
    publicKey: { modulus: 2n ** 511n + 1n, exponent: 65537n, length: 64 },
  };
  const check: SignatureCheck = {
    ...{ signer: short, oid: "2.16.840.1.101.3.4.2.3" }, // SHA-512
    ...{ digest: new Uint8Array(64), signature: new Uint8Array(64).fill(1) },
  };
  equal(isGood(check), false);
  const memory = makeBoard();
  const board = new SignatureBoard(memory, [short]);
  const helper = new SignatureHelper(memory, [short]);
  equal([board.put(check), board.put(check)], [true, true]);
  equal(helper.help(1), true);
  equal([board.answer(), board.wait()], [false, false]);
});

Deno.test("RestoreReports says in order what waits for answers of others", () => {
  const memory = makeBoard();
  const said: string[] = [];
  const board = new SignatureBoard(memory, signers);
  const reports = new RestoreReports(({ text }) => said.push(text), board);
  const helper = new SignatureHelper(memory, signers);
  reports.say(JobMessageType.INFO, "first");
  equal(said, ["first"]);
  reports.check(good, (isGood) => reports.say(JobMessageType.INFO, `good: ${isGood}`));
  reports.error("behind");
  reports.check(bad, (isGood) => reports.error(`bad: ${isGood}`));
  reports.say(JobMessageType.INFO, "last");
  equal(said, ["first"]);
  equal(reports.counters.errors, 0);
  helper.help(1);
  reports.say(JobMessageType.INFO, "more");
  equal(said, ["first", "good: true", "behind"]);
  reports.settle();
  equal(said, ["first", "good: true", "behind", "bad: false", "last", "more"]);
  equal(reports.counters.errors, 2);
});

Deno.test("RestoreReports catches up with what others do, and does what nobody has begun", () => {
  const memory = makeBoard();
  const said: boolean[] = [];
  const reports = new RestoreReports(() => {}, new SignatureBoard(memory, signers));
  equal(reports.catchUp(), "nothing");
  for (const check of [good, bad, good]) reports.check(check, (isGood) => void said.push(isGood));
  const control = new Int32Array(memory.control);
  const second = control.findIndex((state, at) => at % 5 === 0 && state >> 2 === 2);
  control[second] = (control[second] ?? 0) | 1; // another thread has it
  equal(reports.catchUp(), "checks");
  equal([reports.catchUp(), reports.catchUp()], ["answers", "answers"]);
  equal(said, [true]);
  control[second] = (control[second] ?? 0) | 3; // and says no
  equal(reports.catchUp(), "nothing");
  equal(said, [true, false, true]);
});

Deno.test("RestoreReports lets no more wait than it has room for", () => {
  const said: string[] = [];
  const board = new SignatureBoard(makeBoard(), signers);
  const reports = new RestoreReports(({ text }) => said.push(text), board);
  reports.check(good, () => said.push("good"));
  for (let number = 0; number < 5000; number++) reports.say(JobMessageType.INFO, `${number}`);
  ok(said.length >= 3000, `${said.length}`);
  equal(said.slice(0, 3), ["good", "0", "1"]);
  for (let number = 0; number < 1000; number++) reports.check(bad, () => said.push("bad"));
  reports.settle();
  equal(said.length, 6001);
});
