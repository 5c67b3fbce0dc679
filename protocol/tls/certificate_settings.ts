/** The TLS directives about certificates and suites, and the files that they name (wire.md 8.7). @module */
import { Buffer } from "node:buffer";
import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import { messageOf } from "../../bytes/mod.ts";
import { DerError } from "../../crypto/mod.ts";
import { Alert, TlsError } from "./alert.ts";
import { certificateFault } from "./certificate_check.ts";
import { type RevocationList, revocationList } from "./certificate_facts.ts";
import { chosenSuites, SuiteDirectiveError } from "./cipher_list.ts";
import type { CipherSuite } from "./cipher_suite.ts";
import type { Credentials, OwnCertificate } from "./credentials.ts";
import { type DhGroup, dhGroupIn } from "./finite_field.ts";

/** What a resource says of certificates. Paths; empty for none. */
export interface CertificateSettings {
  /** Own certificate with its chain, PEM. */
  readonly certificate: string;
  /** Its private key, PEM. */
  readonly key: string;
  /** Certificates of authorities, PEM: a file, and a folder of such files. */
  readonly authorityFile: string;
  readonly authorityFolder: string;
  /** Lists of revoked certificates, PEM. */
  readonly revocationFile?: string;
  /** Whether the peer's certificate is checked. If not, any is taken. */
  readonly verifiesPeer: boolean;
  /** Common names that a peer may have; any if empty. */
  readonly allowedNames: readonly string[];
  /** Suites of TLS 1.2, suites of TLS 1.3, and versions, in OpenSSL's syntax; empty for the usual. */
  readonly cipherList?: string;
  readonly cipherSuites?: string;
  readonly protocol?: string;
  /** Group for Diffie-Hellman without curves, PEM, for who accepts. */
  readonly dhFile?: string;
  /** TLS ends when both have authenticated, and the connection goes on in the clear (wire.md 8.10). */
  readonly isForAuthentication?: boolean;
}

/** The TLS directives of a resource, as the configuration has them. */
export interface TlsDirectives {
  readonly tlsEnable: boolean;
  readonly tlsAuthenticate?: boolean | undefined;
  readonly tlsVerifyPeer: boolean;
  readonly tlsCertificate?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly tlsCaCertificateFile?: string | undefined;
  readonly tlsCaCertificateDir?: string | undefined;
  readonly tlsAllowedCn: readonly string[];
  readonly tlsCertificateRevocationList?: string | undefined;
  readonly tlsDhFile?: string | undefined;
  readonly tlsCipherList?: string | undefined;
  readonly tlsCipherSuites?: string | undefined;
  readonly tlsProtocol?: string | undefined;
}

/** What the directives of a resource say of certificates; nothing is read yet. */
export function certificateSettingsOf(directives: TlsDirectives): CertificateSettings {
  return {
    certificate: directives.tlsCertificate ?? "",
    key: directives.tlsKey ?? "",
    authorityFile: directives.tlsCaCertificateFile ?? "",
    authorityFolder: directives.tlsCaCertificateDir ?? "",
    verifiesPeer: directives.tlsVerifyPeer,
    allowedNames: directives.tlsAllowedCn,
    revocationFile: directives.tlsCertificateRevocationList ?? "",
    dhFile: directives.tlsDhFile ?? "",
    cipherList: directives.tlsCipherList ?? "",
    cipherSuites: directives.tlsCipherSuites ?? "",
    protocol: directives.tlsProtocol ?? "",
    isForAuthentication: directives.tlsAuthenticate ?? false,
  };
}

/**
 * Whether who connects may use a pre-shared key: not if it wants to see a certificate, for whoever uses
 * a key shows none.
 */
export function mayUseKey(settings: CertificateSettings | undefined): boolean {
  return settings?.verifiesPeer !== true;
}

/** Whether who connects offers certificates: it has one, or wants to see one. */
export function offersCertificates(settings: CertificateSettings): boolean {
  return settings.verifiesPeer || settings.certificate !== "";
}

