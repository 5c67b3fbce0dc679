/** What a daemon asks of the system about its own process, which the runtime does not offer. @module */
import { userInfo } from "node:os";

const symbols = {
  setsid: { parameters: [], result: "i32" },
  open: { parameters: ["buffer", "i32"], result: "i32" },
  dup2: { parameters: ["i32", "i32"], result: "i32" },
  setgid: { parameters: ["u32"], result: "i32" },
  setuid: { parameters: ["u32"], result: "i32" },
  initgroups: { parameters: ["buffer", "u32"], result: "i32" },
} as const;

type Calls = Deno.DynamicLibrary<typeof symbols>["symbols"];

const READ_WRITE = 2;

function openLibrary(): Calls {
  const name = Deno.build.os === "darwin" ? "libSystem.B.dylib" : "libc.so.6";
  return Deno.dlopen(name, symbols).symbols;
}

/** Makes the process the leader of a session of its own, without a terminal. */
export function newSession(): void {
  // It fails only where the process leads a group already, which is as good.
  openLibrary().setsid();
}

/**
 * Lets standard input and outputs go nowhere, so that whoever started us and reads them need not wait
 * for our end. The runtime holds copies of them, which are found by what they lead to.
 */
export function closeStandardStreams(): void {
  const calls = openLibrary();
  const nowhere = calls.open(new TextEncoder().encode("/dev/null\0"), READ_WRITE);
  if (nowhere < 0) throw new Error("Cannot detach: /dev/null cannot be opened");
  const ends = new Set([0, 1, 2].map(identityOf));
  for (const { name } of Deno.readDirSync("/dev/fd")) {
    const descriptor = Number(name);
    const identity = identityOf(descriptor);
    if (identity !== undefined && ends.has(identity)) calls.dup2(nowhere, descriptor);
  }
}

/** What tells where a descriptor leads; `undefined` if it is closed. */
function identityOf(descriptor: number): string | undefined {
  try {
    const { dev, ino } = Deno.statSync(`/dev/fd/${descriptor}`);
    return `${dev}:${ino}`;
  } catch {
    return undefined; // closed since, such as the one by which the folder was read
  }
}

/** A user and a group to run as. */
export interface Identity {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Gives up the rights of the present user for those of another, for good; the environment's `HOME`, `USER`
 * and `LOGNAME` become that one's: what is looked for in a home, `.pgpass` for one, is looked for in its own.
 * @throws Error if that is not allowed
 */
export function becomeUser(identity: Partial<Identity>): void {
  const calls = openLibrary();
  const { name, uid, gid } = identity;
  const must = (what: string, result: number): void => {
    if (result !== 0) throw new Error(`Cannot ${what}: only root may, start the daemon as root`);
  };
  if (name !== undefined && gid !== undefined) {
    must(
      `take the groups of ${name}`,
      calls.initgroups(new TextEncoder().encode(`${name}\0`), gid),
    );
  }
  if (gid !== undefined) must(`become group ${gid}`, calls.setgid(gid));
  if (uid === undefined) return;
  must(`become user ${uid}`, calls.setuid(uid));
  const { username, homedir } = userInfo();
  const own = { HOME: homedir, USER: username, LOGNAME: username };
  for (const [variable, value] of Object.entries(own)) Deno.env.set(variable, value);
}
