/** Autochangers: one suite for the built-in one and for one that a script drives. */
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert";
import { askDaemon, type TestDirector } from "../../tests/support/test_director.ts";
import { manyFiles, TestFileDaemon } from "../../tests/support/test_file_daemon.ts";
import { startChangerScene } from "../../tests/support/changer_scene.ts";
import { writeScript } from "../../tests/support/script.ts";
import { StorageScene } from "../../tests/support/storage_scene.ts";
import { waitFor } from "../../tests/support/wait_for.ts";
import { FOLDER_CHANGER } from "./folder_changer.ts";

const JOB = "Backup.2026-11-24_00.00.00_01";
const RESTORE = "Restore.2026-11-24_00.00.00_02";

/** Does with links what `mtx-changer` does with tapes. */
const SCRIPT = `#!/bin/sh
magazine=$1; operation=$2; slot=$3; drive=$4
in_drive() { [ -L "$1" ] && basename "$(readlink "$1")" | sed s/slot// || echo 0; }
case $operation in
  slots) ls -d "$magazine"/slot* | wc -l ;;
  loaded) in_drive "$drive" ;;
  load) ln -s "$magazine/slot$slot" "$drive" ;;
  unload) rm "$drive" ;;
  list) for f in "$magazine"/slot*/*; do [ -f "$f" ] || continue
    echo "$(basename "$(dirname "$f")" | sed s/slot//):$(basename "$f")"; done ;;
  transfer) mv "$magazine/slot$slot"/* "$magazine/slot$drive/" ;;
  *) echo "cannot $operation" >&2; exit 1 ;;
esac
`;

const KINDS = {
  "the built-in changer": () => FOLDER_CHANGER,
  "a changer's script": (folder: string) => {
    writeScript(`${folder}/changer`, SCRIPT);
    return `${folder}/changer %c %o %S %a %d`;
  },
} as const;

/** A daemon with a changer of two drives and three slots. */
const start = (command: (folder: string) => string): Promise<StorageScene> =>
  startChangerScene({ slots: 3, jobsPerDrive: 1, command });

const label = (name: string, slot: number) =>
  `label Changer VolumeName=${name} PoolName=Main MediaType=File1 Slot=${slot} drive=0 ` +
  "MinBlocksize=0 MaxBlocksize=0";

/** Labels a volume in a slot and enters it into the test's catalog. */
async function labelInSlot(scene: StorageScene, director: TestDirector, slot: number) {
  const volume = scene.catalog.create("Main");
  match(
    await askDaemon(director, label(volume.volume, slot)),
    /^3000 OK label\. VolFiles=0 VolBytes=\d+/,
  );
  volume.slot = slot;
  volume.bytes = (await Deno.stat(`${scene.folder}/magazine/slot${slot}/${volume.volume}`)).size;
  volume.blocks = 1;
}

for (const [kind, command] of Object.entries(KINDS)) {
  Deno.test(`${kind} brings volumes to drives: labels, a job over two volumes, a restore`, async () => {
    await using scene = await start(command);
    scene.catalog.maxBytes = 400_000;
    const director = await scene.director({ device: "Changer" });
    strictEqual(await askDaemon(director, "autochanger drives Changer"), "drives=2\n");
    strictEqual(await askDaemon(director, "autochanger slots Changer"), "slots=3");
    await labelInSlot(scene, director, 1);
    await labelInSlot(scene, director, 3);
    scene.catalog.mayCreate = 0;
    match(
      await askDaemon(director, "autochanger list Changer \n"),
      /^3306 Issuing autochanger "list" command\.\n1:Main-0001\n3:Main-0002\n$/,
    );
    match(
      await askDaemon(director, "readlabel Changer Slot=1 drive=1"),
      /3001 Volume=Main-0001 Slot=1\n/,
    );

    const saved = manyFiles(20, 30_000);
    const job = await scene.begin({ jobId: 1, job: JOB }, "Changer");
    const end = job.director.jobEnd();
    await job.file.beginAppend();
    await job.file.sendStreams(saved);
    await job.file.endAppend();
    match(await end, /JobStatus=84 JobFiles=20 .*JobErrors=0/);
    const { log, sdId, sdTime } = job.director;
    match(log, /3301 Issuing autochanger "loaded\? drive \d" command\.\n/);
    match(log, /3305 Autochanger "load slot 3, drive \d", status is OK\.\n/);
    match(log, /End of medium on Volume "Main-0001"/);
    job.director.close();
    job.file.connection.close();
    match(
      await askDaemon(director, "status Changer\n"),
      /Slot 3 (is|was last) loaded in drive \d\.\n/,
    );

    const bootstrap = scene.catalog.bootstrap(JOB, sdId, sdTime, "File1");
    ok(new Set(scene.catalog.jobMedia.map(({ mediaId }) => mediaId)).size === 2);
    const restore = await restoreFrom(scene, bootstrap);
    deepStrictEqual(
      restore.map((data) => data.length),
      saved.flatMap(({ records }) => records.map((data) => data.length)),
    );
    match(await askDaemon(director, "unmount Changer drive=0"), /^3002 Device /);
    match(await askDaemon(director, "mount Changer drive=0"), /^3(001|906) /);
    match(await askDaemon(director, "unmount Changer drive=1"), /^3002 Device /);
    match(await askDaemon(director, "mount Changer drive=1"), /^3(001|906) /);
    if (kind === "the built-in changer") {
      match(
        await askDaemon(director, "autochanger listall Changer \n"),
        /D:0:E\nD:1:E\nS:1:F:Main-0001\nS:2:E\nS:3:F:Main-0002\n$/,
      );
      match(
        await askDaemon(director, "autochanger transfer Changer 3 2 \n"),
        /3308 Successfully transferred volume from slot 3 to 2\.\n/,
      );
      match(await askDaemon(director, "autochanger list Changer \n"), /2:Main-0002\n$/);
      match(
        await askDaemon(director, "autochanger transfer Changer 3 1 \n"),
        /3998 Autochanger error: ERR=Cannot transfer from slot 3 to 1: slot 3 is empty\n/,
      );
    }
    director.close();
  });
}

