/**
 * The director with daemons of Bareos 13.2, played as the reference's transcripts show them
 * (director-client.md 22, 27.2, 27.4; storage-daemon.md 15.2, 16; wire.md 16).
 */
import { doesNotMatch, match, ok, strictEqual } from "node:assert";
import { oldFileDaemon, type OldJob, oldStorageDaemon } from "./support/old_bareos.ts";
import { join } from "./support/paths.ts";
import { Installation } from "./support/roost.ts";

for (const number of [5, 52] as const) {
  Deno.test(`the director leads backups with daemons of 13.2, the client says ${number}`, async () => {
    await using installation = await Installation.create({ backup: "/tmp/roost-none" });
    const read = (path: string) => Deno.readTextFile(join(installation.folder, path));
    const known = async (path: string) => {
      const text = await read(path);
      await installation.configure(path, text.replace(/\}\s*$/, "  TLS Enable = no\n}\n"));
      return {
        port: Number(/Port\s*=\s*(\d+)/.exec(text)?.[1]),
        password: /Password\s*=\s*"([^"]*)"/.exec(text)?.[1] ?? "",
      };
    };
    const fileSet = (signature: string) =>
      `FileSet {\n  Name = SelfTest\n  Include {\n    Options {\n      Signature = ${signature}\n    }\n` +
      `    File = "/tmp/roost-none"\n  }\n}\n`;
    await installation.configure("bareos-dir.d/fileset/SelfTest.conf", fileSet("MD5"));
    const client = await known("bareos-dir.d/client/roost-fd.conf");
    const storage = await known("bareos-dir.d/storage/File.conf");
    const job: { -readonly [K in keyof OldJob]: OldJob[K] } = {
      begun: Promise.withResolvers<void>(),
      path: "/tmp/roost-none/file",
    };
    await using file = oldFileDaemon(client.port, client.password, number, job);
    await using old = oldStorageDaemon(storage.port, storage.password, job);
    await installation.start("dir");

    const run = async (words: string) => {
      job.begun = Promise.withResolvers<void>();
      const jobs = installation.console(`run job=Backup ${words} yes`, "wait", "messages");
      return await jobs;
    };
    const report = await run("level=Full");
    match(report, /Client: +"roost-fd" 13\.2\.5 /, report);
    match(report, /SD Files Written: +1\n/, report);
    match(report, /Volume name\(s\): +Full-0001\n/, report);
    match(report, /Termination: +Backup OK\n/, report);
    match(await installation.console("list files jobid=1"), /\/tmp\/roost-none\/file\n/);
    // The first attempt lacks the field that it demands; then its flavour is known.
    strictEqual(old.heard.length, 2);
    ok(old.heard.every((heard) => !heard.some((text) => text.startsWith("getSecureEraseCmd"))));

    match(await run("level=Incremental accurate=yes"), /Termination: +Backup OK\n/);
    strictEqual(old.heard.length, 3, "the flavour is remembered");

    const spoken = file.heard.flat();
    doesNotMatch(spoken.join(""), /getSecureEraseCmd|pluginoptions|JobId=\d.* ssl=/);
    ok(spoken.includes("level = accurate_incremental  mtime_only=0 \n"), spoken.join(""));
    ok(spoken.some((text) => text.startsWith("accurate files=1\n")), spoken.join(""));
    ok(spoken.some((text) => / port=\d+ ssl=0\n$/.test(text)), spoken.join(""));

    // What 13.2 does not know is refused, not misread.
    await installation.configure("bareos-dir.d/fileset/SelfTest.conf", fileSet("XXH128"));
    await installation.console("reload");
    match(
      await run("level=Full"),
      /Client "roost-fd" runs Bareos 13\.2\.5 .* does not know Signature = XXH128/,
    );
  });
}
