import { STORAGE_COMMANDS } from "../../protocol/mod.ts";
import { DEVICE_COMMANDS } from "./device_commands.ts";
import type { DirectorCommand } from "./director_session.ts";
import { JOB_COMMANDS } from "./job_commands.ts";
import { STATUS_COMMANDS } from "./status_commands.ts";

const BY_PREFIX: ReadonlyMap<string, DirectorCommand> = new Map(
  [...JOB_COMMANDS, ...DEVICE_COMMANDS, ...STATUS_COMMANDS].map((each) => [each.prefix, each]),
);

/** All commands of a director in matching order: the first prefix wins (storage-daemon.md 3.1). */
export const DIRECTOR_COMMANDS: readonly DirectorCommand[] = STORAGE_COMMANDS.flatMap((prefix) =>
  BY_PREFIX.get(prefix) ?? []
);
