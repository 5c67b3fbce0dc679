/** The console's commands on an autochanger: the built-in one over folders. @module */
import assert from "node:assert/strict";
import { join } from "./support/paths.ts";
import { Installation } from "./support/roost.ts";

/** An installation with a changer `Lib` of four slots and one drive beside its file storage. */
async function withChanger(folder: string): Promise<Installation> {
  const installation = await Installation.create({ backup: folder });
  const changer = join(folder, "changer");
  for (const slot of [1, 2, 3, 4]) {
    await Deno.mkdir(join(changer, `slot${slot}`), { recursive: true });
  }
  const storage = await Deno.readTextFile(
    join(installation.folder, "bareos-dir.d/storage/File.conf"),
  );
  const setting = (name: string): string =>
    new RegExp(`${name}\\s*=\\s*"?([^"\\n]+)"?`, "i").exec(storage)?.[1] ?? "";
  await Deno.mkdir(join(installation.folder, "bareos-sd.d/autochanger"), { recursive: true });
  await installation.configure(
    "bareos-sd.d/autochanger/Lib.conf",
    `Autochanger { Name = Lib; Device = Drive0; Changer Device = "${changer}"; Changer Command = "roost:folders" }\n`,
  );
  await installation.configure(
    "bareos-sd.d/device/Drive0.conf",
    `Device { Name = Drive0; Media Type = LibFile; Archive Device = "${
      join(folder, "drive0")
    }"; Device Type = File\n` +
      "AutoChanger = yes; LabelMedia = yes; RandomAccess = yes; AutomaticMount = yes; RemovableMedia = no }\n",
  );
  await installation.configure(
    "bareos-dir.d/storage/Lib.conf",
    `Storage { Name = Lib; Address = 127.0.0.1; Port = ${setting("Port")}; Password = "${
      setting("Password")
    }"\n` +
      "Device = Lib; Media Type = LibFile; AutoChanger = yes }\n",
  );
  await installation.start();
  return installation;
}

Deno.test("barcodes of cleaning tapes are entered as such, and never labelled", async () => {
  const folder = await Deno.makeTempDir({ prefix: "roost-changer-" });
  try {
    await using installation = await withChanger(folder);
    const tape = join(folder, "changer", "slot4", "CLN007");
    await Deno.writeTextFile(tape, "brushes");
    const text = await installation.console(
      "label storage=Lib barcodes pool=Full yes",
      "list volumes",
    );
    assert.match(text, /Catalog record for cleaning tape "CLN007" successfully created\.\n/);
    assert.match(text, /\| CLN007 +\| Cleaning +\|/);
    assert.equal(await Deno.readTextFile(tape), "brushes");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("slots are labelled, shown, moved, and kept in the catalog", async () => {
  const folder = await Deno.makeTempDir({ prefix: "roost-changer-" });
  try {
    await using installation = await withChanger(folder);
    const text = await installation.console(
      "status storage=Lib slots",
      "label storage=Lib volume=V1 pool=Full slot=1 drive=0",
      "label storage=Lib volume=V3 pool=Full slot=3 drive=0",
      "status storage=Lib slots",
      "mount storage=Lib slot=3 drive=0",
      "release storage=Lib alldrives",
      "move storage=Lib srcslots=1 dstslots=2",
      "move storage=Lib srcslots=1 dstslots=2",
      "export storage=Lib srcslots=2",
      "label storage=Lib barcodes pool=Full yes",
      "update volume=V1 slot=4 inchanger=no",
      "update slots storage=Lib",
      ".api 1",
      "status storage=Lib slots",
    );
    assert.match(text, / {4}1 \| {16}\? \|/, "an empty slot that the catalog knows to be empty");
    assert.match(text, / {4}1 \| {15}V1 \| {4}Append \| {8}LibFile \| {21}Full \|\n/);
    assert.match(text, / {4}3%\| {15}V3 \|/);
    assert.match(text, /is mounted with Volume "V3"/);
    assert.match(text, /3308 Successfully transferred volume from slot 1 to 2\.\n/);
    assert.match(text, /Catalog record for Volume "V1" updated to reference slot 2\.\n/);
    assert.match(text, /Not all slots in source selection are normal slots and filled\.\n/);
    assert.match(text, /Not enough free export slots available to export 1 volumes\n/);
    assert.match(
      text,
      /==============\n {3}2 {2}V1\n {3}3 {2}V3\nMedia record for Slot 2 Volume "V1" already exists\.\n/,
    );
    assert.match(text, /New Slot is: 4\nNew InChanger flag is: no\n/);
    assert.match(text, /Catalog record for Volume "V3" is up to date\.\n/);
    assert.match(
      text,
      /^D\|0\|\|\nS\|1\|{8}\nS\|2\|2\|V1\|192\|Append\|LibFile\|Full\|\|31536000$/m,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
