/** Commands that only a director of Bacula says (bacula.md 12). @module */
import { baculaToStorage, storageToDirector as say } from "../../protocol/mod.ts";
import type { DirectorCommand, DirectorSession, Verdict } from "./director_session.ts";

/** These commands; none begins like one of the field's. */
export const BACULA_COMMANDS: readonly DirectorCommand[] = [
  { prefix: "stop ", run: stop },
  { prefix: "enable ", run: (session, command) => toggle(session, command, "enable") },
  { prefix: "disable ", run: (session, command) => toggle(session, command, "disable") },
];

async function stop(session: DirectorSession, command: string): Promise<Verdict> {
  const fields = baculaToStorage.stop.parse(command);
  if (fields === undefined) return await session.answer(say.cancelBad.format({}));
  const job = session.context.jobs.find(fields.job);
  if (job === undefined) return await session.answer(say.jobNotFound.format({ job: fields.job }));
  job.stop();
  return await session.answer(baculaToStorage.stopOk.format({ jobId: job.jobId, job: job.name }));
}

/** Lets jobs use a device, or a drive of a changer, or keeps them from it. */
async function toggle(
  session: DirectorSession,
  command: string,
  word: "enable" | "disable",
): Promise<Verdict> {
  const fields = baculaToStorage[word].parse(command);
  const { devices } = session.context;
  const name = fields?.device ?? command.trim();
  const device = devices.changer(name)?.[fields?.drive ?? 0] ?? devices.device(name);
  if (device === undefined) {
    return await session.answer(say.deviceNotFound.format({ device: name }));
  }
  const wanted = word === "enable";
  const text = baculaToStorage[device.isEnabled === wanted ? "switchedAlready" : "switched"];
  device.isEnabled = wanted;
  if (wanted) devices.released.notify();
  return await session.answer(
    text.format({ device: device.printName, state: wanted ? "enabled" : "disabled" }),
  );
}
