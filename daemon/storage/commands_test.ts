import { decodeText } from "../../bytes/mod.ts";
import { Signal } from "../../protocol/mod.ts";
import { doesNotMatch, match, ok, strictEqual } from "node:assert";
import { acceptFileHello } from "../../tests/support/passive_file_daemon.ts";
import { askDaemon, type TestDirector } from "../../tests/support/test_director.ts";
import { fileStreams } from "../../tests/support/test_file_daemon.ts";
import { StorageScene } from "../../tests/support/storage_scene.ts";
import { testDevice } from "../../tests/support/storage_settings.ts";

const JOB = "Backup.2026-11-24_00.00.00_01";

/** Sends a command whose answer is one text without EOD. */
async function askOne(director: TestDirector, command: string): Promise<string> {
  await director.say(command);
  return await director.expect("");
}

const SIZES = "MinBlocksize=0 MaxBlocksize=0";

Deno.test("label, relabel and truncate answer as Bareos does", async () => {
  await using scene = await StorageScene.start();
  const director = await scene.director();
  const device = `"FileStorage1" (${scene.folder})`;
  const label = (name: string) =>
    `label FileStorage1 VolumeName=${name} PoolName=Main MediaType=File1 Slot=0 drive=0 ${SIZES}`;
  const relabel = (from: string, to: string) =>
    `relabel FileStorage1 OldName=${from} NewName=${to} PoolName=Main MediaType=File1 Slot=0 ` +
    `drive=0 ${SIZES}`;
  const { size } = await (async () => {
    const answer = await askDaemon(director, label("Hand-1"));
    const size = (await Deno.stat(`${scene.folder}/Hand-1`)).size;
    strictEqual(
      answer,
      `3000 OK label. VolFiles=0 VolBytes=${size} Volume="Hand-1" Device=${device}\n`,
    );
    return { size };
  })();
  strictEqual(
    await askDaemon(director, label("Hand-1")),
    '3920 Cannot label Volume because it is already labeled: "Hand-1"\n',
  );
  await Deno.writeFile(`${scene.folder}/Hand-1`, new Uint8Array(5000), { append: true });
  strictEqual(
    await askDaemon(director, relabel("Hand-1", "Hand-1")),
    `3000 OK label. VolFiles=0 VolBytes=${size} Volume="Hand-1" Device=${device}\n`,
  );
  strictEqual((await Deno.stat(`${scene.folder}/Hand-1`)).size, size);
  match(await askDaemon(director, relabel("Hand-1", "Hand-2")), /^3000 OK label.* Volume="Hand-2"/);
  await Deno.copyFile(`${scene.folder}/Hand-2`, `${scene.folder}/Hand-3`);
  strictEqual(
    await askDaemon(director, relabel("Hand-3", "Hand-3")),
    "3921 Wrong volume mounted.\n",
  );
  match(
    await askDaemon(director, label("../evil")),
    /^3912 Failed to label Volume: ERR=Illegal volume/,
  );
  strictEqual(
    await askDaemon(director, label("X").replace("FileStorage1", "Nowhere")),
    '3999 Device "Nowhere" not found or could not be opened.\n',
  );
  match(
    await askDaemon(director, "label FileStorage1"),
    /^3903 Error scanning label command: label File/,
  );
  director.close();
});

Deno.test("mount, unmount and release follow the state of the device", async () => {
  await using scene = await StorageScene.start();
  const director = await scene.director();
  const device = `"FileStorage1" (${scene.folder})`;
  const answers = [
    ["mount", `3906 File device ${device} is always mounted.\n`],
    ["release", `3921 Device "${device}" already released.\n`],
    ["unmount", `3002 Device "${device}" unmounted.\n`],
    ["unmount", `3901 Device "${device}" is already unmounted.\n`],
    ["mount", `3906 File device ${device} is always mounted.\n`],
  ] as const;
  for (const [command, answer] of answers) {
    strictEqual(await askDaemon(director, `${command} FileStorage1 drive=0`), answer);
  }
  strictEqual(
    await askDaemon(director, "mount Nowhere drive=0"),
    "3999 Device Nowhere not found or could not be opened.\n",
  );
  director.close();
});

