/**
 * `deno task build`: makes the executables and the packages.
 *
 *     deno task build [--out FOLDER] [TARGET ...]
 *
 * Without a target it builds for the machine it runs on; `all` stands for every
 * executable. Any machine builds for every other one. The result is
 * `FOLDER/roost-TARGET` (default folder: `dist`), the same bytes for the same
 * sources. The targets `pkg-x64` and `pkg-arm64` are installer packages for
 * macOS around the executable for that processor, `FOLDER/roost-VERSION-x64.pkg`,
 * and disk images with the package, `FOLDER/roost-VERSION-x64.dmg`.
 *
 * @module
 */
import { parseArgs } from "node:util";
import settings from "../deno.json" with { type: "json" };
import { bundleProgram } from "./bundle.ts";
import { diskImage } from "./disk_image.ts";
import { hfsPlusVolume } from "./hfs_plus.ts";
import { macosPackage, packageReadMe } from "./macos_package.ts";
import { fetchRuntime, hostTarget, targets } from "./runtimes.ts";
import { selfExtracting } from "./self_extracting.ts";

const { values, positionals } = parseArgs({
  args: Deno.args,
  options: { out: { type: "string", default: "dist" } },
  allowPositionals: true,
});
const wanted = positionals.length === 0
  ? [hostTarget()]
  : positionals.flatMap((name) => name === "all" ? Object.keys(targets) : [name]);
const packages: Readonly<Record<string, "x64" | "arm64">> = {
  "pkg-x64": "x64",
  "pkg-arm64": "arm64",
};
for (const name of wanted) {
  if (targets[name] === undefined && packages[name] === undefined) {
    const known = [...Object.keys(targets), ...Object.keys(packages), "all"];
    console.error(`Unknown target ${name}. There are: ${known.join(", ")}`);
    Deno.exit(1);
  }
}

await Deno.mkdir(values.out, { recursive: true });
const program = await bundleProgram();
const { version } = settings;
for (const name of wanted) {
  const processor = packages[name];
  if (processor === undefined) {
    await put(`roost-${name}`, await executableFor(name), 0o755);
    continue;
  }
  const executable = await executableFor(`darwin-${processor}`);
  await put(`roost-darwin-${processor}`, executable, 0o755);
  const content = await macosPackage({ version, processor, executable });
  const title = `roost-${version}-${processor}`;
  await put(`${title}.pkg`, content, 0o644);
  const image = diskImage(hfsPlusVolume(`Roost ${version}`, [
    { name: `${title}.pkg`, content },
    { name: "Read Me.txt", content: await packageReadMe() },
  ]));
  await put(`${title}.dmg`, image, 0o644);
}

async function executableFor(name: string): Promise<Uint8Array> {
  const target = targets[name];
  if (target === undefined) throw new Error(`There is no runtime for ${name}`);
  const runtime = await fetchRuntime(target, `${values.out}/runtimes`);
  return await selfExtracting({ version, target: name, runtime, program });
}

/** Written beside and renamed: an executable in use is never half written. */
async function put(name: string, content: Uint8Array, mode: number): Promise<void> {
  const path = `${values.out}/${name}`;
  await Deno.writeFile(`${path}.part`, content, { mode });
  await Deno.chmod(`${path}.part`, mode);
  await Deno.rename(`${path}.part`, path);
  console.log(`${path}: ${(content.length / 1e6).toFixed(1)} MB`);
}
