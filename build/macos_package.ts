/**
 * The installer package for macOS, made without any tool of macOS: an archive
 * (xar) of a description and one component, whose files go below /usr/local.
 *
 * @module
 */
import { gzipSync } from "node:zlib";
import { bomOf } from "./bom.ts";
import { cpioOf, fileType, folderType, linkType, type PackageEntry } from "./cpio.ts";
import { manPages } from "./man_pages.ts";
import { escaped, xarOf } from "./xar.ts";

/** What a package is made of. */
export interface MacosPackageParts {
  /** The program's version. */
  readonly version: string;
  /** The processor in this project's words. */
  readonly processor: "x64" | "arm64";
  /** The executable, as `deno task build darwin-PROCESSOR` makes it. */
  readonly executable: Uint8Array;
}

/** Below which everything is installed. */
export const installLocation = "/usr/local";

/** The name by which macOS remembers the package. */
export const packageIdentifier = "org.roost.roost";

/** Names in `bin` under which the executable is another program. */
export const linkNames: readonly string[] = [
  "bareos-dbcheck",
  "bareos-dir",
  "bareos-fd",
  "bareos-sd",
  "bconsole",
  "bcopy",
  "bextract",
  "bls",
  "bregex",
  "bscan",
  "bsmtp",
  "btape",
  "bwild",
];

/** The bytes of the package. The same parts give the same bytes. */
export async function macosPackage(parts: MacosPackageParts): Promise<Uint8Array<ArrayBuffer>> {
  const { version, processor } = parts;
  const files = [
    folder("."),
    folder("./bin"),
    folder("./share"),
    ...linkNames.map((name) => entry(`./bin/${name}`, linkType | 0o755, bytes("roost"))),
    entry("./bin/roost", fileType | 0o755, parts.executable),
    folder("./share/roost"),
    entry("./share/roost/README.txt", fileType | 0o644, await packageReadMe()),
    entry("./share/roost/uninstall.sh", fileType | 0o755, await template("uninstall.sh")),
    folder("./share/man"),
    folder("./share/man/man1"),
    ...await manualEntries(),
  ];
  const scripts = [
    folder("."),
    entry("./postinstall", fileType | 0o755, await template("postinstall")),
  ];
  const size = files.reduce((sum, { content }) => sum + Math.ceil(content.length / 1024), 0);
  // Permissions of folders that are there, such as Homebrew's /usr/local/bin, stay as they are.
  const info = `<?xml version="1.0" encoding="utf-8"?>
<pkg-info format-version="2" identifier="${packageIdentifier}" version="${escaped(version)}"
  install-location="${installLocation}" auth="root" overwrite-permissions="false"
  relocatable="false" postinstall-action="none">
  <payload installKBytes="${size}" numberOfFiles="${files.length}"/>
  <scripts><postinstall file="./postinstall"/></scripts>
</pkg-info>
`;
  const architecture = { x64: "x86_64", arm64: "arm64" }[processor];
  const distribution = `<?xml version="1.0" encoding="utf-8"?>
<installer-gui-script minSpecVersion="2">
  <title>Roost ${escaped(version)}</title>
  <options customize="never" require-scripts="false" hostArchitectures="${architecture}"/>
  <domains enable_anywhere="false" enable_currentUserHome="false" enable_localSystem="true"/>
  <choices-outline><line choice="${packageIdentifier}"/></choices-outline>
  <choice id="${packageIdentifier}" title="Roost"><pkg-ref id="${packageIdentifier}"/></choice>
  <pkg-ref id="${packageIdentifier}" version="${escaped(version)}" installKBytes="${size}"
    onConclusion="none" auth="root">#roost.pkg</pkg-ref>
</installer-gui-script>
`;
  return xarOf([
    { name: "Distribution", content: bytes(distribution) },
    {
      name: "roost.pkg",
      entries: [
        { name: "Bom", content: bomOf(files) },
        { name: "PackageInfo", content: bytes(info) },
        { name: "Payload", content: gzipSync(cpioOf(files)) },
        { name: "Scripts", content: gzipSync(cpioOf(scripts)) },
      ],
    },
  ]);
}

/** The manual pages: those of the subcommands, and those under the names of the links. */
async function manualEntries(): Promise<PackageEntry[]> {
  const titles = [...(await manPages()).entries()].filter(([file]) =>
    /^roost\b/.test(file) || linkNames.includes(file.replace(/\.1$/, ""))
  );
  return titles.map(([file, text]) =>
    entry(`./share/man/man1/${file}`, fileType | 0o644, bytes(text))
  );
}

/** First steps after the installation, a text. */
export async function packageReadMe(): Promise<Uint8Array> {
  return await template("README.txt");
}

function entry(path: string, mode: number, content: Uint8Array): PackageEntry {
  return { path, mode, content };
}

function folder(path: string): PackageEntry {
  return entry(path, folderType | 0o755, new Uint8Array());
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

async function template(name: string): Promise<Uint8Array> {
  return await Deno.readFile(new URL(`./macos/${name}`, import.meta.url));
}
