/** The complete sets of configurations that the reference gives are read (configuration.md 7.1, 9.1, 16, 17). */
import { deepEqual, equal } from "node:assert/strict";
import { existsSync } from "node:fs";
import { fromFileUrl } from "../../tests/support/paths.ts";
import { parseConfiguration, type ProgramName } from "./mod.ts";

const reference = fromFileUrl(new URL("../../../shared/spec/configuration.md", import.meta.url));
const ignore = !existsSync(reference);
const text = ignore ? "" : Deno.readTextFileSync(reference);

/** The first block of code of a section. */
function codeOf(heading: string): string {
  const section = text.slice(text.indexOf(`\n### ${heading} `));
  return /```\n([^]*?)```/.exec(section)?.[1] ?? "";
}

const sets: readonly (readonly [heading: string, ProgramName, ...string[]])[] = [
  ["16.1", "director", "Job", "backup-c1", "RestoreFiles", "copy-offsite"],
  ["16.2", "storage", "Device", "FileStorage"],
  ["16.3", "file", "Client", "c1-fd"],
  ["16.4", "console", "Director", "bareos-dir"],
  ["17.1", "director", "Job", "backup-c1", "RestoreFiles", "copy-offsite"],
  ["17.2", "storage", "Device", "FileStorage"],
  ["17.3", "file", "Client", "c1-fd"],
  ["17.4", "console", "Director", "bareos-dir"],
];

for (const [heading, program, type, ...names] of sets) {
  Deno.test({
    name: `the set of section ${heading} is read, and nothing in it is unknown`,
    ignore,
    fn: () => {
      const configuration = parseConfiguration(program, codeOf(heading));
      deepEqual(configuration.all(type as never).map(({ name }: { name: string }) => name), names);
      // The modern sets hold what has an effect; the old ones hold what was dropped since.
      if (heading.startsWith("16.")) deepEqual(configuration.warnings, []);
    },
  });
}

Deno.test({
  name: "both sets mean the same where they say the same",
  ignore,
  fn: () => {
    const [modern, old] = ["16.1", "17.1"].map((heading) =>
      parseConfiguration("director", codeOf(heading))
    );
    for (const configuration of [modern, old]) {
      const job = configuration?.get("Job", "backup-c1");
      equal(job?.pool.nextPool?.name, "OffSite");
      equal(job?.client?.passive, true);
      equal(job?.client?.address, "c1.example.com");
      equal(job?.pool.volumeRetention, 90 * 86_400);
      equal(job?.pool.maximumVolumeBytes, 50 * 2 ** 30);
      deepEqual(job?.runScripts.map(({ command, when }) => [command, when]), [
        ["/etc/bareos/scripts/dump.sh", 2],
      ]);
      equal(job?.schedule?.run.length, 3);
      deepEqual(job?.fileSet?.exclude[0]?.file, ["/home/*/.cache"]);
      const [mail] = configuration?.get("Messages", "Standard")?.destinations ?? [];
      equal(mail?.command, mailCommand[configuration === modern ? "modern" : "old"]);
    }
  },
});

const mailCommand = {
  modern: '/usr/bin/bsmtp -h localhost -f backup@example.com -s "%t %e of %c %l" %r',
  old: '/usr/sbin/bsmtp -h localhost -f backup@example.com -s "%t %e of %c %l" %r',
};

Deno.test({
  name: "the example of a FileSet is read as it is written",
  ignore,
  fn: () => {
    const rest = codeOf("16.1").replace(/FileSet \{[^]*?\n\}\n/, "").replaceAll("System", "X");
    const include = parseConfiguration("director", rest + codeOf("7.1")).get("FileSet", "X")
      ?.include[0];
    deepEqual(include?.file, ["/etc", "/home/a b"]);
    deepEqual(include?.plugin, ["bpipe:file=/x:reader=cat /x:writer=cat"]);
    deepEqual(include?.excludeDirContaining, [".nobackup"]);
    equal(include?.options[0]?.letters, "S4Zf4fHAX");
    deepEqual(include?.options[0]?.lines, [["X", "ext4"], ["X", "xfs"]]);
  },
});
