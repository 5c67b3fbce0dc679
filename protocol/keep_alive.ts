/**
 * How soon the system finds out that a silent peer is gone (wire.md 14.1). The runtime switches
 * keepalive on and no more; the times are set by the C library.
 *
 * @module
 */

/** Times of keepalive. */
export interface KeepAlive {
  /** Seconds of silence before a probe, and between two; 0 for {@linkcode USUAL_KEEPALIVE}. */
  readonly seconds: number;
}

/** The two ends of a socket. */
export interface SocketEnds {
  readonly localAddr: Deno.Addr;
  readonly remoteAddr: Deno.Addr;
}

/**
 * Seconds of silence before a probe where no Heartbeat Interval is configured. The system's would be two
 * hours, for which a job would hang whose peer has vanished without a word; no network forgets a connection
 * within a minute.
 */
export const USUAL_KEEPALIVE = 60;

const functions = {
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  getpeername: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

type Functions = Deno.DynamicLibrary<typeof functions>["symbols"];

/** Numbers of a system's C library, from its headers. */
interface SystemNumbers {
  readonly libraries: readonly string[];
  /** `TCP_KEEPIDLE`, `TCP_KEEPALIVE` on macOS: seconds until the first probe. */
  readonly idle: number;
  /** `TCP_KEEPINTVL`: seconds between probes. */
  readonly interval: number;
  /** Whether a socket address begins with a byte of its length. */
  readonly hasLength: boolean;
}

const systems: Readonly<Record<string, SystemNumbers>> = {
  linux: {
    libraries: ["libc.so.6", "libc.so", "ld-musl-x86_64.so.1", "ld-musl-aarch64.so.1"],
    ...{ idle: 4, interval: 5, hasLength: false },
  },
  darwin: {
    libraries: ["libSystem.B.dylib"],
    ...{ idle: 0x10, interval: 0x101, hasLength: true },
  },
};

const IPPROTO_TCP = 6;
const AF_INET = 2;
/** `struct sockaddr_in6` is 28 bytes, the longer one of both families. */
const ADDRESS_BYTES = 28;

/**
 * Sets the times of keepalive of a socket. `TCP_USER_TIMEOUT` is left alone: it would also end a
 * connection whose peer is alive and does not read for a while, as a storage daemon whose job waits for
 * an operator, though every probe is answered.
 * @returns whether it could be done; not on other systems, nor without the permission to call foreign
 * functions
 */
export function setKeepAlive(socket: SocketEnds, times: KeepAlive): boolean {
  const seconds = times.seconds > 0 ? times.seconds : USUAL_KEEPALIVE;
  const library = openLibrary();
  if (library === undefined) return false;
  const { c, numbers } = library;
  const descriptor = descriptorOf(socket, library);
  if (descriptor === undefined) return false;
  return [numbers.idle, numbers.interval].every((option) =>
    c.setsockopt(descriptor, IPPROTO_TCP, option, Int32Array.of(seconds), 4) === 0
  );
}

/** What is set: seconds until the first probe and between two; `undefined` where nobody can tell. */
export function keepAliveOf(
  socket: SocketEnds,
): { readonly idle: number; readonly interval: number } | undefined {
  const library = openLibrary();
  const descriptor = library && descriptorOf(socket, library);
  if (library === undefined || descriptor === undefined) return undefined;
  const { c, numbers } = library;
  const read = (option: number): number => {
    const value = new Int32Array(1);
    c.getsockopt(descriptor, IPPROTO_TCP, option, value, Uint32Array.of(4));
    return value[0] ?? 0;
  };
  return { idle: read(numbers.idle), interval: read(numbers.interval) };
}

interface Opened {
  readonly c: Functions;
  readonly numbers: SystemNumbers;
}

let opened: Opened | "no" | undefined;

/** The C library, looked for once. */
function openLibrary(): Opened | undefined {
  if (opened === undefined) {
    const numbers = systems[Deno.build.os];
    opened = "no";
    for (const name of numbers?.libraries ?? []) {
      try {
        if (numbers) opened = { c: Deno.dlopen(name, functions).symbols, numbers };
        break;
      } catch {
        continue; // another system's name; without any of them the answer is "no"
      }
    }
  }
  return opened === "no" ? undefined : opened;
}

/** Descriptors beyond the highest that was found so far which are tried before all are listed. */
const DESCRIPTORS_AHEAD = 64;
let highest = 0;
const spareAddress = new Uint8Array(ADDRESS_BYTES);
const spareLength = new Uint32Array(1);

/**
 * The descriptor of a socket of ours, which the runtime does not tell: the one with these two ends.
 * Both ends together are unique. Asking numbers one after the other costs a fraction of listing those that
 * are open, since new ones are the lowest that are free; most are told apart by the peer's port alone.
 */
function descriptorOf(ends: SocketEnds, library: Opened): number | undefined {
  const wanted = { local: describe(ends.localAddr), remote: describe(ends.remoteAddr) };
  if (ends.remoteAddr.transport !== "tcp") return undefined;
  const { port } = ends.remoteAddr;
  const { c } = library;
  const isIt = (descriptor: number): boolean => {
    spareLength[0] = ADDRESS_BYTES;
    return c.getpeername(descriptor, spareAddress, spareLength) === 0 &&
      ((spareAddress[2] ?? 0) << 8 | (spareAddress[3] ?? 0)) === port &&
      nameOf(c.getpeername, descriptor, library) === wanted.remote &&
      nameOf(c.getsockname, descriptor, library) === wanted.local;
  };
  for (let descriptor = 0; descriptor < highest + DESCRIPTORS_AHEAD; descriptor++) {
    if (!isIt(descriptor)) continue;
    highest = Math.max(highest, descriptor);
    return descriptor;
  }
  try {
    const found = [...Deno.readDirSync("/dev/fd")].map(({ name }) => Number(name)).find(isIt);
    highest = Math.max(highest, found ?? 0);
    return found;
  } catch {
    return undefined; // no such folder here: nobody can tell
  }
}

function nameOf(
  ask: Functions["getsockname"],
  descriptor: number,
  { numbers }: Opened,
): string | undefined {
  const address = new Uint8Array(ADDRESS_BYTES);
  const length = Uint32Array.of(ADDRESS_BYTES);
  if (ask(descriptor, address, length) !== 0) return undefined;
  const view = new DataView(address.buffer);
  const family = numbers.hasLength ? view.getUint8(1) : view.getUint16(0, true);
  const port = view.getUint16(2);
  if (family === AF_INET) return `${address.subarray(4, 8).join(".")}:${port}`;
  const groups = Array.from({ length: 8 }, (_, i) => view.getUint16(8 + 2 * i).toString(16));
  return describe({ transport: "tcp", hostname: groups.join(":"), port });
}

/** An address in one spelling. */
function describe(address: Deno.Addr): string | undefined {
  if (address.transport !== "tcp") return undefined;
  const { hostname, port } = address;
  if (!hostname.includes(":")) return `${hostname}:${port}`;
  try {
    return `${new URL(`http://[${hostname.replace(/%.*$/, "")}]`).hostname}:${port}`;
  } catch {
    return `${hostname}:${port}`;
  }
}
