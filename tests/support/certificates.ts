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

/**
 * Makes a certificate `<name>.pem` with its key for a common name, issued by an authority in the same
 * folder, for so many days.
 */
export async function makeCertificate(
  folder: string,
  name: string,
  { authority = "ca", days = 9 }: { readonly authority?: string; readonly days?: number } = {},
): Promise<void> {
  const path = `${folder}/${name}`;
  await openssl(
    ...["req", "-newkey", "rsa:2048", "-nodes", "-subj", `/CN=${name}`],
    ...["-keyout", `${path}.key`, "-out", `${path}.csr`],
  );
  await openssl(
    ...["x509", "-req", "-in", `${path}.csr`, "-days", String(days), "-CAcreateserial"],
    ...["-CA", `${folder}/${authority}.pem`, "-CAkey", `${folder}/${authority}.key`],
    ...["-out", `${path}.pem`],
  );
}
