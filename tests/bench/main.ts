/**
 * Measures what is meant to be fast and prints it: the stages one by one, codecs and digests on one
 * core, whole jobs beside Bacula, restic and tar where the system has them, and the memory of the
 * daemons in large jobs.
 *
 *     deno task bench [FOLDER] [PART ...]
 *
 * FOLDER is where to write; a tmpfs measures the code, not the disk. PARTs are `stages`, `codecs`, `rows`, `protection`,
 * `pairs`, `volumes`, `interleaved`, `memory`, `many`, `cancel`, `garbage`; all if none is named. How much garbage each daemon
 * gets and how much of it a second say `ROOST_GARBAGE` and `ROOST_GARBAGE_RATE`.
 *
 * @module
 */
import { measureProtection } from "./protection.ts";
import { join } from "../support/paths.ts";
import { makeLargeFile, makeSmallFiles } from "../support/sample.ts";
import { makeKeyPair } from "../../crypto/mod.ts";
import { measureCancel } from "./cancel.ts";
import { measureCodecs, measureDigests } from "./codecs.ts";
import { RoostContender } from "./contenders.ts";
import { measureCopies } from "./copies.ts";
import { makeMixedFiles } from "./data.ts";
import { measureFiles } from "./files.ts";
import { attack } from "./garbage.ts";
import { measureInterleaved } from "./interleaved.ts";
import { compare, type Comparison } from "./pairs.ts";
import { measureMany } from "./restores.ts";
import { measureRows } from "./rows.ts";
import { measureVolume } from "./volume.ts";

const mixedBytes = 1_000_000_000;
const smallFiles = 20_000;
const manyFiles = 200_000;

const parts: Readonly<Record<string, (folder: string) => Promise<void>>> = {
  stages: printStages,
  codecs: printCodecs,
  rows: printRows,
  pairs: printPairs,
  protection: printProtection,
  volumes: printVolumes,
  interleaved: printInterleaved,
  memory: printMemory,
  many: printMany,
  cancel: printCancel,
  garbage: (folder) =>
    attack(folder, {
      count: Number(Deno.env.get("ROOST_GARBAGE") ?? 20_000),
      rate: Number(Deno.env.get("ROOST_GARBAGE_RATE") ?? 400),
      silent: 10_000,
      tell: (line) => console.log(`${new Date().toISOString().slice(11, 19)} ${line}`),
    }),
};

