/** Recorded volumes, extracted, are the files that were backed up. */
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import {
  compareWithManifest,
  type ManifestExceptions,
  sampleManifest,
} from "../tests/support/manifest.ts";
import { fixture, fromFileUrl, hasFixtures } from "../tests/support/paths.ts";
import { recordedKeyPair } from "../tests/support/recorded_keys.ts";

const program = fromFileUrl(new URL("./main.ts", import.meta.url));
const isRoot = Deno.uid() === 0;
const data = "/srv/sample/data";

interface Extraction {
  readonly name: string;
  readonly folder?: string;
  /** Whose manifest tells what was backed up; Bareos' if absent. */
  readonly by?: "bacula";
  /** Session to extract, on volumes of several jobs. */
  readonly session?: number;
  readonly exceptions: ManifestExceptions;
}

/** The folder changed after the recordings; a fifo came and went. */
const always: ManifestExceptions = {
  extra: [`${data}/zz-blocker`],
  properties: [`mtime ${data}`],
};
/** Jobs without `HardLinks = yes` store every name as a file of its own. */
const unlinked: ManifestExceptions = {
  ...always,
  properties: [`mtime ${data}`, ...linked().map((path) => `nlink ${path}`)],
};
/** What the first two jobs saw was not yet what the manifest has. */
const early: ManifestExceptions = {
  missing: [`${data}/many/f004-renamed`, `${data}/many/new`, `${data}/mode-4755`],
  extra: [`${data}/many/f003`, `${data}/many/f004`],
  properties: [`mtime ${data}`, `mtime ${data}/many`],
};

function linked(): string[] {
  return [`${data}/hard-1`, `${data}/text-200k.txt`, `${data}/dir a/hard-2`];
}

const extractions: readonly Extraction[] = [
  ...[
    "Cnone-0005",
    "CGZIP-0006",
    "CGZIP1-0007",
    "CLZO-0009",
    "CLZFAST-0010",
    "CLZ4-0011",
    "CLZ4HC-0012",
    "SMD5-0013",
    "SSHA1-0014",
    "SSHA256-0015",
    "SXXH128-0017",
  ].map((name) => ({ name, exceptions: unlinked })),
  { name: "Mig-0003", exceptions: always },
  { name: "Main-0001", session: 1, exceptions: early },
  { name: "Main-0001", session: 7, exceptions: always },
  ...["BPlain-0010", "BNone-0007", "BLZO-0008", "BGZIP-0009"].map((name) => ({
    name,
    folder: "bacula-9.6/volumes",
    by: "bacula" as const,
    exceptions: {},
  })),
  { name: "Copies-0002", folder: "volumes/sd2", session: 5, exceptions: always },
];

const encrypted = [
  ...["Paes128-0018", "Paes256-0020", "Pblowfish-0024", "Pcamellia128-0021", "Pcamellia256-0023"],
];

async function bextract(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", program, "bextract", ...args],
  }).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Without root nobody owns what others owned, and device nodes cannot be made. */
function forUser(exceptions: ManifestExceptions): ManifestExceptions {
  if (isRoot) return exceptions;
  const { missing = [], properties = [] } = exceptions;
  return {
    ...exceptions,
    missing: [...missing, `${data}/blockdev`, `${data}/chardev`],
    properties: [...properties, "owner", "mode", "xattr system.posix_acl_access"],
  };
}

/** The differences between what was extracted and the manifest. */
async function differencesOf(
  root: string,
  exceptions: ManifestExceptions,
  by?: "bacula",
): Promise<string[]> {
  const unreadable = `${root}${data}/mode-000`;
  if (!isRoot && by === undefined) await Deno.chmod(unreadable, 0o400);
  return await compareWithManifest(root, sampleManifest(by), forUser(exceptions));
}

for (const { name, folder = "volumes", by, session, exceptions } of extractions) {
  const which = session === undefined ? name : `${name}, session ${session},`;
  Deno.test({
    name: `bextract restores ${which} exactly`,
    ignore: !hasFixtures,
    fn: () =>
      inFolder(async (temporary) => {
        const args = [fixture(folder), `${temporary}/out`];
        if (session === undefined) args.unshift("-V", name);
        else {
          const bootstrap = `Volume="${name}"\nVolSessionId=${session}\n`;
          await Deno.writeTextFile(`${temporary}/bsr`, bootstrap);
          args.unshift("-b", `${temporary}/bsr`);
        }
        const { code, out, err } = await bextract(...args);
        if (isRoot) strictEqual(code, 0, err);
        ok(/\n(?:44|8[5-8]) files restored\.\n$/.test(out), out.slice(-200));
        deepStrictEqual(await differencesOf(`${temporary}/out`, exceptions, by), []);
      }),
  });
}

