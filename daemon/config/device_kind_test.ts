import { match, ok, strictEqual, throws } from "node:assert";
import { ConfigurationError, deviceKindOf, parseConfiguration } from "./mod.ts";

const daemon = (device: string): string =>
  `Storage { Name = sd }
Director { Name = dir; Password = "x" }
Messages { Name = Standard; Director = dir = all }
Device { Name = D; Media Type = M; ${device} }
`;

Deno.test("a tape is refused when the configuration is read, with file and line", () => {
  for (
    const device of ["Archive Device = /dev/nst0; Device Type = Tape", "Archive Device = /dev/tty"]
  ) {
    throws(() => parseConfiguration("storage", daemon(device), "sd.conf"), (error) => {
      ok(error instanceof ConfigurationError);
      match(error.message, /Device "D" \(\/dev\/\w+\) is a tape, and tapes are not supported\./);
      match(error.message, /line 4, col \d+ of file sd\.conf/);
      return true;
    });
  }
  throws(
    () => parseConfiguration("storage", daemon("Archive Device = /x; Device Type = droplet")),
    /Device Type = droplet is not supported\. There are file, dedupable, s3, fifo, null\./,
  );
});

Deno.test("deviceKindOf() goes by the type, else by what the path is", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await new Deno.Command("mkfifo", { args: [`${folder}/pipe`] }).output();
    const kind = (archiveDevice: string, deviceType = "") =>
      deviceKindOf({ name: "D", archiveDevice, deviceType });
    strictEqual(kind(folder), "file");
    strictEqual(kind(`${folder}/missing`), "file");
    strictEqual(kind(`${folder}/pipe`), "fifo");
    strictEqual(kind("/dev/null"), "null");
    strictEqual(kind("/dev/null", "Fifo"), "null");
    strictEqual(kind(`${folder}/missing`, "Fifo"), "fifo");
    strictEqual(kind(`${folder}/cache`, "S3"), "s3");
    strictEqual(kind(folder, "Dedupable"), "dedupable");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
