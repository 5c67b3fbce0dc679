/**
 * Encrypted and signed backups with real daemons: every cipher there and back, other keys, keys that
 * do not match, and what a daemon says of keys that it cannot use.
 */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { contentCiphers } from "../crypto/mod.ts";
import { join } from "./support/paths.ts";
import { Installation } from "./support/roost.ts";
import { makeSample } from "./support/sample.ts";
import { compareTrees, describeTree } from "./support/tree.ts";

const unlike = (path: string, property: string) => property === "ctime" || path === "";

async function differences(source: string, restored: string): Promise<string[]> {
  return compareTrees(await describeTree(source), await describeTree(restored), unlike);
}

interface Scene {
  readonly installation: Installation;
  readonly source: string;
  /** Path of a file in the installation's folder. */
  path(name: string): string;
  /** Makes the directives those of the file daemon, which is then started anew. */
  withPki(...directives: string[]): Promise<void>;
  /** Runs a job and gives its report. */
  job(...commands: string[]): Promise<string>;
}

/** An installation with keys `c1.pem`, `master.*`, `other.pem`, and something to back up. */
async function scene(
  run: (scene: Scene) => Promise<void>,
  env: Record<string, string> = {},
): Promise<void> {
  const source = await Deno.makeTempDir({ prefix: "roost-data-" });
  try {
    await makeSample(source, { smallFiles: 60, sparseBytes: 2 ** 21, largeBytes: 6_000_000 });
    await Deno.writeTextFile(join(source, "empty"), "");
    await using installation = await Installation.create({ backup: source, env });
    const path = (name: string): string => join(installation.folder, name);
    // Two digests of a large file, its own and that of its signature, are made at once.
    const fileSet = "bareos-dir.d/fileset/SelfTest.conf";
    const options = (await Deno.readTextFile(path(fileSet)))
      .replace(/Signature *= *\w+/i, "Signature = MD5");
    await installation.configure(fileSet, options);
    for (const args of [["c1"], ["other"], ["--master", "master"]]) {
      const name = args.pop() ?? "";
      const { status, stderr } = await installation.run([
        ...["keygen", "--bits", "2048", ...args, path(name)],
      ]);
      strictEqual(status, 0, stderr);
    }
    const client = "bareos-fd.d/client/myself.conf";
    const original = await Deno.readTextFile(path(client));
    await run({
      ...{ installation, source, path },
      async withPki(...directives) {
        await installation.end("fd").catch(() => {}); // it may not run yet
        const lines = directives.map((line) => `  ${line}\n`).join("");
        await installation.configure(client, original.replace(/\}\s*$/, `${lines}}\n`));
        await installation.start("fd");
      },
      job: (...commands) => installation.console(...commands, "wait", "messages"),
    });
  } finally {
    await Deno.remove(source, { recursive: true });
  }
}

const pki = (path: (name: string) => string, cipher: string, key = "c1.pem"): string[] => [
  "PKI Signatures = yes",
  "PKI Encryption = yes",
  `PKI Cipher = ${cipher}`,
  `PKI Key Pair = "${path(key)}"`,
  `PKI Master Key = "${path("master.cert.pem")}"`,
];

const restoreAll = "restore client=roost-fd select current all done yes";

for (const openssl of ["on", "off"]) {
  Deno.test(`every PKI Cipher saves and restores, the system's OpenSSL ${openssl}`, () =>
    scene(async ({ installation, source, path, withPki, job }) => {
      await installation.start("sd", "dir");
      const restored = join(installation.folder, "restore", source);
      for (const { name } of contentCiphers) {
        await withPki(...pki(path, name));
        const report = await job("run job=Backup level=Full yes", "wait", restoreAll);
        match(report, /Termination: +Backup OK\n/, `${name}: ${report}`);
        match(report, /Encryption: +yes/);
        match(report, /Termination: +Restore OK\n/, `${name}: ${report}`);
        deepStrictEqual(await differences(source, restored), [], name);
        await Deno.remove(restored, { recursive: true });
      }
    }, { ROOST_OPENSSL: openssl }));
}