Deno.test("mount, unmount and release leave a device alone that is doing acquire", async () => {
  await using scene = await StorageScene.start();
  const operator = await scene.director();
  const { director, file } = await scene.begin({ jobId: 1, job: JOB });
  const saving = (async () => {
    await file.beginAppend();
    await file.sendStreams(fileStreams(1, "/f", [new Uint8Array(200_000)]));
    await file.endAppend();
  })();
  const ask = (command: string) => askDaemon(operator, `${command} FileStorage1 drive=0`);
  const device = `"FileStorage1" (${scene.folder})`;
  // The device is acquired as long as the director has not told of a volume; before that the job may want to know
  // of one to reserve.
  let mounted = "";
  while (!mounted.includes("acquire")) {
    const frame = await director.connection.receive({ timeoutMs: 300_000 });
    ok(frame !== undefined, "the job goes on");
    const text = frame.kind === "message" ? decodeText(frame.payload) : "";
    if (!text.startsWith("CatReq ")) continue;
    mounted = await ask("mount");
    if (mounted.includes("acquire")) {
      strictEqual(mounted, `3001 Device ${device} is doing acquire.\n`);
      strictEqual(await ask("unmount"), `3902 Device "${device}" is busy in acquire.\n`);
      strictEqual(await ask("release"), `3923 Device "${device}" is busy in acquire.\n`);
    }
    await director.say(scene.catalog.answer(text));
  }
  const end = director.jobEnd();
  await saving;
  match(await end, /JobStatus=84 JobFiles=1 /);
  for (const connection of [operator, director, file.connection]) connection.close();
});

Deno.test("a busy device is not unmounted, and its status shows why", async () => {
  await using scene = await StorageScene.start();
  const { director, file } = await scene.begin({ jobId: 1, job: JOB });
  await file.beginAppend();
  await file.sendStreams(fileStreams(1, "/f", [new Uint8Array(200_000)]));
  await director.readUntil((_, text) => text.includes("FirstIndex=0"));
  const operator = await scene.director();
  const device = `"FileStorage1" (${scene.folder})`;
  strictEqual(
    await askDaemon(operator, "unmount FileStorage1 drive=0"),
    `3937 Device "${device}" is busy with writers=1 reserved=0.\n`,
  );
  const status = (await askDaemon(operator, "status FileStorage1\n")).replaceAll("\0", "");
  ok(status.includes(`JobId=1 Level=Full Type=Backup Name=Backup Status=Running\n`), status);
  ok(status.includes(`Writing: Volume="Main-0001"\n    pool="Main" device=${device}\n`), status);
  ok(
    status.includes(
      `\nDevice ${device} is mounted with:\n    Volume:      Main-0001\n` +
        "    Pool:        Main\n    Media type:  File1\n",
    ),
    status,
  );
  ok(
    status.includes(`Main-0001 on device ${device}\n    Reader=0 writers=1 reserves=0 volinuse=1`),
  );
  match(await askDaemon(operator, ".status current\n"), /^3000 OK \.status\nJobId=1 JobStatus=R /);
  const end = director.jobEnd();
  await file.endAppend();
  await end;
  match(await askDaemon(operator, ".status last\n"), /JobId=1 JobStatus=T JobErrors=0\n/);
  for (const connection of [operator, director, file.connection]) connection.close();
});

Deno.test("the status has the sections of recording 19 in their order", async () => {
  await using scene = await StorageScene.start();
  await scene.backup(
    { jobId: 12, job: JOB },
    fileStreams(1, "/f", [new Uint8Array(2_419_000 % 900_000)]),
  );
  const director = await scene.director();
  const status = (await askDaemon(director, "status FileStorage1\n")).replaceAll("\0", "");
  match(
    status,
    new RegExp([
      "^\\ntest-sd Version: .* \\n",
      "Daemon started \\d\\d-[A-Z][a-z][a-z]-\\d\\d \\d\\d:\\d\\d\\. Jobs: run=1, running=0, .* binary\\n",
      " Sizes: boffset_t=8 size_t=8 int32_t=4 int64_t=8 bwlimit=0kB/s\\n",
      "\\nJob inventory:\\n\\nNo Jobs running\\.\\n====\\n",
      "\\nJobs waiting to reserve a drive:\\n====\\n",
      "\\nTerminated Jobs:\\n JobId {2}Level {4}Files {6}Bytes {3}Status {3}Finished {8}Name \\n={67}\\n",
      " {4}12 {2}Full {10}1 {4}619\\.\\d K {2}OK {7}\\d\\d-\\w{3}-\\d\\d \\d\\d:\\d\\d Backup\\n====\\n",
      "\\nDevice status:\\n\\nDevice .* is not open\\.\\n==\\n====\\n\\n",
      "Used Volume status:\\n====\\n\\n====\\n\\n$",
    ].join("")),
  );
  director.close();
});