/** Whether who accepts wants to see one of certain names, which nobody can show with a key. */
export function demandsNames({ verifiesPeer, allowedNames }: CertificateSettings): boolean {
  return verifiesPeer && allowedNames.length > 0;
}

/** What a user should know of the TLS that some resources ask for, each thing once. */
export function tlsWarnings(all: readonly (CertificateSettings | undefined)[]): string[] {
  const asked = all.filter((settings) => settings !== undefined);
  const isRelaxed = asked.some((each) => each.certificate !== "" && !each.verifiesPeer);
  const relaxed =
    "warning: TLS Verify Peer = no: any certificate is taken, so only passwords tell who a peer is";
  const clear =
    "warning: TLS Authenticate = yes: TLS tells who the peers are and ends then; all else, files too, goes " +
    "in the clear";
  return [
    ...(isRelaxed ? [relaxed] : []),
    ...(asked.some((each) => each.isForAuthentication) ? [clear] : []),
  ];
}

/**
 * The suites that the settings leave, the preferred first.
 * @throws {TlsError} naming the directive
 */
export function suitesOf(settings: CertificateSettings): readonly CipherSuite[] {
  try {
    return chosenSuites(settings);
  } catch (error) {
    if (!(error instanceof SuiteDirectiveError)) throw error;
    throw new TlsError(Alert.internalError, error.message);
  }
}

/** Which end the credentials are for: who has connected knows the configured address of the peer. */
export type End = { readonly hostName: string } | "acceptor";

/**
 * Reads what the settings name. It is read for each connection, so renewed certificates count at once.
 * @throws {TlsError} naming the file
 */
export function loadCredentials(settings: CertificateSettings, end: End): Credentials {
  const { verifiesPeer, allowedNames, authorityFile, authorityFolder, revocationFile = "" } =
    settings;
  const own = settings.certificate === "" ? undefined : ownCertificate(settings);
  if (!verifiesPeer) return { own };
  const files = authorityFile === ""
    ? []
    : [{ directive: "TLS CA Certificate File", file: authorityFile }];
  if (authorityFolder !== "") files.push(...filesIn(authorityFolder));
  const authorities = files.flatMap(({ directive, file }) => certificatesIn(directive, file));
  const revocations = revocationFile === "" ? undefined : revocationsIn(revocationFile);
  const isServer = end !== "acceptor";
  const hostName = end === "acceptor" ? undefined : end.hostName;
  return {
    own,
    judge: (chain) => {
      const now = new Date();
      const fault = certificateFault({
        ...{ chain, authorities, revocations, allowedNames, hostName, isServer, now },
      });
      if (fault !== undefined) throw new TlsError(fault.alert, fault.why);
    },
  };
}

/**
 * What is wrong with the files that the settings name, or with our own certificate's time; nothing if
 * connections can use them. For whoever starts a daemon, who should not learn it from its first peer.
 */
export function credentialsFault(settings: CertificateSettings): string | undefined {
  try {
    loadCredentials(settings, "acceptor");
    dhGroupOf(settings);
  } catch (error) {
    if (!(error instanceof TlsError)) throw error;
    return error.message;
  }
  const [own] = settings.certificate === ""
    ? []
    : certificatesIn("TLS Certificate", settings.certificate);
  const now = Date.now();
  if (own !== undefined && now > own.validToDate.getTime()) {
    return `TLS Certificate = "${settings.certificate}" has expired (${own.validTo})`;
  }
  if (own !== undefined && now < own.validFromDate.getTime()) {
    return `TLS Certificate = "${settings.certificate}" is not valid yet (${own.validFrom})`;
  }
  return undefined;
}

/** The group that `TLS DH File` names. @throws {TlsError} naming the file */
export function dhGroupOf({ dhFile = "" }: CertificateSettings): DhGroup | undefined {
  if (dhFile === "") return undefined;
  const text = readText("TLS DH File", dhFile);
  try {
    return dhGroupIn(text);
  } catch (error) {
    return fail("TLS DH File", dhFile, messageOf(error));
  }
}

