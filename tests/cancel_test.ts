/**
 * Cancelling jobs wherever they are: what they hold on the director, the storage daemon and the client is
 * free again.
 */
import assert from "node:assert/strict";
import { join } from "./support/paths.ts";
import { writeScript } from "./support/script.ts";
import { Installation } from "./support/roost.ts";
import { makeLargeFile } from "./support/sample.ts";
import { waitFor } from "./support/wait_for.ts";

/** A Device with a Storage of the same name, a pool `<name>Pool` and a job `<name>Job`. */
interface Place {
  readonly name: string;
  readonly device: string;
  readonly storage?: string;
  readonly pool?: string;
  readonly job?: string;
}

async function addPlace(
  installation: Installation,
  { name, device, storage = "", pool = `Label Format = "${name}-"`, job = "" }: Place,
): Promise<void> {
  const file = await Deno.readTextFile(join(installation.folder, "bareos-dir.d/storage/File.conf"));
  const setting = (word: string): string =>
    new RegExp(`${word}\\s*=\\s*"?([^"\\n]+)"?`, "i").exec(file)?.[1] ?? "";
  await installation.configure(
    `bareos-sd.d/device/${name}.conf`,
    `Device { Name = ${name}; Media Type = ${name}\n${device} }\n`,
  );
  await installation.configure(
    `bareos-dir.d/storage/${name}.conf`,
    `Storage { Name = ${name}; Address = 127.0.0.1; Port = ${setting("Port")}
       Password = "${setting("Password")}"; Media Type = ${name}; Maximum Concurrent Jobs = 10
       ${storage || `Device = ${name}`} }\n`,
  );
  await installation.configure(
    `bareos-dir.d/pool/${name}Pool.conf`,
    `Pool { Name = ${name}Pool; Pool Type = Backup; Storage = ${name}\n${pool} }\n`,
  );
  await installation.configure(
    `bareos-dir.d/job/${name}Job.conf`,
    `Job { Name = ${name}Job; Type = Backup; Level = Full; Client = roost-fd; FileSet = SelfTest
       Storage = ${name}; Pool = ${name}Pool; Messages = Standard; Maximum Concurrent Jobs = 5
       ${job} }\n`,
  );
}

/** Runs `test` in an installation with `places`, whose jobs save one large file. */
async function withPlaces(
  places: (folder: string) => Promise<readonly Place[]> | readonly Place[],
  test: (installation: Installation, folder: string) => Promise<void>,
): Promise<void> {
  const source = await Deno.makeTempDir({ prefix: "roost-data-" });
  const folder = await Deno.makeTempDir({ prefix: "roost-places-" });
  try {
    await makeLargeFile(join(source, "large"), 12_000_000);
    await using installation = await Installation.create({ backup: source });
    for (const place of await places(folder)) await addPlace(installation, place);
    await installation.start();
    await test(installation, folder);
  } finally {
    await Deno.remove(source, { recursive: true });
    await Deno.remove(folder, { recursive: true });
  }
}

/** Waits until the storage daemon's status says something. */
async function untilStatus(installation: Installation, storage: string, what: RegExp) {
  await waitFor(
    `status of ${storage} to have ${what}`,
    async () => what.test(await installation.console(`status storage=${storage}`)),
  );
}

/** Nobody works for a job any more, and the device is free. */
async function assertFree(installation: Installation, storage: string): Promise<void> {
  await untilStatus(installation, storage, /No Jobs running\.\n====/);
  const status = await installation.console(`status storage=${storage}`);
  assert.doesNotMatch(status, /BLOCKED|writers=[1-9]|reserves=[1-9]|waiting for sysop/);
  await waitFor(
    "the client to be free",
    async () => /No Jobs running\./.test(await installation.console("status client=roost-fd")),
  );
  assert.match(await installation.console("status dir"), /No Jobs running\./);
}

const disk = "Device Type = file; Random Access = yes; Label Media = yes; Removable Media = no";

Deno.test("a job that waits for a device, and the one that has it, are canceled by state", async () => {
  await withPlaces((folder) => [{
    name: "Single",
    device: `Archive Device = "${folder}"; ${disk}; Maximum Concurrent Jobs = 1`,
    job: "Maximum Bandwidth = 2 k/s", // it would take hours
  }], async (installation) => {
    await installation.console("run job=SingleJob yes");
    await untilStatus(installation, "Single", /Writing: Volume="Single-0001"/);
    await installation.console("run job=SingleJob yes");
    await untilStatus(installation, "Single", /3609 JobId=2 Max concurrent jobs exceeded/);
    const text = await installation.console(
      "cancel state=nonsense",
      "cancel state=created",
      "cancel state=blocked",
      "cancel state=waiting yes",
      "wait jobid=2",
      "list jobs",
      "cancel state=running",
      "yes",
      "wait",
      "messages",
    );
    assert.match(text, /Illegal state either created, blocked, waiting or running\n/);
    assert.match(
      text,
      /cancel state=created\nNo Jobs selected\.\ncancel state=blocked\nNo Jobs selected\.\n/,
    );
    assert.match(text, /Selected Job 2 for cancelling\n(?!Confirm)/);
    assert.match(text, /3000 JobId=2 Job="SingleJob\.\S+" marked to be canceled\.\n/);
    assert.match(text, /2001 Job SingleJob\.\S+ marked to be canceled\.\n/);
    assert.match(text, /\| +2 \| SingleJob .*\| A /);
    assert.match(text, /\| +1 \| SingleJob .*\| R /);
    assert.match(text, /Selected Job 1 for cancelling\nConfirm cancel \(yes\/no\): yes\n/);
    assert.match(text, /JobId 1: (.|\n)*Termination: {12}Backup Canceled/);
    await assertFree(installation, "Single");
  });
});

