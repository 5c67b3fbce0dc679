/** Commands that only a director of Bacula says (bacula.md 11.2). @module */
import { baculaToFile, fileToDirector as say } from "../../protocol/mod.ts";
import type { DirectorSession, ForeignCommand, Verdict } from "./director_session.ts";

/** These commands by what they begin with. */
export const BACULA_COMMANDS: readonly ForeignCommand[] = [
  { prefix: "stop ", run: stop },
];

async function stop(session: DirectorSession, text: string): Promise<Verdict> {
  const fields = baculaToFile.stop.parse(text);
  if (fields === undefined) return await session.answer(say.cancelBad.format({}));
  const job = session.context.jobs.get(fields.job);
  if (job === undefined) return await session.answer(say.jobNotFound.format({ job: fields.job }));
  job.stop();
  return await session.answer(baculaToFile.stopOk.format({ job: fields.job }));
}
