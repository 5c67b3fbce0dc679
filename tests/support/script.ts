/** Programs of a test that are scripts. @module */

/**
 * Writes a script that can be executed at once. Another process does it: while this one has the file open
 * for writing, a child that another test is starting inherits that, and until it executes its program
 * the system refuses to execute the script ("Text file busy").
 *
 * @throws Error if it cannot be written
 */
export function writeScript(path: string, text: string): void {
  const { success, stderr } = new Deno.Command("/bin/sh", {
    args: ["-c", 'umask 022; printf %s "$2" >"$1" && chmod 755 "$1"', "sh", path, text],
    stdout: "null",
  }).outputSync();
  if (!success) {
    throw new Error(`Cannot write the script ${path}: ${new TextDecoder().decode(stderr)}`);
  }
}
