/**
 * The ways to begin a conversation with a peer, what the refusal of one means, and which is tried next
 * (wire.md 8, 9.3 and 10, bacula.md 3). Director, console and `--check` go by these two tables.
 *
 * | way | begins | TLS after the challenge |
 * |---|---|---|
 * | `tls` | under TLS at once, with the key, with certificates or with what the peer chooses of both | |
 * | `clear` | in the clear | as the policies of both ends say |
 * | `late` | in the clear | must follow, or we close |
 * | `bacula` | in the clear, with the hello of Bacula | must follow where TLS is enabled here |
 *
 * What a way is known by afterwards ({@linkcode KnownWay}) is kept by who connects again.
 *
 * @module
 */
import { TlsPolicy } from "./cleartext_policy.ts";
import { wantsBaculaHello } from "./hello.ts";
import { isHangUp, mayBeginTlsLate } from "./immediate_tls.ts";
import type { Connection } from "./connection.ts";
import type { CertificateSettings } from "./tls/mod.ts";

/** What listens at the other end. */
export type PeerKind = "director" | "file daemon" | "storage daemon";

/** A peer that is to be reached. */
export interface ReachablePeer {
  readonly kind: PeerKind;
  /** Our policy towards it. */
  readonly tlsPolicy: TlsPolicy;
  /** Our certificates, without which TLS cannot follow the challenge. */
  readonly certificates?: CertificateSettings | undefined;
}

/** By what a way is remembered. */
export interface KnownWay {
  /** Under TLS from the start, or in the clear until the challenge. */
  readonly mode: "tls" | "cleartext";
  /** Whose hello is understood; an old daemon of Bareos understands that of a current one. */
  readonly flavour: "current" | "old" | "bacula";
}

/** How a conversation begins. */
export interface Way extends KnownWay {
  readonly flavour: "current" | "bacula";
  /** As in the table above. */
  readonly name: WayName;
  /** The policy that we follow after the challenge, by that towards the peer. */
  policyBy(configured: TlsPolicy): TlsPolicy;
}

/** The names of the ways. */
export type WayName = "tls" | "clear" | "late" | "bacula";

const asConfigured = (policy: TlsPolicy): TlsPolicy => policy;

const ways: Readonly<Record<WayName, Way>> = {
  tls: { name: "tls", mode: "tls", flavour: "current", policyBy: asConfigured },
  clear: { name: "clear", mode: "cleartext", flavour: "current", policyBy: asConfigured },
  late: {
    ...{ name: "late", mode: "cleartext", flavour: "current" },
    policyBy: () => TlsPolicy.required,
  },
  bacula: {
    ...{ name: "bacula", mode: "cleartext", flavour: "bacula" },
    policyBy: (policy) => policy === TlsPolicy.none ? TlsPolicy.none : TlsPolicy.required,
  },
};

/** A peer that was connected to and with which no agreement was found. */
export interface Refusal {
  /** The connection, as it was left. */
  readonly connection: Connection;
  /** What went wrong. */
  readonly cause: unknown;
}

/** What comes after a way that was refused. */
interface Step {
  readonly from: readonly WayName[];
  readonly kinds: readonly PeerKind[];
  /** Whether the refusal may mean that the peer speaks otherwise. */
  when(peer: ReachablePeer, refusal: Refusal): boolean;
  readonly to: WayName;
}

const steps: readonly Step[] = [
  { // TLS is offered to a client and not demanded: whatever it says, it may be one without TLS
    from: ["tls"],
    kinds: ["file daemon"],
    when: ({ tlsPolicy }) => tlsPolicy === TlsPolicy.enabled,
    to: "clear",
  },
  { // it hung up on a handshake: what knows TLS at once sends an alert
    from: ["tls"],
    kinds: ["director", "file daemon", "storage daemon"],
    when: ({ certificates }, { connection, cause }) =>
      mayBeginTlsLate(connection, cause, certificates),
    to: "late",
  },
  { // it says that it does not understand the hello
    from: ["clear", "late"],
    kinds: ["storage daemon"],
    when: (_peer, { cause }) => wantsBaculaHello(cause),
    to: "bacula",
  },
];

/** The way to begin with, of a peer of which nothing is known. */
export function firstWay({ tlsPolicy }: ReachablePeer): Way {
  return tlsPolicy === TlsPolicy.none ? ways.clear : ways.tls;
}

/** The way that is remembered by `mode` and `flavour`. */
export function knownWay({ mode, flavour }: KnownWay, { tlsPolicy }: ReachablePeer): Way {
  if (flavour === "bacula") return ways.bacula;
  if (mode === "tls") return ways.tls;
  return tlsPolicy === TlsPolicy.required ? ways.late : ways.clear;
}

/** What to try after a way that was refused; undefined if nothing is left. */
export function nextWay(way: Way, peer: ReachablePeer, refusal: Refusal): Way | undefined {
  const step = steps.find(({ from, kinds, when }) =>
    from.includes(way.name) && kinds.includes(peer.kind) && when(peer, refusal)
  );
  return step && ways[step.to];
}

/** What came of one way. */
export type Attempt<T, R extends Refusal> = { readonly reached: T } | { readonly refusal: R };

/** What came of all of them. */
export type Reach<T, R extends Refusal> =
  | { readonly reached: T; readonly way: Way }
  /** The refusal that says most: the last one that has a reason, else the first. */
  | { readonly refusal: R };

/**
 * Tries the ways to a peer one after the other. It ends: no way leads back to one before it.
 * @throws what `attempt` throws: that the peer is not reached, or that we are to stop
 */
export async function reachSomehow<T, R extends Refusal>(
  peer: ReachablePeer,
  attempt: (way: Way) => Promise<Attempt<T, R>>,
): Promise<Reach<T, R>> {
  let telling: R | undefined;
  for (let way = firstWay(peer);;) {
    const outcome = await attempt(way);
    if ("reached" in outcome) return { ...outcome, way };
    const { refusal } = outcome;
    if (telling === undefined || !isHangUp(refusal.cause)) telling = refusal;
    const next = nextWay(way, peer, refusal);
    if (next === undefined) return { refusal: telling };
    way = next;
  }
}
