import type { CertificateSettings, Identity, PeerKind, TlsPolicy } from "../protocol/mod.ts";

/** A peer that a program connects to. */
export interface PeerTarget {
  /** Kind and name of the resource, such as `Client "roost-fd"`. */
  readonly resource: string;
  /** What listens there, which decides about what is said. */
  readonly kind: PeerKind | "waiting director";
  /** Empty if it is not configured, because it connects to us. */
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