Deno.test("the master key restores, another key does not, and bextract does with either", () =>
  scene(async ({ installation, source, path, withPki, job }) => {
    await installation.start("sd", "dir");
    await withPki(...pki(path, "aes256"));
    match(await job("run job=Backup level=Full yes"), /Backup OK/);
    const restored = join(installation.folder, "restore", source);

    await withPki(`PKI Key Pair = "${path("other.pem")}"`);
    const failed = await job(restoreAll);
    match(failed, /Missing private key required to decrypt encrypted backup data\./);
    ok(!/Termination: +Restore OK\n/.test(failed), failed);
    const left = await describeTree(restored);
    ok(![...left.keys()].some((name) => name === "empty"), [...left.keys()].join(" "));

    await withPki();
    match(await job(restoreAll), /No private decryption keys have been defined/);

    await Deno.remove(restored, { recursive: true });
    await withPki(`PKI Key Pair = "${path("master.key.pem")}"`);
    match(await job(restoreAll), /Termination: +Restore OK\n/);
    deepStrictEqual(await differences(source, restored), []);

    // Whoever verifies signatures and does not know the signer is told so.
    await withPki(`PKI Key Pair = "${path("master.key.pem")}"`, "PKI Signatures = yes");
    match(await job(restoreAll), /Signature validation failed for file .*: ERR=Signer not found/);
    await withPki(
      ...[`PKI Key Pair = "${path("master.key.pem")}"`, "PKI Signatures = yes"],
      `PKI Signer = "${path("c1.pem")}"`,
    );
    match(await job(restoreAll), /Termination: +Restore OK\n/);

    const [volume] = [...Deno.readDirSync(path("volumes"))].map(({ name }) => name);
    for (const key of ["c1.pem", "master.key.pem"]) {
      const out = path(`out-${key}`);
      const args = ["bextract", "--key", path(key), "-V", volume ?? "", path("volumes"), out];
      const { status, stderr } = await installation.run(args);
      strictEqual(status, 0, stderr);
      deepStrictEqual(await differences(source, join(out, source)), []);
    }
  }));

Deno.test("signed backups without encryption are verified, and a file set may force encryption", () =>
  scene(async ({ installation, source, path, withPki, job }) => {
    await installation.start("sd", "dir");
    const keys = [`PKI Key Pair = "${path("c1.pem")}"`, "PKI Signatures = yes"];
    await withPki(...keys);
    const report = await job("run job=Backup level=Full yes");
    match(report, /Backup OK/);
    match(report, /Encryption: +no/);
    match(await job(restoreAll), /Termination: +Restore OK\n/);
    const restored = join(installation.folder, "restore", source);
    deepStrictEqual(await differences(source, restored), []);

    const fileSet = "bareos-dir.d/fileset";
    const [{ name = "" } = {}] = [...Deno.readDirSync(path(fileSet))];
    const text = await Deno.readTextFile(path(`${fileSet}/${name}`));
    const forced = text.replace(/Options \{/i, "Options {\n Force Encryption = yes\n");
    await installation.configure(`${fileSet}/${name}`, forced);
    await installation.console("reload");
    const refused = await job("run job=Backup level=Full yes");
    match(refused, /Fileset forces encryption but encryption is not configured/);
    match(refused, /Backup Error/);
  }));

Deno.test("a file daemon refuses keys that it cannot use", () =>
  scene(async ({ installation, path }) => {
    const client = "bareos-fd.d/client/myself.conf";
    const original = await Deno.readTextFile(path(client));
    const test = async (...directives: string[]): Promise<string> => {
      const lines = directives.map((line) => `  ${line}\n`).join("");
      await installation.configure(client, original.replace(/\}\s*$/, `${lines}}\n`));
      const { status, stderr } = await installation.run([
        ...["fd", "-t", "-c", installation.folder],
      ]);
      return status === 0 ? "" : stderr;
    };
    strictEqual(await test(`PKI Key Pair = "${path("c1.pem")}"`), "");
    match(await test(`PKI Key Pair = "${path("none.pem")}"`), /Cannot use PKI Key Pair = ".*none/);
    match(await test(`PKI Key Pair = "${path("master.cert.pem")}"`), /Cannot find a private key/);
    match(await test("PKI Encryption = yes"), /"PKI Key Pair" must be defined/);
    await Deno.chmod(path("c1.pem"), 0o644);
    match(await test(`PKI Key Pair = "${path("c1.pem")}"`), /its mode 644 lets everybody at it/);
    const again = await installation.run(["keygen", path("c1")]);
    strictEqual(again.status, 1);
    match(again.stderr, /it is there already/);
  }));
