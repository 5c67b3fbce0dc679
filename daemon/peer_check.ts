/** Trying a configured peer: can it be reached, is it the right one, are the passwords the same. @module */
import {
  type Attempt,
  authenticateConnector,
  type Connection,
  connectTlsLate,
  ConsoleSession,
  dial,
  firstWay,
  hellos,
  reachSomehow,
  realEnvironment,
  receiveFrame,
  type Refusal,
  Signal,
  startTls,
  type Way,
} from "../protocol/mod.ts";
import { decodeText, messageOf } from "../bytes/mod.ts";
import { adviceOnRefusal, adviceOnUnreachable } from "./peer_advice.ts";
import type { PeerTarget } from "./peer_target.ts";
import { PROTOCOL_VERSION, VERSION } from "./version.ts";

export type { PeerTarget } from "./peer_target.ts";

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

/** A refusal, and what was seen by then. */
interface CheckRefusal extends Refusal {
  readonly findings: PeerFindings;
}

/** Tries one peer as the program itself would: on the first way that leads to it. */
export async function checkPeer(target: PeerTarget): Promise<PeerFindings> {
  if (target.untried !== undefined) return { target };
  const { kind, tlsPolicy, certificates } = target;
  if (kind === "waiting director") {
    const outcome = await attempt(target, firstWay({ kind: "director", tlsPolicy }));
    return "reached" in outcome ? outcome.reached : outcome.refusal.findings;
  }
  const outcome = await reachSomehow(
    { kind, tlsPolicy, certificates },
    (way) => attempt(target, way),
  );
  return "reached" in outcome ? outcome.reached : outcome.refusal.findings;
}

/** One way to a peer; that nobody answers there is something found, too. */
async function attempt(
  target: PeerTarget,
  way: Way,
): Promise<Attempt<PeerFindings, CheckRefusal>> {
  const { address, port, identity, key, certificates, sourceAddress } = target;
  const isTls = way.mode === "tls";
  let connection: Connection;
  try {
    const limits = { giveUpMs: CONNECT_MS, sourceAddress };
    connection = await dial({ address, port, who: target.resource, ...limits });
  } catch (error) {
    const problem = messageOf(error);
    const advice = adviceOnUnreachable({ problem, target, isTls });
    return { reached: { target, isReachable: false, problem, ...(advice && { advice }) } };
  }
  const seen: Seen = {
    target,
    isReachable: true,
    isAuthenticated: false,
  };
  const timer = setTimeout(() => connection.close(), ANSWER_MS);
  const tls = { certificates, hostName: address };
  try {
    // A director's console session begins with its own handshake.
    if (isTls && target.kind !== "director") await startTls(connection, identity, key, tls);
    if (target.kind === "director") await askDirector(connection, target, way, seen);
    // A hello would make a director that waits for its client start jobs.
    else if (target.kind === "waiting director") seen.isAuthenticated = isTls;
    else await askDaemon(connection, target, way, seen);
    seen.protection = connection.cipher ?? "none";
    return { reached: seen };
  } catch (cause) {
    const problem = messageOf(cause);
    const protection = connection.cipher ?? "none";
    const advice = adviceOnRefusal({ problem, target, isTls });
    const findings = { ...seen, protection, problem, ...(advice && { advice }) };
    return { refusal: { connection, cause, findings } };
  } finally {
    clearTimeout(timer);
    connection.close();
  }
}

type Seen = { -readonly [Key in keyof PeerFindings]: PeerFindings[Key] };

async function askDirector(
  connection: Connection,
  { address, identity, key, tlsPolicy, certificates }: PeerTarget,
  way: Way,
  seen: Seen,
): Promise<void> {
  const session = await ConsoleSession.login(connection, {
    name: identity.name,
    key,
    isTls: way.mode === "tls",
    tls: { certificates, hostName: address },
    tlsPolicy: way.policyBy(tlsPolicy),
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
  way: Way,
  seen: Seen,
): Promise<void> {
  const { name } = identity;
  const peer = await authenticateConnector(connection, {
    hello: way.flavour === "bacula"
      ? hellos.baculaDirectorToStorage.format({ name })
      : hellos.director.format({ name, version: PROTOCOL_VERSION }),
    ownName: `${identity.type}::${identity.name}`,
    owner: identity,
    key,
    tlsPolicy: way.policyBy(tlsPolicy),
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
  const { address, port } = target;
  const place = address === "" ? "" : ` at ${address}:${port}`;
  return [
    `${target.resource}, a ${target.kind.replace("waiting ", "")}${place}`,
    ...rows.flatMap(([key, value]) => value === undefined ? [] : [`  ${key.padEnd(15)} ${value}`]),
  ].join("\n");
}
