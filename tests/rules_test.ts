/** What a file daemon lets directors do: Allowed Job Command, Allowed Script Dir; and passive clients. */
import { deepStrictEqual, doesNotMatch, match, ok } from "node:assert";
import { join } from "./support/paths.ts";
import { writeScript } from "./support/script.ts";
import { Installation } from "./support/roost.ts";
import { makeSample } from "./support/sample.ts";
import { compareTrees, describeTree } from "./support/tree.ts";

interface Scene {
  readonly installation: Installation;
  readonly source: string;
  path(name: string): string;
  /** Adds directives to a resource of a file of the configuration as it was written. */
  withDirectives(file: string, ...directives: string[]): Promise<void>;
  job(...commands: string[]): Promise<string>;
}

async function scene(run: (scene: Scene) => Promise<void>): Promise<void> {
  const source = await Deno.makeTempDir({ prefix: "roost-data-" });
  try {
    await makeSample(source, { smallFiles: 60, sparseBytes: 2 ** 20, largeBytes: 2_000_000 });
    await using installation = await Installation.create({ backup: source });
    const path = (name: string): string => join(installation.folder, name);
    const originals = new Map<string, string>();
    await run({
      ...{ installation, source, path },
      async withDirectives(file, ...directives) {
        const original = originals.get(file) ?? await Deno.readTextFile(path(file));
        originals.set(file, original);
        const lines = directives.map((line) => `  ${line}\n`).join("");
        await installation.configure(file, original.replace(/\}\s*$/, `${lines}}\n`));
      },
      job: (...commands) => installation.console(...commands, "wait", "messages"),
    });
  } finally {
    await Deno.remove(source, { recursive: true });
  }
}

const fdDirector = "bareos-fd.d/director/roost-dir.conf";
const fdClient = "bareos-fd.d/client/myself.conf";
const restoreAll = "restore client=roost-fd select current all done yes";

async function assertRestored({ installation, source }: Scene): Promise<void> {
  const unlike = (path: string, property: string) => property === "ctime" || path === "";
  const restored = join(installation.folder, "restore", source);
  deepStrictEqual(
    compareTrees(await describeTree(source), await describeTree(restored), unlike),
    [],
  );
  await Deno.remove(restored, { recursive: true });
}

const refusal = (keyword: string): RegExp =>
  new RegExp(
    `Fatal error: Illegal "${keyword}" command not allowed by Allowed Job Cmds setting of this filed\\.`,
  );

Deno.test("Allowed Job Command refuses each command that it does not name, on both sides", () =>
  scene(async (it) => {
    const { installation, withDirectives, job } = it;
    await installation.configure(
      "bareos-dir.d/job/Verify.conf",
      "Job {\n  Name = VerifyDisk\n  JobDefs = DefaultJob\n  Type = Verify\n  Level = DiskToCatalog\n" +
        "  Job To Verify = Backup\n}\n",
    );
    await installation.configure(
      "bareos-dir.d/job/Script.conf",
      "Job {\n  Name = Scripted\n  JobDefs = DefaultJob\n  Client Run Before Job = /bin/true\n}\n",
    );
    await installation.start();
    match(await job("run job=Backup level=Full yes"), /Backup OK/);
    const restart = async (file: string, ...directives: string[]): Promise<void> => {
      await installation.end("fd");
      await withDirectives(fdDirector);
      await withDirectives(fdClient);
      await withDirectives(file, ...directives);
      await installation.start("fd");
    };
    const words = ["backup", "restore", "verify", "estimate", "runscript"];
    const all = (without: string): string =>
      `Allowed Job Command = ${words.filter((word) => word !== without).join(", ")}`;

    await restart(fdDirector, all("backup"));
    let report = await job("run job=Backup level=Full yes");
    match(report, refusal("backup"));
    match(
      report,
      /Bad response to Backup command: wanted 2000 OK backup\s*\n?, got 2800 End Job Ter/,
    );
    match(report, /Backup Error/);
    match(await job("run job=VerifyDisk yes"), /Verify OK/);

    await restart(fdClient, all("restore"));
    report = await job(restoreAll);
    match(report, refusal("restore"));
    match(report, /Bad response to Restore command: wanted 2000 OK restore/);
    match(await job("run job=Backup level=Full yes"), /Backup OK/);

    await restart(fdDirector, all("verify"));
    report = await job("run job=VerifyDisk yes");
    match(report, refusal("verify"));
    match(report, /wanted 2000 OK verify\s*\n?, got 2994 Bad verify command: /);

    await restart(fdDirector, all("estimate"));
    report = await installation.console("estimate job=Backup");
    match(
      report,
      /Illegal "estimate" command not allowed by Allowed Job Cmds setting of this filed/,
    );
    match(report, /2992 Bad estimate command\./);

    await restart(fdDirector, all("runscript"));
    report = await job("run job=Scripted level=Full yes");
    match(report, refusal("runscript"));
    match(report, /wanted 2000 OK RunScript\s*\n?, got 2905 Failed RunScript/);
    match(report, /Client "roost-fd" RunScript failed\./);

    // The director's own list goes before that of the daemon, and capitals do not count.
    await installation.end("fd");
    await withDirectives(fdClient, "Allowed Job Command = estimate");
    await withDirectives(fdDirector, "Allowed Job Command = BACKUP");
    await installation.start("fd");
    match(await job("run job=Backup level=Full yes"), /Backup OK/);
    match(await job(restoreAll), refusal("restore"));
    await installation.end("fd");
    await withDirectives(fdDirector);
    await installation.start("fd");
    match(await job("run job=Backup level=Full yes"), refusal("backup"));
  }));