Deno.test("small commands answer as Bareos does", async () => {
  await using scene = await StorageScene.start();
  const director = await scene.director();
  strictEqual(
    await askOne(director, "getSecureEraseCmd\n"),
    "2000 OK SDSecureEraseCmd *None* \n",
  );
  strictEqual(await askOne(director, "pluginoptions abc\n"), "2000 OK plugin options\n");
  strictEqual(await askOne(director, "setbandwidth=1000 Job=\n"), "2000 OK Bandwidth\n");
  strictEqual(
    await askOne(director, "setbandwidth=1000 Job=Nobody\n"),
    "2901 Job Nobody not found.\n",
  );
  strictEqual(await director.expect(""), "2000 OK Bandwidth\n");
  strictEqual(
    await askOne(director, "setdebug=100 trace=1 timestamp=0\n"),
    `3000 OK setdebug=100 trace=1 timestamp=0 tracefile=${scene.folder}/test-sd.trace\n`,
  );
  strictEqual(
    await askOne(director, "setdevice device=FileStorage1 autoselect=0"),
    "3000 OK setdevice=FileStorage1 autoselect=0\n",
  );
  strictEqual(await askDaemon(director, "cancel Job=Nobody\n"), "3904 Job Nobody not found.\n");
  match(
    await askDaemon(director, "autochanger list FileStorage1 \n"),
    /^3993 Device .* not an autochanger device\.\n$/,
  );
  match(await askDaemon(director, "resolve localhost"), /^test-sd(: Failed to resolve| resolves) /);
  strictEqual(await askOne(director, "stats"), "2000 OK statistics\n");
  director.close();
});

Deno.test("the status tells missing devices, and at debug level 2 what is true of each", async () => {
  await using scene = await StorageScene.start({}, {}, (folder) => [
    testDevice(folder),
    testDevice(`${folder}/missing`, { name: "Gone" }),
  ]);
  const director = await scene.director();
  const plain = await askDaemon(director, "status \n");
  match(plain, /\nDevice "Gone" is not open or does not exist\.\n/);
  match(plain, /\nDevice "FileStorage1" \(\S+\) is not open\.\n/);
  doesNotMatch(plain, /!OPENED/);
  await director.say("setdebug=2 trace=0 timestamp=0\n");
  match(await director.expect("3000 OK setdebug"), /setdebug=2 /);
  const { director: writing, file } = await scene.begin({
    jobId: 1,
    job: "B.2026-11-24_00.00.00_01",
  });
  await file.beginAppend();
  await file.sendStreams(fileStreams(1, "/f", [new Uint8Array(200_000)]));
  await writing.expect("CatReq Job=B.2026-11-24_00.00.00_01 CreateJobMedia");
  const bits = await askDaemon(director, "status FileStorage1\n");
  match(bits, / {4}OPENED LABEL MALLOC APPEND !READ !EOT !WEOT !EOF !NEXTVOL !SHORT MOUNTED\n/);
  match(
    bits,
    /Main-0001 on device "FileStorage1" .*\n\0? {4}Reader=0 writers=1 reserves=0 volinuse=1/,
  );
  match(bits, /JobId=1 Level=Full Type=Backup Name=B Status=Running/);
  match(bits, /AveBytes\/sec=[\d,]+ LastBytes\/sec=[\d,]+/);
  match(await askDaemon(director, ".status devices\n"), /OPENED LABEL/);
  const ended = writing.jobEnd();
  await file.endAppend();
  await ended;
  for (const peer of [director, writing]) peer.close();
  file.connection.close();
});

