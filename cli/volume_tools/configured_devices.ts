import { existsSync } from "node:fs";
import {
  ConfigurationError,
  defaultConfigurationFolder,
  deviceKindOf,
  loadConfiguration,
} from "../../daemon/config/mod.ts";
import { DeviceConfigurationError, openDevice } from "../../daemon/storage/mod.ts";
import { toolStatuses } from "../exit_statuses.ts";
import type { ToolOptions } from "./options.ts";
import { type ConfiguredDevice, ToolError } from "./source.ts";

/**
 * The devices of the storage daemon's configuration: the one that `-c` names, else the one of the
 * system if there is one and the device argument is not simply a path.
 * @throws {ToolError} if the configuration has errors
 */
export function configuredDevices(
  { config, words }: ToolOptions,
): readonly ConfiguredDevice[] {
  const [word] = words;
  const isPath = word !== undefined && existsSync(word);
  if (config === undefined && (isPath || !existsSync(defaultConfigurationFolder))) return [];
  try {
    const configuration = loadConfiguration("storage", config);
    return configuration.all("Device").map((device) => ({
      name: device.name,
      archiveDevice: device.requiresMount && device.mountPoint !== ""
        ? device.mountPoint
        : device.archiveDevice,
      maximumVolumeSize: device.maximumVolumeSize,
      ...(deviceKindOf(device) === "dedupable" ? { device: openDevice(device) } : {}),
      ...(deviceKindOf(device) === "s3" ? { remote: openDevice(device) } : {}),
    }));
  } catch (cause) {
    const isKnown = cause instanceof ConfigurationError ||
      cause instanceof DeviceConfigurationError;
    if (!isKnown) throw cause;
    throw new ToolError(cause.message.trimEnd(), toolStatuses.badConfiguration, { cause });
  }
}
