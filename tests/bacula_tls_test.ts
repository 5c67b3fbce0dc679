/**
 * bacula-fd as our client under TLS with certificates, which both its connections start after the
 * challenge: the only TLS that Bacula 9.6 knows (bacula.md 5.4).
 */
import { deepStrictEqual, match } from "node:assert";
import { BaculaDaemon, hasBacula } from "./support/bacula.ts";
import { makeAuthority, makeCertificate } from "./support/certificates.ts";
import { everything, withData } from "./support/mixed_scenario.ts";
import { join } from "./support/paths.ts";
import { Installation } from "./support/roost.ts";
import { compareTrees, describeTree } from "./support/tree.ts";

Deno.test({
  name: "bacula-fd backs up and restores under TLS with certificates, checked on both ends",
  ignore: !hasBacula(),
  fn: () =>
    withData(async (source) => {
      await using installation = await Installation.create({ backup: source });
      const path = (name: string): string => join(installation.folder, name);
      await Deno.mkdir(path("tls"));
      await makeAuthority(path("tls"), "ca");
      for (const name of ["dir", "localhost", "fd"]) await makeCertificate(path("tls"), name);
      const authority = `TLS CA Certificate File = "${path("tls/ca.pem")}"`;
      const own = (name: string): string =>
        `TLS Certificate = "${path(`tls/${name}.pem`)}"\n  TLS Key = "${path(`tls/${name}.key`)}"`;
      const extend = async (file: string, ...lines: readonly string[]): Promise<string> => {
        const text = await Deno.readTextFile(path(file));
        await installation.configure(
          file,
          text.replace(/Address = 127\.0\.0\.1 +# as the file daemon.*/, "Address = localhost")
            .replace(/\}\s*$/, `  ${lines.join("\n  ")}\n}\n`),
        );
        return text;
      };
      const text = await extend(
        "bareos-dir.d/client/roost-fd.conf",
        ...["TLS Require = no", own("dir"), authority, "TLS Verify Peer = yes"],
        "TLS Allowed CN = fd",
      );
      await extend("bareos-dir.d/storage/File.conf", "TLS Require = no");
      await extend(
        "bareos-sd.d/storage/roost-sd.conf",
        ...["TLS Require = no", own("localhost"), authority, "TLS Verify Peer = yes"],
      );
      await installation.configure(
        "bareos-dir.d/fileset/SelfTest.conf",
        `FileSet {\n  Name = SelfTest\n  Include {\n    Options {\n      ${everything}\n    }\n` +
          `    File = "${source}"\n  }\n}\n`,
      );
      const tls = `TLS Enable = yes\n  TLS Require = yes\n  ${authority}\n  ${own("fd")}`;
      await using _client = await BaculaDaemon.file({
        name: "roost-fd",
        port: Number(/Port\s*=\s*(\d+)/.exec(text)?.[1]),
        folder: path("bacula-fd"),
        director: {
          name: "roost-dir",
          password: /Password\s*=\s*"([^"]*)"/.exec(text)?.[1] ?? "",
        },
        more: tls,
        directorMore: `${tls}\n  TLS Verify Peer = yes\n  TLS Allowed CN = dir`,
      });
      await installation.start("sd", "dir");
      const job = (command: string) => installation.console(`${command} yes`, "wait", "messages");
      const report = await job("run job=Backup level=Full");
      match(report, /Connected Client: roost-fd at .*, encryption: .*TLSv1\.[23]/, report);
      match(report, /Termination: +Backup OK\n/, report);
      match(await job("restore client=roost-fd select all done"), /Termination: +Restore OK\n/);
      const unlike = (at: string, property: string) => property === "ctime" || at === "";
      deepStrictEqual(
        compareTrees(
          await describeTree(source),
          await describeTree(join(path("restore"), source)),
          unlike,
        ),
        [],
      );
    }),
});
