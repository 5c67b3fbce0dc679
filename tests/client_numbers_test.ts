/**
 * File daemons of every protocol number are told what they know and nothing else (director-client.md 3),
 * played by stand-ins that end their session at what they do not know.
 */
import { deepStrictEqual, doesNotMatch, match } from "node:assert";
import { DatabaseSync } from "node:sqlite";
import { encodeText } from "../bytes/mod.ts";
import { oldFileDaemon, type OldJob, oldStorageDaemon } from "./support/old_bareos.ts";
import { join } from "./support/paths.ts";
import { Installation } from "./support/roost.ts";

/** What a number makes of the commands: number, in a backup, in a restore. */
const expected:
  readonly (readonly [number: number, backup: readonly string[], restore: readonly string[]])[] = [
    [0, [], ["restore"]],
    [1, [], ["restore"]],
    [2, [], ["restore", "endrestore"]],
    [3, [], ["restoreobject", "restore", "endrestore"]],
    [4, ["setbandwidth="], ["setbandwidth=", "restoreobject", "restore", "endrestore"]],
    [5, ["setbandwidth="], ["setbandwidth=", "restoreobject+plugin", "restore", "endrestore"]],
    // A number of Bacula's later releases counts as 5.
    [12, ["setbandwidth="], ["setbandwidth=", "restoreobject+plugin", "restore", "endrestore"]],
    [51, ["setbandwidth="], ["setbandwidth=", "restoreobject+plugin", "restore", "endrestore"]],
    [52, ["setbandwidth="], [
      ...["setbandwidth=", "pluginoptions", "restoreobject+plugin", "restore", "endrestore"],
    ]],
    [54, ["getSecureEraseCmd", "setbandwidth="], [
      ...["getSecureEraseCmd", "setbandwidth=", "pluginoptions", "restoreobject+plugin"],
      ...["restore", "endrestore"],
    ]],
  ];

/** The commands whose use depends on the number, in their order. */
function told(heard: readonly string[]): string[] {
  return heard.flatMap((text) => {
    const [word] =
      /^(?:setbandwidth=|getSecureEraseCmd|pluginoptions|endrestore|restoreobject(?= JobId)|restore(?= ))/
        .exec(text) ?? [];
    if (word === undefined) return [];
    return [
      word === "restoreobject" && text.endsWith(",my\x01plugin\n") ? `${word}+plugin` : word,
    ];
  });
}

Deno.test("clients of every protocol number are told what they know", async (t) => {
  await using installation = await Installation.create({ backup: "/tmp/roost-none" });
  const read = (path: string) => Deno.readTextFile(join(installation.folder, path));
  const known = async (path: string, more = "") => {
    const text = await read(path);
    await installation.configure(path, text.replace(/\}\s*$/, `  TLS Enable = no\n${more}}\n`));
    return {
      port: Number(/Port\s*=\s*(\d+)/.exec(text)?.[1]),
      password: /Password\s*=\s*"([^"]*)"/.exec(text)?.[1] ?? "",
    };
  };
  const client = await known(
    "bareos-dir.d/client/roost-fd.conf",
    "  Maximum Bandwidth Per Job = 1 mb/s\n",
  );
  const storage = await known("bareos-dir.d/storage/File.conf");
  for (const { name } of Deno.readDirSync(join(installation.folder, "bareos-dir.d/job"))) {
    const text = await read(`bareos-dir.d/job/${name}`);
    if (!/Type\s*=\s*"?Restore/i.test(text)) continue;
    await installation.configure(
      `bareos-dir.d/job/${name}`,
      text.replace(/\}\s*$/, '  FD Plugin Options = "python:a=b"\n}\n'),
    );
  }
  // The old storage daemon writes 13.2's way, whoever the client is.
  const set = "bareos-dir.d/fileset/SelfTest.conf";
  await installation.configure(
    set,
    "FileSet {\n  Name = SelfTest\n  Include {\n    Options {\n      Signature = MD5\n    }\n" +
      '    File = "/tmp/roost-none"\n  }\n}\n',
  );
  const job: { -readonly [K in keyof OldJob]: OldJob[K] } = {
    begun: Promise.withResolvers<void>(),
    path: "/tmp/roost-none/file",
  };
  await using _storage = oldStorageDaemon(storage.port, storage.password, job);
  await installation.start("dir");
  const run = async (command: string) => {
    job.begun = Promise.withResolvers<void>();
    return await installation.console(command, "wait", "messages");
  };
  for (const [number, backup, restore] of expected) {
    await t.step(`number ${number}`, async () => {
      await using file = oldFileDaemon(client.port, client.password, number, job);
      const report = await run("run job=Backup level=Full yes");
      match(report, /Termination: +Backup OK\n/, report);
      deepStrictEqual(told(file.heard.flat()), backup);
      const jobId = /^ {2}JobId: +(\d+)$/m.exec(report)?.[1];
      using database = new DatabaseSync(join(installation.folder, "work/catalog.db"), {
        timeout: 30_000, // the director writes, too
      });
      database.prepare("DELETE FROM RestoreObject").run();
      database.prepare(
        `INSERT INTO RestoreObject (ObjectName, RestoreObject, PluginName, ObjectLength,
           ObjectFullLength, ObjectIndex, ObjectType, FileIndex, JobId, ObjectCompression)
         VALUES ('config', ?, 'my plugin', 5, 5, 1, 27, 1, ?, 0)`,
      ).run(encodeText("a=b=c"), Number(jobId));
      file.heard.length = 0;
      const restored = await run(`restore jobid=${jobId} all done yes`);
      deepStrictEqual(told(file.heard.flat()), restore, restored);
      // The one storage daemon of old is given no second key.
      const address = file.heard.flat().find((text) => text.startsWith("storage ")) ?? "";
      match(address, number < 2 ? / ssl=0\n$/ : / Authorization=OLDKEY\n$/);
      const tooOld =
        /Client "roost-fd" may not be used to restore this job\. Please upgrade your client\./;
      if (number < 3) match(restored, tooOld);
      else doesNotMatch(restored, tooOld);
      match(restored, /Termination: +Restore OK/, restored);
      if (number < 52) {
        // What somebody asks for is not left out.
        match(
          await run(`restore jobid=${jobId} pluginoptions=python:x=y all done yes`),
          /Client "roost-fd" doesn't support plugin option passing\. Please upgrade your client or disable compat mode\./,
        );
      }
    });
  }
});
