/**
 * fast-check as all property tests import it, with a means to look harder than every day:
 * `ROOST_PROPERTY_RUNS=50` makes 50 times the runs of each property, `ROOST_PROPERTY_SEED=7` makes
 * the same runs each time. A property must hold for every seed: what a longer run finds becomes a
 * plain case of a test.
 *
 * @module
 */
import * as fc from "./everything.ts";

export default fc;
