/** TLS after the challenge, with certificates, with Debian's bacula-fd as it is spoken by old daemons. */
import { match } from "node:assert";
import { BaculaDaemon, hasBacula } from "./support/bacula.ts";
import { makeAuthority, makeCertificate } from "./support/certificates.ts";
import { join } from "./support/paths.ts";
import { Installation } from "./support/roost.ts";

Deno.test({
  name: "a bacula-fd that requires TLS gets it after the challenge, and both check certificates",
  ignore: !hasBacula(),
  fn: async () => {
    const source = await Deno.makeTempDir({ prefix: "roost-data-" });
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
      await installation.start("dir");
      await using _client = await BaculaDaemon.file({
        name: "roost-fd",
        port: Number(port),
        folder,
        director: { name: "roost-dir", password },
        directorMore: `${tls("fd", "dir")}  TLS Require = yes`,
      });
      const status = await installation.console("status client=roost-fd");
      match(status, /Handshake: Cleartext, +Encryption: TLS_\S+ TLSv1\.3/, status);
      match(status, /Director connected using TLS/, status);
      match(status, /Version: 9\.6\.\d/, status);
      match(status, /No Jobs running\./, status);
    } finally {
      await Deno.remove(source, { recursive: true });
    }
  },
});
