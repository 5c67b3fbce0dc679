/** Which libraries of the system a daemon uses, what `roost version -v` says of them, and doing without. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { clientFile, type Scene, scene } from "./support/scene.ts";
import { fromSource } from "./support/roost.ts";

const libraries = /libcrypto\.so|libdeflate\.so/g;

/** The libraries that the file daemon has in its memory. */
async function loaded({ installation }: Scene): Promise<string[]> {
  const maps = await Deno.readTextFile(`/proc/${installation.pid("fd")}/maps`);
  return [...new Set(maps.match(libraries) ?? [])].toSorted();
}

for (const setting of ["yes", "no"] as const) {
  Deno.test({
    name: `System Libraries = ${setting}: jobs run, and the file daemon has loaded what it may`,
    ignore: Deno.build.os !== "linux",
    fn: () =>
      scene(async (it) => {
        const { installation, source, withDirectives, withFileSet, job, restored } = it;
        await Deno.writeTextFile(`${source}/text`, "some text that shrinks ".repeat(10_000));
        await withDirectives(clientFile, `System Libraries = ${setting}`);
        await withFileSet(
          `  Include {\n    Options {\n      Signature = MD5\n      Compression = GZIP6\n    }\n    File = ${source}\n  }\n`,
        );
        await installation.start();
        const report = await job("run job=Backup level=Full yes");
        match(report, /Backup OK\n/);
        match(report, /Software Compression: +\d+\.\d % \(gzip\)/);
        const found = await loaded(it);
        const { differences } = await restored();
        deepStrictEqual(differences, []);
        const onMachine = new Set(systemLibraries());
        const wanted = ["libcrypto.so", "libdeflate.so"].filter((name) => onMachine.has(name));
        deepStrictEqual(found, setting === "yes" ? wanted : []);
      }),
  });
}

/** Which of the two this machine has: what the runtime can open. */
function systemLibraries(): string[] {
  const names = [["libcrypto.so", "libcrypto.so.3"], ["libdeflate.so", "libdeflate.so.0"]] as const;
  return names.flatMap(([name, file]) => {
    try {
      Deno.dlopen(file, {}).close();
      return [name];
    } catch {
      return []; // this machine does not have it
    }
  });
}

async function longVersion(env: Record<string, string>): Promise<string[]> {
  const [program, ...args] = fromSource;
  const { code, stdout } = await new Deno.Command(program, {
    args: [...args, "version", "-v"],
    env,
  })
    .output();
  strictEqual(code, 0);
  return new TextDecoder().decode(stdout).trimEnd().split("\n").slice(2);
}

Deno.test("version -v tells who digests, encrypts, signs and compresses", async () => {
  deepStrictEqual(await longVersion({ ROOST_OPENSSL: "off", ROOST_LIBDEFLATE: "off" }), [
    "digests: MD5, SHA1, SHA256, SHA512 by the runtime; XXH128 built in",
    "file encryption: aes128, aes256, 3des, aes128hmacsha1, aes256hmacsha1 by the runtime; " +
    "aes192, camellia128, camellia192, camellia256, blowfish built in",
    "signatures: RSA by the runtime",
    "TLS records: aes-128-gcm, aes-256-gcm, chacha20-poly1305 by the runtime",
    "GZIP: by the runtime",
  ]);
  if (!systemLibraries().includes("libcrypto.so")) return;
  const [digests, ciphers, signatures, records] = await longVersion({ ROOST_OPENSSL: "on" });
  match(
    digests ?? "",
    /^digests: MD5, SHA512 by OpenSSL 3\.\d+\.\d+.*; SHA1, SHA256 by the runtime;/,
  );
  match(ciphers ?? "", /^file encryption: aes128, aes192, aes256, .* by OpenSSL 3\./);
  match(signatures ?? "", /^signatures: RSA by OpenSSL 3\./);
  ok(/^TLS records: aes-128-gcm, .* by OpenSSL 3\./.test(records ?? ""), records);
});
