/** The RcFile of a named console: lines that are run at its start. */
import { match, ok } from "node:assert/strict";
import { join } from "./support/paths.ts";
import { Installation } from "./support/roost.ts";

Deno.test("a console begins with the lines of its RcFile", async () => {
  await using installation = await Installation.create({ backup: Deno.cwd() });
  const rcFile = join(installation.folder, "start.rc");
  await Deno.writeTextFile(rcFile, "@# a comment\n.clients\n");
  await Deno.mkdir(join(installation.folder, "bareos-dir.d/console"), { recursive: true });
  await installation.configure(
    "bareos-dir.d/console/named.conf",
    "Console { Name = named; Password = x; CommandAcl = *all*\n ClientAcl = *all*\n }\n",
  );
  await Deno.mkdir(join(installation.folder, "bconsole.d/console"), { recursive: true });
  await installation.configure(
    "bconsole.d/console/named.conf",
    `Console { Name = named; Password = x; RcFile = "${rcFile}" }\n`,
  );
  await installation.start();
  const text = await installation.console("version");
  match(text, /You are logged in as: named\n/);
  const [first, second] = [text.indexOf("\nroost-fd\n"), text.indexOf("\nversion\n")];
  ok(first > 0 && second > first, text);
});
