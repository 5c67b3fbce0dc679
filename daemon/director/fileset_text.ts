import { splitLetters } from "./fileset_lines.ts";
import type { FileSetBlock, FileSetOptions, FileSetResource } from "./resources.ts";

/** How the letters of an Options block are written (recording 32; `0` stands for a default). */
const LETTERS: Readonly<Record<string, string>> = {
  M: 'Signature = "MD5"',
  S: 'Signature = "SHA1"',
  S2: 'Signature = "SHA256"',
  S3: 'Signature = "SHA512"',
  S4: 'Signature = "XXH128"',
  Zo: 'Compression = "LZO"',
  Zff: 'Compression = "LZFAST"',
  Zf4: 'Compression = "LZ4"',
  Zfh: 'Compression = "LZ4HC"',
  f: "OneFS = No",
  h: "Recurse = No",
  s: "Sparse = Yes",
  H: "HardLinks = No",
  a: 'Replace = "Always"',
  w: 'Replace = "IfNewer"',
  n: 'Replace = "Never"',
  r: "ReadFifo = Yes",
  p: "Portable = Yes",
  m: "MtimeOnly = Yes",
  k: "KeepAtime = Yes",
  K: "NoAtime = Yes",
  e: "Exclude = Yes",
  A: "AclSupport = Yes",
  X: "XattrSupport = Yes",
  i: "IgnoreCase = Yes",
  R: "HfsPlusSupport = Yes",
  c: "CheckFileChanges = Yes",
  N: "HonorNoDumpFlag = Yes",
  x: "AutoExclude = No",
  Ef: "ForceEncryption = Yes",
  d1: 'Shadowing = "LocalWarn"',
  d2: 'Shadowing = "LocalRemove"',
  d3: 'Shadowing = "GlobalWarn"',
  d4: 'Shadowing = "GlobalRemove"',
};

/** Letters with a value up to a colon. */
const WITH_VALUE: Readonly<Record<string, string>> = {
  V: "Verify",
  C: "Accurate",
  J: "BaseJob",
  P: "Strip",
  z: "Size",
};

/** How the lines of an Options block are written, in their order. */
const LINES: readonly (readonly [code: string, keyword: string])[] = [
  ["R", "Regex"],
  ["RD", "RegexDir"],
  ["RF", "RegexFile"],
  ["W", "Wild"],
  ["WD", "WildDir"],
  ["WF", "WildBase"],
  ["B", "Base"],
  ["X", "FsType"],
  ["XD", "DriveType"],
  ["G", "Plugin"],
];

/** A FileSet as configuration text, as its record in the catalog holds it (catalog-and-jobs.md 2.1). */
export function fileSetText(fileSet: FileSetResource): string {
  const lines = [
    "FileSet {",
    `  Name = "${fileSet.name}"`,
    ...(fileSet.description === "" ? [] : [`  Description = "${fileSet.description}"`]),
    ...fileSet.include.flatMap((block) => blockText("Include", block)),
    ...fileSet.exclude.flatMap((block) => blockText("Exclude", block)),
    ...(fileSet.ignoreFileSetChanges ? ["  IgnoreFileSetChanges = Yes"] : []),
    ...(fileSet.enableVss ? [] : ["  EnableVSS = No"]),
    "}",
  ];
  return `${lines.join("\n")}\n\n`;
}

function blockText(name: string, block: FileSetBlock): string[] {
  const listed = (keyword: string, values: readonly string[]): string[] =>
    values.map((value) => `    ${keyword} = "${value}"`);
  return [
    `  ${name} {`,
    ...block.options.flatMap(optionsText),
    ...listed("File", block.file),
    ...listed("Plugin", block.plugin),
    ...listed("ExcludeDirContaining", block.excludeDirContaining),
    "  }",
  ];
}

function optionsText({ letters, lines }: FileSetOptions): string[] {
  const settings = splitLetters(letters).flatMap((letter) => {
    const value = WITH_VALUE[letter.charAt(0)];
    if (value !== undefined) return [`${value} = "${letter.slice(1).replace(/:$/, "")}"`];
    const gzip = /^Z([1-9])$/.exec(letter);
    if (gzip !== null) return [`Compression = "GZIP${gzip[1]}"`];
    return LETTERS[letter] ?? [];
  });
  const listed = LINES.flatMap(([code, keyword]) =>
    lines.filter(([given]) => given === code).map(([, value]) => `${keyword} = "${value}"`)
  );
  return ["    Options {", ...[...settings, ...listed].map((line) => `      ${line}`), "    }"];
}
