/** Certificates in a chain, what is wrong with one, and how they are called in messages. @module */
import type { X509Certificate } from "node:crypto";
import type { CertificateFacts } from "./certificate_facts.ts";

/** Why a certificate is not to be believed. */
export interface Fault {
  /** What the peer is told. */
  readonly alert: number;
  /** What our user is told. */
  readonly why: string;
}

/** A certificate with what is in it. */
export interface Link {
  readonly certificate: X509Certificate;
  readonly facts: CertificateFacts;
}

/** The first common name of the subject. */
export function commonNameOf({ subject }: X509Certificate): string {
  return /^CN\s*=\s*(.*)$/m.exec(subject)?.[1] ?? "";
}

/** A certificate's name for messages. */
export function shown(certificate: X509Certificate): string {
  return `"${commonNameOf(certificate) || certificate.subject.replaceAll("\n", ", ")}"`;
}

/** A date for messages. */
export function dateText(date: Date): string {
  return date.toISOString().replace("T", " ").replace(/\.\d+Z/, " UTC");
}
