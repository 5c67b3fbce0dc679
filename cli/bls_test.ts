import { ok, strictEqual } from "node:assert";
import { fixture, fromFileUrl, hasFixtures } from "../tests/support/paths.ts";
import { NameList } from "./volume_tools/mod.ts";

const program = fromFileUrl(new URL("./main.ts", import.meta.url));

async function bls(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", program, "bls", ...args],
    env: { TZ: "UTC" },
  }).output();
  const decoder = new TextDecoder("latin1");
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

const ignore = !hasFixtures;

Deno.test({
  name: "bls lists the files of a volume, with a bootstrap and lists of names",
  ignore,
  fn: async () => {
    const folder = fixture("volumes");
    const all = await bls(`${folder}/Cnone-0005`);
    strictEqual(all.code, 0, all.err);
    ok(all.out.startsWith(`Using device: "${folder}/Cnone-0005" for reading.\n`));
    ok(all.out.endsWith("88 files and directories found.\n"));
    ok(all.out.includes(
      "bls JobId 32: -rw-r--r--   1 root     root           65536 2023-11-14 22:13:20  " +
        "/srv/sample/data/exact-64k.bin\n",
    ));
    ok(all.out.includes("  /srv/sample/data/sym-rel -> dir a/space name.txt\n"));

    const temporary = Deno.makeTempDirSync();
    try {
      Deno.writeTextFileSync(
        `${temporary}/bsr`,
        'Volume="Main-0001"\nVolSessionId=4\nVolSessionTime=1795417143\nVolAddr=3398341-3399364\n' +
          "FileIndex=2-3\n",
      );
      const some = await bls("-b", `${temporary}/bsr`, folder);
      ok(some.out.endsWith("2 files and directories found.\n"), some.out + some.err);
      Deno.writeTextFileSync(`${temporary}/include`, "/srv/sample/data/many\n*.bin\n");
      Deno.writeTextFileSync(`${temporary}/exclude`, "*/f0?[0-8]\n");
      const named = await bls(
        "-i",
        `${temporary}/include`,
        "-e",
        `${temporary}/exclude`,
        "-V",
        "Cnone-0005",
        folder,
      );
      ok(named.out.includes("/srv/sample/data/exact-64k.bin\n"));
      ok(named.out.includes("/srv/sample/data/many/f029\n"));
      ok(!named.out.includes("/srv/sample/data/many/f028\n"));
      ok(!named.out.includes("hard-1"));
    } finally {
      Deno.removeSync(temporary, { recursive: true });
    }
  },
});

Deno.test({
  name: "bls -j, -k and -L list jobs, blocks and the label",
  ignore,
  fn: async () => {
    const volume = fixture("volumes/Mig-0003");
    const [jobs, blocks, details, label] = await Promise.all([
      bls("-j", volume),
      bls("-k", volume),
      bls("-kv", volume),
      bls("-L", volume),
    ]);
    ok(jobs.out.includes(
      "Begin Job Session Record: File:blk=0:189 SessId=17 SessTime=1795417143 JobId=27\n" +
        "   Job=BackupMig.2026-11-23_07.00.52_45 Date=23-Nov-2026 07:00 Level=F Type=B\n",
    ));
    ok(jobs.out.includes(" Files=87 Bytes=971160 Errors=0 Status=T\n"));
    ok(jobs.out.includes("Volume Record: File:blk=0:0 SessId=17 SessTime=1795417143"));
    ok(blocks.out.includes("Block: 1 size=189\nBlock: 2 size=974436\n"));
    ok(details.out.includes(
      "File:blk=0:189 blk_num=0 blen=974436 First rec FI=SOS_LABEL SessId=17 " +
        "SessTim=1795417143 Strm=27 rlen=",
    ));
    ok(label.out.startsWith("\nVolume Label:\nId                : Bareos 2.0 immortal\n"));
    ok(label.out.endsWith("Date label written: 23-Nov-2026 07:00\n"));
  },
});

