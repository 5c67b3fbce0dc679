/** Commands that ask storage and file daemons, whole answers (console.md 13, 14, 15.1, 16.4, 17, 18). @module */
import assert from "node:assert/strict";
import { playTranscript } from "./support/console_transcript.ts";
import { allowPlainConsoles, loginTo, maskedAnswer } from "./support/console_session.ts";
import { join } from "./support/paths.ts";
import { writeScript } from "./support/script.ts";
import { farTime, Installation } from "./support/roost.ts";

/** The transcripts say 21:00, at which a test might run: the job would be started. */
const due = farTime();
/** A schedule that looks the same on every day of the week. */
const daily = `Schedule { Name = WeeklyCycle
  Run = Level=Incremental Priority=11 Pool=Full Storage=File SpoolData=yes Accurate=yes Messages=Standard daily at ${due}
}
Client { Name = off-fd; Address = 127.0.0.1; Port = 2; Password = x; Enabled = no }
`;
/** A client that nobody answers for; to find that out takes a while. */
const away = "Client { Name = away-fd; Address = 127.0.0.1; Port = 1; Password = x }\n";

for (const name of ["label", "mount", "status", "settings", "cancel-wait"]) {
  Deno.test(`the answers of ${name} are those of its transcript`, async () => {
    const source = await Deno.makeTempDir({ prefix: "roost-source-" });
    try {
      await Deno.writeFile(join(source, "data"), new Uint8Array(100_000).fill(7));
      await using installation = await Installation.create({ backup: source });
      await allowPlainConsoles(installation);
      await installation.configure(
        "bareos-dir.d/schedule/WeeklyCycle.conf",
        name === "status" ? daily + away : daily,
      );
      await installation.start();
      const session = await loginTo(installation);
      try {
        const mask = (text: string) =>
          maskedAnswer(installation, text).replaceAll(`DAY ${due}`, "DAY 21:00");
        await playTranscript(name, session, mask);
      } finally {
        await session.close();
      }
    } finally {
      await Deno.remove(source, { recursive: true });
    }
  });
}

/** A changer of four slots and two import slots: a folder each, with the volume that lies in it. */
const changerScript = (folder: string, hasBarcodes: boolean): string =>
  `#!/bin/sh
cd ${folder}
case "$1" in
  slots) echo 6 ;;
  loaded) cat loaded ;;
  load) mv slot$2/* drive/ && echo $2 > loaded ;;
  unload) mv drive/* slot$2/ && echo 0 > loaded ;;
  transfer) mv slot$2/* slot$3/ ;;
  listall)
    from=$(cat loaded)
    name() { ${hasBarcodes ? "ls $1" : ":"}; }
    if [ $from = 0 ]; then echo D:0:E; else echo D:0:F:$from:$(name drive); fi
    for slot in 1 2 3 4; do
      if [ -n "$(ls slot$slot)" ]; then echo S:$slot:F:$(name slot$slot); else echo S:$slot:E; fi
    done
    for slot in 7 8; do
      if [ -n "$(ls slot$slot)" ]; then echo I:$slot:F:$(name slot$slot); else echo I:$slot:E; fi
    done ;;
esac
`;

for (const [name, hasBarcodes] of [["changer", true], ["changer-scan", false]] as const) {
  Deno.test(`the answers of ${name} are those of its transcript`, async () => {
    const folder = await Deno.makeTempDir({ prefix: "roost-changer-" });
    try {
      for (const slot of [1, 2, 3, 4, 7, 8]) await Deno.mkdir(join(folder, `slot${slot}`));
      for (const tape of [1, 2, 3]) {
        await Deno.writeFile(join(folder, `slot${tape}/Tape-${tape}`), new Uint8Array());
      }
      await Deno.mkdir(join(folder, "drive"));
      await Deno.writeTextFile(join(folder, "loaded"), "0\n");
      const script = join(folder, "changer");
      writeScript(script, changerScript(folder, hasBarcodes));
      await using installation = await Installation.create({ backup: folder });
      await allowPlainConsoles(installation);
      const file = await Deno.readTextFile(
        join(installation.folder, "bareos-dir.d/storage/File.conf"),
      );
      await installation.configure(
        "bareos-dir.d/storage/Lib.conf",
        file.replace("Name = File", "Name = Lib").replace(/ Device = .*/, " Device = Lib")
          .replace(/Media Type = .*/, "Media Type = Tape\n  Auto Changer = yes"),
      );
      await installation.configure(
        "bareos-sd.d/device/Lib.conf",
        `Autochanger { Name = Lib; Device = Drive0; Changer Device = /dev/null
  Changer Command = "${script} %o %S %a" }
Device { Name = Drive0; Media Type = Tape; Archive Device = "${folder}/drive"; Device Type = File
  AutoChanger = yes; LabelMedia = yes; RandomAccess = yes; AutomaticMount = yes; RemovableMedia = yes }
`,
      );
      await installation.start();
      const session = await loginTo(installation);
      try {
        await playTranscript(
          name,
          session,
          (text) => maskedAnswer(installation, text).replaceAll(folder, "CHANGER"),
        );
      } finally {
        await session.close();
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

Deno.test("the director's trace file has what setdebug asks for, and no passwords", async () => {
  const source = await Deno.makeTempDir({ prefix: "roost-source-" });
  try {
    await using installation = await Installation.create({ backup: source });
    await allowPlainConsoles(installation);
    await installation.start();
    const session = await loginTo(installation);
    const trace = join(installation.folder, "work", "roost-dir.trace");
    const answer = await session.call("setdebug level=100 trace=1 timestamp=1 dir");
    assert.equal(answer, `level=100 trace=1 hangup=0 timestamp=1 tracefilename=${trace}\n`);
    await session.call("run job=Backup level=Full yes");
    await session.call("wait jobid=1");
    await session.call("status storage=File");
    await session.call('var "x" password=hidden SomePassword="hid den"');
    await session.call("trace off");
    await session.call("version");
    await session.call("trace on");
    assert.match(
      await session.call("setdebug level=0 dir"),
      /^level=0 trace=1 hangup=0 timestamp=1 /,
    );
    await session.call("whoami");
    await session.close();
    const told = await Deno.readTextFile(trace);
    assert.match(told, /^20\S+Z roost-dir \(100\): > console: run job=Backup level=Full yes$/m);
    assert.match(told, /roost-dir \(10\): job Backup\.\S+ is made\n/);
    assert.match(told, /roost-dir \(50\): message of type 6: roost-dir JobId 1: Start Backup/);
    assert.match(told, /roost-dir \(10\): job Backup\.\S+ has ended: T\n/);
    assert.match(told, /roost-dir \(100\): > Storage daemon File: status/);
    assert.match(told, /roost-dir \(100\): < Storage daemon File: .*roost-sd Version/);
    assert.match(told, /> console: var "x" password=\*\*\* SomePassword=\*\*\*\n/);
    assert.doesNotMatch(told, /hid|console: (version|whoami)/);
    assert.equal(((await Deno.stat(trace)).mode ?? 0) & 0o777, 0o600);
  } finally {
    await Deno.remove(source, { recursive: true });
  }
});
