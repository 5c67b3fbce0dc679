import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert";
import { dial, realEnvironment, Signal } from "../../protocol/mod.ts";
import { TestDirector } from "../../tests/support/test_director.ts";
import { manyFiles, TestFileDaemon } from "../../tests/support/test_file_daemon.ts";
import { StorageScene } from "../../tests/support/storage_scene.ts";
import { testDevice, testStorage } from "../../tests/support/storage_settings.ts";
import { StorageDaemon } from "./mod.ts";

const JOB = "Backup.2026-11-24_00.00.00_01";

/** The daemon still works: a whole backup goes well. */
async function isAlive(scene: StorageScene, number = 77): Promise<void> {
  const job = `Alive.2026-11-24_00.00.00_${number}`;
  const { end } = await scene.backup({ jobId: number, job }, manyFiles(3, 1000));
  match(end, /JobStatus=84 JobFiles=3 /);
}

async function cancel(scene: StorageScene, argument: string): Promise<string> {
  const director = await scene.director();
  await director.say(`cancel Job=${argument}\n`);
  const answer = await director.answer();
  director.close();
  return answer;
}

for (const argument of ["1", JOB]) {
  Deno.test(`a running job is cancelled by ${argument}`, async () => {
    await using scene = await StorageScene.start();
    const { director, file } = await scene.begin({ jobId: 1, job: JOB });
    await file.beginAppend();
    await file.sendStreams(manyFiles(5, 30_000));
    strictEqual(
      await cancel(scene, argument),
      `3000 JobId=1 Job="${JOB}" marked to be canceled.\n`,
    );
    match(await director.jobEnd(), /JobStatus=65 /);
    strictEqual(await cancel(scene, argument), `3904 Job ${argument} not found.\n`);
    director.close();
    file.connection.close();
    await isAlive(scene);
    const volume = scene.catalog.volume("Main-0001");
    strictEqual(volume.bytes, (await Deno.stat(`${scene.folder}/Main-0001`)).size);
  });
}

