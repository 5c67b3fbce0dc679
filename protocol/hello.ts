import { decodeText } from "../bytes/mod.ts";
import { clearEntry, TlsPolicy } from "./cleartext_policy.ts";
import type { Connection } from "./connection.ts";
import { sayIfHeard } from "./dialogue.ts";
import { type Environment, Patience, pauseOn, realEnvironment } from "./environment.ts";
import { AuthenticationError, EmptyConnectionError, ProtocolError } from "./errors.ts";
import { headerAt } from "./frame.ts";
import {
  answerTls,
  decodeIdentity,
  type FindKey,
  type Identity,
  type IdentityType,
} from "./immediate_tls.ts";
import { type Messages, messages } from "./message.ts";
import type { CertificateSettings } from "./tls/mod.ts";
import { Signal, signalName } from "./signal.ts";

/** The texts of {@linkcode hellos}. */
export const HELLOS = {
  /** #6 file daemon to storage daemon. */
  fileToStorage: 'Hello Start Job {job:name}[ Version="{version:q}"]\n',
  /** #8 storage daemon to storage daemon. */
  storageToStorage: 'Hello Start Storage Job {job:name}[ Version="{version:q}"]\n',
  /** #7 storage daemon to file daemon (passive client). */
  storageToFile: 'Hello Storage calling Start Job {job:name}[ Version="{version:q}"]\n',
  /** #3 and #5 director to file daemon and to storage daemon. */
  director: 'Hello Director {name:name} calling[ Version="{version:q}"]\n',
  /** #4 file daemon to director (client initiated). */
  client:
    'Hello Client {name:name}[ FdProtocolVersion={fdVersion:u}] calling[ Version="{version:q}"]\n',
  /** File daemon of Bacula to storage daemon, with its protocol number (bacula.md 5.1). */
  baculaFileToStorage: "Hello Bacula SD: Start Job {job:name} {number:u}\n",
  /** Director to storage daemon of Bacula; it adds a number if it wants compressed frames. */
  baculaDirectorToStorage: "Hello SD: Bacula Director {name:name} calling\n",
  /** Director of Bacula to file daemon: the number is what tells it. */
  baculaDirectorToFile: "Hello Director {name:name} calling {number:u}\n",
  /** #1 and #2 console to director. */
  console: 'Hello {name:name} calling[ version {fullVersion:s}][ Version="{version:q}"]\n',
} as const;

/** The first message of every pair, both of its forms from one description (wire.md 4.1). */
export const hellos: Messages<typeof HELLOS> = messages(HELLOS);

/** The name under which the default console says hello. */
export const DEFAULT_CONSOLE = "*UserAgent*";

/** Who said hello, and what for. */
export type Hello = HelloKind & {
  /** The sender is of Bacula, by the form of its hello (bacula.md 3). */
  readonly isBacula?: true;
  /** It came in the clear where TLS is expected: TLS has to begin after the challenge. */
  readonly mustStartTls?: true;
};

/** The kinds of {@linkcode Hello}. */
export type HelloKind =
  | {
    /** A console of this name, {@linkcode DEFAULT_CONSOLE} for the default one. */
    readonly kind: "console";
    readonly name: string;
    /** `major * 100 + minor`, 2600 for 26.0; `undefined` before 18.2. */
    readonly version: number | undefined;
  }
  | { readonly kind: "director"; readonly name: string; readonly version: number | undefined }
  | {
    /** A file daemon that offers itself to a director. */
    readonly kind: "client";
    readonly name: string;
    readonly version: number | undefined;
    readonly fdVersion: number;
  }
  | {
    /** A file daemon that comes with the data of job `name` (to a storage daemon). */
    readonly kind: "job";
    readonly name: string;
    readonly version: number | undefined;
  }
  | {
    /** A storage daemon that comes for job `name` (to a storage or a file daemon). */
    readonly kind: "storage";
    readonly name: string;
    readonly version: number | undefined;
  };

