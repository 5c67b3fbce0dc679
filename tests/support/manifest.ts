/** Compares a restored tree with a manifest of the recordings. @module */
import { createHash } from "node:crypto";
import { fixture } from "./paths.ts";
import { describeTree } from "./tree.ts";

/** One file of a manifest. */
export interface ManifestEntry {
  readonly path: string;
  readonly type: "file" | "dir" | "symlink" | "fifo" | "chardev" | "blockdev";
  readonly mode: string;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
  readonly nlink: number;
  readonly size: number;
  readonly sha256?: string;
  readonly target?: string;
  readonly rdev?: readonly [number, number];
  readonly xattrs?: Readonly<Record<string, string>>;
}

/** What a comparison leaves out. */
export interface ManifestExceptions {
  /** Paths of the manifest that need not be there, or may be anything. */
  readonly missing?: readonly string[];
  /** Paths that may be there besides. */
  readonly extra?: readonly string[];
  /** Properties that may differ, of all files or, as `property path`, of one. */
  readonly properties?: readonly string[];
}

/** The files that were backed up in most recordings of Bareos, or in those of Bacula. */
export function sampleManifest(of: "bareos" | "bacula" = "bareos"): ManifestEntry[] {
  const path = of === "bareos" ? "sample-data.manifest.json" : "bacula-9.6/data.manifest.json";
  return JSON.parse(Deno.readTextFileSync(fixture(path)));
}

const letters = { file: "f", dir: "d", symlink: "l", fifo: "p", chardev: "c", blockdev: "b" };

/**
 * The differences between what lies below `root` and the manifest, whose paths are absolute there;
 * a line each. Every property that the manifest has is compared, links and attributes included.
 */
export async function compareWithManifest(
  root: string,
  entries: readonly ManifestEntry[],
  { missing = [], extra = [], properties = [] }: ManifestExceptions = {},
): Promise<string[]> {
  const tree = await describeTree(root);
  const differences: string[] = [];
  const known = new Set<string>();
  for (const entry of entries) {
    const key = `.${latin1(entry.path)}`;
    known.add(key);
    if (missing.includes(entry.path)) continue;
    const facts = tree.get(key);
    if (facts === undefined) {
      differences.push(`${entry.path}: missing`);
      continue;
    }
    const wanted = wantedFacts(entry);
    const got = new Map(facts);
    got.delete("same file as");
    if (entry.type !== "file") got.delete("size");
    got.delete("sha1");
    got.delete("device");
    if (entry.sha256 !== undefined) got.set("sha256", sha256(`${root}${entry.path}`));
    const device = facts.get("device");
    if (device !== undefined) got.set("rdev", device);
    if (entry.type !== "dir") got.set("nlink", String(linksOf(facts.get("same file as"))));
    for (const property of new Set([...wanted.keys(), ...got.keys()])) {
      const isExcepted = properties.includes(property) ||
        properties.includes(`${property} ${entry.path}`);
      if (isExcepted || wanted.get(property) === got.get(property)) continue;
      differences.push(
        `${entry.path}: ${property} should be ${wanted.get(property)}, is ${got.get(property)}`,
      );
    }
  }
  for (const path of tree.keys()) {
    const isParent = [...known].some((other) => other.startsWith(`${path}/`));
    if (known.has(path) || isParent || path === ".") continue;
    if (!extra.some((other) => `.${latin1(other)}` === path)) differences.push(`${path}: extra`);
  }
  return differences;
}

function wantedFacts(entry: ManifestEntry): Map<string, string> {
  const facts = new Map([
    ["type", letters[entry.type]],
    ["mode", Number(entry.mode).toString(8)],
    ["owner", `${entry.uid}:${entry.gid}`],
    ["mtime", String(entry.mtime)],
  ]);
  if (entry.type === "file") facts.set("size", String(entry.size));
  if (entry.type !== "dir") facts.set("nlink", String(entry.nlink));
  if (entry.sha256 !== undefined) facts.set("sha256", entry.sha256);
  if (entry.target !== undefined) facts.set("target", latin1(entry.target));
  if (entry.rdev !== undefined) {
    facts.set("rdev", entry.rdev.map((number) => number.toString(16)).join(":"));
  }
  for (const [name, value] of Object.entries(entry.xattrs ?? {})) {
    facts.set(`xattr ${name}`, `0x${value}`);
  }
  return facts;
}

function linksOf(paths: string | undefined): number {
  return paths === undefined ? 1 : paths.split(", ").length;
}

function sha256(path: string): string {
  return createHash("sha256").update(Deno.readFileSync(path)).digest("hex");
}

/** The bytes of a text's UTF-8 as characters, as `describeTree` names files. */
function latin1(text: string): string {
  return String.fromCharCode(...new TextEncoder().encode(text));
}