Deno.test("Allowed Script Dir cannot be left by dots, links, arguments or sub-folders", () =>
  scene(async ({ installation, path, withDirectives, job }) => {
    const allowed = path("scripts");
    const elsewhere = path("elsewhere");
    for (const folder of [allowed, `${allowed}/sub`, elsewhere]) await Deno.mkdir(folder);
    for (const file of [`${allowed}/good`, `${allowed}/sub/below`, `${elsewhere}/evil`]) {
      const text = `#!/bin/sh\necho "ran $0 $1"\ntouch "$0.ran"\n`;
      writeScript(file, text);
    }
    await Deno.symlink(`${elsewhere}/evil`, `${allowed}/link`);
    await Deno.symlink(elsewhere, `${path("scripts-link")}`);
    const commands: Readonly<Record<string, readonly [command: string, isAllowed: boolean]>> = {
      Good: [`${allowed}/good word`, true],
      Sub: [`${allowed}/sub/below`, false],
      Dots: [`${allowed}/../elsewhere/evil`, false],
      Link: [`${allowed}/link`, false],
      Argument: [`${allowed}/good /etc/passwd`, false],
      Other: [`${elsewhere}/evil`, false],
      Shell: [`/bin/sh -c ${elsewhere}/evil`, false],
    };
    for (const [name, [command]] of Object.entries(commands)) {
      await installation.configure(
        `bareos-dir.d/job/${name}.conf`,
        `Job {\n  Name = ${name}\n  JobDefs = DefaultJob\n` +
          `  Client Run Before Job = "${command}"\n}\n`,
      );
    }
    await withDirectives(fdDirector, `Allowed Script Dir = "${allowed}"`);
    await installation.start();
    for (const [name, [command, isAllowed]] of Object.entries(commands)) {
      const report = await job(`run job=${name} level=Full yes`);
      if (isAllowed) {
        match(report, /Backup OK/, report);
        match(report, /ClientBeforeJob: ran .*\/good word/);
        continue;
      }
      ok(
        report.includes(
          `Runscript: run ClientBeforeJob "${command}" could not execute, not in one of the ` +
            "allowed scripts dirs",
        ),
        `${name}: ${report}`,
      );
      match(report, /Backup Error/, name);
      doesNotMatch(report, /Backup OK/);
    }
    const ran = [...Deno.readDirSync(elsewhere), ...Deno.readDirSync(`${allowed}/sub`)]
      .map(({ name }) => name);
    deepStrictEqual(ran.filter((name) => name.endsWith(".ran")), []);
  }));

for (const protection of ["TLS with pre-shared keys", "no TLS"]) {
  Deno.test(`a passive client saves, restores and verifies over ${protection}`, () =>
    scene(async (it) => {
      const { installation, withDirectives, job } = it;
      const tls = protection === "no TLS" ? ["TLS Enable = no"] : [];
      const client = "bareos-dir.d/client/roost-fd.conf";
      const storages = ["bareos-dir.d/storage/File.conf"];
      await withDirectives(client, "Passive = yes", ...tls);
      if (tls.length > 0) {
        for (const file of [fdDirector, fdClient, ...storages]) await withDirectives(file, ...tls);
        for (const folder of ["director", "storage"]) {
          for (const { name } of Deno.readDirSync(it.path(`bareos-sd.d/${folder}`))) {
            await withDirectives(`bareos-sd.d/${folder}/${name}`, ...tls);
          }
        }
      }
      await installation.configure(
        "bareos-dir.d/job/Verify.conf",
        "Job {\n  Name = VerifyVolume\n  JobDefs = DefaultJob\n  Type = Verify\n" +
          "  Level = VolumeToCatalog\n  Job To Verify = Backup\n}\n",
      );
      await installation.start();
      const report = await job("run job=Backup level=Full yes");
      match(report, /Backup OK/, report);
      match(report, /roost-sd JobId 1: Connected File Daemon at 127\.0\.0\.1:\d+, encryption: /);
      if (tls.length > 0) doesNotMatch(report, /roost-(fd|sd).*encryption: TLS/i, report);
      match(await job(restoreAll), /Restore OK/);
      await assertRestored(it);
      match(await job("run job=VerifyVolume yes"), /Verify OK/);
    }));
}
