/**
 * `deno task build`: makes the executables.
 *
 *     deno task build [--out FOLDER] [TARGET ...]
 *
 * Without a target it builds for the machine it runs on; `all` stands for every
 * target. Any machine builds for every other one. The result is
 * `FOLDER/roost-TARGET` (default folder: `dist`), the same bytes for the same
 * sources.
 *
 * @module
 */
import { parseArgs } from "node:util";
import settings from "../deno.json" with { type: "json" };
import { bundleProgram } from "./bundle.ts";
import { fetchRuntime, hostTarget, targets } from "./runtimes.ts";
import { selfExtracting } from "./self_extracting.ts";

const { values, positionals } = parseArgs({
  args: Deno.args,
  options: { out: { type: "string", default: "dist" } },
  allowPositionals: true,
});
const wanted = positionals.length === 0
  ? [hostTarget()]
  : positionals.includes("all")
  ? Object.keys(targets)
  : positionals;

await Deno.mkdir(values.out, { recursive: true });
const program = await bundleProgram();
for (const name of wanted) {
  const target = targets[name];
  if (target === undefined) {
    console.error(`Unknown target ${name}. There are: ${Object.keys(targets).join(", ")}, all`);
    Deno.exit(1);
  }
  const runtime = await fetchRuntime(target, `${values.out}/runtimes`);
  const path = `${values.out}/roost-${name}`;
  const executable = await selfExtracting({
    version: settings.version,
    target: name,
    runtime,
    program,
  });
  // Written beside and renamed: an executable in use is never half written.
  await Deno.writeFile(`${path}.part`, executable, { mode: 0o755 });
  await Deno.chmod(`${path}.part`, 0o755);
  await Deno.rename(`${path}.part`, path);
  console.log(`${path}: ${(executable.length / 1e6).toFixed(1)} MB`);
}
