import { match, strictEqual } from "node:assert";
import { fileStreams, TestFileDaemon } from "../../tests/support/test_file_daemon.ts";
import { StorageScene } from "../../tests/support/storage_scene.ts";
import { testDevice } from "../../tests/support/storage_settings.ts";

function jobName(number: number): string {
  return `Backup.2026-11-24_00.00.00_${String(number).padStart(2, "0")}`;
}

/** Two devices with media types and folders of their own. */
async function twoMediaTypes(): Promise<StorageScene> {
  return await StorageScene.start({}, {}, (folder) =>
    ["1", "2"].map((n) => {
      Deno.mkdirSync(`${folder}/st${n}`);
      return testDevice(`${folder}/st${n}`, { name: `FileStorage${n}`, mediaType: `File${n}` });
    }));
}

Deno.test("a reservation at `use storage` serves as well as one at the first data", async () => {
  await using scene = await StorageScene.start({}, { justInTimeReservation: false });
  const director = await scene.director();
  await director.announce({ jobId: 1, job: jobName(1) });
  strictEqual(await director.useStorage(true), "3000 OK use device device=FileStorage1\n");
  await director.say("run");
  const file = await TestFileDaemon.connect(scene.port, jobName(1), director.key);
  const end = director.jobEnd();
  await file.beginAppend();
  await file.sendStreams(fileStreams(1, "/f", [new Uint8Array(1000)]));
  await file.endAppend();
  match(await end, /JobStatus=84 JobFiles=1 /);
  director.close();
  file.connection.close();
});

Deno.test("a job that is given up after `use storage` frees the device", async () => {
  await using scene = await StorageScene.start({ maximumConcurrentJobs: 1 }, {
    justInTimeReservation: false,
  });
  const director = await scene.director();
  await director.announce({ jobId: 1, job: jobName(1) });
  await director.useStorage(true);
  director.close();
  const { end } = await scene.backup(
    { jobId: 2, job: jobName(2) },
    fileStreams(1, "/f", [new Uint8Array(1000)]),
  );
  match(end, /JobStatus=84/);
});

Deno.test("a job whose turn never came leaves no volume open for the next", async () => {
  await using scene = await StorageScene.start({}, { justInTimeReservation: false });
  const first = await scene.begin({ jobId: 1, job: jobName(1) });
  const end = first.director.jobEnd();
  await first.file.beginAppend();
  await first.file.sendStreams(fileStreams(1, "/f", [new Uint8Array(1000)]));
  const second = await scene.director();
  await second.announce({ jobId: 2, job: jobName(2) });
  await second.useStorage(true);
  await first.file.endAppend();
  match(await end, /JobStatus=84/);
  second.close();
  first.director.close();
  first.file.connection.close();
  scene.catalog.volume("Main-0001").status = "Used";
  const third = await scene.backup(
    { jobId: 3, job: jobName(3) },
    fileStreams(1, "/f", [new Uint8Array(1000)]),
  );
  match(third.end, /JobStatus=84/);
  strictEqual(scene.catalog.volume("Main-0001").jobs, 1);
  strictEqual(scene.catalog.volume("Main-0002").jobs, 1);
});

Deno.test("a job without data touches no device", async () => {
  await using scene = await StorageScene.start();
  const { end, director } = await scene.backup({ jobId: 1, job: jobName(1) }, []);
  match(end, /JobStatus=84 JobFiles=0 JobBytes=0 JobErrors=0/);
  match(director.log, /Because no backup data was received, no device was reserved\. As such no/);
  strictEqual(scene.catalog.volumes.length, 0);
});

Deno.test("a restore from two media types changes the device on its way", async () => {
  await using scene = await twoMediaTypes();
  const bootstrap: string[] = [];
  for (const n of [1, 2]) {
    const job = jobName(n);
    const director = await scene.director({ device: `FileStorage${n}`, mediaType: `File${n}` });
    await director.announce({ jobId: n, job });
    await director.useStorage(true, `Pool${n}`);
    await director.say("run");
    const file = await TestFileDaemon.connect(scene.port, job, director.key);
    const end = director.jobEnd();
    await file.beginAppend();
    await file.sendStreams(fileStreams(1, `/f${n}`, [new Uint8Array(1000).fill(n)]));
    await file.endAppend();
    match(await end, /JobStatus=84/);
    bootstrap.push(...scene.catalog.bootstrap(job, director.sdId, director.sdTime, `File${n}`));
    director.close();
    file.connection.close();
  }
  const { records, end, director } = await scene.restore(
    { jobId: 3, job: "Restore.2026-11-24_00.00.00_03" },
    bootstrap,
  );
  match(end, /JobStatus=84 .*JobErrors=0/);
  strictEqual(records.length, 6);
  match(director.log, /Changing read device\. Want Media Type="File2" have="File1"\n {2}device=/);
  match(director.log, /Media Type change\. {2}New read device "FileStorage2" .* chosen\.\n/);
});