Deno.test({
  name: "bls names a damaged block, lists the rest and says so by its status",
  ignore,
  fn: async () => {
    const folder = Deno.makeTempDirSync();
    try {
      const bytes = Deno.readFileSync(fixture("volumes/Main-0001"));
      bytes[2_500_000] = (bytes[2_500_000] as number) ^ 4;
      Deno.writeFileSync(`${folder}/Main-0001`, bytes);
      const { code, out, err } = await bls(folder);
      strictEqual(code, 1);
      ok(
        /Volume data error at 0:2023250!\nBlock checksum mismatch in block=1 len=1048576/.test(err),
      );
      ok(err.includes('(Volume "Main-0001")'));
      ok(/\n\d{3} files and directories found\.\n$/.test(out), out.slice(-100));
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "bls finds a device of the configuration by its name or its folder",
  ignore,
  fn: async () => {
    const folder = Deno.makeTempDirSync();
    try {
      Deno.mkdirSync(`${folder}/volumes`);
      Deno.copyFileSync(fixture("volumes/Mig-0003"), `${folder}/volumes/Mig-0003`);
      const config = `${folder}/sd.conf`;
      Deno.writeTextFileSync(
        config,
        `Storage { Name = sd }\nDirector { Name = d; Password = p }\n` +
          `Device { Name = Disk; Media Type = File; Archive Device = ${folder}/volumes }\n` +
          `Messages { Name = m; Director = d = all }\n`,
      );
      const [byName, byFolder, none, broken] = await Promise.all([
        bls("-c", config, "-V", "Mig-0003", "Disk"),
        bls("-c", config, `${folder}/volumes/`),
        bls("-c", config),
        bls("-c", `${folder}/volumes/Mig-0003`, "Disk"),
      ]);
      const on = `volume "Mig-0003" on device "Disk" (${folder}/volumes).\n`;
      for (const { out, err } of [byName, byFolder]) {
        ok(out.includes(`Ready to read from ${on}`), out + err);
        ok(out.endsWith("87 files and directories found.\n"));
      }
      ok(byName.out.startsWith('Using device: "Disk" for reading.\n'));
      ok(none.err.includes(`Available Devices:\n "Disk" (${folder}/volumes)\nNothing done.\n`));
      strictEqual(broken.code, 41);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});

Deno.test("bls without a device, with a wrong one and with a wrong option ends with an error", async () => {
  const [missing, wrong, unknown] = await Promise.all([
    bls(),
    bls("/nonexistent/device"),
    bls("--nonsense"),
  ]);
  strictEqual(missing.code, 42);
  ok(missing.err.startsWith("Missing input device. Available Devices:\n"));
  ok(missing.err.endsWith("Nothing done.\n"));
  strictEqual(wrong.code, 1);
  ok(wrong.err.includes('Cannot find device "/nonexistent/device"'));
  strictEqual(unknown.code, 42);
});

Deno.test("NameList takes names with what lies below, and wildcards", () => {
  const list = new NameList(["/etc/", "*.t[xt]t", "/a?c", "", "# no"]);
  for (const name of ["/etc", "/etc/", "/etc/motd", "/x/y.txt", "/x/y.ttt", "/abc", "/abc/d"]) {
    ok(list.has(name), name);
  }
  for (const name of ["/etcetera", "/x/y.tat", "/ac", "# no", ""]) ok(!list.has(name), name);
  ok(new NameList(["/"]).has("/anything"));
  ok(!new NameList([]).has("/anything"));
});

Deno.test({
  name: "bls -d tells on standard error what is read, with -dt when",
  ignore,
  fn: async () => {
    const volume = fixture("volumes/Cnone-0005");
    const plain = await bls("-j", volume);
    strictEqual(plain.err, "");
    const blocks = await bls("-j", "-d", "100", volume);
    strictEqual(blocks.out, plain.out);
    const [first = "", ...rest] = blocks.err.trimEnd().split("\n");
    ok(/^bls \(50\): Volume "Cnone-0005" is open, \d+ bytes$/.test(first), first);
    ok(rest.length > 1);
    for (const line of rest) {
      ok(
        /^bls \(100\): block at 0:\d+ of Volume "Cnone-0005": number=\d+ len=\d+ /.test(line),
        line,
      );
    }
    const records = await bls("-d", "200", "-dt", volume);
    ok(
      /^\d\d-\w{3}-\d{4} \d\d:\d\d:\d\d bls \(200\): record of session \d+: FileIndex=1 Stream=1 /m
        .test(records.err),
    );
  },
});