for (const name of encrypted) {
  for (const owner of ["fd", "master"] as const) {
    Deno.test({
      name: `bextract restores ${name} exactly with the key of ${owner}`,
      ignore: !hasFixtures,
      fn: () =>
        inFolder(async (temporary) => {
          const key = `${temporary}/key.pem`;
          await Deno.writeTextFile(key, await recordedKeyPair(owner), { mode: 0o600 });
          const args = ["--key", key, "-V", name, fixture("volumes"), `${temporary}/out`];
          const { code, out, err } = await bextract(...args);
          if (isRoot) strictEqual(code, 0, err);
          ok(out.endsWith(`\n${isRoot ? 88 : 86} files restored.\n`), out.slice(-200));
          deepStrictEqual(await differencesOf(`${temporary}/out`, unlinked), []);
        }),
    });
  }
}

Deno.test({
  name: "bextract says that a key is missing, and extracts what is not encrypted",
  ignore: !hasFixtures,
  fn: () =>
    inFolder(async (temporary) => {
      const args = ["-V", "Paes128-0018", fixture("volumes"), `${temporary}/out`];
      const { code, out, err } = await bextract(...args);
      strictEqual(code, 1);
      ok(err.includes("No private decryption keys have been defined"), err);
      ok(out.endsWith(`\n${isRoot ? 11 : 9} files restored.\n`), out.slice(-100));
    }),
});

Deno.test({
  name: "bextract names a block with a flipped bit and restores the rest",
  ignore: !hasFixtures,
  fn: () =>
    inFolder(async (temporary) => {
      const bytes = await Deno.readFile(fixture("volumes/SMD5-0013"));
      const at = 1_500_000; // in the second of three blocks
      bytes[at] = (bytes[at] as number) ^ 1;
      await Deno.writeFile(`${temporary}/SMD5-0013`, bytes);
      const { code, out, err } = await bextract(`${temporary}/SMD5-0013`, `${temporary}/out`);
      strictEqual(code, 1);
      ok(
        /Volume data error at 0:1048767!\nBlock checksum mismatch in block=1 len=1048576/.test(err),
      );
      ok(err.includes('(Volume "SMD5-0013")'), err);
      const count = Number(/\n(\d+) files restored\.\n$/.exec(out)?.[1]);
      ok(count > 0 && count < 88, out.slice(-100));
      const differences = await differencesOf(`${temporary}/out`, unlinked);
      // Only files of which a piece was in that block differ.
      const damaged = new Set(differences.map((line) => line.replace(/: .*$/s, "")));
      ok(damaged.size > 0 && damaged.size < 70, [...damaged].join("\n"));
    }),
});

Deno.test({
  name: "bextract restores all jobs of a volume, one over the other",
  ignore: !hasFixtures,
  fn: () =>
    inFolder(async (temporary) => {
      const { code, out, err } = await bextract(fixture("volumes/Main-0001"), `${temporary}/out`);
      if (isRoot) strictEqual(code, 0, err);
      ok(/\n6\d\d files restored\.\n$/.test(out), out.slice(-200));
      const exceptions: ManifestExceptions = {
        extra: [
          ...(always.extra ?? []),
          ...(early.extra ?? []),
          ...["", "/plain", "/keep", "/keep/x.txt"].map((path) => `/srv/sample/etc2${path}`),
        ],
        properties: [
          ...(unlinked.properties ?? []),
          // An older job has given the folder a default list, which new files inherit.
          ...sampleManifest().map(({ path }) => path).filter((path) =>
            path.startsWith(`${data}/dir a/`)
          ).map((path) => `xattr system.posix_acl_access ${path}`),
        ],
      };
      deepStrictEqual(await differencesOf(`${temporary}/out`, exceptions), []);
    }),
});

Deno.test({
  name: "bextract leaves encrypted files out and says so",
  ignore: !hasFixtures,
  fn: () =>
    inFolder(async (temporary) => {
      const { code, out, err } = await bextract(
        fixture("volumes/Paes128-0018"),
        `${temporary}/out`,
      );
      strictEqual(code, 1);
      ok(err.includes("No private decryption keys have been defined to decrypt"));
      const count = Number(/\n(\d+) files restored\.\n$/.exec(out)?.[1]);
      ok(count > 0 && count < 30, out.slice(-100));
    }),
});

Deno.test({
  name: "bextract takes lists of names, and says what it cannot do",
  ignore: !hasFixtures,
  fn: () =>
    inFolder(async (temporary) => {
      await Deno.writeTextFile(`${temporary}/include`, `${data}/one-byte\n${data}/dir a\n`);
      await Deno.writeTextFile(`${temporary}/exclude`, "*/hard-2\n");
      const volume = fixture("volumes/Cnone-0005");
      const lists = ["-i", `${temporary}/include`, "-e", `${temporary}/exclude`];
      const { code, out, err } = await bextract(...lists, volume, `${temporary}/out`);
      strictEqual(code, 0, err);
      ok(out.endsWith("6 files restored.\n"), out);
      strictEqual((await Deno.readFile(`${temporary}/out${data}/one-byte`)).length, 1);

      const key = await bextract("--key", `${temporary}/include`, volume, `${temporary}/other`);
      strictEqual(key.code, 42);
      ok(key.err.includes("include: Cannot find a private key"), key.err);
      const missing = await bextract(volume);
      strictEqual(missing.code, 42);
      ok(missing.err.startsWith("Missing output directory.\n"));
    }),
});
