/** x */
import { fileToDirector as say } from "../../../protocol/mod.ts";
import type { DirectorSession, FileCommands, Verdict } from "../director_session.ts";
import { takePluginOptions } from "./plugins.ts";
import { connectToStorage, setAuthorization } from "./storage.ts";
import { announceJob } from "./announcement.ts";
import { setLevel } from "./level.ts";
import { readAccurateList, readFileSet } from "./file_set.ts";
import { addAfterJob, addScript, runBefore, runBeforeJob } from "./scripts.ts";
import { runBackup, runEstimate } from "./backup.ts";
import { bootstrap, restoreObject, runRestore } from "./restore.ts";
import { verify } from "./verify.ts";

/** The commands of a job by their keyword. */
export const jobCommands: FileCommands = {
  "JobId=": { run: announceJob },
  "level = ": { run: setLevel },
  fileset: { run: readFileSet },
  accurate: { run: readAccurateList },
  "storage ": { run: connectToStorage },
  setauthorization: { run: setAuthorization },
  Run: { run: addScript },
  RunBeforeNow: { run: runBefore },
  RunBeforeJob: { run: runBeforeJob },
  RunAfterJob: { run: addAfterJob },
  backup: { run: runBackup },
  estimate: { run: runEstimate },
  "restore ": { run: runRestore },
  endrestore: { run: () => "stop" },
  pluginoptions: { run: takePluginOptions },
  getSecureEraseCmd: { run: secureErase },
  restoreobject: { run: restoreObject },
  verify: { run: verify },
  bootstrap: { run: bootstrap },
  session: { run: (session) => session.accept(say.sessionOk.format({})) },
};

async function secureErase(session: DirectorSession): Promise<Verdict> {
  const command = session.context.settings.secureEraseCommand || "*None*";
  return await session.accept(say.getSecureEraseCommandOk.format({ command }));
}
