/** What the director makes of what daemons say out of turn. */
import { deepStrictEqual, match, rejects, strictEqual } from "node:assert";
import { memoryPair } from "../../../tests/support/memory_transport.ts";
import { decodeText } from "../../../bytes/mod.ts";
import { Connection, Signal } from "../../../protocol/mod.ts";
import { ClientDialogue } from "./client_dialogue.ts";
import { StorageDialogue } from "./storage_dialogue.ts";

/** A daemon's end, and the director's end of a dialogue with a client. */
function client() {
  const [ours, theirs] = memoryPair();
  const said: string[] = [];
  const abort = new AbortController();
  const dialogue = new ClientDialogue(new Connection(ours), {
    jobMessage: (type, seconds, text) => void said.push(`${type} ${seconds} ${text.trimEnd()}`),
    malformed: (text) => void said.push(`malformed ${text.trimEnd()}`),
  }, abort.signal);
  return { dialogue, daemon: new Connection(theirs), said, abort };
}

function storage() {
  const [ours, theirs] = memoryPair();
  const said: string[] = [];
  const dialogue = new StorageDialogue(new Connection(ours), {
    jobMessage: (type, seconds, text) => void said.push(`${type} ${seconds} ${text.trimEnd()}`),
    status: (status) => void said.push(`status ${status}`),
    catalogRequest: (text) => {
      said.push(text.trimEnd());
      return text.includes("silent") ? undefined : "1000 OK\n";
    },
    attributes: ({ fileIndex }) => void said.push(`attributes ${fileIndex}`),
    jobStarted: () => void said.push("started"),
    malformed: (text) => void said.push(`malformed ${text.trimEnd()}`),
  }, new AbortController().signal);
  return { dialogue, daemon: new Connection(theirs), said };
}

Deno.test("a client's messages in between do not keep an answer from who waits for it", async () => {
  const { dialogue, daemon, said } = client();
  await daemon.send("Jmsg Job=J type=5 level=1700000000 fd JobId 1: Warning: hm\n");
  await daemon.send("nonsense\n");
  await daemon.send("Jmsg Job=\n");
  await daemon.send("Jmsg JobId=1 type=6 level=1700000001 fd JobId 1: of Bacula\n");
  await daemon.send("Progress JobId=1 files=2 bytes=3 bps=4\n");
  await daemon.send("2000 OK level\n");
  await dialogue.expect("Level", "2000 OK level\n");
  deepStrictEqual(said, [
    "5 1700000000 fd JobId 1: Warning: hm",
    "malformed nonsense",
    "malformed Jmsg Job=",
    "6 1700000001 fd JobId 1: of Bacula",
  ]);
  strictEqual(dialogue.isRefused, false);
});

Deno.test("heartbeats, polls and questions for the time may come between any two steps", async () => {
  const { dialogue, daemon, said } = client();
  const heard = async () => {
    const frame = await daemon.receive();
    return frame?.kind === "message" ? decodeText(frame.payload) : frame?.signal;
  };
  for (const step of ["level", "include", "storage"]) {
    for (const signal of [Signal.HEARTBEAT, Signal.HB_RESPONSE, Signal.POLL, Signal.STATUS]) {
      await daemon.sendSignal(signal);
    }
    await daemon.sendSignal(Signal.BTIME);
    await daemon.send(`2000 OK ${step}\n`);
    await dialogue.expect(step, `2000 OK ${step}\n`);
    strictEqual(await heard(), "1000 OK\n");
    strictEqual(await heard(), "Status OK\n");
    strictEqual(await heard(), Signal.EOD);
    const [, time] = /^btime (\d+)\n$/.exec(String(await heard())) ?? [];
    strictEqual(Math.abs(Number(time) / 1_000 - Date.now()) < 60_000, true);
  }
  deepStrictEqual(said, []);
});

