/**
 * The director (catalog-and-jobs.md, console.md): jobs, their queue and their
 * schedules, volumes and pools, messages, consoles.
 *
 * {@linkcode DirectorDaemon} listens, and starts what is scheduled (`schedule/`).
 * `jobs/` has every job from its creation to its end, `job_types/` what each type
 * of job does, `peers/` the conversations with the daemons, `volumes/` the choice
 * of what is written to. `messages/` and `report/` tell of it; `console/` holds
 * the console's commands.
 *
 * @module
 */
export { AttributeReceiver } from "./peers/attribute_receiver.ts";
export { serveConsole } from "./console/mod.ts";
export { DirectorDaemon, type DirectorOptions, type RunningDirector } from "./director_daemon.ts";
