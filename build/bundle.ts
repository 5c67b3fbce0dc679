/** Bundles the program with everything it imports into one module. @module */

/**
 * The bundled program: one JavaScript module that is the command line and,
 * loaded by a worker, the thread as well.
 *
 * @throws Error with the bundler's words if the sources cannot be bundled
 */
export async function bundleProgram(): Promise<Uint8Array> {
  const entry = new URL("../cli/main.ts", import.meta.url).pathname;
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--platform", "deno", "--minify", entry],
    stderr: "piped",
  }).output();
  if (!success) {
    throw new Error(`Cannot bundle ${entry}: ${new TextDecoder().decode(stderr)}`);
  }
  return stdout;
}
