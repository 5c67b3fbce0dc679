import { deepStrictEqual } from "node:assert";
import { MemoryTransport } from "../tests/support/memory_transport.ts";
import { TlsPolicy } from "./cleartext_policy.ts";
import { Connection } from "./connection.ts";
import { AuthenticationError } from "./errors.ts";
import type { CertificateSettings } from "./tls/mod.ts";
import { type KnownWay, knownWay, type PeerKind, reachSomehow, type WayName } from "./ways.ts";

const certificates: CertificateSettings = {
  ...{ certificate: "/c.pem", key: "/c.key", authorityFile: "", authorityFolder: "" },
  ...{ verifiesPeer: true, allowedNames: [] },
};

/** What a peer makes of a way: it serves, or refuses in one of these manners. */
const answers = {
  "hangs up": new Error("The peer closed the connection in place of an answer"),
  "sends an alert": new Error("the passwords differ (alert 47)"),
  "knows no such hello": new AuthenticationError("Cannot authenticate", [
    "Jmsg JobId=0 type=4 level=0 sd: Fatal error: Bad Hello command from Director\n",
  ]),
  "has another password": new AuthenticationError("Cannot authenticate: wrong password", []),
} as const;
type Answer = keyof typeof answers | "serves";

interface Case {
  readonly what: string;
  readonly kind: PeerKind;
  readonly policy: TlsPolicy;
  readonly hasCertificates?: boolean;
  readonly peer: Partial<Record<WayName, Answer>>;
  /** The ways that are tried, and what comes of it. */
  readonly tried: readonly WayName[];
  readonly end: Answer;
}

const { none, enabled, required } = TlsPolicy;
const cases: readonly Case[] = [
  {
    what: "a peer as it should be",
    ...{ kind: "storage daemon", policy: required, peer: { tls: "serves" } },
    ...{ tried: ["tls"], end: "serves" },
  },
  {
    what: "TLS is off here",
    ...{ kind: "file daemon", policy: none, peer: { clear: "serves" } },
    ...{ tried: ["clear"], end: "serves" },
  },
  {
    what: "a client that knows no TLS, and needs not",
    ...{ kind: "file daemon", policy: enabled, peer: { tls: "hangs up", clear: "serves" } },
    ...{ tried: ["tls", "clear"], end: "serves" },
  },
  {
    what: "a client that refuses our key, and does not let us in without",
    kind: "file daemon",
    policy: enabled,
    peer: { tls: "sends an alert", clear: "hangs up" },
    ...{ tried: ["tls", "clear"], end: "sends an alert" },
  },
  {
    what: "a client that must know TLS and hangs up",
    ...{ kind: "file daemon", policy: required, peer: { tls: "hangs up" } },
    ...{ tried: ["tls"], end: "hangs up" },
  },
  {
    what: "a client of Bacula with certificates",
    ...{ kind: "file daemon", policy: required, hasCertificates: true },
    peer: { tls: "hangs up", late: "serves" },
    ...{ tried: ["tls", "late"], end: "serves" },
  },
  {
    what: "a director that knows our key to be wrong is not asked in the clear",
    ...{ kind: "director", policy: required, hasCertificates: true },
    peer: { tls: "sends an alert", late: "serves" },
    ...{ tried: ["tls"], end: "sends an alert" },
  },
  {
    what: "a director is never asked in the clear without certificates",
    ...{ kind: "director", policy: enabled, peer: { tls: "hangs up", clear: "serves" } },
    ...{ tried: ["tls"], end: "hangs up" },
  },
  {
    what: "a storage daemon of Bacula",
    ...{ kind: "storage daemon", policy: none },
    peer: { clear: "knows no such hello", bacula: "serves" },
    ...{ tried: ["clear", "bacula"], end: "serves" },
  },
  {
    what: "a storage daemon of Bacula with certificates",
    ...{ kind: "storage daemon", policy: required, hasCertificates: true },
    peer: { tls: "hangs up", late: "knows no such hello", bacula: "serves" },
    ...{ tried: ["tls", "late", "bacula"], end: "serves" },
  },
  {
    what: "a storage daemon of Bacula with another password",
    ...{ kind: "storage daemon", policy: none },
    peer: { clear: "knows no such hello", bacula: "has another password" },
    ...{ tried: ["clear", "bacula"], end: "has another password" },
  },
  {
    what: "a client is not spoken to as a storage daemon of Bacula",
    ...{ kind: "file daemon", policy: none },
    peer: { clear: "knows no such hello", bacula: "serves" },
    ...{ tried: ["clear"], end: "knows no such hello" },
  },
];

for (const { what, kind, policy, hasCertificates, peer, tried, end } of cases) {
  Deno.test(`reachSomehow() goes the ways of the table: ${what}`, async () => {
    const gone: WayName[] = [];
    const target = {
      ...{ kind, tlsPolicy: policy },
      certificates: hasCertificates ? certificates : undefined,
    };
    const outcome = await reachSomehow(target, ({ name }) => {
      gone.push(name);
      const answer = peer[name] ?? "hangs up";
      const connection = new Connection(new MemoryTransport("peer:1"));
      return Promise.resolve(
        answer === "serves"
          ? { reached: answer }
          : { refusal: { connection, cause: answers[answer], answer } },
      );
    });
    deepStrictEqual(gone, tried);
    deepStrictEqual("reached" in outcome ? outcome.reached : outcome.refusal.answer, end);
  });
}

Deno.test("knownWay() is the way that was remembered, and never one that asks for less TLS", () => {
  const known = (way: KnownWay, tlsPolicy: TlsPolicy): [WayName, TlsPolicy] => {
    const { name, policyBy } = knownWay(way, { kind: "storage daemon", tlsPolicy });
    return [name, policyBy(tlsPolicy)];
  };
  deepStrictEqual(known({ mode: "tls", flavour: "old" }, required), ["tls", required]);
  deepStrictEqual(known({ mode: "cleartext", flavour: "current" }, required), ["late", required]);
  deepStrictEqual(known({ mode: "cleartext", flavour: "old" }, enabled), ["clear", enabled]);
  deepStrictEqual(known({ mode: "cleartext", flavour: "bacula" }, required), ["bacula", required]);
  deepStrictEqual(known({ mode: "cleartext", flavour: "bacula" }, none), ["bacula", none]);
});