Deno.test("who comes for a job that is not there is sent away after a pause", async () => {
  const folder = await Deno.makeTempDir();
  const pauses: number[] = [];
  const problems: string[] = [];
  const daemon = new StorageDaemon({
    ...testStorage(folder, [testDevice(folder)]),
    environment: {
      ...realEnvironment,
      pause: (milliseconds) => Promise.resolve(void pauses.push(milliseconds)),
    },
    onProblem: (text) => problems.push(text),
  });
  const { ports, stop } = await daemon.start();
  try {
    for (const hello of [`Hello Start Job ${JOB}`, `Hello Start Storage Job ${JOB}`]) {
      const stranger = await dial({ address: "127.0.0.1", port: ports[0] ?? 0, who: "test" });
      await stranger.send(`${hello} Version="26.0.0"\n`);
      const frame = await stranger.receive({ timeoutMs: 60_000 });
      deepStrictEqual(frame, { kind: "signal", signal: Signal.TERMINATE });
      stranger.close();
    }
    deepStrictEqual(pauses, [5_000, 5_000]);
    match(problems.join("\n"), /FD connect failed: Job name not found: Backup/);
    match(problems.join("\n"), /SD connect failed: Job name not found: Backup/);
  } finally {
    await stop();
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a job that waits for its client is cancelled", async () => {
  await using scene = await StorageScene.start();
  const director = await scene.director();
  await director.announce({ jobId: 1, job: JOB });
  await director.useStorage(true);
  await director.say("run");
  await director.expect("Status ");
  match(await cancel(scene, "1"), /marked to be canceled/);
  await director.readUntil((frame) => frame.kind === "signal" && frame.signal === Signal.TERMINATE);
  director.close();
  await isAlive(scene);
});

Deno.test("a job that waits for an operator is cancelled", async () => {
  await using scene = await StorageScene.start();
  scene.catalog.mayCreate = 0;
  const { director, file } = await scene.begin({ jobId: 1, job: JOB });
  await file.beginAppend();
  await file.sendStreams(manyFiles(1, 1000));
  const message = await director.readUntil((_, text) => text.includes("type=10 "));
  match(message, /Cannot find any appendable volumes\.\nPlease use the "label" command/);
  match(await cancel(scene, "1"), /marked to be canceled/);
  match(await director.jobEnd(), /JobStatus=65 /);
  match(director.log, /canceled while waiting for mount on Storage Device "FileStorage1"/);
  director.close();
  file.connection.close();
  scene.catalog.mayCreate = 10;
  await isAlive(scene);
});

Deno.test("a job behind one that waits for an operator is cancelled without it", async () => {
  await using scene = await StorageScene.start();
  scene.catalog.mayCreate = 0;
  const first = await scene.begin({ jobId: 1, job: JOB });
  await first.file.beginAppend();
  await first.file.sendStreams(manyFiles(1, 1000));
  await first.director.readUntil((_, text) => text.includes("type=10 "));
  const firstEnd = first.director.jobEnd();
  const second = await scene.begin({ jobId: 2, job: "Other.2026-11-24_00.00.00_02" });
  await second.file.beginAppend();
  await second.file.sendStreams(manyFiles(1, 1000));
  await second.director.readUntil((_, text) => text.includes("Using Device"));
  const secondEnd = second.director.jobEnd();
  match(await cancel(scene, "2"), /marked to be canceled/);
  match(await secondEnd, /JobStatus=65 /);
  match(await cancel(scene, "1"), /marked to be canceled/);
  match(await firstEnd, /JobStatus=65 /);
  for (const { director, file } of [first, second]) {
    director.close();
    file.connection.close();
  }
  scene.catalog.mayCreate = 10;
  await isAlive(scene);
});

Deno.test("a job that waits for an operator goes on after `label`", async () => {
  await using scene = await StorageScene.start();
  scene.catalog.mayCreate = 0;
  const { director, file } = await scene.begin({ jobId: 1, job: JOB });
  await file.beginAppend();
  await file.sendStreams(manyFiles(1, 1000));
  await director.readUntil((_, text) => text.includes("type=10 "));
  const volume = scene.catalog.create("Main");
  const operator = await scene.director();
  await operator.say(
    `label FileStorage1 VolumeName=${volume.volume} PoolName=Main MediaType=File1 Slot=0 ` +
      "drive=0 MinBlocksize=0 MaxBlocksize=0",
  );
  const answer = await operator.answer();
  match(answer, /^3000 OK label\. VolFiles=0 VolBytes=\d+ Volume="Main-0001" Device="FileSto/);
  volume.bytes = Number(/VolBytes=(\d+)/.exec(answer)?.[1]);
  volume.blocks = 1;
  const end = director.jobEnd();
  await operator.say("mount FileStorage1 drive=0");
  await operator.answer();
  await file.endAppend();
  match(await end, /JobStatus=84 JobFiles=1 /);
  for (const connection of [operator, director, file.connection]) connection.close();
});

Deno.test("a client that hangs up in the middle fails its job, not the daemon", async () => {
  await using scene = await StorageScene.start();
  const { director, file } = await scene.begin({ jobId: 1, job: JOB });
  await file.beginAppend();
  await file.sendStreams(manyFiles(3, 30_000));
  file.connection.close();
  match(await director.jobEnd(), /JobStatus=102 .*JobErrors=[1-9]/);
  match(director.log, /Fatal error: Error reading data header from FD\. ERR=/);
  director.close();
  await isAlive(scene);
});

for (
  const [where, streams] of [
    ["in the middle of a file", manyFiles(3, 30_000).slice(0, -1)],
    ["behind a file", manyFiles(3, 30_000)],
  ] as const
) {
  Deno.test(`a client that says close_notify ${where}, and stays, fails its job as one that hangs up`, async () => {
    await using scene = await StorageScene.start();
    const { director, file } = await scene.begin({ jobId: 1, job: JOB }, undefined, true);
    match(file.connection.cipher ?? "", /TLS/);
    await file.beginAppend();
    await file.sendStreams(streams);
    // Says it and waits for the other end's, which need not be the first thing that comes.
    const ended = file.connection.unprotect("closed").catch(() => {});
    match(await director.jobEnd(), /JobStatus=102 .*JobErrors=[1-9]/);
    match(director.log, /Fatal error: Error reading data header from FD\. ERR=/);
    director.close();
    file.connection.close();
    await ended;
    await isAlive(scene);
  });
}

Deno.test("a director that hangs up ends its job and frees the device", async () => {
  await using scene = await StorageScene.start({ maximumConcurrentJobs: 1 });
  const { director, file } = await scene.begin({ jobId: 1, job: JOB });
  const reading = director.jobEnd();
  await file.beginAppend();
  await file.sendStreams(manyFiles(3, 30_000));
  director.close();
  await rejects(reading);
  strictEqual(await file.hear(), "<end>");
  file.connection.close();
  await isAlive(scene);
});

for (
  const [what, frames, problem] of [
    [
      "a jump of the FileIndex",
      ["1 1 0", "attr", -1, "3 1 0"],
      /FileIndex=3 from FD not positive or sequential=1/,
    ],
    ["a header that is none", ["nonsense"], /FileIndex=0 from FD not positive or sequential=0/],
    ["a signal where data should be", ["1 1 0", -3], /Unexpected signal from FD: -3/],
  ] as const
) {
  Deno.test(`${what} fails the job`, async () => {
    await using scene = await StorageScene.start();
    const { director, file } = await scene.begin({ jobId: 1, job: JOB });
    await file.beginAppend();
    const end = director.jobEnd();
    for (const frame of frames) {
      if (typeof frame === "number") await file.connection.sendSignal(frame);
      else await file.connection.send(frame);
    }
    strictEqual(await file.hear(), "3999 Failed append\n");
    strictEqual(await file.hear(), "3903 Error append data\n");
    strictEqual(await file.hear(), "<TERMINATE>");
    match(await end, /JobStatus=102 /);
    match(director.log, problem);
    match(director.log, /Fatal error: Command error with FD, hanging up\. Append data error\./);
    director.close();
    file.connection.close();
    await isAlive(scene);
  });
}

Deno.test("commands out of order are answered as Bareos does", async () => {
  await using scene = await StorageScene.start();
  for (
    const [commands, answer] of [
      [["append open session\n", "append open session\n"], "3901 Error session already open\n"],
      [["append data 1\n"], "3902 Error session not opened\n"],
      [["append end session 1\n"], "3902 Error session not opened\n"],
      [["read close session 1\n"], "3902 Error session not opened\n"],
      [["make coffee\n"], "3900 Invalid command\n"],
    ] as const
  ) {
    const { director, file } = await scene.begin({ jobId: 1, job: JOB });
    let heard = "";
    for (const command of commands) heard = await file.ask(command);
    strictEqual(heard, answer);
    match(await director.jobEnd(), /JobStatus=102 /);
    director.close();
    file.connection.close();
  }
});

Deno.test("a quota ends the job", async () => {
  await using scene = await StorageScene.start();
  const { director, file } = await scene.begin({ jobId: 1, job: JOB, quota: 100_000 });
  await file.beginAppend();
  await file.sendStreams(manyFiles(5, 30_000));
  match(await director.jobEnd(), /JobStatus=102 /);
  match(director.log, /Fatal error: Quota Exceeded\. Job Terminated\./);
  director.close();
  file.connection.close();
});

Deno.test("spooled attributes come at the end, all of them, and the spool file goes", async () => {
  await using scene = await StorageScene.start();
  const job = { jobId: 1, job: JOB, spoolAttributes: true };
  const { end, director } = await scene.backup(job, manyFiles(50, 30_000));
  match(end, /JobStatus=84 JobFiles=50 /);
  strictEqual(director.attributes.length, 100);
  match(director.log, /Sending spooled attrs to the Director\. Despooling [\d,]+ bytes \.\.\./);
  for await (const { name } of Deno.readDir(scene.folder)) ok(!name.endsWith(".spool"), name);
});

Deno.test("a wrong key is refused and fails the job it came for", async () => {
  await using scene = await StorageScene.start();
  const director = await scene.director();
  await director.announce({ jobId: 1, job: JOB });
  await rejects(TestFileDaemon.connect(scene.port, JOB, "AAAA-AAAA"), /refuses our password/);
  director.close();
});

Deno.test("an unknown director is told so", async () => {
  await using scene = await StorageScene.start();
  await rejects(
    TestDirector.connect({ port: scene.port, catalog: scene.catalog, directorName: "evil-dir" }),
    /Connection from unknown Director evil-dir at 127\.0\.0\.1:\d+ rejected/,
  );
  await isAlive(scene);
});

/** What the daemon says to raw bytes before it closes. */
async function provoke(port: number, bytes: Uint8Array): Promise<Uint8Array> {
  using socket = await Deno.connect({ hostname: "127.0.0.1", port });
  await socket.write(bytes);
  await socket.closeWrite();
  const heard: number[] = [];
  const buffer = new Uint8Array(1024);
  while (true) {
    const read = await socket.read(buffer).catch(() => null);
    if (read === null) return Uint8Array.from(heard);
    heard.push(...buffer.subarray(0, read));
  }
}

Deno.test("garbage in place of a hello is refused at once", async () => {
  await using scene = await StorageScene.start();
  for (
    const bytes of [
      new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"),
      crypto.getRandomValues(new Uint8Array(300)),
      new Uint8Array(0),
      Uint8Array.of(0x7f, 0xff, 0xff, 0xff, 1, 2, 3, 4, 5, 6, 7, 8),
    ]
  ) {
    const heard = await provoke(scene.port, bytes);
    strictEqual([...heard].join(), "255,255,255,252");
  }
  await isAlive(scene);
});

Deno.test("an oversize frame in the middle of the data ends the job", async () => {
  await using scene = await StorageScene.start();
  const { director, file } = await scene.begin({ jobId: 1, job: JOB });
  await file.beginAppend();
  await file.sendStreams(manyFiles(2, 1000));
  await file.connection.sendRaw(Uint8Array.of(0x7f, 0, 0, 0, 1, 2, 3));
  match(await director.jobEnd(), /JobStatus=102 /);
  match(director.log, /Packet size too big from "File daemon:127/);
  director.close();
  file.connection.close();
  await isAlive(scene);
});

Deno.test("an unknown command of a director ends its session", async () => {
  await using scene = await StorageScene.start();
  const director = await scene.director();
  await director.say("make tea");
  strictEqual(await director.expect("3900"), "3900 Invalid command: make tea\n");
  await director.readUntil((frame) => frame.kind === "signal" && frame.signal === Signal.TERMINATE);
  director.close();
});

Deno.test("a monitor may ask for the status and for nothing else", async () => {
  const folder = await Deno.makeTempDir();
  const options = testStorage(folder, [testDevice(folder)]);
  const daemon = await new StorageDaemon({
    ...options,
    directors: options.directors.map((each) => ({ ...each, isMonitor: true })),
  }).start();
  await using scene = new StorageScene(folder, daemon.ports[0] ?? 0, () => daemon.stop());
  const director = await scene.director();
  await director.say("status FileStorage1\n");
  match(await director.answer(), /Device "FileStorage1" \(.*\) is not open/);
  await director.say("mount FileStorage1 drive=0");
  match(await director.answer(), /^3997 Invalid command for a Director with Monitor/);
  await director.expect("3900 Invalid command: mount");
  director.close();
});

Deno.test({
  name: "on a full disk a job waits for an operator, who makes room or cancels it",
  ignore: Deno.build.os !== "linux" || Deno.uid() !== 0,
  fn: async () => {
    await using scene = await StorageScene.start({}, {}, (folder) => {
      Deno.mkdirSync(`${folder}/small`);
      return [
        testDevice(`${folder}/small`, { maximumBlockSize: 64_512 }),
        testDevice(folder, { name: "Other", mediaType: "File2" }),
      ];
    });
    const small = `${scene.folder}/small`;
    const mount = (options: string): Promise<Deno.CommandOutput> =>
      new Deno.Command("mount", { args: ["-t", "tmpfs", "-o", options, "none", small] }).output();
    const mounted = await mount("size=512k");
    if (!mounted.success) return;
    try {
      const { director, file } = await scene.begin({ jobId: 1, job: JOB });
      await file.beginAppend();
      const sending = file.sendStreams(manyFiles(60, 30_000));
      const asked = await director.readUntil((_, text) => text.includes("type=10 "));
      match(asked, /Please mount append Volume "Main-0002" or label a new one for:/);
      match(director.log, /End of Volume "Main-0001" at 0:\d+ on device "FileStorage1"/);
      for (const volume of scene.catalog.volumes) {
        const { size } = await Deno.stat(`${small}/${volume.volume}`).catch(() => ({ size: 0 }));
        strictEqual(volume.bytes, size, volume.volume);
      }
      deepStrictEqual(
        scene.catalog.volumes.map(({ volume, status }) => [volume, status]),
        [["Main-0001", "Full"], ["Main-0002", "Append"]],
      );
      match((await mount("remount,size=16m")).success ? "ok" : "no", /ok/);
      const operator = await scene.director();
      await operator.say("mount FileStorage1 drive=0");
      match(await operator.answer(), /^3001 OK mount requested\./);
      operator.close();
      const end = director.jobEnd();
      await sending;
      await file.endAppend();
      match(await end, /JobStatus=84 JobFiles=60 /);
      director.close();
      file.connection.close();
      const { sdId, sdTime } = director;
      const restore = await scene.restore(
        { jobId: 2, job: "Restore.2026-11-24_00.00.00_02" },
        scene.catalog.bootstrap(JOB, sdId, sdTime, "File1"),
      );
      match(restore.end, /JobStatus=84 .*JobErrors=0\n/);
      strictEqual(restore.records.length, 180);

      // no room for as much as a label, and nobody makes any
      await mount("remount,size=2100k");
      await Deno.writeFile(`${small}/ballast`, new Uint8Array(3_000_000)).catch(() => {});
      const third = await scene.begin({ jobId: 3, job: JOB.replace(/1$/, "3") });
      await third.file.beginAppend();
      await third.file.sendStreams(manyFiles(10, 30_000));
      await third.director.readUntil((_, text) => text.includes("type=10 "));
      match(await cancel(scene, "3"), /marked to be canceled/);
      match(await third.director.jobEnd(), /JobStatus=65 /);
      match(third.director.log, /No space left on device|End of Volume/);
      third.director.close();
      third.file.connection.close();
    } finally {
      await new Deno.Command("umount", { args: [small] }).output();
    }
  },
});
