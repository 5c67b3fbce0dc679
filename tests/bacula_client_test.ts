/** Debian's bacula-fd as the client of our director: a peer that knows no immediate TLS. */
import { doesNotMatch, match } from "node:assert";
import { BaculaDaemon, hasBacula } from "./support/bacula.ts";
import { join } from "./support/paths.ts";
import { Installation } from "./support/roost.ts";

Deno.test({
  name: "the director falls back from TLS with a bacula-fd that has none, where it may",
  ignore: !hasBacula(),
  fn: async () => {
    const source = await Deno.makeTempDir({ prefix: "roost-data-" });
    try {
      await using installation = await Installation.create({ backup: source });
      const path = (name: string): string => join(installation.folder, name);
      const resource = "bareos-dir.d/client/roost-fd.conf";
      const text = await Deno.readTextFile(path(resource));
      const [, port = ""] = /Port\s*=\s*(\d+)/.exec(text) ?? [];
      const [, password = ""] = /Password\s*=\s*"([^"]*)"/.exec(text) ?? [];
      await installation.configure(resource, text.replace(/\}\s*$/, "  TLS Require = no\n}\n"));
      await installation.start("dir");
      await using _client = await BaculaDaemon.file({
        name: "roost-fd",
        port: Number(port),
        folder: path("bacula"),
        director: { name: "roost-dir", password },
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
      await Deno.remove(source, { recursive: true });
    }
  },
});