const TYPE_OF_HELLO: Readonly<Record<Hello["kind"], IdentityType>> = {
  console: "R_CONSOLE",
  director: "R_DIRECTOR",
  client: "R_CLIENT",
  job: "R_JOB",
  storage: "R_JOB",
};

/** Whose key the sender of `hello` must have used. */
export function identityOfHello(hello: Hello): Identity {
  return { type: TYPE_OF_HELLO[hello.kind], name: hello.name };
}

/** The acceptor that reads a hello. */
export type AcceptorRole = "director" | "storage" | "file";

interface Recognizer {
  readonly minimum: number;
  readonly maximum: number;
  read(text: string): Hello | undefined;
}

/**
 * What a version text says as `major * 100 + minor`, ignoring trailing junk in each part;
 * `undefined` if the first two parts do not begin with numbers (wire.md 4.5).
 */
export function versionNumber(text: string): number | undefined {
  const match = /^(\d{1,6})[^.]*\.(\d{1,6})/.exec(text);
  return match === null ? undefined : Number(match[1]) * 100 + Number(match[2]);
}

function suffixVersion(text: string | undefined): number | undefined {
  return text === undefined ? undefined : versionNumber(text);
}

function readDirector(text: string): Hello | undefined {
  const hello = hellos.director.parse(text);
  return hello &&
    { kind: "director", name: hello.name, version: suffixVersion(hello.version) };
}

/** bacula.md 3: a decimal number behind `calling` and no version. */
const BACULA_CALLING = / calling \d+(\s|$)/;

function readBaculaDirector(text: string): Hello | undefined {
  const isNumbered = BACULA_CALLING.test(text);
  const hello = hellos.baculaDirectorToStorage.parse(text) ??
    (isNumbered ? hellos.baculaDirectorToFile.parse(text) : undefined);
  return hello && { kind: "director", name: hello.name, version: undefined, isBacula: true };
}

function readJob(
  kind: "job" | "storage",
  from: typeof hellos.fileToStorage,
): (text: string) => Hello | undefined {
  return (text) => {
    const hello = from.parse(text);
    return hello && { kind, name: hello.job, version: suffixVersion(hello.version) };
  };
}

/** bacula.md 13.1. The number says what it could do, which nobody asks for here. */
function readBaculaJob(text: string): Hello | undefined {
  const hello = hellos.baculaFileToStorage.parse(text);
  return hello && { kind: "job", name: hello.job, version: undefined, isBacula: true };
}

function readClient(text: string): Hello | undefined {
  const hello = hellos.client.parse(text);
  if (hello === undefined) return undefined;
  const version = suffixVersion(hello.version);
  return { kind: "client", name: hello.name, version, fdVersion: hello.fdVersion ?? 0 };
}

/** The version counts from word 4 on; a word that is no version makes the hello invalid (wire.md 4.5). */
function readConsole(text: string): Hello | undefined {
  const hello = hellos.console.parse(text);
  if (hello === undefined) return undefined;
  const [, , , calling = "", word] = text.replace(/\n$/, "").split(" ");
  // Bacula's console says a number in place of the word and the version (bacula.md 3)
  const isBacula = /^\d+$/.test(calling) && { isBacula: true as const };
  if (word === undefined || word === "" || /^\d+$/.test(word)) {
    return { kind: "console", name: hello.name, version: undefined, ...isBacula };
  }
  const version = versionNumber(word);
  return version === undefined ? undefined : { kind: "console", name: hello.name, version };
}

function firstOf(
  ...readers: readonly ((text: string) => Hello | undefined)[]
): (text: string) => Hello | undefined {
  return (text) => {
    for (const read of readers) {
      const hello = read(text);
      if (hello !== undefined) return hello;
    }
    return undefined;
  };
}