const named = Deno.args.filter((word) => word in parts);
const parent = Deno.args.find((word) => !(word in parts)) ?? "/dev/shm";
const folder = await Deno.makeTempDir({ prefix: "roost-bench-", dir: parent });
try {
  for (const [name, run] of Object.entries(parts)) {
    if (named.length > 0 && !named.includes(name)) continue;
    const place = join(folder, name);
    await Deno.mkdir(place);
    await run(place);
    await Deno.remove(place, { recursive: true });
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}

async function printStages(folder: string): Promise<void> {
  for (const { stage, perSecond, unit } of measureVolume(folder)) print(stage, perSecond, unit);
  for (const { stage, perSecond, unit } of await measureFiles(folder)) {
    print(stage, perSecond, unit);
  }
}

async function printCodecs(): Promise<void> {
  for (const { codec, compress, decompress, ratio, reference } of await measureCodecs()) {
    const left = `${(ratio * 100).toFixed(1)} % left`;
    const beside = reference === undefined
      ? ""
      : `, ${(reference * 100).toFixed(1)} % by the reference`;
    print(`${codec}, compress`, compress, "MB", left + beside);
    print(`${codec}, decompress`, decompress, "MB");
  }
  for (const [name, figure] of measureDigests()) print(name, figure, "MB");
}

async function printRows(folder: string): Promise<void> {
  for (const { what, perSecond } of await measureRows(folder)) {
    print(`rows of files, ${what}`, perSecond, "rows", "a processor second");
  }
}

async function printPairs(folder: string): Promise<void> {
  const mixed = join(folder, "mixed");
  const small = join(folder, "small");
  await makeMixedFiles(mixed, mixedBytes);
  await makeSmallFiles(small, smallFiles);
  const large = {
    source: mixed,
    amount: mixedBytes / 1e6,
    unit: "MB",
    hasRestore: false,
    hasOthers: false,
  } as const;
  const comparisons: readonly Comparison[] = [
    {
      ...{ ...large, title: "large, MD5", options: "Signature = MD5" },
      ...{ hasRestore: true, hasOthers: true },
    },
    {
      ...{ ...large, title: "large, XXH128; Bacula MD5", options: "Signature = XXH128" },
      baculaOptions: "Signature = MD5",
    },
    { ...large, title: "large, LZO", options: "Signature = MD5\nCompression = LZO" },
    {
      ...{ ...large, title: "large, LZ4; Bacula none" },
      ...{ options: "Signature = MD5\nCompression = LZ4", baculaOptions: "Signature = MD5" },
    },
    { ...large, title: "large, GZIP6", options: "Signature = MD5\nCompression = GZIP6" },
    {
      ...{ ...large, title: "large, MD5, PKI aes256, signed", options: "Signature = MD5" },
      ...{ fileDaemon: await pkiDirectives(folder), hasRestore: true },
    },
    {
      ...{ ...large, title: "small, MD5, PKI aes256, signed", options: "Signature = MD5" },
      ...{ source: small, amount: smallFiles, unit: "files", hasRestore: true },
      fileDaemon: await pkiDirectives(folder),
    },
    {
      title: "small, MD5",
      source: small,
      options: "Signature = MD5",
      amount: smallFiles,
      unit: "files",
      hasRestore: true,
      hasOthers: true,
    },
  ];
  for (const comparison of comparisons) {
    for (const figure of await compare(comparison, folder)) {
      const { title, name, unit, processor } = figure;
      const own = processor === undefined ? "" : `processor seconds: ${processor}`;
      const ratio = (value: number): string => processor === undefined ? times(value) : own;
      print(`${title}, backup, ${name}`, figure.backup, unit, ratio(figure.backupRatio));
      if (figure.restore === undefined || figure.restoreRatio === undefined) continue;
      const beside = processor === undefined ? times(figure.restoreRatio) : "";
      print(`${title}, restore, ${name}`, figure.restore, unit, beside);
    }
  }
}

async function printProtection(folder: string): Promise<void> {
  const source = join(folder, "mixed");
  await makeMixedFiles(source, mixedBytes);
  for (const digest of ["MD5", "XXH128"]) {
    const { title, perSecond, ratio, processor } = await measureProtection({
      title: `large, ${digest}, under TLS with pre-shared keys`,
      options: `Signature = ${digest}`,
      bytes: mixedBytes,
      ...{ source, folder },
    });
    const seconds = `${processor.tls.toFixed(2)} and ${processor.clear.toFixed(2)}`;
    const beside = `${ratio.toFixed(2)} times that in the clear; processor seconds ${seconds}`;
    print(title, perSecond / 1e6, "MB", beside);
  }
}

/** Encryption and signatures with a key made for this run. */
async function pkiDirectives(folder: string): Promise<string> {
  const { certificate, privateKey } = await makeKeyPair({ name: "bench-fd", bits: 2048 });
  const file = join(folder, "pki.pem");
  await Deno.writeTextFile(file, certificate + privateKey, { mode: 0o600 });
  return `PKI Signatures = yes\nPKI Encryption = yes\nPKI Cipher = aes256\nPKI Keypair = "${file}"`;
}

async function printVolumes(folder: string): Promise<void> {
  const mixed = join(folder, "mixed");
  const both = join(folder, "both");
  const many = join(folder, "many");
  await makeMixedFiles(mixed, mixedBytes);
  await Deno.mkdir(both);
  await makeMixedFiles(join(both, "mixed"), mixedBytes);
  await makeSmallFiles(join(both, "small"), smallFiles);
  await makeSmallFiles(many, manyFiles);
  const sources = [
    ["1 GB", mixed],
    ["1 GB and 20,000 small files", both],
    ["200,000 small files", many],
  ] as const;
  for (const [title, source] of sources) {
    for (const { what, seconds, beside, ratio } of await measureCopies(source, folder)) {
      print(`${what}, ${title}`, seconds * 1000, "ms", `${ratio.toFixed(2)} times ${beside}`);
    }
  }
}

async function printInterleaved(folder: string): Promise<void> {
  for (const { what, perSecond, processor } of await measureInterleaved(folder, 2e9)) {
    print(`2 GB in ${what}`, perSecond, "MB", `processor seconds: ${processor}`);
  }
}

async function printMemory(folder: string): Promise<void> {
  const large = join(folder, "large");
  const many = join(folder, "many");
  await Deno.mkdir(large);
  await makeLargeFile(join(large, "file"), 2 ** 31);
  await makeSmallFiles(many, manyFiles);
  for (const [title, source] of [["a file of 2 GiB", large], ["200,000 files", many]] as const) {
    for (const compression of ["", "GZIP6", "LZ4"]) {
      const more = compression === "" ? "" : `\nCompression = ${compression}`;
      const options = `Signature = MD5${more}`;
      await using roost = await RoostContender.start({ source, options, folder });
      for (const what of ["backup", "restore"] as const) {
        await roost[what]();
        for (const [name, bytes] of Object.entries(await roost.memory())) {
          const job = `${what} of ${title} ${compression}`.trim();
          print(`peak memory, ${job}, ${name}`, bytes / 1e6, "MB");
        }
      }
    }
  }
}

async function printMany(folder: string): Promise<void> {
  const source = join(folder, "source");
  await makeMixedFiles(source, 20e6);
  await makeSmallFiles(join(source, "small"), 200);
  const protections = { plain: "", encrypted: await pkiDirectives(folder) };
  for (const [protection, fileDaemon] of Object.entries(protections)) {
    for (const kind of ["restore", "verify"] as const) {
      if (kind === "verify" && protection !== "plain") continue; // the disk is not encrypted
      for (const count of [1, 20, 100]) {
        const parent = await Deno.makeTempDir({ dir: folder });
        const options = "Signature = MD5";
        const figure = await measureMany(kind, count, { source, parent, options, fileDaemon });
        for (const [name, bytes] of Object.entries(figure.memory)) {
          print(`peak memory, ${count} times ${kind}, ${protection}, ${name}`, bytes / 1e6, "MB");
        }
        await Deno.remove(parent, { recursive: true });
      }
    }
  }
}

async function printCancel(folder: string): Promise<void> {
  const mixed = join(folder, "mixed");
  await makeMixedFiles(mixed, 3 * mixedBytes);
  for (const { what, seconds } of await measureCancel(mixed, folder)) {
    print(`cancel of ${what}, until all is free`, seconds * 1000, "ms");
  }
}

function times(ratio: number): string {
  return `ours is ${ratio.toFixed(2)} times that`;
}

function print(what: string, figure: number, unit: string, remark = ""): void {
  const number = Math.round(figure).toLocaleString("en").padStart(11);
  console.log(`${what.padEnd(54)} ${number} ${unit.padEnd(7)} ${remark}`.trimEnd());
}
