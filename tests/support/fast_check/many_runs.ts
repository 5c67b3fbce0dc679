import { assert as assertOnce } from "fast-check-itself";
import type * as real from "fast-check-itself";

/** A whole number from the environment; undefined if it is not set. */
function setting(name: string): number | undefined {
  const text = Deno.env.get(name);
  if (text === undefined || text === "") return undefined;
  if (!/^-?\d+$/.test(text)) throw new Error(`${name} must be a whole number, not ${text}`);
  return Number(text);
}

/** As fast-check's own, with as many runs and the seed that the environment asks for. */
export const assert = ((property, parameters = {}) => {
  const factor = setting("ROOST_PROPERTY_RUNS") ?? 1;
  const seed = setting("ROOST_PROPERTY_SEED");
  const { numRuns = 100, interruptAfterTimeLimit, ...others } = parameters;
  return assertOnce(
    property,
    {
      ...seed === undefined ? {} : { seed },
      ...others,
      ...interruptAfterTimeLimit === undefined
        ? {}
        : { interruptAfterTimeLimit: interruptAfterTimeLimit * factor },
      numRuns: numRuns * factor,
    } as typeof parameters,
  );
}) as typeof real.assert;
