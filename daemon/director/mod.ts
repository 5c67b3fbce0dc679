/**
 * The director (catalog-and-jobs.md, console.md): jobs, their queue and their
 * schedules, volumes and pools, messages, consoles.
 *
 * {@linkcode DirectorDaemon} listens, and starts what is scheduled. `job_control.ts`
 * has every job from its creation to its end: it goes through `job_preparation.ts`
 * (level, pool, storage), `job_queue.ts`, `job_runner.ts` (from its start to its
 * report) and the conversation of its type (`backup_job.ts`,
 * `restore_job.ts`, `verify_job.ts`), which speaks to the daemons through
 * `client_job.ts` and `storage_job.ts`. `console/` holds the console's commands.
 *
 * @module
 */
export { AttributeReceiver } from "./attribute_receiver.ts";
export { serveConsole } from "./console/mod.ts";
export { DirectorDaemon, type DirectorOptions, type RunningDirector } from "./director_daemon.ts";
