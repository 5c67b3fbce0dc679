/** What to change where a peer cannot be reached or refuses us: by what is told of it, the first row that fits. @module */
import type { PeerTarget } from "./peer_target.ts";

/** What is known of a failure. */
export interface Failure {
  readonly problem: string;
  readonly target: PeerTarget;
  /** It happened on a way that begins under TLS. */
  readonly isTls: boolean;
}

interface Row {
  readonly told: RegExp;
  readonly advice: (failure: Failure & { readonly peer: string }) => string;
}

const tlsHelp = "; docs/tls.md explains the directives";

/** What nobody answers. */
const unreachable: readonly Row[] = [
  {
    told: /lookup address|not known|nodename/i,
    advice: ({ target: { resource } }) =>
      `correct Address in the resource ${resource}, or the name service: the host is unknown`,
  },
  {
    told: /refused/i,
    advice: ({ peer, target: { resource, port } }) =>
      `start the ${peer} there, or correct Address and Port in the resource ${resource}: ` +
      `nobody listens on port ${port}`,
  },
  {
    told: /(?:)/,
    advice: ({ target: { resource } }) =>
      `look for a firewall between the two, and at Address and Port in the resource ${resource}`,
  },
];

/** What somebody answers, who does not serve us. */
const refused: readonly Row[] = [
  {
    told: /It sent "/,
    advice: ({ peer, target: { resource, port } }) =>
      `another program than a ${peer} listens on port ${port}: correct Address and Port in the ` +
      `resource ${resource}`,
  },
  {
    told: /Not the answer of/,
    advice: ({ peer, target: { resource, port } }) =>
      `another daemon than a ${peer} listens on port ${port}: correct Address and Port in the ` +
      `resource ${resource}`,
  },
  {
    told: /must be the same|passwords? .* differ|wrong password|refuses our password/i,
    advice: () => "make the passwords on both ends the same, in the resources named above",
  },
  {
    told: /does not know|unknown/i,
    advice: ({ peer, target: { identity } }) =>
      `add a resource for "${identity.name}" to the ${peer}'s configuration, with the same ` +
      "password, and reload or restart it",
  },
  {
    told: /says that our TLS Certificate|authority of our TLS Certificate|name in our TLS Certif/,
    advice: ({ peer, target: { resource } }) =>
      `have the TLS Certificate of ${resource} issued anew, or change what the ${peer} accepts: its ` +
      `TLS CA Certificate File, TLS Allowed CN, TLS Verify Peer${tlsHelp}`,
  },
  {
    told: /^(?!.*List).*the certificate of .* expired on/,
    advice: ({ peer }) => `renew the certificate of the ${peer} (its TLS Certificate)`,
  },
  {
    told: /the certificate of .* was revoked on/,
    advice: ({ peer }) => `have a new certificate issued for the ${peer} (its TLS Certificate)`,
  },
  {
    told: /valid only from/,
    advice: () => "set the clocks of both hosts",
  },
  {
    told: /is none of the authorities/,
    advice: ({ peer, target: { resource } }) =>
      `add the authority to TLS CA Certificate File of ${resource}, or give the ${peer} a ` +
      "certificate of yours",
  },
  {
    told: /which is not in TLS Allowed CN/,
    advice: ({ target: { resource } }) =>
      `add the name to TLS Allowed CN of ${resource}, or find out who listens there`,
  },
  {
    told: /the configured address/,
    advice: ({ target: { resource } }) =>
      `set Address to the name in the certificate, or TLS Allowed CN to it, in ${resource}`,
  },
  {
    told: /certificate/i,
    advice: ({ target: { resource } }) =>
      `look at the TLS directives of ${resource} and of the other end${tlsHelp}`,
  },
  {
    told: /(?:)/,
    advice: ({ isTls, target: { resource } }) =>
      isTls
        ? `set TLS Enable alike on both ends; a daemon older than 18.2 needs TLS Require = no, or TLS ` +
          `Enable = no, in ${resource}, or certificates on both ends`
        : `set TLS Enable alike on both ends (here it is off in ${resource}), and see what the other ` +
          "end's log says",
  },
];

function adviceOf(rows: readonly Row[], failure: Failure): string | undefined {
  const peer = failure.target.kind.replace("waiting ", "");
  return rows.find(({ told }) => told.test(failure.problem))?.advice({ ...failure, peer });
}

/** What to do where nobody answers. */
export function adviceOnUnreachable(failure: Failure): string | undefined {
  return adviceOf(unreachable, failure);
}

/** What to do where the peer, or we, have refused. */
export function adviceOnRefusal(failure: Failure): string | undefined {
  return adviceOf(refused, failure);
}
