/**
 * What a folder holds, told by the system's own tools (`find`, `stat`,
 * `sha1sum`, `getfattr`) and not by the code under test.
 *
 * @module
 */

/** Everything known about one entry, a line of text a property, by property name. */
export type EntryFacts = ReadonlyMap<string, string>;

/** The entries of a tree by path (`.` is the root itself); bytes of a name as Latin-1. */
export type Tree = ReadonlyMap<string, EntryFacts>;

/** Describes every entry below `root`: times to the second, as volumes keep them. */
export async function describeTree(root: string): Promise<Tree> {
  const tree = new Map<string, Map<string, string>>();
  const found = await output(root, [
    "find",
    ".",
    "-printf",
    "%p\\0%y\\0%m\\0%U:%G\\0%s\\0%T@\\0%l\\0%n\\0%i\\0",
  ]);
  const fields = found.split("\0");
  const pathsOfInode = new Map<string, string[]>();
  for (let at = 0; at + 8 < fields.length; at += 9) {
    const [path, type, mode, owner, size, mtime, target, links, inode] = fields
      .slice(at, at + 9) as [
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
      ];
    const facts = new Map<string, string>([["type", type], ["mode", mode], ["owner", owner]]);
    facts.set("mtime", mtime.split(".")[0] as string);
    if (type === "f") facts.set("size", size);
    if (type === "l") facts.set("target", target);
    if (type !== "d" && links !== "1") {
      pathsOfInode.set(inode, [...(pathsOfInode.get(inode) ?? []), path]);
    }
    tree.set(path, facts);
  }
  for (const paths of pathsOfInode.values()) {
    for (const path of paths) tree.get(path)?.set("same file as", paths.toSorted().join(", "));
  }
  const note = (path: string, name: string, value: string): void => {
    tree.get(path)?.set(name, value);
  };
  for (const line of (await output(root, ["sh", "-c", digestScript])).split("\0")) {
    if (line.length > 42) note(line.slice(42), "sha1", line.slice(0, 40));
  }
  for (const line of (await output(root, ["sh", "-c", deviceScript])).split("\0")) {
    const [device, path] = line.split("\t");
    if (device !== undefined && path !== undefined) note(path, "device", device);
  }
  let path = "";
  const attributes = await output(root, [
    "getfattr",
    "-R",
    "-h",
    "-d",
    "-m",
    "-",
    "-e",
    "hex",
    ".",
  ]);
  for (const line of attributes.split("\n")) {
    if (line.startsWith("# file: ")) path = unescapeOctal(line.slice(8));
    else if (line !== "") {
      const [name, value] = line.split("=") as [string, string];
      note(path === "." ? "." : `./${path.replace(/^\.\//, "")}`, `xattr ${name}`, value ?? "");
    }
  }
  return tree;
}

const digestScript = "find . -type f -print0 | xargs -0 -r sha1sum -z --";
const deviceScript =
  `find . \\( -type b -o -type c \\) -print0 | xargs -0 -r stat --printf '%t:%T\\t%n\\0' --`;

/** The differences of two trees, a line each; empty if they are the same. `ignore` names properties. */
export function compareTrees(
  wanted: Tree,
  got: Tree,
  ignore: (path: string, property: string) => boolean = () => false,
): string[] {
  const differences: string[] = [];
  for (const path of [...wanted.keys()].filter((path) => !got.has(path))) {
    differences.push(`${path}: missing`);
  }
  for (const path of [...got.keys()].filter((path) => !wanted.has(path))) {
    differences.push(`${path}: should not be there`);
  }
  for (const [path, facts] of wanted) {
    const other = got.get(path);
    if (other === undefined) continue;
    for (const property of new Set([...facts.keys(), ...other.keys()])) {
      const [before, after] = [facts.get(property), other.get(property)];
      if (before !== after && !ignore(path, property)) {
        differences.push(`${path}: ${property} was ${before}, is ${after}`);
      }
    }
  }
  return differences;
}

async function output(folder: string, command: readonly string[]): Promise<string> {
  const [program, ...args] = command as [string, ...string[]];
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    cwd: folder,
    env: { LC_ALL: "C" },
  }).output();
  if (!success) {
    throw new Error(`Cannot run ${program} in ${folder}: ${new TextDecoder().decode(stderr)}`);
  }
  return latin1(stdout);
}

function latin1(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes).replace(
    /[\u0100-\uffff]/g,
    // WHATWG's "latin1" is windows-1252: give 0x80 to 0x9f back their own values.
    (letter) => String.fromCharCode(windows1252.indexOf(letter) + 0x80),
  );
}

const windows1252 =
  "\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f" +
  "\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178";

function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits) => String.fromCharCode(parseInt(digits, 8)));
}
