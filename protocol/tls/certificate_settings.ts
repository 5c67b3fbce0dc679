/** The TLS directives about certificates, and the files that they name (wire.md 8.7). @module */
import { X509Certificate } from "node:crypto";
import { Alert, TlsError } from "./alert.ts";

/** What a resource says of certificates. Paths; empty for none. */
export interface CertificateSettings {
  /** Own certificate with its chain, PEM. */
  readonly certificate: string;
  /** Its private key, PEM. */
  readonly key: string;
  /** Certificates of authorities, PEM: a file, and a folder of such files. */
  readonly authorityFile: string;
  readonly authorityFolder: string;
  /** Whether the peer's certificate is checked. If not, any is taken. */
  readonly verifiesPeer: boolean;
  /** Common names that a peer may have; any if empty. */
  readonly allowedNames: readonly string[];
}

/** The TLS directives of a resource, as the configuration has them. */
export interface TlsDirectives {
  readonly tlsEnable: boolean;
  readonly tlsVerifyPeer: boolean;
  readonly tlsCertificate?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly tlsCaCertificateFile?: string | undefined;
  readonly tlsCaCertificateDir?: string | undefined;
  readonly tlsAllowedCn: readonly string[];
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
  };
}

/**
 * Whether a connector must come with certificates rather than with a pre-shared key: it has one, or
 * wants to see one.
 */
export function wantsCertificates(settings: CertificateSettings | undefined): boolean {
  return settings !== undefined && (settings.verifiesPeer || settings.certificate !== "");
}

/** What a user should know who does not have certificates checked; undefined if there is nothing. */
export function relaxedVerification(settings: CertificateSettings | undefined): string | undefined {
  if (settings === undefined || settings.certificate === "" || settings.verifiesPeer) {
    return undefined;
  }
  return "warning: TLS Verify Peer = no: any certificate is taken, so only passwords tell who a peer is";
}

/** Certificates, read. */
export interface LoadedCertificates {
  /** PEM, if there is an own certificate. */
  readonly own: { readonly certificate: string; readonly key: string } | undefined;
  readonly authorities: readonly X509Certificate[];
}

/**
 * Reads what the settings name. It is read for each connection, so renewed certificates count at once.
 * @throws {TlsError} naming the file
 */
export function loadCertificates(settings: CertificateSettings): LoadedCertificates {
  const { certificate, key, authorityFile, authorityFolder } = settings;
  const authorities: X509Certificate[] = [];
  const files = authorityFile === "" ? [] : [authorityFile];
  if (authorityFolder !== "") files.push(...filesIn(authorityFolder));
  for (const file of files) authorities.push(...certificatesIn("TLS CA Certificate File", file));
  if (certificate === "") return { own: undefined, authorities };
  certificatesIn("TLS Certificate", certificate); // says what is wrong with it
  const keyFile = key === "" ? certificate : key;
  const keyText = readText("TLS Key", keyFile);
  const mode = Deno.statSync(keyFile).mode ?? 0;
  if ((mode & 0o007) !== 0) {
    fail("TLS Key", keyFile, `its mode ${(mode & 0o777).toString(8)} lets everybody at it`);
  }
  if (!keyText.includes("PRIVATE KEY-----")) fail("TLS Key", keyFile, "it has no private key");
  return {
    own: { certificate: readText("TLS Certificate", certificate), key: keyText },
    authorities,
  };
}

function filesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].filter(({ isDirectory }) => !isDirectory)
      .map(({ name }) => `${folder}/${name}`);
  } catch (error) {
    return fail("TLS CA Certificate Dir", folder, reasonOf(error));
  }
}

function certificatesIn(directive: string, file: string): X509Certificate[] {
  const text = readText(directive, file);
  const found = text.match(/-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g) ?? [];
  if (found.length === 0) fail(directive, file, "it has no certificate in PEM form");
  try {
    return found.map((pem) => new X509Certificate(pem));
  } catch (error) {
    return fail(directive, file, reasonOf(error));
  }
}

function readText(directive: string, file: string): string {
  try {
    return Deno.readTextFileSync(file);
  } catch (error) {
    return fail(directive, file, reasonOf(error));
  }
}

function fail(directive: string, file: string, why: string): never {
  throw new TlsError(Alert.internalError, `Cannot use ${directive} = "${file}": ${why}`);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
