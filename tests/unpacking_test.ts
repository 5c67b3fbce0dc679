/** The executable unpacks itself where only its owner can write, whatever it finds there. */
import { match, notStrictEqual, strictEqual } from "node:assert/strict";
import { fromFileUrl, join } from "./support/paths.ts";

const executable = fromFileUrl(
  new URL(
    `../dist/roost-${Deno.build.os}-${Deno.build.arch === "aarch64" ? "arm64" : "x64"}`,
    import.meta.url,
  ),
);
const isBuilt = await Deno.stat(executable).then(() => true, () => false);

/** Runs the executable with an open umask and a cache folder. */
async function start(cache: string): Promise<{ code: number; said: string }> {
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", 'umask 0; exec "$0" version', executable],
    env: { ROOST_CACHE_DIR: cache },
  }).output();
  const decoder = new TextDecoder();
  return { code, said: decoder.decode(stdout) + decoder.decode(stderr) };
}

Deno.test("the executable unpacks itself into a folder that nobody else can write to", {
  ignore: Deno.build.os !== "linux" || !isBuilt,
}, async () => {
  const folder = await Deno.makeTempDir({ prefix: "roost-unpacking-" });
  try {
    const cache = join(folder, "cache");
    const first = await start(cache);
    strictEqual(first.code, 0, first.said);
    const [{ name } = { name: "" }] = [...Deno.readDirSync(cache)];
    const home = join(cache, name);
    for (const path of [cache, home, join(home, "names"), join(home, "cache")]) {
      strictEqual(((await Deno.stat(path)).mode ?? 0) & 0o022, 0, path);
    }
    // What others could have changed is not executed.
    for (const path of [cache, home, join(home, "names"), join(home, "cache")]) {
      const { mode } = await Deno.stat(path);
      await Deno.chmod(path, 0o777);
      const { code, said } = await start(cache);
      notStrictEqual(code, 0, path);
      match(said, /belongs to another user or can be written by others: not used/);
      await Deno.chmod(path, (mode ?? 0o755) & 0o777);
    }
    strictEqual((await start(cache)).code, 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
