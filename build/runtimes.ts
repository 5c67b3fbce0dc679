/**
 * The runtimes an executable can be made for, each the vendor's own signed
 * binary from the npm registry, pinned by its digest.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { entriesOfTar } from "./tar.ts";

/** One platform the executable is built for. */
export interface Target {
  /** The npm package under `@deno/` that holds the runtime. */
  readonly packageName: string;
  /** The version of that package. */
  readonly version: string;
  /** The registry's digest of the package: `sha512-` and base64. */
  readonly integrity: string;
}

/** Every target by its name, `<system>-<processor>`. */
export const targets: Readonly<Record<string, Target>> = {
  "linux-x64": {
    packageName: "linux-x64-glibc",
    version: "2.9.6",
    integrity:
      "sha512-3md4TKLCuzsLDmfOoC5KN7NAZaxSVkMgm64vg6foD00JBADCpYS2/5QqXfzgnP5ZQz3iLP9vBQJtEgc116OAoQ==",
  },
  "linux-arm64": {
    packageName: "linux-arm64-glibc",
    version: "2.9.5",
    integrity:
      "sha512-IuYjsz9PGl7CJcNXMuN27KNDB8Q40brK3SG3l+TXMDVW61ZKwcn0fQHBHnXFiiygEwI8by/fKnASEluhZB1atw==",
  },
  "darwin-x64": {
    packageName: "darwin-x64",
    version: "2.9.5",
    integrity:
      "sha512-gbdlxWZuAZFiJiZtTT00Mv/aC7f/31+pyqJGQKlZr5X33WeTo5B0GG+efcX3P1UZceRKHuPEAQ1B/M2oRt8r9Q==",
  },
  "darwin-arm64": {
    packageName: "darwin-arm64",
    version: "2.9.5",
    integrity:
      "sha512-SX98qSdBT1lw9x6NwGwx2xIayl1kRimdRnFohYlJ6nt3mLKzTKHHKQwQs5D2pEY7mbUGGbYe9brM2kfN75pPkg==",
  },
};

/** The name of the target that this build runs on, such as `linux-x64`. */
export function hostTarget(): string {
  return `${Deno.build.os}-${Deno.build.arch === "x86_64" ? "x64" : "arm64"}`;
}

/**
 * The runtime's binary for a target: downloaded from the npm registry
 * (`NPM_CONFIG_REGISTRY` where set) and checked against the pinned digest, or
 * taken from `cacheFolder` if it was downloaded before.
 *
 * @throws Error if the registry does not answer or the digest differs
 */
export async function fetchRuntime(target: Target, cacheFolder: string): Promise<Uint8Array> {
  const file = `${target.packageName}-${target.version}.tgz`;
  const cached = `${cacheFolder}/${file}`;
  const archive = await readIfPresent(cached) ?? await download(target, file);
  const digest = `sha512-${createHash("sha512").update(archive).digest("base64")}`;
  if (digest !== target.integrity) {
    throw new Error(
      `Cannot use ${cached}: its digest is ${digest}, expected ${target.integrity}; remove the file and build again`,
    );
  }
  await Deno.mkdir(cacheFolder, { recursive: true });
  await Deno.writeFile(cached, archive);
  for (const entry of entriesOfTar(gunzipSync(archive))) {
    if (entry.path === "package/deno") return entry.content;
  }
  throw new Error(`Cannot find the runtime in ${file}`);
}

async function readIfPresent(path: string): Promise<Uint8Array | undefined> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function download(target: Target, file: string): Promise<Uint8Array> {
  const registry = (Deno.env.get("NPM_CONFIG_REGISTRY") ?? "https://registry.npmjs.org")
    .replace(/\/+$/, "");
  const url = `${registry}/@deno/${target.packageName}/-/${file}`;
  const response = await fetch(url);
  if (!response.ok) {
    throw new Error(`Cannot download ${url}: ${response.status} ${response.statusText}`);
  }
  return new Uint8Array(await response.arrayBuffer());
}