Deno.test("two restores read one volume, one after the other or at once as configured", async () => {
  for (const fileDeviceConcurrentRead of [false, true]) {
    await using scene = await StorageScene.start(
      {},
      { fileDeviceConcurrentRead },
      (folder) => ["FileStorage1", "FileStorage2"].map((name) => testDevice(folder, { name })),
    );
    const { sdId, sdTime } = await scene.backup(
      { jobId: 1, job: jobName(1) },
      fileStreams(1, "/f", [new Uint8Array(100_000)]),
    );
    const bootstrap = scene.catalog.bootstrap(jobName(1), sdId, sdTime, "File1");
    const ends = await Promise.all(
      [2, 3].map((n) => scene.restore({ jobId: n, job: jobName(n) }, bootstrap)),
    );
    for (const { end, records } of ends) {
      match(end, /JobStatus=84 .*JobErrors=0/);
      strictEqual(records.length, 3);
    }
  }
});

Deno.test("a device that is not there is passed over with a warning; without another the job fails", async () => {
  await using scene = await StorageScene.start(
    {},
    {},
    (folder) => [
      testDevice(`${folder}/missing`, { name: "Gone" }),
      testDevice(folder, { name: "Here" }),
    ],
    () => [{ name: "Both", devices: ["Gone", "Here"] }],
  );
  const streams = fileStreams(1, "/f", [new Uint8Array(1000)]);
  const run = async (number: number, device: string): Promise<{ end: string; log: string }> => {
    const { director, file } = await scene.begin({ jobId: number, job: jobName(number) }, device);
    const end = director.jobEnd();
    await file.beginAppend();
    await file.sendStreams(streams);
    await file.endAppend().catch(() => {}); // the daemon hangs up
    const line = await end;
    director.close();
    file.connection.close();
    return { end: line, log: director.log };
  };
  const good = await run(1, "Both");
  match(good.end, /JobStatus=84 JobFiles=1 /);
  match(
    good.log,
    /Warning: \n {5}Device "Gone" in changer "Both" requested by DIR could not be opened or does not/,
  );
  match(good.log, /Using Device "Here"/);
  const bad = await run(2, "Gone");
  match(bad.end, /JobStatus=102 /);
  match(bad.log, /3924 Device "Gone" not in SD Device resources or no matching Media Type\./);
});

Deno.test("another volume on a removable medium is used where the director accepts it", async () => {
  await using scene = await StorageScene.start({ removableMedia: true, labelMedia: false });
  const director = await scene.director();
  const label = async (name: string, pool: string): Promise<void> => {
    await director.say(
      `label FileStorage1 VolumeName=${name} PoolName=${pool} MediaType=File1 Slot=0 drive=-1 ` +
        "MinBlocksize=0 MaxBlocksize=0",
    );
    match(await director.answer(), /^3000 OK label/);
  };
  const wanted = scene.catalog.create("Main"); // labelled some time, and on another disk
  Object.assign(wanted, { bytes: 5000, blocks: 2 });
  const present = scene.catalog.create("Main");
  const used = scene.catalog.create("Main");
  used.status = "Full";
  for (const volume of [used, present]) {
    await label(volume.volume, "Main");
    volume.bytes = (await Deno.stat(`${scene.folder}/${volume.volume}`)).size;
    volume.blocks = 1;
  }
  const { end, director: job } = await scene.backup(
    { jobId: 1, job: jobName(1) },
    fileStreams(1, "/f", [new Uint8Array(1000)]),
  );
  match(end, /JobStatus=84 JobFiles=1 /);
  match(job.log, /Ready to append to end of Volume "Main-0002"/);

  // on the medium that is left there is none that it may have: the operator is told which and why
  present.status = "Full";
  const { director: waiting, file } = await scene.begin({ jobId: 2, job: jobName(2) });
  await file.beginAppend();
  await file.sendStreams(fileStreams(1, "/f", [new Uint8Array(1000)]));
  const asked = await waiting.expect("Jmsg Job=" + jobName(2) + " type=10");
  match(asked, /Please mount append Volume "Main-0001" or label a new one for:/);
  match(
    waiting.log,
    /Director wanted Volume "Main-0001"\.\n {4}Current Volume "Main-000[23]" not acceptable because:\n {4}1998 /,
  );
  waiting.close();
  file.connection.close();
  director.close();
});
