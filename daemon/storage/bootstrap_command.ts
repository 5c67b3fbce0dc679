import { storageToDirector as say } from "../../protocol/mod.ts";
import { BootstrapError, parseBootstrap } from "../../storage/volume/mod.ts";
import type { DirectorSession, Verdict } from "./director_session.ts";
import type { StorageJob } from "./storage_job.ts";

/** Bytes of the longest bootstrap that is accepted: some millions of FileIndex lines. */
const LONGEST = 64 << 20;

/** `bootstrap`: its lines up to EOD (storage-daemon.md 3.4). */
export async function readBootstrap(
  session: DirectorSession,
  job: StorageJob,
): Promise<Verdict> {
  const lines: string[] = [];
  let length = 0;
  while (true) {
    const frame = await session.link.next();
    if (frame === undefined) return "stop";
    if (frame.kind === "signal") break;
    length += frame.text.length;
    if (length > LONGEST) {
      job.log.fatal(`Bootstrap is longer than ${LONGEST} bytes.\n`);
      await session.say(say.bootstrapBad.format({}));
      return "stop";
    }
    lines.push(frame.text.endsWith("\n") ? frame.text : `${frame.text}\n`);
  }
  try {
    job.bootstrap = parseBootstrap(lines.join(""), `bootstrap of ${job.name}`);
  } catch (error) {
    if (!(error instanceof BootstrapError)) throw error;
    job.log.fatal(error.message);
    await session.say(say.bootstrapBad.format({}));
    return "stop";
  }
  await session.say(say.bootstrapOk.format({}));
  return "go on";
}