Deno.test("setdebug traces commands and answers into a file, without their keys", async () => {
  await using scene = await StorageScene.start();
  const director = await scene.director();
  await director.say("setdebug=100 trace=1 timestamp=1\n");
  const path = /tracefile=(\S+)\n/.exec(await director.expect("3000 OK setdebug"))?.[1] ?? "";
  await director.announce({ jobId: 1, job: JOB });
  await askDaemon(director, "cancel Job=Nobody\n");
  await director.say("setdebug=0 trace=0 timestamp=0\n");
  await director.expect("3000 OK setdebug");
  await askDaemon(director, "cancel Job=Somebody\n");
  const trace = await Deno.readTextFile(path);
  match(trace, /^\d{4}-\S+ test-sd \(100\): from test-dir: JobId=1 job=Backup/m);
  match(trace, /to test-dir: 3000 OK Job SDid=1 SDtime=\d+ Authorization=\*\*\*$/m);
  match(trace, /to test-dir: 3904 Job Nobody not found\.$/m);
  doesNotMatch(trace, /Somebody/);
  director.close();
});

Deno.test("a device that nobody has is refused with its name", async () => {
  await using scene = await StorageScene.start();
  const director = await scene.director({ device: "Other" });
  await director.announce({ jobId: 1, job: JOB });
  strictEqual(
    await director.useStorage(true),
    '3924 Device "Other" not in SD Device resources or no matching Media Type.\n',
  );
  match(director.log, /Fatal error: Device reservation failed for JobId=1: 3924 Device "Other"/);
  director.close();
});

Deno.test("the storage daemon connects to a passive client and serves it", async () => {
  await using scene = await StorageScene.start();
  const director = await scene.director();
  await director.announce({ jobId: 1, job: JOB });
  await director.useStorage(true);
  const client = acceptFileHello(JOB, director.key);
  await director.say(`passive client address=127.0.0.1 port=${client.port} ssl=0\n`);
  const file = await client.connected;
  strictEqual(await director.expect("2"), "2000 OK passive client\n");
  await director.say("run");
  const end = director.jobEnd();
  await file.beginAppend();
  await file.sendStreams(fileStreams(1, "/f", [new Uint8Array(1000)]));
  await file.endAppend();
  match(await end, /JobStatus=84 JobFiles=1 /);
  match(director.log, /Connected File Daemon at 127\.0\.0\.1:\d+, encryption: None/);
  director.close();
  file.connection.close();
});

Deno.test("a signal or an empty message ends a director's session with TERMINATE; signs of life do not", async () => {
  await using scene = await StorageScene.start();
  const ends = [
    Signal.EOD,
    Signal.EOD_POLL,
    Signal.STATUS,
    Signal.BTIME,
    Signal.BREAK,
    -30,
    -31,
  ];
  for (const signal of ends) {
    const director = await scene.director();
    await director.connection.sendSignal(signal);
    await director.readUntil((frame) =>
      frame.kind === "signal" && frame.signal === Signal.TERMINATE
    );
  }
  const director = await scene.director();
  await director.connection.sendSignal(Signal.HEARTBEAT);
  await director.say("status");
  match(await director.answer(), /Version: /);
  await director.say("");
  await director.readUntil((frame) => frame.kind === "signal" && frame.signal === Signal.TERMINATE);
});

Deno.test("signals and empty messages between a file daemon's commands are nothing to a storage daemon", async () => {
  await using scene = await StorageScene.start();
  const { director, file } = await scene.begin({ jobId: 1, job: JOB, pool: "Main" });
  const noise = [
    Signal.EOD,
    Signal.HEARTBEAT,
    Signal.HB_RESPONSE,
    Signal.POLL,
    Signal.STATUS,
    -30,
    -31,
  ];
  for (const signal of noise) await file.connection.sendSignal(signal);
  await file.connection.send("");
  await file.connection.send("append open session\n");
  const frame = await file.connection.receive({ timeoutMs: 60_000 });
  match(
    frame?.kind === "message" ? decodeText(frame.payload) : "",
    /^3000 OK open ticket = \d+\n$/,
  );
  await file.connection.sendSignal(Signal.TERMINATE);
  match(await director.expect("3099 "), /3099 Job /);
});
