/** Trying a configured peer: can it be reached, is it the right one, are the passwords the same. @module */
import {
  authenticateConnector,
  type CertificateSettings,
  type Connection,
  connectTlsLate,
  ConsoleSession,
  dial,
  hellos,
  type Identity,
  mayBeginTlsLate,
  realEnvironment,
  receiveFrame,
  Signal,
  startTls,
  TlsPolicy,
  wantsBaculaHello,
} from "../protocol/mod.ts";
import { decodeText } from "../bytes/mod.ts";
import { PROTOCOL_VERSION, VERSION } from "./version.ts";

/** A peer that a program connects to. */
export interface PeerTarget {
  /** Kind and name of the resource, such as `Client "roost-fd"`. */
  readonly resource: string;
  /** What listens there, which decides about what is said. */
  readonly kind: "director" | "waiting director" | "file daemon" | "storage daemon";
  readonly address: string;
  readonly port: number;
  /** As whom we come. */
  readonly identity: Identity;
  /** The key made of the password. */
  readonly key: string;
  /** Our policy towards it. */
  readonly tlsPolicy: TlsPolicy;
  readonly certificates?: CertificateSettings | undefined;
  readonly sourceAddress?: string | undefined;
  /** Why the peer is not tried, if it is not. */
  readonly untried?: string | undefined;
}

/** What came of it. */
export interface PeerFindings {
  readonly target: PeerTarget;
  /** Undefined where it was not tried. */
  readonly isReachable?: boolean;
  /** Suite and protocol, or `none`. */
  readonly protection?: string;
  readonly isAuthenticated?: boolean;
  /** The name in the peer's challenge, or its greeting. */
  readonly name?: string;
  readonly version?: string;
  /** What failed, and what to change. */
  readonly problem?: string;
  readonly advice?: string;
}

/** Whether nothing is wrong with a peer, as far as it was tried. */
export function isFine(findings: PeerFindings): boolean {
  return findings.problem === undefined;
}

/** Peers that are tried at once. */
const AT_ONCE = 20;
const CONNECT_MS = 10_000;
const ANSWER_MS = 20_000;
/** Who fails a check need not wait before he closes: nothing is guessed here. */
const environment = { ...realEnvironment, pause: () => Promise.resolve() };

/** Tries all peers; the findings come in the order of the targets. */
export async function checkPeers(
  targets: readonly PeerTarget[],
  tell: (findings: PeerFindings) => void,
): Promise<boolean> {
  let allFine = true;
  for (let at = 0; at < targets.length; at += AT_ONCE) {
    for (const findings of await Promise.all(targets.slice(at, at + AT_ONCE).map(checkPeer))) {
      allFine &&= isFine(findings);
      tell(findings);
    }
  }
  return allFine;
}

/** How a peer is spoken to. */
interface Manner {
  readonly isTls: boolean;
  /** What is begun in the clear must come under TLS after the challenge. */
  readonly isLate?: boolean;
  /** With the hello that a storage daemon of Bacula understands. */
  readonly isBacula?: boolean;
}

/** What an attempt found, and how it may be done otherwise. */
interface Attempt extends PeerFindings {
  readonly next?: Manner | undefined;
}

/** Tries one peer as the program itself would: under TLS first, and otherwise if that fails and may be. */
export async function checkPeer(target: PeerTarget): Promise<PeerFindings> {
  if (target.untried !== undefined) return { target };
  const { next, ...findings } = await attempt(target, {
    isTls: target.tlsPolicy !== TlsPolicy.none,
  });
  let manner = next;
  while (manner !== undefined) { // each is stricter about what comes after it: two at most
    const { next: after, ...found } = await attempt(target, manner);
    if (isFine(found)) return found;
    manner = after;
  }
  return findings;
}

async function attempt(target: PeerTarget, manner: Manner): Promise<Attempt> {
  const { address, port, identity, key, certificates, sourceAddress } = target;
  const { isTls } = manner;
  let connection: Connection;
  try {
    const limits = { giveUpMs: CONNECT_MS, sourceAddress };
    connection = await dial({ address, port, who: target.resource, ...limits });
  } catch (error) {
    const problem = reasonOf(error);
    return { target, isReachable: false, problem, advice: unreachable(problem, target) };
  }
  const seen: Seen = {
    target,
    isReachable: true,
    isAuthenticated: false,
  };
  let next: Manner | undefined;
  const timer = setTimeout(() => connection.close(), ANSWER_MS);
  const tls = { certificates, hostName: address };
  try {
    // A director's console session begins with its own handshake.
    if (isTls && target.kind !== "director") await startTls(connection, identity, key, tls);
    if (target.kind === "director") await askDirector(connection, target, manner, seen);
    // A hello would make a director that waits for its client start jobs.
    else if (target.kind === "waiting director") seen.isAuthenticated = isTls;
    else await askDaemon(connection, target, manner, seen);
  } catch (error) {
    const problem = reasonOf(error);
    seen.problem = problem;
    seen.advice = refused(problem, target, isTls);
    next = otherManner(connection, error, target, manner);
  } finally {
    clearTimeout(timer);
    seen.protection = connection.cipher ?? "none";
    connection.close();
  }
  return { ...seen, next };
}

