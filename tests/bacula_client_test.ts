/** Debian's bacula-fd as the client of our director: a peer that knows no immediate TLS. */
import { doesNotMatch, match } from "node:assert";
import { hasBacula } from "./bench/bacula.ts";
import { join } from "./support/paths.ts";
import { Installation } from "./support/roost.ts";
import { waitFor } from "./support/wait_for.ts";

Deno.test({
  name: "the director falls back from TLS with a bacula-fd that has none, where it may",
  ignore: !hasBacula(),
  fn: async () => {
    const source = await Deno.makeTempDir({ prefix: "roost-data-" });
    let client: Deno.ChildProcess | undefined;
    try {
      await using installation = await Installation.create({ backup: source });
      const path = (name: string): string => join(installation.folder, name);
      const resource = "bareos-dir.d/client/roost-fd.conf";
      const text = await Deno.readTextFile(path(resource));
      const [, port = ""] = /Port\s*=\s*(\d+)/.exec(text) ?? [];
      const [, password = ""] = /Password\s*=\s*"([^"]*)"/.exec(text) ?? [];
      await installation.configure(resource, text.replace(/\}\s*$/, "  TLS Require = no\n}\n"));
      const folder = path("bacula");
      await Deno.mkdir(folder);
      await Deno.writeTextFile(
        join(folder, "fd.conf"),
        `FileDaemon {\n  Name = roost-fd\n  FDport = ${port}\n  FDAddress = 127.0.0.1\n` +
          `  WorkingDirectory = "${folder}"\n  Pid Directory = "${folder}"\n}\n` +
          `Director {\n  Name = roost-dir\n  Password = "${password}"\n}\n` +
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
      match(status, /Handshake: Cleartext/, status);
      match(status, /Version: 9\.6\.\d/, status);
      match(status, /No Jobs running\./, status);
      // Where TLS is required there is no way back.
      await installation.configure(resource, text);
      await installation.console("reload");
      const refused = await installation.console("status client=roost-fd");
      doesNotMatch(refused, /Handshake: Cleartext|No Jobs running/);
    } finally {
      client?.kill("SIGKILL");
      await client?.status;
      await Deno.remove(source, { recursive: true });
    }
  },
});
