import { commonErrors, type SystemNumbers } from "./system_numbers.ts";

const isArm = Deno.build.arch === "aarch64";

/** Linux on x86-64 and arm64; a few flags differ between the two. */
export const linuxNumbers: SystemNumbers = {
  at: { current: -100, noFollow: 0x100, removeDirectory: 0x200 },
  open: {
    readOnly: 0,
    writeOnly: 1,
    readWrite: 2,
    create: 0o100,
    exclusive: 0o200,
    noTerminal: 0o400,
    truncate: 0o1000,
    nonBlocking: 0o4000,
    directory: isArm ? 0o40000 : 0o200000,
    noFollow: isArm ? 0o100000 : 0o400000,
    noAccessTime: 0o1000000,
    closeOnExec: 0o2000000,
    place: 0o10000000,
  },
  seek: { data: 3, hole: 4 },
  errorNames: new Map([
    ...commonErrors,
    [11, "EAGAIN"],
    [36, "ENAMETOOLONG"],
    [38, "ENOSYS"],
    [39, "ENOTEMPTY"],
    [40, "ELOOP"],
    [61, "ENODATA"],
    [95, "EOPNOTSUPP"],
    [116, "ESTALE"],
    [122, "EDQUOT"],
  ]),
  pathLimit: 4096,
};

/** `AT_EMPTY_PATH`: the open file itself. */
export const atEmptyPath = 0x1000;

/** `STATX_*`: what to ask `statx` for. */
export const StatxMask = { basic: 0x7ff, mountId: 0x1000 } as const;
