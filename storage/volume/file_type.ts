/** What kind of file an attributes record tells of (volume.md 8.2). */
export const FileType = {
  /** A hard link to a file saved before; it has no data of its own. */
  hardLink: 1,
  /** An empty regular file that everyone may read. */
  emptyFile: 2,
  regularFile: 3,
  symbolicLink: 4,
  /** A directory, sent after its contents. */
  directory: 5,
  /** Device node, fifo or socket. */
  special: 6,
  noAccess: 7,
  noFollow: 8,
  noStat: 9,
  unchanged: 10,
  directoryUnchanged: 11,
  isArchive: 12,
  /** A directory that was not entered because recursion is off. */
  noRecursion: 13,
  /** A directory that was not entered because it is another file system. */
  otherFileSystem: 14,
  noOpen: 15,
  /** A block device read as data. */
  rawDevice: 16,
  /** A fifo read as data. */
  fifoData: 17,
  directoryBegin: 18,
  invalidFileSystem: 19,
  invalidDriveType: 20,
  reparsePoint: 21,
  plugin: 22,
  /** Accurate mode: the file is gone. */
  deleted: 23,
  /** Unchanged since the base job. */
  base: 24,
  restoreFirst: 25,
  junction: 26,
  pluginConfig: 27,
  pluginConfigFilled: 28,
} as const;

/** One of the values of {@linkcode FileType}. */
export type FileTypeNumber = (typeof FileType)[keyof typeof FileType];

/** Whether files of this type are restored as directories. */
export function isDirectoryType(type: number): boolean {
  return type === FileType.directory || type === FileType.noRecursion ||
    type === FileType.otherFileSystem || type === FileType.invalidFileSystem ||
    type === FileType.reparsePoint || type === FileType.junction;
}
