/** Settings of a storage daemon for tests. @module */
import type { DeviceSettings, StorageDaemonOptions } from "../../daemon/storage/mod.ts";
import { passwordKey } from "../../protocol/mod.ts";

/** A file device that labels volumes, with what a test wants otherwise. */
export function testDevice(
  archiveDevice: string,
  more: Partial<DeviceSettings> = {},
): DeviceSettings {
  return {
    name: "FileStorage1",
    mediaType: "File1",
    archiveDevice,
    deviceType: "",
    deviceOptions: "",
    labelMedia: true,
    removableMedia: false,
    alwaysOpen: false,
    autoSelect: true,
    blockChecksum: true,
    blockPositioning: true,
    maximumConcurrentJobs: 0,
    maximumBlockSize: 64_512,
    labelBlockSize: 64_512,
    maximumFileSize: 1_000_000_000,
    maximumVolumeSize: 0,
    volumePollInterval: 300,
    accessMode: "readwrite",
    driveIndex: 0,
    maximumOpenWait: 300,
    requiresMount: false,
    mountPoint: "",
    mountCommand: "",
    unmountCommand: "",
    autoDeflate: "",
    autoInflate: "",
    autoDeflateAlgorithm: "",
    autoDeflateLevel: 6,
    maximumChangerWait: 300,
    appendOnlyPeriod: 0,
    spoolDirectory: "",
    maximumSpoolSize: 0,
    maximumJobSpoolSize: 0,
    ...more,
  };
}

/** A storage daemon on a free port with one director, `test-dir` with password `secret`. */
export function testStorage(
  workingDirectory: string,
  devices: readonly DeviceSettings[],
  more: Partial<StorageDaemonOptions["settings"]> = {},
): StorageDaemonOptions {
  return {
    settings: {
      name: "test-sd",
      workingDirectory,
      maximumConcurrentJobs: 100,
      // As long as by default, or long: a machine may have much else to do.
      clientConnectWait: 1800,
      fdConnectTimeout: 1800,
      sdConnectTimeout: 1800,
      heartbeatInterval: 0,
      justInTimeReservation: true,
      deviceReserveByMediaType: false,
      fileDeviceConcurrentRead: false,
      maximumBandwidthPerJob: 0,
      checkpointInterval: 0,
      ...more,
    },
    addresses: [{ host: "127.0.0.1", port: 0 }],
    directors: [{ name: "test-dir", key: passwordKey("secret"), isMonitor: false }],
    devices,
  };
}