function ownCertificate({ certificate, key }: CertificateSettings): OwnCertificate {
  const chain = certificatesIn("TLS Certificate", certificate);
  const keyFile = key === "" ? certificate : key;
  const keyText = readText("TLS Key", keyFile);
  const mode = Deno.statSync(keyFile).mode ?? 0;
  if ((mode & 0o007) !== 0) {
    fail("TLS Key", keyFile, `its mode ${(mode & 0o777).toString(8)} lets everybody at it`);
  }
  const privateKey = privateKeyIn(keyFile, keyText);
  const [own] = chain;
  if (own === undefined || !isKeyOf(privateKey, own)) {
    fail("TLS Key", keyFile, `it is not the key of TLS Certificate = "${certificate}"`);
  }
  return { chain: chain.map(({ raw }) => new Uint8Array(raw)), key: privateKey };
}

function privateKeyIn(file: string, text: string): KeyObject {
  const pem = /-----BEGIN ([A-Z ]*)PRIVATE KEY-----[^]*?-----END \1PRIVATE KEY-----/.exec(text);
  if (pem === null) return fail("TLS Key", file, "it has no private key");
  if (pem[1] === "ENCRYPTED " || /^Proc-Type:.*ENCRYPTED/m.test(pem[0])) {
    return fail(
      "TLS Key",
      file,
      "it is protected by a password, and there is no directive for one; write it without " +
        "(openssl pkey -in FILE -out NEW) and let only the daemon read it",
    );
  }
  try {
    return createPrivateKey(pem[0]);
  } catch (error) {
    return fail("TLS Key", file, messageOf(error));
  }
}

function isKeyOf(privateKey: KeyObject, { publicKey }: X509Certificate): boolean {
  const [one, other] = [createPublicKey(privateKey as never), publicKey]
    .map((key) => Buffer.from(key.export({ type: "spki", format: "der" })));
  return one !== undefined && other !== undefined && one.equals(other);
}

function filesIn(folder: string): { directive: string; file: string }[] {
  const directive = "TLS CA Certificate Dir";
  try {
    return [...Deno.readDirSync(folder)].filter(({ isDirectory }) => !isDirectory)
      .map(({ name }) => ({ directive, file: `${folder}/${name}` }))
      .filter(({ file }) =>
        /-----BEGIN (TRUSTED )?CERTIFICATE-----/.test(readText(directive, file))
      );
  } catch (error) {
    if (error instanceof TlsError) throw error;
    return fail(directive, folder, messageOf(error));
  }
}

function certificatesIn(directive: string, file: string): X509Certificate[] {
  const text = readText(directive, file);
  const found = text.match(/-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g) ?? [];
  if (found.length === 0) fail(directive, file, "it has no certificate in PEM form");
  try {
    return found.map((pem) => new X509Certificate(pem));
  } catch (error) {
    return fail(directive, file, messageOf(error));
  }
}

function revocationsIn(file: string): RevocationList[] {
  const directive = "TLS Certificate Revocation List";
  const text = readText(directive, file);
  const found = [...text.matchAll(/-----BEGIN X509 CRL-----([^]*?)-----END X509 CRL-----/g)];
  if (found.length === 0) fail(directive, file, "it has no revocation list in PEM form");
  try {
    return found.map(([, base64 = ""]) =>
      revocationList(new Uint8Array(Buffer.from(base64, "base64")))
    );
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return fail(directive, file, error.message);
  }
}

function readText(directive: string, file: string): string {
  try {
    return Deno.readTextFileSync(file);
  } catch (error) {
    return fail(directive, file, messageOf(error));
  }
}

function fail(directive: string, file: string, why: string): never {
  throw new TlsError(Alert.internalError, `Cannot use ${directive} = "${file}": ${why}`);
}
