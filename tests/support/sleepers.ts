/** Programs of a test that wait for hours, and whether they still run. @module */

/** A program that waits so many seconds waits for hours; the number tells a test's own processes from others. */
export const forever: number = 10_000 + Math.floor(Math.random() * 80_000);

/** Whether a `sleep` of so many seconds, which a test has begun, still runs. */
export function sleeps(seconds: number): boolean {
  const { stdout } = new Deno.Command("ps", { args: ["-eo", "args"] }).outputSync();
  const lines = new TextDecoder().decode(stdout).split("\n");
  return lines.some((line) => line.endsWith(`sleep ${seconds}`));
}
