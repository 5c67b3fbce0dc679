/** Directives of older releases and of Bacula (configuration.md 18; bacula.md 18). @module */

const daemons = ["Director", "Storage", "Client"];

/** Directives that are read, warned of and forgotten, and the resources that had them. */
const dropped: Readonly<Record<string, readonly string[]>> = {
  PidDirectory: daemons,
  SubSysDirectory: daemons,
  MaximumConnections: daemons,
  OptimizeForSize: ["Director"],
  OptimizeForSpeed: ["Director"],
  BackendDirectory: ["Director"],
  OmitDefaults: ["Director"],
  UseVolumeOnce: ["Pool"],
  CopyPool: ["Pool"],
  SddPort: ["Storage"],
  WriteVerifyList: ["Job", "JobDefs"],
  WritePartAfterJob: ["Job", "JobDefs"],
  RunAcl: ["Console", "Profile", "User"],
  MaximumPartSize: ["Device"],
  WritePartCommand: ["Device"],
  FreeSpaceCommand: ["Device"],
  // Bacula's.
  CommCompression: [...daemons, "Console"],
  SdCallsClient: ["Client"],
  FdStorageAddress: ["Client", "Storage"],
  DeviceType: ["Storage"],
};

const droppedOf = new Map(
  Object.entries(dropped).map(([name, types]) => [name.toLowerCase(), new Set(types)]),
);

/** Whether `word` is a directive that resources of a type once had and that means nothing now. */
export function isDropped(word: string, type: string): boolean {
  return droppedOf.get(word.toLowerCase())?.has(type) === true;
}

/** Spellings of older releases, in lower case, and what they are called now. */
export const oldSpellings: Readonly<Record<string, string>> = {
  tapedevice: "Device",
  fullmaxwaittime: "FullMaxRuntime",
  incrementalmaxwaittime: "IncrementalMaxRuntime",
  differentialmaxwaittime: "DifferentialMaxRuntime",
  allowclientconnect: "ConnectionFromClientToDirector",
  virtualfullpool: "VirtualFullBackupPool",
  pluginoptions: "FdPluginOptions",
};
