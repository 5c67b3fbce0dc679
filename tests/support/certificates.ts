/** Authorities and certificates for tests, made by openssl. @module */

async function openssl(...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("openssl", {
    args,
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

/** Makes an authority `<name>.pem` with its key in a folder. */
export async function makeAuthority(folder: string, name: string): Promise<void> {
  await openssl(
    ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "9", "-subj", `/CN=${name}`],
    ...["-keyout", `${folder}/${name}.key`, "-out", `${folder}/${name}.pem`],
  );
}

/** What a certificate is to be like. */
export interface CertificateWish {
  readonly authority?: string;
  readonly days?: number;
  /** Its key, as `openssl req -newkey` names it. */
  readonly key?: string;
  /** Lines of an extension file, such as `basicConstraints=CA:true`. */
  readonly extensions?: readonly string[];
}

/**
 * Makes a certificate `<name>.pem` with its key for a common name, issued by an authority in the same
 * folder, for so many days.
 */
export async function makeCertificate(
  folder: string,
  name: string,
  { authority = "ca", days = 9, key = "rsa:2048", extensions = [] }: CertificateWish = {},
): Promise<void> {
  const path = `${folder}/${name}`;
  const [kind = key, curve] = key.startsWith("ec:") ? ["ec", key.slice(3)] : [key];
  await openssl(
    ...["req", "-newkey", kind, "-nodes", "-subj", `/CN=${name}`],
    ...(curve === undefined ? [] : ["-pkeyopt", `ec_paramgen_curve:${curve}`]),
    ...["-keyout", `${path}.key`, "-out", `${path}.csr`],
  );
  await Deno.writeTextFile(`${path}.ext`, `${extensions.join("\n")}\n`);
  await openssl(
    ...["x509", "-req", "-in", `${path}.csr`, "-days", String(days), "-CAcreateserial"],
    ...["-CA", `${folder}/${authority}.pem`, "-CAkey", `${folder}/${authority}.key`],
    ...["-out", `${path}.pem`],
    ...(extensions.length === 0 ? [] : ["-extfile", `${path}.ext`]),
  );
}

/** Makes a revocation list `<file>` of an authority that names some certificates; it is good for days. */
export async function makeRevocationList(
  folder: string,
  file: string,
  { authority = "ca", revoked = [], days = 9 }: {
    readonly authority?: string;
    readonly revoked?: readonly string[];
    readonly days?: number;
  } = {},
): Promise<void> {
  const base = `${folder}/${file}.db`;
  await Deno.writeTextFile(base, "");
  await Deno.writeTextFile(
    `${base}.conf`,
    `[ca]\ndefault_ca=x\n[x]\ndatabase=${base}\ndefault_md=sha256\n` +
      `default_crl_days=9\ncertificate=${folder}/${authority}.pem\n` +
      `private_key=${folder}/${authority}.key\n`,
  );
  const config = ["ca", "-config", `${base}.conf`];
  for (const name of revoked) await openssl(...config, "-revoke", `${folder}/${name}.pem`);
  const times = days > 0
    ? []
    : ["-crl_lastupdate", "20200101000000Z", "-crl_nextupdate", "20200102000000Z"];
  await openssl(...config, "-gencrl", "-out", `${folder}/${file}`, ...times);
}

/** Names for which {@linkcode makeTlsFolder} makes certificates. */
export type TlsName = "dir" | "sd" | "fd" | "admin";

const tlsNames: readonly TlsName[] = ["dir", "sd", "fd", "admin"];

/** A folder with an authority and a certificate a daemon, and the directives that use them. */
export interface TlsFolder {
  readonly folder: string;
  /** Directives that show the certificate of `own` and take those of `peers` alone. */
  directives(own: TlsName, ...peers: readonly TlsName[]): string;
  /** The same for Bacula, which always checks who it connects to and has no directive for that. */
  towards(own: TlsName, ...peers: readonly TlsName[]): string;
  /** The same certificates with further directives. */
  and(...more: readonly string[]): TlsFolder;
}

/** Makes certificates for everybody of an installation. */
export async function makeTlsFolder(folder: string): Promise<TlsFolder> {
  await Deno.mkdir(folder, { recursive: true });
  await makeAuthority(folder, "ca");
  const wish = { key: "ec:prime256v1", extensions: ["subjectAltName=DNS:127.0.0.1"] };
  for (const name of tlsNames) await makeCertificate(folder, name, wish);
  return tlsFolder(folder, []);
}

function tlsFolder(folder: string, more: readonly string[]): TlsFolder {
  const towards = (own: TlsName, ...peers: readonly TlsName[]): string =>
    [
      "TLS Enable = yes",
      "TLS Require = yes",
      `TLS CA Certificate File = "${folder}/ca.pem"`,
      `TLS Certificate = "${folder}/${own}.pem"`,
      `TLS Key = "${folder}/${own}.key"`,
      ...peers.map((peer) => `TLS Allowed CN = ${peer}`),
      ...more,
    ].map((line) => `  ${line}\n`).join("");
  return {
    folder,
    towards,
    directives: (...names) => `${towards(...names)}  TLS Verify Peer = yes\n`,
    and: (...others) => tlsFolder(folder, [...more, ...others]),
  };
}
