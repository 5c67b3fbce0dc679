import { join } from "node:path";

/**
 * Makes sure that a daemon can write where it keeps its state: else it would find out in the middle of a
 * job, when it spools or writes a bootstrap.
 *
 * @throws Error that says what to do
 */
export function checkWorkingDirectory(path: string): void {
  const trial = join(path, `.roost-${Deno.pid}-${crypto.randomUUID()}`);
  try {
    Deno.openSync(trial, { write: true, createNew: true, mode: 0o600 }).close();
    Deno.removeSync(trial);
  } catch (cause) {
    const why = cause instanceof Deno.errors.NotFound
      ? "it does not exist"
      : cause instanceof Error
      ? cause.message.replace(/:[^:]*$/, "") // without the name of the trial
      : String(cause);
    throw new Error(
      `Cannot write into the working directory ${path}: ${why}. Make it, give it to the user of ` +
        `the daemon, or name another one by Working Directory`,
      { cause },
    );
  }
}

/** Where a daemon keeps what its status tells of its last jobs; the three may have one name and folder. */
export function endedJobsFile(
  kind: "dir" | "sd" | "fd",
  { name, workingDirectory }: { readonly name: string; readonly workingDirectory: string },
): string {
  return join(workingDirectory, `${name.replaceAll("/", "_")}.${kind}.jobs`);
}