/** Lengths and patterns by acceptor, first match wins (wire.md 4.4). */
const ACCEPTORS: Readonly<Record<AcceptorRole, Recognizer>> = {
  director: { minimum: 15, maximum: 153, read: firstOf(readClient, readConsole) },
  storage: {
    minimum: 25,
    maximum: 500, // 158 in the field; Bacula's hello with a long name has more (bacula.md 13.1)
    read: firstOf(
      readJob("job", hellos.fileToStorage),
      readBaculaJob,
      readJob("storage", hellos.storageToStorage),
      readBaculaDirector,
      readDirector,
    ),
  },
  file: {
    minimum: 25,
    maximum: 500,
    read: firstOf(readJob("storage", hellos.storageToFile), readBaculaDirector, readDirector),
  },
};

/** Longest hello of a storage daemon that a file daemon accepts. */
const MAX_STORAGE_HELLO = 256;

/** Understands a hello as `role` does; `undefined` if length or text are wrong. */
export function parseHello(role: AcceptorRole, payload: Uint8Array): Hello | undefined {
  const { minimum, maximum, read } = ACCEPTORS[role];
  if (payload.length < minimum || payload.length > maximum) return undefined;
  const hello = read(decodeText(payload));
  const isLong = payload.length > MAX_STORAGE_HELLO;
  return isLong && hello?.kind === "storage" ? undefined : hello;
}

/** What reading a hello may need. */
export interface ReadHelloOptions {
  /** Clock, chance and patience; the real ones if not given. */
  readonly environment?: Environment;
  /** Milliseconds to wait for the hello; 180 s if not given. */
  readonly timeoutMs?: number;
  /** Ends the wait when the daemon stops. */
  readonly abort?: AbortSignal;
  /** Awaited when the first bytes look like a hello or a handshake, before anything is answered. */
  readonly ready?: () => Promise<void>;
  /** Who may come how; without it, everything in the clear is let in and TLS is not spoken. */
  readonly gate?: Gate;
}

/** What an acceptor knows of those who may come (wire.md 9.1). */
export interface Gate {
  /** The pre-shared key of an identity. */
  readonly keyOf: FindKey;
  /**
   * The policy by which a hello in the clear is judged: that of the resource or job that it names;
   * `undefined` where there is none, which the acceptor says itself.
   */
  readonly policyOf: (hello: Hello) => TlsPolicy | undefined;
  /**
   * The certificates with which TLS would begin after the challenge (wire.md 5.3, last column); nobody
   * begins it late if absent.
   */
  readonly lateCertificatesOf?: (hello: Hello) => CertificateSettings | undefined;
  /** The own certificates, for who does not come with a pre-shared key. */
  readonly certificates?: CertificateSettings | undefined;
}

/** How long an acceptor waits for the first ten bytes before it gives up, in milliseconds. */
const FIRST_BYTES_MS = 30_000;
const FIRST_BYTES = 10;
/** No hello is longer; what announces more is none, and is not waited for. */
const LONGEST_HELLO = 500;
/** Nothing longer is read before the peer is authenticated. */
const LARGEST_FRAME = 2_048;

/**
 * Reads the hello of a connection just accepted.
 *
 * A TLS handshake is answered first if there is a gate; the hello then comes inside it.
 * What does not look like a hello in its first ten bytes is refused with signal TERMINATE at once
 * (wire.md 9.1); a frame that looks like one but is none, after a pause (wire.md 4.4).
 * @throws {ProtocolError} after TERMINATE has been sent; the caller closes
 * @throws {TlsError} if the handshake fails
 */
