/** The level of a job, and since when files count as changed (director-client.md 5.2, 5.3). @module */
import {
  directorToFile as hear,
  fileToDirector as say,
  JobMessageType,
  Signal,
} from "../../../protocol/mod.ts";
import type { DirectorSession, Verdict } from "../director_session.ts";

/** The letters of the levels by the words a director says. */
const levels: readonly (readonly [word: RegExp, letter: string])[] = [
  [/^base$/, "B"],
  [/^full$/, "F"],
  [/differential/, "D"],
  [/incremental/, "I"],
];

/** `level = `: the level by its word, or the time since which files count as changed. */
export async function setLevel(session: DirectorSession, text: string): Promise<Verdict> {
  const { job } = session;
  if (job === undefined) return "stop";
  const since = hear.since.parse(text);
  if (since !== undefined) {
    if (job.level === " ") job.level = "S";
    job.since = since.since + await clockDifference(session);
    await session.connection.sendSignal(Signal.EOD);
    return await session.accept(say.levelOk.format({}));
  }
  const level = (hear.levelRerunning.parse(text) ?? hear.level.parse(text))?.level;
  if (level === undefined) return session.fail(`Bad level command: ${text}`);
  if (level.includes("accurate")) job.isAccurate = true;
  if (hear.levelRerunning.matches(text)) job.isRerun = true;
  const word = level.replace("accurate_", "");
  const found = levels.find(([pattern]) => pattern.test(word));
  if (found === undefined) return session.fail(`Unknown backup level: ${level}\n`);
  job.level = found[1];
  return job.level === "F" || job.level === "B"
    ? await session.accept(say.levelOk.format({}))
    : "go on";
}

/** How often the director is asked for its time, and how many of the first answers do not count. */
const clockRounds = 10;
const discardedRounds = 2;

/** Seconds by which clocks may differ before the job's log says so, and before that is a warning. */
const toldDifference = 3;
const muchDifference = 600;

/** How many seconds our clock is ahead of the director's (director-client.md 5.3). */
async function clockDifference(session: DirectorSession): Promise<number> {
  const { connection, job } = session;
  let sum = 0;
  for (let round = 0; round < clockRounds; round++) {
    const start = Date.now() * 1000;
    await connection.sendSignal(Signal.BTIME);
    const time = await nextBtime(session);
    if (time === undefined) return 0;
    const roundTrip = Date.now() * 1000 - start;
    if (round >= discardedRounds) sum += start - time - roundTrip / 2;
  }
  const difference = Math.trunc(sum / (clockRounds - discardedRounds) / 1_000_000);
  if (Math.abs(difference) > toldDifference) {
    const text =
      `DIR and FD clocks differ by ${difference} seconds, FD automatically compensating.\n`;
    const isMuch = Math.abs(difference) > muchDifference;
    job?.message(isMuch ? JobMessageType.WARNING : JobMessageType.INFO, text);
  }
  return difference;
}

/** The director's time in microseconds; undefined if it hung up. */
async function nextBtime(session: DirectorSession): Promise<number | undefined> {
  for (;;) {
    const frame = await session.connection.receive();
    if (frame === undefined) return undefined;
    if (frame.kind === "signal") continue;
    const fields = hear.btime.parse(frame.payload);
    if (fields !== undefined) return fields.microseconds;
  }
}
