/**
 * Which volume a job writes to (catalog-and-jobs.md 15 to 20): pools, the choice of a volume and why
 * others do not fit, names made by Label Format, limits, recycling, pruning.
 *
 * @module
 */
export { Counters } from "./counters.ts";
export { expandLabelFormat } from "./label_format.ts";
export { chooseNextPool, isSameDaemon } from "./next_pool.ts";
export { chooseCatalog, choosePool, chooseStorage } from "./pool_choice.ts";
export { autoPrune } from "./pruning.ts";
export { unfitForWriting } from "./volume_fitness.ts";
export { expire } from "./volume_limits.ts";
export { oldestFirst, pruneVolume, purgeVolume } from "./volume_recycling.ts";
export { findVolume, poolDefaults } from "./volume_selection.ts";
export { jobVariables } from "./volume_variables.ts";
