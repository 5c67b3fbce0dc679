export * from "fast-check-itself";
export { assert } from "./many_runs.ts";
