/**
 * What each type of job does: the conversations of backup, restore, verify, copy, migration, virtual
 * full and consolidation (catalog-and-jobs.md 12 to 19), each a function that reads like the chart in
 * the reference. They speak to the daemons through `../peers/`.
 *
 * @module
 */
export { runBackup, writeBootstrap } from "./backup_job.ts";
export { runConsolidate } from "./consolidate_job.ts";
export { runCopyControl } from "./copy_control.ts";
export { endCopy, runCopy } from "./copy_job.ts";
export { planCopy } from "./copy_plan.ts";
export { copyWords } from "./copy_words.ts";
export { runRestore } from "./restore_job.ts";
export { runVerify } from "./verify_job.ts";
export { endVirtualFull, runVirtualFull } from "./virtual_full.ts";
