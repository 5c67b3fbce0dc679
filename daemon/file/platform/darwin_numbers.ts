import { commonErrors, type SystemNumbers } from "./system_numbers.ts";

/** macOS. It has no way to read without setting the time of access. */
export const darwinNumbers: SystemNumbers = {
  at: { current: -2, noFollow: 0x20, removeDirectory: 0x80 },
  open: {
    readOnly: 0,
    writeOnly: 1,
    readWrite: 2,
    create: 0x200,
    exclusive: 0x800,
    noTerminal: 0x20000,
    truncate: 0x400,
    nonBlocking: 0x4,
    directory: 0x100000,
    noFollow: 0x100,
    noAccessTime: 0,
    closeOnExec: 0x1000000,
    place: 0,
  },
  seek: { data: 4, hole: 3 },
  errorNames: new Map([
    ...commonErrors,
    [35, "EAGAIN"],
    [45, "EOPNOTSUPP"],
    [62, "ELOOP"],
    [63, "ENAMETOOLONG"],
    [66, "ENOTEMPTY"],
    [69, "EDQUOT"],
    [70, "ESTALE"],
    [78, "ENOSYS"],
    [93, "ENODATA"],
    [102, "EOPNOTSUPP"],
  ]),
  pathLimit: 1024,
};