async function restoreFrom(scene: StorageScene, bootstrap: readonly string[]) {
  const director = await scene.director({ device: "Changer" });
  await director.announce({ jobId: 2, job: RESTORE, type: "R" });
  await director.useStorage(false);
  await director.bootstrap(bootstrap);
  await director.say("run");
  const file = await TestFileDaemon.connect(scene.port, RESTORE, director.key);
  const end = director.jobEnd();
  const records = await file.readAll();
  match(await end, /JobStatus=84 .*JobErrors=0/);
  director.close();
  file.connection.close();
  return records.map(({ data }) => data);
}

Deno.test("mounting a slot whose volume has no label says so, and the next slot is mounted", async () => {
  await using scene = await start(KINDS["the built-in changer"]);
  const director = await scene.director({ device: "Changer" });
  await labelInSlot(scene, director, 1);
  await Deno.writeFile(`${scene.folder}/magazine/slot2/Blank`, new Uint8Array());
  await Deno.writeTextFile(`${scene.folder}/magazine/slot3/Letter`, "Dear reader,\n".repeat(100));
  const mount = (slot: number) => askDaemon(director, `mount Changer drive=0 slot=${slot}`);
  const open = '3905 Device "Drive0" .* open but no Bareos volume is mounted\\.\n' +
    "If this is not a blank tape, try unmounting and remounting the Volume\\.\n";
  const refusal = '^3902 Cannot mount Volume on Storage Device ""Drive0" .*" because:\n';
  match(await mount(2), new RegExp(`${refusal}the file is empty\n${open}$`));
  match(await mount(3), new RegExp(`${refusal}.*\n${open}$`));
  match(await askDaemon(director, "unmount Changer drive=0"), /^3002 Device .* unmounted/);
  match(await mount(2), new RegExp(open));
  match(await mount(1), /^3001 Device "Drive0" .* is mounted with Volume "Main-0001"\n$/);
  // What is released is what the drive holds, whether it has a label or not.
  const release = () => askDaemon(director, "release Changer drive=0");
  for (const slot of [1, 2, 3]) {
    await mount(slot);
    match(await release(), /^3022 Device ".*" released\.\n$/);
    await rejects(Deno.lstat(`${scene.folder}/drive0`), Deno.errors.NotFound);
    match(await release(), /^3921 Device ".*" already released\.\n$/);
  }
  director.close();
});

Deno.test("a changer that fails says what its command said", async () => {
  await using scene = await start((folder) => {
    writeScript(`${folder}/changer`, "#!/bin/sh\necho robot stuck\nexit 3\n");
    return `${folder}/changer %o`;
  });
  const director = await scene.director({ device: "Changer" });
  strictEqual(
    await askDaemon(director, "autochanger slots Changer"),
    "3998 Autochanger error: ERR=Child exited with code 3\n",
  );
  match(
    await askDaemon(director, label("X", 1)),
    /^3998 Autochanger error: ERR=.*loaded\? drive 0/,
  );
  match(
    await askDaemon(director, "release Changer drive=0"),
    /^3998 Autochanger error: ERR=.*loaded\? drive 0/,
  );
  director.close();
});

