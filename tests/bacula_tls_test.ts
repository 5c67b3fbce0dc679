/** TLS after the challenge, with certificates, with Debian's bacula-fd as it is spoken by old daemons. */
import { match } from "node:assert";
import { hasBacula } from "./bench/bacula.ts";
import { makeAuthority, makeCertificate } from "./support/certificates.ts";
import { join } from "./support/paths.ts";
import { Installation } from "./support/roost.ts";
import { waitFor } from "./support/wait_for.ts";

Deno.test({
  name: "a bacula-fd that requires TLS gets it after the challenge, and both check certificates",
  ignore: !hasBacula(),
  fn: async () => {
    const source = await Deno.makeTempDir({ prefix: "roost-data-" });
    let client: Deno.ChildProcess | undefined;
    try {
      await using installation = await Installation.create({ backup: source });
      const path = (name: string): string => join(installation.folder, name);
      const folder = path("bacula");
      await Deno.mkdir(folder);
      await makeAuthority(folder, "ca");
      await makeCertificate(folder, "dir");
      await makeCertificate(folder, "fd");
      const tls = (own: string, peer: string): string =>
        `  TLS Enable = yes\n  TLS Verify Peer = yes\n  TLS CA Certificate File = "${folder}/ca.pem"\n` +
        `  TLS Certificate = "${folder}/${own}.pem"\n  TLS Key = "${folder}/${own}.key"\n` +
        `  TLS Allowed CN = "${peer}"\n`;
      const resource = "bareos-dir.d/client/roost-fd.conf";
      const text = await Deno.readTextFile(path(resource));
      const [, port = ""] = /Port\s*=\s*(\d+)/.exec(text) ?? [];
      const [, password = ""] = /Password\s*=\s*"([^"]*)"/.exec(text) ?? [];
      const own = `${tls("dir", "fd")}  TLS Require = no\n}\n`;
      await installation.configure(resource, text.replace(/\}\s*$/, own));
      await Deno.writeTextFile(
        join(folder, "fd.conf"),
        `FileDaemon {\n  Name = roost-fd\n  FDport = ${port}\n  FDAddress = 127.0.0.1\n` +
          `  WorkingDirectory = "${folder}"\n  Pid Directory = "${folder}"\n}\n` +
          `Director {\n  Name = roost-dir\n  Password = "${password}"\n` +
          `${tls("fd", "dir")}  TLS Require = yes\n}\n` +
          `Messages {\n  Name = Standard\n  director = roost-dir = all\n}\n`,
        { mode: 0o600 },
      );
      await installation.start("dir");
      client = new Deno.Command("/usr/sbin/bacula-fd", {
        args: ["-f", "-c", join(folder, "fd.conf")],
        stdout: "null",
        stderr: "null",
      }).spawn();
      await waitFor("bacula-fd to open its port", async () => {
        try {
          (await Deno.connect({ hostname: "127.0.0.1", port: Number(port) })).close();
          return true;
        } catch {
          return false;
        }
      });
      const status = await installation.console("status client=roost-fd");
      match(status, /Handshake: Cleartext, +Encryption: TLS_\S+ TLSv1\.3/, status);
      match(status, /Director connected using TLS/, status);
      match(status, /Version: 9\.6\.\d/, status);
      match(status, /No Jobs running\./, status);
    } finally {
      client?.kill("SIGKILL");
      await client?.status;
      await Deno.remove(source, { recursive: true });
    }
  },
});