Deno.test("a job that waits for an operator is canceled at the storage daemon by its JobId", async () => {
  await withPlaces((folder) => [{
    name: "Hand",
    device: `Archive Device = "${folder}"; Device Type = file; Label Media = no`,
    pool: "",
    job:
      `Run Script { Runs When = After; Runs On Failure = yes; Runs On Success = no; Runs On Client = no
      Command = "/bin/sh -c 'echo $0 $1 >> ${folder}/after' %i %e" }`,
  }], async (installation, folder) => {
    const waited = await installation.console("run job=HandJob yes", "wait mount timeout=600");
    assert.match(waited, /wait mount timeout=600\n/);
    assert.doesNotMatch(waited, /timed out/);
    await untilStatus(installation, "Hand", /Device is BLOCKED waiting to create a volume for:/);
    const text = await installation.console(
      "wait mount",
      "cancel storage=Hand",
      "cancel storage=Hand jobid=abc",
      "cancel storage=Hand jobid=77",
      "cancel storage=Hand jobid=1",
      "wait",
      "messages",
    );
    assert.match(text, /Missing jobid=JobId specification\n/);
    assert.match(text, /JobId abc not a number\n/);
    assert.match(text, /3904 Job 77 not found\.\n/);
    assert.match(text, /3000 JobId=1 Job="HandJob\.\S+" marked to be canceled\.\n/);
    assert.match(text, /canceled while waiting for mount on Storage Device "Hand"/);
    await assertFree(installation, "Hand");

    await installation.console("run job=HandJob yes");
    await untilStatus(installation, "Hand", /Device is BLOCKED waiting to create a volume for:/);
    const again = await installation.console("cancel job=HandJob", "wait", "list jobs");
    assert.match(again, /2001 Job HandJob\.\S+ marked to be canceled\.\n/);
    assert.match(again, /\| +2 \| HandJob .*\| A /);
    await assertFree(installation, "Hand");

    // One that has not begun: scripts that run on failure run all the same.
    const later = await installation.console(
      'run job=HandJob when="2090-01-01 00:00:00" yes',
      "llist jobs jobid=3",
    );
    const unique = /^ *job: (HandJob\.\S+)$/m.exec(later)?.[1] ?? later;
    const third = await installation.console(`cancel ujobid=${unique} yes`, "wait jobid=3");
    assert.match(third, /JobStatus=Canceled \(A\)\n/);
    const after = await Deno.readTextFile(join(folder, "after"));
    // Of the first the director only heard what its daemons said, whichever came first.
    assert.match(after, /^1 (Canceled|Fatal Error)\n2 Canceled\n3 Canceled\n$/);
  });
});

Deno.test("a job that despools to a pipe that nobody reads is canceled by all", async () => {
  await withPlaces(async (folder) => {
    await new Deno.Command("mkfifo", { args: [join(folder, "pipe")] }).output();
    return [{
      name: "Pipe",
      device: `Archive Device = "${folder}/pipe"; Device Type = fifo; Label Media = yes
        Maximum Job Spool Size = 6000000`,
      job: "Spool Data = yes",
    }];
  }, async (installation) => {
    await installation.console("run job=PipeJob yes");
    await untilStatus(installation, "Pipe", /despooling=1/);
    const text = await installation.console("cancel all yes", "wait", "messages", "list jobs");
    assert.match(text, /Selected Job 1 for cancelling\n/);
    assert.match(text, /Termination: {12}Backup Canceled/);
    assert.match(text, /\| +1 \| PipeJob .*\| A /);
    await assertFree(installation, "Pipe");
    const left = [...Deno.readDirSync(join(installation.folder, "work"))].map(({ name }) => name);
    assert.deepEqual(left.filter((name) => name.endsWith(".spool")), []);
  });
});

Deno.test("a job that waits for a changer is canceled while the changer runs", async () => {
  await withPlaces(async (folder) => {
    const script = join(folder, "changer");
    writeScript(
      script,
      `#!/bin/sh
case "$1" in
  slots) echo 2 ;;
  list) echo 1:Robot-0001 ;;
  listall) echo D:0:E; echo S:1:F:Robot-0001; echo S:2:E ;;
  loaded) echo 0 ;;
  load) if [ -e ${folder}/slow ]; then touch ${folder}/moving; exec sleep 600; fi ;;
esac
`,
    );
    await Deno.mkdir(join(folder, "drive"));
    return [{
      name: "Robot",
      device: `Archive Device = "${folder}/drive"; ${disk}; Autochanger = yes }
        Autochanger { Name = Lib; Device = Robot; Changer Device = /dev/null
        Changer Command = "${script} %o"`,
      storage: "Device = Lib; Auto Changer = yes",
    }];
  }, async (installation, folder) => {
    const labelled = await installation.console("label storage=Robot barcodes pool=RobotPool yes");
    assert.match(labelled, /Catalog record for Volume "Robot-0001", Slot 1 successfully created/);
    await Deno.writeTextFile(join(folder, "slow"), "");
    await installation.console("run job=RobotJob yes");
    await waitFor("the changer to move", () => existsFile(join(folder, "moving")));
    const text = await installation.console("cancel jobid=1 yes", "wait", "messages", "list jobs");
    assert.match(text, /3304 Issuing autochanger "load slot 1, drive 0" command/);
    assert.match(text, /Termination: {12}Backup Canceled/);
    assert.match(text, /\| +1 \| RobotJob .*\| A /);
    await assertFree(installation, "Robot");
  });
});

async function existsFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