/** What else the program would try (wire.md 9.3 and 10, bacula.md 3). */
function otherManner(
  connection: Connection,
  error: unknown,
  { kind, tlsPolicy, certificates }: PeerTarget,
  { isTls, isLate = false, isBacula = false }: Manner,
): Manner | undefined {
  if (isTls && kind !== "waiting director") {
    if (kind === "file daemon" && tlsPolicy === TlsPolicy.enabled) return { isTls: false };
    const isLate = mayBeginTlsLate(connection, error, certificates);
    return isLate ? { isTls: false, isLate } : undefined;
  }
  const isForeign = kind === "storage daemon" && !isTls && !isBacula && wantsBaculaHello(error);
  return isForeign ? { isTls: false, isLate, isBacula: true } : undefined;
}

type Seen = { -readonly [Key in keyof PeerFindings]: PeerFindings[Key] };

async function askDirector(
  connection: Connection,
  { address, identity, key, tlsPolicy, certificates }: PeerTarget,
  { isTls, isLate }: Manner,
  seen: Seen,
): Promise<void> {
  const session = await ConsoleSession.login(connection, {
    name: identity.name,
    key,
    isTls,
    tls: { certificates, hostName: address },
    tlsPolicy: isLate ? TlsPolicy.required : tlsPolicy,
    version: VERSION,
    protocolVersion: PROTOCOL_VERSION,
    environment,
  });
  seen.isAuthenticated = true;
  const [, name, version] = /OK: (.*?) Version: (.*)$/.exec(session.greeting) ?? [];
  Object.assign(seen, { ...(name && { name }), ...(version && { version }) });
  await session.close();
}

async function askDaemon(
  connection: Connection,
  { address, identity, key, tlsPolicy, certificates, kind }: PeerTarget,
  { isLate, isBacula }: Manner,
  seen: Seen,
): Promise<void> {
  const { name } = identity;
  const peer = await authenticateConnector(connection, {
    hello: isBacula
      ? hellos.baculaDirectorToStorage.format({ name })
      : hellos.director.format({ name, version: PROTOCOL_VERSION }),
    ownName: `${identity.type}::${identity.name}`,
    owner: identity,
    key,
    tlsPolicy: isLate ? TlsPolicy.required : tlsPolicy,
    startTls: connectTlsLate(connection, { certificates, hostName: address }),
    environment,
    timeoutMs: ANSWER_MS,
  });
  seen.name = peer.challengeName.replace(/^R_[A-Z]+::/, "").replaceAll("\x01", " ");
  const reply = await textOf(connection);
  const wanted = kind === "file daemon" ? "2000 OK Hello" : "3000 OK Hello";
  if (!reply.startsWith(wanted)) throw new Error(`Not the answer of a ${kind}: ${reply.trim()}`);
  seen.isAuthenticated = true;
  await connection.send("status");
  for (let texts = 0; texts < 10 && seen.version === undefined; texts++) {
    const version = /^.* Version: (.*)$/m.exec(await textOf(connection))?.[1];
    if (version !== undefined) seen.version = version.replace(/\0$/, "");
  }
  if (connection.canSend) await connection.sendSignal(Signal.TERMINATE);
}

async function textOf(connection: Connection): Promise<string> {
  const frame = await receiveFrame(connection, "director", { timeoutMs: ANSWER_MS });
  if (frame?.kind === "message") return decodeText(frame.payload);
  throw new Error("The peer closed the connection in place of an answer");
}

/** Findings as lines of text. */
export function findingsText(findings: PeerFindings): string {
  const { target, isReachable, isAuthenticated, protection, name, version } = findings;
  const rows: [string, string | undefined][] = target.untried !== undefined
    ? [["not tried", target.untried]]
    : [
      ["reachable", isReachable ? "yes" : "no"],
      ["TLS", isReachable ? protection : undefined],
      [
        "authentication",
        !isReachable
          ? undefined
          : isAuthenticated
          ? "ok"
          : findings.problem === undefined
          ? "not tried: a client that says hello may start jobs"
          : "failed",
      ],
      ["peer", name === undefined ? undefined : [name, version].filter(Boolean).join(", ")],
      ["problem", findings.problem],
      ["what to do", findings.advice],
    ];
  return [
    `${target.resource}, a ${
      target.kind.replace("waiting ", "")
    } at ${target.address}:${target.port}`,
    ...rows.flatMap(([key, value]) => value === undefined ? [] : [`  ${key.padEnd(15)} ${value}`]),
  ].join("\n");
}

function unreachable(problem: string, { kind, resource, port }: PeerTarget): string {
  if (/lookup address|not known|nodename/i.test(problem)) {
    return `correct Address in the resource ${resource}, or the name service: the host is unknown`;
  }
  if (/refused/i.test(problem)) {
    return `start the ${kind.replace("waiting ", "")} there, or correct Address and Port in the ` +
      `resource ${resource}: nobody listens on port ${port}`;
  }
  return `look for a firewall between the two, and at Address and Port in the resource ${resource}`;
}

function refused(
  problem: string,
  { kind, resource, identity }: PeerTarget,
  isTls: boolean,
): string {
  if (/must be the same|passwords? .* differ|wrong password|refuses our password/i.test(problem)) {
    return "make the passwords on both ends the same, in the resources named above";
  }
  if (/does not know|unknown/i.test(problem)) {
    return `add a resource for "${identity.name}" to the ${kind.replace("waiting ", "")}'s ` +
      "configuration, with the same password, and reload or restart it";
  }
  if (/certificate/i.test(problem)) {
    return `look at the TLS directives of ${resource} and of the other end; docs/tls.md explains them`;
  }
  if (isTls) {
    return `set TLS Enable alike on both ends; a daemon older than 18.2 needs TLS Require = no, or TLS ` +
      `Enable = no, in ${resource}, or certificates on both ends`;
  }
  return `set TLS Enable alike on both ends (here it is off in ${resource}), and see what the other ` +
    "end's log says";
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
