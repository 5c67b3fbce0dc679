import type { ToolOptions } from "./options.ts";
import type { ConfiguredDevice } from "./source.ts";

/** The devices of the storage daemon's configuration that `-c` names; none without it. */
export function configuredDevices(_options: ToolOptions): Promise<readonly ConfiguredDevice[]> {
  return Promise.resolve([]);
}
