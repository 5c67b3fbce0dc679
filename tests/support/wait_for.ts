/** Waiting for a condition, never for time. @module */

/**
 * Calls `condition` until it gives something true, and gives that. The limit is for what never comes: what
 * takes long on a machine with much else to do is waited for.
 *
 * @throws Error naming `what` if it does not happen within `timeoutMs`
 */
export async function waitFor<T>(
  what: string,
  condition: () => T | Promise<T>,
  timeoutMs = 300_000,
): Promise<NonNullable<Exclude<T, false>>> {
  const deadline = Date.now() + timeoutMs;
  let pause = 5;
  for (;;) {
    const result = await condition();
    if (result) return result as NonNullable<Exclude<T, false>>;
    if (Date.now() > deadline) throw new Error(`Waited ${timeoutMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pause));
    pause = Math.min(pause * 2, 100);
  }
}

/**
 * Waits for the next second of the clock by which files get their times: levels and accurate lists
 * count changes in whole seconds, so that what was written in the second of a full backup's start is
 * saved again by the incremental after it, and a second change in one second is not seen. That clock
 * may be some milliseconds behind the one that programs see.
 */
export async function nextSecond(): Promise<void> {
  const second = Math.floor(Date.now() / 1000);
  const path = await Deno.makeTempFile({ prefix: "roost-clock-" });
  try {
    await waitFor("the next second", async () => {
      await Deno.writeTextFile(path, "now");
      return Number((await Deno.stat(path)).mtime) / 1000 >= second + 1;
    });
  } finally {
    await Deno.remove(path);
  }
}
