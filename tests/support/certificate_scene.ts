/** Installations whose daemons and consoles have certificates. @module */
import { makeAuthority, makeCertificate } from "./certificates.ts";
import { join } from "./paths.ts";
import { Installation } from "./roost.ts";

/** An installation and its certificates. */
export interface Scene {
  readonly installation: Installation;
  /** A path below its folder; certificates and keys are in `tls`. */
  path(name: string): string;
  /** Adds directives to the first resource of files of the configuration as they were written. */
  withDirectives(files: readonly string[], ...directives: string[]): Promise<void>;
}

/** Where daemons say how they accept. */
export const own = {
  dir: "bareos-dir.d/director/roost-dir.conf",
  sd: "bareos-sd.d/storage/roost-sd.conf",
  fd: "bareos-fd.d/client/myself.conf",
};
/** Where the director says how it connects. */
export const toStorage = "bareos-dir.d/storage/File.conf";
/** The same. */
export const toClient = "bareos-dir.d/client/roost-fd.conf";
/** The same of a console. */
export const consoleFile = "bconsole.d/director/roost-dir.conf";

/** Runs with an installation that is not started, two authorities `ca` and `other-ca`, and certificates. */
export async function scene(run: (scene: Scene) => Promise<void>): Promise<void> {
  const source = await Deno.makeTempDir({ prefix: "roost-data-" });
  try {
    await Deno.writeTextFile(join(source, "file"), "to be saved");
    await using installation = await Installation.create({ backup: source });
    const path = (name: string): string => join(installation.folder, name);
    const folder = path("tls");
    await Deno.mkdir(folder);
    await Promise.all([makeAuthority(folder, "ca"), makeAuthority(folder, "other-ca")]);
    for (const name of ["dir", "sd", "fd", "admin", "localhost"]) {
      await makeCertificate(folder, name);
    }
    await makeCertificate(folder, "foreign", { authority: "other-ca" });
    await makeCertificate(folder, "expired", { days: -1 });
    const originals = new Map<string, string>();
    await run({
      installation,
      path,
      async withDirectives(files, ...directives) {
        for (const file of files) {
          const original = originals.get(file) ?? await Deno.readTextFile(path(file));
          originals.set(file, original);
          const lines = directives.map((line) => `  ${line}\n`).join("");
          await installation.configure(file, original.replace(/\}/, `${lines}}`));
        }
      },
    });
  } finally {
    await Deno.remove(source, { recursive: true });
  }
}

/** The directives that show a certificate. */
export const certificate = (path: Scene["path"], name: string): string[] => [
  `TLS Certificate = "${path(`tls/${name}.pem`)}"`,
  `TLS Key = "${path(`tls/${name}.key`)}"`,
];
/** The directives that check the other end's, which must have one of these names. */
export const verify = (path: Scene["path"], ...names: string[]): string[] => [
  "TLS Verify Peer = yes",
  `TLS CA Certificate File = "${path("tls/ca.pem")}"`,
  ...names.map((name) => `TLS Allowed CN = ${name}`),
];
