/** Media that are mounted by commands: a job, the operator's commands, a medium that is not there. */
import { match, strictEqual } from "node:assert";
import { askDaemon } from "../../tests/support/test_director.ts";
import { fileStreams } from "../../tests/support/test_file_daemon.ts";
import { writeScript } from "../../tests/support/script.ts";
import { StorageScene } from "../../tests/support/storage_scene.ts";
import { testDevice } from "../../tests/support/storage_settings.ts";
import { waitFor } from "../../tests/support/wait_for.ts";

const JOB = "Backup.2026-11-24_00.00.00_01";

/** Stands for mount and umount: the mount point is a link to the medium. */
const MOUNT = `#!/bin/sh
[ -d "$1" ] || { echo "special device $1 does not exist" >&2; exit 32; }
ln -s "$1" "$2"
`;
const UNMOUNT = `#!/bin/sh
rm "$1"
`;

function start(): Promise<StorageScene> {
  return StorageScene.start({}, {}, (folder) => {
    Deno.mkdirSync(`${folder}/disk`);
    writeScript(`${folder}/mount`, MOUNT);
    writeScript(`${folder}/umount`, UNMOUNT);
    return [testDevice(`${folder}/disk`, {
      removableMedia: true,
      requiresMount: true,
      mountPoint: `${folder}/mnt`,
      mountCommand: `${folder}/mount %a %m`,
      unmountCommand: `${folder}/umount %m`,
    })];
  });
}

function isMounted(scene: StorageScene): boolean {
  try {
    return Deno.lstatSync(`${scene.folder}/mnt`).isSymlink;
  } catch {
    return false;
  }
}

Deno.test("a medium is mounted for a job, and by mount, unmount and release", async () => {
  await using scene = await start();
  const director = await scene.director();
  strictEqual(isMounted(scene), false);
  const { end, sdId, sdTime } = await scene.backup(
    { jobId: 1, job: JOB },
    fileStreams(1, "/f", [new Uint8Array(1000)]),
  );
  match(end, /JobStatus=84 JobFiles=1 /);
  strictEqual(isMounted(scene), true);
  strictEqual((await Deno.stat(`${scene.folder}/disk/Main-0001`)).isFile, true);
  match(
    await askDaemon(director, "unmount FileStorage1 drive=-1"),
    /^3002 Device ".*" unmounted\.\n$/,
  );
  strictEqual(isMounted(scene), false);
  match(await askDaemon(director, "unmount FileStorage1 drive=-1"), /^3901 .* already unmounted/);
  match(
    await askDaemon(director, "mount FileStorage1 drive=-1"),
    /^3002 Device .* is mounted\.\n$/,
  );
  strictEqual(isMounted(scene), true);
  match(await askDaemon(director, "release FileStorage1 drive=-1"), /^3022 |^3921 /);
  strictEqual(isMounted(scene), false);
  const restore = { jobId: 2, job: "Restore.2026-11-24_00.00.00_02" };
  const back = await scene.restore(restore, scene.catalog.bootstrap(JOB, sdId, sdTime, "File1"));
  match(back.end, /JobStatus=84 /);
  strictEqual(isMounted(scene), true);
  director.close();
});

Deno.test("mount, unmount and release leave a device alone whose volume is being labeled", async () => {
  await using scene = await start();
  const { folder } = scene;
  // Before the label is written the medium is mounted, which takes as long as the test wants.
  writeScript(
    `${folder}/mount`,
    MOUNT.replace(
      "ln ",
      `touch "${folder}/begun"; until [ -e "${folder}/go" ]; do sleep 0.1; done; ln `,
    ),
  );
  const [labelling, operator] = [await scene.director(), await scene.director()];
  const labelled = askDaemon(
    labelling,
    "label FileStorage1 VolumeName=Hand-1 PoolName=Main MediaType=File1 Slot=0 drive=-1 " +
      "MinBlocksize=0 MaxBlocksize=0",
  );
  try {
    await waitFor("the mount command", () => Deno.stat(`${folder}/begun`).catch(() => false));
    const device = `"FileStorage1" (${folder}/disk)`;
    const ask = (command: string) => askDaemon(operator, `${command} FileStorage1 drive=-1`);
    strictEqual(await ask("mount"), `3903 Device ${device} is being labeled.\n`);
    strictEqual(await ask("unmount"), `3903 Device "${device}" is being labeled.\n`);
    strictEqual(await ask("release"), `3914 Device "${device}" is being labeled.\n`);
  } finally {
    await Deno.writeTextFile(`${folder}/go`, "");
    match(await labelled, /^3000 OK label\. .* Volume="Hand-1" /);
  }
  for (const peer of [labelling, operator]) peer.close();
});

Deno.test("a medium that is not there is told, and an operator is asked for it", async () => {
  await using scene = await start();
  await Deno.rename(`${scene.folder}/disk`, `${scene.folder}/taken out`);
  const director = await scene.director();
  match(
    await askDaemon(director, "mount FileStorage1 drive=-1"),
    /^3907 "\S+\/mount" ended with status 32: special device \S+ does not exist\n$/,
  );
  const job = await scene.begin({ jobId: 1, job: JOB });
  await job.file.beginAppend();
  await job.file.sendStreams(fileStreams(1, "/f", [new Uint8Array(1000)]));
  const asked = await job.director.expect(`Jmsg Job=${JOB} type=10`);
  match(asked, /Please mount append Volume "Main-0001" or label a new one for:/);
  match(job.director.log, /failed: ERR="\S+\/mount" ended with status 32/);
  await Deno.rename(`${scene.folder}/taken out`, `${scene.folder}/disk`);
  const end = job.director.jobEnd();
  match(await askDaemon(director, "mount FileStorage1 drive=-1"), /^3001 OK mount requested\./);
  await job.file.endAppend();
  match(await end, /JobStatus=84 JobFiles=1 /);
  for (const peer of [director, job.director]) peer.close();
  job.file.connection.close();
});