Deno.test("an EndJob line in place of any answer is told as what it is", async () => {
  const { dialogue, daemon } = client();
  const line =
    "2800 End Job TermCode=102 JobFiles=0 ReadBytes=0 JobBytes=0 Errors=1 VSS=0 Encrypt=0\n";
  await daemon.send(line);
  await rejects(dialogue.expect("Backup", "2000 OK backup\n"), {
    message: `Bad response to Backup command: wanted 2000 OK backup\n, got ${line}\n`,
  });
  strictEqual(dialogue.isRefused, true);
});

Deno.test("another answer than wanted, and none, are told with both texts", async () => {
  const { dialogue, daemon } = client();
  await daemon.send("2999 Invalid command\n");
  await rejects(dialogue.expect("Include", "2000 OK include\n"), {
    message:
      "Bad response to Include command: wanted 2000 OK include\n, got 2999 Invalid command\n\n",
  });
  strictEqual(dialogue.isRefused, true);
  daemon.close();
  await rejects(dialogue.expect("Level", "2000 OK level\n"), {
    message: "Socket error on Level command: ERR=No data available",
  });
});

Deno.test("a client's end is its last EndJob line; what else it says then is told", async () => {
  const { dialogue, daemon } = client();
  const unexpected: string[] = [];
  await daemon.send("2001 what is this\n");
  await daemon.send(
    "2800 End Job TermCode=84 JobFiles=3 ReadBytes=12 JobBytes=26 Errors=1 VSS=0 Encrypt=1\n",
  );
  await daemon.sendSignal(Signal.TERMINATE);
  const end = await dialogue.endOfJob("Backup", (text) => void unexpected.push(text));
  deepStrictEqual(end, {
    status: "T",
    jobFiles: 3,
    readBytes: 12,
    jobBytes: 26,
    errors: 1,
    vss: false,
    encrypt: true,
  });
  deepStrictEqual(unexpected, ["2001 what is this\n"]);
});

Deno.test("a client that says nothing at its end, or breaks off, is told apart", async () => {
  const silent = client();
  await silent.daemon.sendSignal(Signal.TERMINATE);
  strictEqual(await silent.dialogue.endOfJob("Backup", () => {}), undefined);
  const broken = client();
  broken.daemon.close();
  await rejects(broken.dialogue.endOfJob("Verify", () => {}), {
    message: "Network error with FD during Verify: ERR=No data available",
  });
  const canceled = client();
  const waiting = canceled.dialogue.endOfJob("Backup", () => {});
  canceled.abort.abort(new Error("canceled"));
  await rejects(waiting, { message: "canceled" });
});

Deno.test("a storage daemon is served until its job's end: requests, status, messages", async () => {
  const { dialogue, daemon, said } = storage();
  const end = dialogue.serve();
  await daemon.send("3010 Job J start\n");
  await daemon.send("Status Job=J JobStatus=82\n");
  await daemon.send("CatReq Job=J anything\n");
  await daemon.send("Catreq Job=J silent\n");
  await daemon.send("Jmsg Job=J type=6 level=0 sd JobId 1: Version\n");
  await daemon.send("UpdCat broken\n");
  await daemon.send("Something else\n");
  await daemon.send("3099 Job J end JobStatus=84 JobFiles=7 JobBytes=99 JobErrors=2\n");
  await daemon.sendSignal(Signal.EOD);
  deepStrictEqual(await end, { status: "T", jobFiles: 7, jobBytes: 99, jobErrors: 2 });
  deepStrictEqual(said, [
    "started",
    "status R",
    "CatReq Job=J anything",
    "Catreq Job=J silent",
    "6 0 sd JobId 1: Version",
    "malformed UpdCat broken",
    "malformed Something else",
  ]);
  const answer = await daemon.receive();
  strictEqual(answer?.kind, "message");
});

Deno.test("a storage daemon that breaks off is told, one that just ends is not a success", async () => {
  const broken = storage();
  const serving = broken.dialogue.serve();
  broken.daemon.close();
  await rejects(serving, (error: Error) => {
    match(error.message, /^Director's comm line to SD dropped\./);
    return true;
  });
  const ended = storage();
  await ended.daemon.sendSignal(Signal.TERMINATE);
  strictEqual(await ended.dialogue.serve(), undefined);
});