export async function readHello(
  connection: Connection,
  role: AcceptorRole,
  options: ReadHelloOptions = {},
): Promise<Hello> {
  const { environment = realEnvironment, timeoutMs = FIRST_BYTES_MS, abort } = options;
  connection.largestFrame = LARGEST_FRAME;
  const deadline = performance.now() + timeoutMs;
  const first = await connection.peek(FIRST_BYTES, { timeoutMs, abort });
  if (first.length === 0 && connection.hasEnded) {
    await sayIfHeard(connection, Signal.TERMINATE);
    throw new EmptyConnectionError(`${connection.peer} connected and said nothing`);
  }
  if (first.length < FIRST_BYTES) {
    return await refuse(connection, `only ${first.length} bytes in place of a hello`);
  }
  const { gate } = options;
  const isTls = gate !== undefined && first[0] === TLS_HANDSHAKE && first[1] === TLS_MAJOR;
  const isHello = decodeText(first.subarray(4, FIRST_BYTES)) === "Hello " &&
    headerAt(first, 0) <= LONGEST_HELLO;
  if (!isTls && !isHello) return await refuse(connection, "something else in place of a hello");
  await options.ready?.();
  const left = (): number => Math.max(1, deadline - performance.now() + timeoutMs);
  if (isTls) {
    const timer = setTimeout(() => connection.close(), left());
    try {
      await answerTls(connection, gate.keyOf, { certificates: gate.certificates });
    } finally {
      clearTimeout(timer);
    }
  }
  const frame = await connection.receive({ timeoutMs: left(), abort });
  if (frame?.kind === "message") {
    const hello = parseHello(role, frame.payload);
    if (hello !== undefined) {
      return await check(connection, hello, gate, environment);
    }
  }
  const got = frame === undefined
    ? connection.failure?.message ?? "connection lost"
    : frame.kind === "signal"
    ? signalName(frame.signal)
    : `${frame.payload.length} bytes "${decodeText(frame.payload.subarray(0, 60)).trim()}"`;
  await pauseOn(connection, environment, Patience.afterFailure);
  return await refuse(connection, `invalid hello: ${got}`);
}

/** The first bytes of a TLS connection: a handshake record of version 3.x. */
const TLS_HANDSHAKE = 0x16;
const TLS_MAJOR = 3;

/** Lets a hello pass if it came in the way that its sender must come (wire.md 8.3 and 9.1). */
async function check(
  connection: Connection,
  hello: Hello,
  gate: Gate | undefined,
  environment: Environment,
): Promise<Hello> {
  if (gate === undefined) return hello;
  const claimed = identityOfHello(hello);
  const name = `${claimed.type}::${claimed.name}`;
  if (connection.identity !== undefined) {
    const used = decodeIdentity(connection.identity);
    if (used?.type === claimed.type && used.name === claimed.name) return hello;
    connection.onAuthenticationFailed?.();
    await pauseOn(connection, environment, Patience.afterFailure);
    const psk = used === undefined ? "?" : `${used.type}::${used.name}`;
    return await refuse(connection, `tried authenticating as '${name}' but used psk for '${psk}'`);
  }
  const { protection = connection.pastProtection } = connection;
  if (protection !== undefined) return hello; // by certificate, which says nothing of names here
  const policy = gate.policyOf(hello);
  if (policy === undefined) return hello;
  const certificate = gate.lateCertificatesOf?.(hello)?.certificate ?? "";
  switch (clearEntry(hello, policy, certificate !== "")) {
    case "go on":
      return hello;
    case "TLS follows":
      return { ...hello, mustStartTls: true };
    case "close":
      return await refuse(
        connection,
        `${name} came in the clear, and TLS is expected of it; set TLS Enable alike on both ends`,
      );
  }
}

/** Whether a storage daemon of Bacula has refused a hello that is not for it (bacula.md 3). */
export function wantsBaculaHello(error: unknown): boolean {
  return error instanceof AuthenticationError &&
    error.replies.some((reply) => reply.startsWith("Jmsg ") && reply.includes("Bad Hello command"));
}

/** The policy that is told to the sender of a hello: by its resource, and stricter where TLS must follow. */
export function policyTowards(hello: Hello, policy: TlsPolicy): TlsPolicy {
  return hello.mustStartTls ? TlsPolicy.required : policy;
}

async function refuse(connection: Connection, why: string): Promise<never> {
  await sayIfHeard(connection, Signal.TERMINATE);
  throw new ProtocolError(`Cannot accept connection from ${connection.peer}: ${why}`);
}

/** A file daemon's protocol version as it is to be understood (wire.md 4.3): foreign numbers count as 5. */
export function effectiveFdVersion(announced: number): number {
  return (announced >= 6 && announced <= 50) || announced >= 100 ? 5 : announced;
}
