import type {
  AutochangerResource,
  Configuration,
  DeviceResource,
  ProgramResources,
} from "../config/mod.ts";
import { certificateSettingsOf, tlsPolicyOf } from "../../protocol/mod.ts";
import type { ChangerSettings } from "./device_set.ts";
import type { StorageDaemonOptions } from "./storage_daemon.ts";
import type { DeviceSettings } from "./storage_device.ts";

/** Copies of a Device beyond this are a slip of the pen (storage-daemon.md 5.1). */
const MOST_COPIES = 9_999;

/** What a storage daemon is made of, from its configuration (configuration.md 12). */
export function storageOptions(
  configuration: Configuration<ProgramResources["storage"]>,
): StorageDaemonOptions {
  const own = configuration.first("Storage");
  const devices = configuration.all("Device");
  return {
    settings: {
      ...pick(own, [
        "name",
        "sourceAddress",
        "workingDirectory",
        "maximumConcurrentJobs",
        "clientConnectWait",
        "fdConnectTimeout",
        "sdConnectTimeout",
        "heartbeatInterval",
        "justInTimeReservation",
        "deviceReserveByMediaType",
        "fileDeviceConcurrentRead",
        "maximumBandwidthPerJob",
        "allowBandwidthBursting",
        "autoXFlateOnReplication",
        "absoluteJobTimeout",
        "logTimestampFormat",
        "checkpointInterval",
        "collectDeviceStatistics",
        "collectJobStatistics",
        "statisticsCollectInterval",
        "compatible",
      ]),
      destinations: (own.messages ?? configuration.first("Messages")).destinations,
      tlsPolicy: tlsPolicyOf(own.tlsEnable, own.tlsRequire),
      certificates: certificateSettingsOf(own),
      secureEraseCommand: own.secureEraseCommand === "" ? undefined : own.secureEraseCommand,
    },
    addresses: own.addresses,
    directors: configuration.all("Director").map((director) => ({
      name: director.name,
      key: director.password.key,
      isMonitor: director.monitor,
      maximumBandwidthPerJob: director.maximumBandwidthPerJob,
      tlsPolicy: tlsPolicyOf(director.tlsEnable, director.tlsRequire),
      certificates: certificateSettingsOf(director),
    })),
    devices: devices.flatMap((device) => copiesOf(device, own.workingDirectory)),
    changers: [
      ...configuration.all("Autochanger").map((changer) => changerOf(changer)),
      ...devices.filter(isMultiplied).map((device) => ({
        name: device.name,
        devices: copyNames(device),
      })),
    ],
  };
}

function pick<T, K extends keyof T>(from: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, from[key]])) as Pick<T, K>;
}

/** The device itself, or with `Count` its numbered copies (storage-daemon.md 5.1). */
function copiesOf(device: DeviceResource, workingDirectory: string): DeviceSettings[] {
  const settings: DeviceSettings = {
    spoolDirectory: device.spoolDirectory || workingDirectory,
    ...pick(device, [
      "name",
      "mediaType",
      "archiveDevice",
      "deviceType",
      "deviceOptions",
      "labelMedia",
      "removableMedia",
      "alwaysOpen",
      "autoSelect",
      "blockChecksum",
      "blockPositioning",
      "maximumConcurrentJobs",
      "maximumBlockSize",
      "labelBlockSize",
      "maximumFileSize",
      "maximumVolumeSize",
      "volumePollInterval",
      "accessMode",
      "driveIndex",
      "maximumOpenWait",
      "requiresMount",
      "mountPoint",
      "mountCommand",
      "unmountCommand",
      "autoDeflate",
      "autoInflate",
      "autoDeflateAlgorithm",
      "autoDeflateLevel",
      "maximumChangerWait",
      "appendOnlyPeriod",
      "maximumSpoolSize",
      "maximumJobSpoolSize",
      "collectStatistics",
    ]),
  };
  if (!isMultiplied(device)) return [settings];
  return copyNames(device).map((name, at) => ({
    ...settings,
    name,
    autoSelect: at > 0 && settings.autoSelect,
  }));
}

/** The names of what {@linkcode copiesOf} makes. */
function copyNames(device: DeviceResource): string[] {
  if (!isMultiplied(device)) return [device.name];
  return Array.from(
    { length: device.count + 1 },
    (_, at) => `${device.name}${String(at).padStart(4, "0")}`,
  );
}

function isMultiplied({ count }: DeviceResource): boolean {
  return count > 1 && count <= MOST_COPIES;
}

function changerOf(changer: AutochangerResource): ChangerSettings {
  const { name, device, changerDevice, changerCommand } = changer;
  return {
    name,
    changerDevice,
    changerCommand,
    devices: device.flatMap((member) => copyNames(member)),
  };
}
