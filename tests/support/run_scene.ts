/** What tests of `run` and its like stand on. @module */
import assert from "node:assert/strict";
import type { ConsoleSession } from "../../protocol/mod.ts";
import { ConsoleScene, enterJobs, type OpenCatalog, steady } from "./console_scene.ts";

/** The last line of what `run` shows. */
export const question = "OK to run? (yes/mod/no): ";

/** A director with a few jobs of the past, and a console that has opened the catalog. */
export async function begun(
  open?: OpenCatalog,
): Promise<{ scene: ConsoleScene; session: ConsoleSession }> {
  const scene = await ConsoleScene.start({
    open,
    resources: `Pool { Name = Bare; PoolType = Backup }
Job { Name = Pooled; Type = Backup; Client = fd; FileSet = Set; Pool = Full; Messages = Standard }`,
    fill: (catalog) =>
      enterJobs(catalog, [
        { files: ["/data/a.txt"] },
        { level: "I", start: "2026-01-02 10:00:00", files: ["/data/c.txt"], pool: "Incr" },
        { status: "f", start: "2026-01-03 10:00:00" },
        {
          status: "f",
          start: "2026-01-04 10:00:00",
          name: "Backup2",
          client: "fd2",
          fileSet: "Set2",
        },
        { status: "f", start: "2026-01-05 10:00:00", name: "Restore", type: "R", level: " " },
      ]),
  });
  const session = await scene.login();
  await session.call("use catalog=MyCatalog");
  await session.call("rerun");
  return { scene, session };
}

/** Each line and all that the director answers to it. */
export async function answers(
  session: ConsoleSession,
  rows: readonly (readonly [line: string, answer: string])[],
): Promise<void> {
  for (const [line, answer] of rows) assert.equal(steady(await session.call(line)), answer, line);
}

/** The menu of all clients. */
export const clientList = `The defined Client resources are:
1: fd
2: fd2
3: tape-fd
Select Client (File daemon) resource (1-3): `;

/** The menu of all pools. */
export const poolList = `The defined Pool resources are:
1: Bare
2: Full
3: Incr
4: Next
Select Pool resource (1-4): `;