Deno.test("a changer's command is told job, client and volume", async () => {
  await using scene = await start((folder) => {
    writeScript(
      `${folder}/changer`,
      SCRIPT.replace("magazine=$1", `echo "$*" >> "${folder}/calls"\nmagazine=$1`),
    );
    return `${folder}/changer %c %o %S %a %d %j %f %v %%`;
  });
  const director = await scene.director({ device: "Changer" });
  await labelInSlot(scene, director, 2);
  match(await askDaemon(director, "release Changer drive=0"), /^30|^39/);
  match(await askDaemon(director, "unmount Changer drive=0"), /^300|^390/);
  match(await askDaemon(director, "mount Changer drive=0"), /^300|^390/);
  const job = await scene.begin({ jobId: 1, job: JOB }, "Changer");
  const end = job.director.jobEnd();
  await job.file.beginAppend();
  await job.file.sendStreams(manyFiles(2, 1000));
  await job.file.endAppend();
  match(await end, /JobStatus=84 /);
  match(
    await Deno.readTextFile(`${scene.folder}/calls`),
    new RegExp(`load 2 \\S+/drive0 0 ${JOB} test-fd Main-0001 %\n`),
  );
  for (const peer of [job.director, director]) peer.close();
  job.file.connection.close();
});

Deno.test("a job that is cancelled ends its changer's command, and the changer serves the next one", async () => {
  await using scene = await start((folder) => {
    // the first load hangs, in a child that keeps the output open
    const hangs = `load) [ -e "${folder}/hung" ] || { touch "${folder}/hung"; sleep 3600; };`;
    writeScript(`${folder}/changer`, SCRIPT.replace("load)", hangs));
    return `${folder}/changer %c %o %S %a %d`;
  });
  await Deno.writeTextFile(`${scene.folder}/hung`, "");
  const director = await scene.director({ device: "Changer" });
  await labelInSlot(scene, director, 2);
  match(await askDaemon(director, "unmount Changer drive=0"), /^3002 /);
  match(await askDaemon(director, "mount Changer drive=0"), /^3(001|906) /);
  await Deno.remove(`${scene.folder}/hung`);

  const job = await scene.begin({ jobId: 1, job: JOB }, "Changer");
  const end = job.director.jobEnd();
  await job.file.beginAppend();
  await job.file.sendStreams(manyFiles(1, 1000));
  await waitFor("the changer's command", () => fileExists(`${scene.folder}/hung`));
  match(await askDaemon(director, "cancel Job=1\n"), /marked to be canceled/);
  match(await end, /JobStatus=65 /);
  for (const peer of [job.director, job.file.connection]) peer.close();

  const next = await scene.begin({ jobId: 2, job: RESTORE }, "Changer");
  const nextEnd = next.director.jobEnd();
  await next.file.beginAppend();
  await next.file.sendStreams(manyFiles(2, 1000));
  await next.file.endAppend();
  match(await nextEnd, /JobStatus=84 JobFiles=2 /);
  for (const peer of [next.director, next.file.connection, director]) peer.close();
});

Deno.test("a volume for which a cancelled restore waited can be written again", async () => {
  await using scene = await start((folder) => {
    const hangs = `load) [ -e "${folder}/hangs" ] && { touch "${folder}/hung"; sleep 3600; };`;
    writeScript(`${folder}/changer`, SCRIPT.replace("load)", hangs));
    return `${folder}/changer %c %o %S %a %d`;
  });
  const director = await scene.director({ device: "Changer" });
  await labelInSlot(scene, director, 2);
  scene.catalog.mayCreate = 0;
  const write = async (jobId: number) => {
    const job = `Backup.2026-11-24_00.00.00_0${jobId}`;
    const { director, file } = await scene.begin({ jobId, job }, "Changer");
    const end = director.jobEnd();
    await file.beginAppend();
    await file.sendStreams(manyFiles(2, 1000));
    await file.endAppend();
    match(await end, /JobStatus=84 JobFiles=2 /);
    for (const peer of [director, file.connection]) peer.close();
    return { job, director };
  };
  const { job, director: { sdId, sdTime } } = await write(1);
  for (const drive of [0, 1]) {
    await askDaemon(director, `unmount Changer drive=${drive}`);
    await askDaemon(director, `mount Changer drive=${drive}`);
  }
  await Deno.writeTextFile(`${scene.folder}/hangs`, "");
  const restoring = await scene.director({ device: "Changer" });
  await restoring.announce({ jobId: 2, job: RESTORE, type: "R" });
  await restoring.useStorage(false);
  await restoring.bootstrap(scene.catalog.bootstrap(job, sdId, sdTime, "File1"));
  await restoring.say("run");
  const client = await TestFileDaemon.connect(scene.port, RESTORE, restoring.key);
  const reading = client.readAll().catch(() => []);
  const end = restoring.jobEnd();
  await waitFor("the changer's command", () => fileExists(`${scene.folder}/hung`));
  match(await askDaemon(director, "cancel Job=2\n"), /marked to be canceled/);
  match(await end, /JobStatus=65 /);
  await reading;
  await Deno.remove(`${scene.folder}/hangs`);
  await write(3);
  for (const peer of [restoring, client.connection, director]) peer.close();
});

async function fileExists(path: string): Promise<boolean> {
  return (await Deno.stat(path).catch(() => undefined)) !== undefined;
}
