/** What Debian's Bacula writes now, read by our tools: plain, compressed, signed and encrypted. */
import { deepStrictEqual, match, strictEqual } from "node:assert";
import { makeKeyPair } from "../crypto/mod.ts";
import { Bacula } from "./bench/bacula.ts";
import { hasBacula } from "./support/bacula.ts";
import { join } from "./support/paths.ts";
import { fromSource } from "./support/roost.ts";
import { makeSample } from "./support/sample.ts";
import { compareTrees, describeTree } from "./support/tree.ts";

const settings: Readonly<Record<string, { readonly options: string; readonly pki?: string }>> = {
  "MD5": { options: "Signature = MD5" },
  "SHA1, GZIP, sparse": { options: "Signature = SHA1\nCompression = GZIP\nSparse = yes" },
  "LZO": { options: "Signature = MD5\nCompression = LZO" },
  "signed": { options: "Signature = MD5", pki: "PKI Signatures = yes" },
  "encrypted, aes128": {
    options: "Signature = SHA256",
    pki: "PKI Signatures = yes\nPKI Encryption = yes",
  },
  "encrypted, aes256, GZIP": {
    options: "Signature = MD5\nCompression = GZIP",
    pki: "PKI Signatures = yes\nPKI Encryption = yes\nPKI Cipher = aes256",
  },
};

async function roost(...args: string[]): Promise<{ status: number; text: string }> {
  const [program, ...first] = fromSource;
  const { code, stdout, stderr } = await new Deno.Command(program, { args: [...first, ...args] })
    .output();
  const decoder = new TextDecoder();
  return { status: code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

const unlike = (path: string, property: string) => property === "ctime" || path === "";

for (const [name, { options, pki }] of Object.entries(settings)) {
  Deno.test({
    name: `a volume of Bacula, ${name}, is listed and extracted`,
    ignore: !hasBacula(),
    fn: async () => {
      const folder = await Deno.makeTempDir({ prefix: "roost-bacula-" });
      const source = join(folder, "data");
      try {
        await Deno.mkdir(source);
        await makeSample(source, { smallFiles: 50, sparseBytes: 2 ** 20, largeBytes: 5_000_000 });
        const key = join(folder, "key.pem");
        const made = await makeKeyPair({ name: "bacula", bits: 2048 });
        await Deno.writeTextFile(key, made.certificate + made.privateKey, { mode: 0o600 });
        {
          const fileDaemon = pki === undefined ? "" : `${pki}\n  PKI Keypair = "${key}"`;
          const inner = join(folder, "bacula");
          const all = `${options}\nAclSupport = yes\nXattrSupport = yes`;
          await using bacula = await Bacula.start({
            ...{ folder: inner, source, options: all, fileDaemon },
          });
          await bacula.backup();
        }
        const volumes = join(folder, "bacula", "volumes");
        const listed = await roost("bls", "-V", "Bench", volumes);
        strictEqual(listed.status, 0, listed.text);
        match(listed.text, /\/large/);
        const out = join(folder, "out");
        const keys = pki === undefined ? [] : ["--key", key];
        const extracted = await roost("bextract", ...keys, "-V", "Bench", volumes, out);
        strictEqual(extracted.status, 0, extracted.text);
        deepStrictEqual(
          compareTrees(await describeTree(source), await describeTree(join(out, source)), unlike),
          [],
        );
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}
