/** What the Messages resources of storage and file daemon keep on their own machine. */
import { doesNotMatch, match } from "node:assert/strict";
import { join } from "./support/paths.ts";
import { Installation } from "./support/roost.ts";

Deno.test("daemons write their own logs beside what they tell the director", async () => {
  const source = await Deno.makeTempDir({ prefix: "roost-data-" });
  try {
    await Deno.writeTextFile(join(source, "file"), "content");
    await using installation = await Installation.create({ backup: source });
    const log = (name: string): string => join(installation.folder, "log", name);
    await installation.configure(
      "bareos-fd.d/messages/Standard.conf",
      `Messages { Name = Standard; Director = roost-dir = all, !skipped
  TimestampFormat = "%Y at %H"
  Append = "${log("fd.log")}" = all
  File = "/no/such/folder/fd.log" = all
}
`,
    );
    await Deno.writeTextFile(log("sd.log"), "to be emptied\n");
    await installation.configure(
      "bareos-sd.d/messages/Standard.conf",
      `Messages { Name = Standard; Director = roost-dir = all
  File = "${log("sd.log")}" = info
  Append = "${log("errors.log")}" = error, fatal
  Mail = root = all
}
`,
    );
    await installation.start();
    const report = await installation.console("run job=Backup yes", "wait", "messages");
    match(report, /Termination: +Backup OK/);
    match(report, /roost-fd JobId 1: /);
    const fd = await Deno.readTextFile(log("fd.log"));
    match(fd, /^20\d\d at \d\d roost-fd JobId 1: /m);
    const sd = await Deno.readTextFile(log("sd.log"));
    match(sd, /^\d\d-\w{3} \d\d:\d\d roost-sd JobId 1: /m);
    doesNotMatch(sd, /to be emptied/);
    const errors = await Deno.stat(log("errors.log")).then(() => true, () => false);
    match(String(errors), /false/);
  } finally {
    await Deno.remove(source, { recursive: true });
  }
});
