import { withHeartbeat } from "../heartbeat.ts";
import type { DirectorSession } from "../director_session.ts";
import type { FileJob } from "../file_job.ts";

/** Does the job's work; a director that hangs up meanwhile cancels it. */
export async function whileConnected(
  session: DirectorSession,
  job: FileJob,
  work: () => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const watch = session.connection.receive({ abort: stop.signal }).then(
    (frame) => {
      // A director says nothing while it waits: whatever comes is its end.
      if (frame === undefined || frame.kind === "signal") job.cancel();
    },
    () => {}, // we stopped watching
  );
  const { heartbeatInterval } = session.context.settings;
  try {
    await withHeartbeat(session.connection, heartbeatInterval, work);
  } finally {
    stop.abort(new Error("The work is done"));
    await watch;
  }
}
