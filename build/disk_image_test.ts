/** The disk image for macOS, read by independent programs that know its formats. @module */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { diskImage } from "./disk_image.ts";
import { hfsPlusVolume } from "./hfs_plus.ts";

async function run(program: string, ...args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args: [...args] }).output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  ok(success, `${program} ${args.join(" ")}: ${text}`);
  return text;
}

// One that shrinks, one that does not, over several chunks, and an empty one.
const files = [
  { name: "Read Me.txt", content: new TextEncoder().encode("Read me.\n".repeat(1000)) },
  { name: "roost.pkg", content: new Uint8Array(randomBytes(700_001)) },
  { name: "empty", content: new Uint8Array() },
];

async function inImage(
  scene: (folder: string, image: string, volume: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const [image, raw] = [join(folder, "roost.dmg"), join(folder, "roost.img")];
    const volume = hfsPlusVolume("Roost 1.2.3", files);
    await Deno.writeFile(raw, volume);
    await Deno.writeFile(image, diskImage(volume));
    await scene(folder, image, raw);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test({
  name: "disk image: 7z finds its checksums right and unpacks the files of the volume",
  ignore: !existsSync("/usr/bin/7z"),
  fn: () =>
    inImage(async (folder, image, raw) => {
      match(await run("/usr/bin/7z", "t", "-tdmg", image), /Everything is Ok/);
      const [outer, inner] = [join(folder, "outer"), join(folder, "inner")];
      await run("/usr/bin/7z", "x", "-tdmg", `-o${outer}`, image);
      const [volume] = [...Deno.readDirSync(outer)].map(({ name }) => join(outer, name));
      const content = await Deno.readFile(volume ?? "");
      ok(Buffer.from(content).equals(await Deno.readFile(raw)));
      match(await run("/usr/bin/7z", "l", "-thfs", volume ?? ""), /Type = HFS/);
      await run("/usr/bin/7z", "x", "-thfs", `-o${inner}`, volume ?? "");
      const root = join(inner, "Roost 1.2.3");
      const place = existsSync(root) ? root : inner;
      deepStrictEqual(
        [...Deno.readDirSync(place)].map(({ name }) => name).sort(),
        files.map(({ name }) => name).sort(),
      );
      for (const { name, content } of files) {
        ok(Buffer.from(await Deno.readFile(join(place, name))).equals(content), name);
      }
    }),
});

Deno.test({
  name: "disk image: the driver of GRUB for HFS+ reads the same files",
  ignore: !existsSync("/usr/bin/grub-fstest"),
  fn: () =>
    inImage(async (folder, _image, raw) => {
      match(await run("/usr/bin/grub-fstest", raw, "ls", "--", "-l"), /hfsplus.*Roost 1\.2\.3/);
      for (const { name, content } of files) {
        if (content.length === 0) continue;
        const copy = join(folder, "copy");
        await Deno.writeFile(copy, content);
        await run("/usr/bin/grub-fstest", raw, "cmp", `(loop0)/${name}`, copy);
      }
    }),
});

Deno.test("disk image: the same files give the same bytes", () => {
  const [first, second] = [files, files.toReversed()].map((given) =>
    diskImage(hfsPlusVolume("R", given))
  );
  ok(Buffer.from(first ?? []).equals(second ?? new Uint8Array()));
  strictEqual((first?.length ?? 0) > 700_001, true);
});
