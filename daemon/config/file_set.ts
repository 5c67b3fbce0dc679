/**
 * Include and Exclude blocks of a FileSet (configuration.md 7): keywords become
 * the letters and lines that go to the file daemon.
 *
 * @module
 */
import { encodeText, messageOf } from "../../bytes/mod.ts";
import { posixRegExp } from "../../storage/volume/mod.ts";
import { ConfigurationError, suggestion } from "./errors.ts";
import type { Scanner, Token } from "./scanner.ts";
import { expectBrace, readBlock, readText } from "./statement.ts";

/** One Options block. */
export interface FileSetOptions {
  /** The letters as they go to the file daemon, defaults included (director-client.md 6.3). */
  readonly letters: string;
  /** The lines of the block: code (`RD`) and value, in the order of the wire. */
  readonly lines: readonly (readonly [code: string, value: string])[];
  /** What was written: keyword in its canonical spelling, and value. */
  readonly settings: readonly (readonly [keyword: string, value: string])[];
}

/** One Include or Exclude block. */
export interface FileSetBlock {
  readonly excludeDirContaining: readonly string[];
  readonly options: readonly FileSetOptions[];
  readonly file: readonly string[];
  readonly plugin: readonly string[];
}

const flag = (yes: string, no: string): Readonly<Record<string, string>> => ({ yes, no });

/** Keywords of an Options block and the letters of their values (7.3). */
export const optionLetters: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Signature: { MD5: "M", SHA1: "S", SHA256: "S2", SHA512: "S3", XXH128: "S4" },
  Compression: {
    GZIP: "Z6",
    ...Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => [`GZIP${n}`, `Z${n}`])),
    LZO: "Zo",
    LZFAST: "Zff",
    LZ4: "Zf4",
    LZ4HC: "Zfh",
  },
  OneFS: flag("0", "f"),
  Recurse: flag("0", "h"),
  Sparse: flag("s", "0"),
  HardLinks: flag("0", "H"),
  Replace: { always: "a", ifnewer: "w", never: "n" },
  ReadFifo: flag("r", "0"),
  Portable: flag("p", "0"),
  MtimeOnly: flag("m", "0"),
  KeepAtime: flag("k", "0"),
  NoAtime: flag("K", "0"),
  Exclude: flag("e", "0"),
  AclSupport: flag("A", "0"),
  XattrSupport: flag("X", "0"),
  IgnoreCase: flag("i", "0"),
  HfsPlusSupport: flag("R", "0"),
  EnhancedWild: flag("K", "0"),
  CheckFileChanges: flag("c", "0"),
  HonorNoDumpFlag: flag("N", "0"),
  AutoExclude: flag("0", "x"),
  ForceEncryption: flag("Ef", "0"),
  Shadowing: {
    none: "0",
    localwarn: "d1",
    localremove: "d2",
    globalwarn: "d3",
    globalremove: "d4",
  },
};

/** Keywords whose value stands between a letter and a colon. */
export const lettersWithValue: Readonly<Record<string, string>> = {
  Verify: "V",
  Accurate: "C",
  BaseJob: "J",
  StripPath: "P",
  Size: "z",
};

/** Keywords that become lines, in the order of the wire (7.4). */
export const lineCodes: Readonly<Record<string, string>> = {
  Regex: "R",
  RegexDir: "RD",
  RegexFile: "RF",
  Wild: "W",
  WildDir: "WD",
  WildFile: "WF",
  WildBase: "WF",
  Base: "B",
  FsType: "X",
  DriveType: "XD",
  Plugin: "G",
  Meta: "",
};

const otherSpellings: Readonly<Record<string, string>> = { strip: "StripPath" };

const optionKeywords = [
  ...Object.keys(optionLetters),
  ...Object.keys(lettersWithValue),
  ...Object.keys(lineCodes),
];

/** Letters appended where their keyword is not given; all of them for a block without Options. */
const defaultLetters = [["HardLinks", "H"], ["AclSupport", "A"], ["XattrSupport", "X"]] as const;

/** The longest string of letters that a file daemon takes. */
const maxLetters = 119;

/** The options of a block that has none. */
export const defaultOptions: FileSetOptions = { letters: "HAX", lines: [], settings: [] };

/** Reads an Include or Exclude block behind its keyword. */
export function readFileSetBlock(scanner: Scanner, keyword: Token): FileSetBlock {
  const isExclude = keyword.text.toLowerCase() === "exclude";
  const block = {
    excludeDirContaining: [] as string[],
    options: [] as FileSetOptions[],
    file: [] as string[],
    plugin: [] as string[],
  };
  if (expectBrace(scanner, keyword, "Old style Include/Exclude not supported")) {
    readBlock(scanner, (word) => {
      const name = word.text.toLowerCase();
      if (isExclude && name in forbiddenInExclude) {
        throw ConfigurationError.at(word.position, forbiddenInExclude[name] as string);
      }
      if (name === "options") block.options.push(readOptions(scanner, word));
      else if (name === "file") block.file.push(readText(scanner, word));
      else if (name === "plugin") block.plugin.push(readText(scanner, word));
      else if (name === "excludedircontaining") {
        const name = readText(scanner, word);
        if (encodeText(name).length > 127) {
          throw ConfigurationError.at(word.position, "Name too long.");
        }
        block.excludeDirContaining.push(name);
      } else {
        const known = ["File", "Plugin", "ExcludeDirContaining", "Options"];
        throw ConfigurationError.at(
          word.position,
          `Keyword ${word.text} not permitted in this resource${suggestion(word.text, known)}`,
        );
      }
    });
  }
  return block;
}

const forbiddenInExclude: Readonly<Record<string, string>> = {
  options: "Options section not permitted in Exclude",
  plugin: "Plugin directive not permitted in Exclude",
  excludedircontaining: "ExcludeDirContaining directive not permitted in Exclude.",
};

function readOptions(scanner: Scanner, keyword: Token): FileSetOptions {
  const settings: (readonly [string, string])[] = [];
  expectBrace(scanner, keyword, `Expecting open brace. Got ${keyword.text}`);
  readBlock(scanner, (word) => {
    const written = word.text.toLowerCase();
    const canonical = otherSpellings[written] ??
      optionKeywords.find((name) => name.toLowerCase() === written);
    if (canonical === undefined) {
      throw ConfigurationError.at(
        word.position,
        `Keyword ${word.text} not permitted in this resource${
          suggestion(word.text, optionKeywords)
        }`,
      );
    }
    const value = readText(scanner, word);
    settings.push([canonical, checkedOption(canonical, value, word)]);
  });
  return optionsOf(settings, keyword);
}

function checkedOption(keyword: string, value: string, word: Token): string {
  const values = optionLetters[keyword];
  if (values !== undefined) {
    const found = Object.keys(values).find((name) => name.toLowerCase() === value.toLowerCase());
    if (found !== undefined) return found;
    throw ConfigurationError.at(
      word.position,
      `Expected a ${keyword} keyword, got: ${value}${suggestion(value, Object.keys(values))}`,
    );
  }
  if (keyword === "StripPath" && !/^\d{1,5}$/.test(value)) {
    throw ConfigurationError.at(
      word.position,
      `Expected a strip path positive integer, got: ${value}`,
    );
  }
  if (keyword === "Verify" || keyword === "Accurate") {
    const allowed = keyword === "Accurate" ? "ipnugsamcd15A" : "ipnugsamcd15";
    const wrong = [...value].find((letter) => !allowed.includes(letter));
    if (wrong !== undefined) {
      throw ConfigurationError.at(
        word.position,
        `Illegal ${keyword.toLowerCase()} option ${wrong}, got option string: ${value}:`,
      );
    }
    return [...new Set(value)].join("");
  }
  const wrong = patternChecks[keyword]?.(value);
  if (wrong !== undefined) throw ConfigurationError.at(word.position, wrong);
  return value;
}

const checkExpression = (value: string): string | undefined => {
  try {
    posixRegExp(value);
    return undefined;
  } catch (error) {
    const reason = messageOf(error);
    return `Regex compile error. ERR=${reason}`;
  }
};

/** What is wrong with the value of a keyword, where more than text is wanted. */
const patternChecks: Readonly<Record<string, (value: string) => string | undefined>> = {
  Regex: checkExpression,
  RegexDir: checkExpression,
  RegexFile: checkExpression,
  // One number a size: file daemons take no sums.
  Size: (value) => {
    const sizes = value.replace(/^\s*[<>]/, "").split("-");
    const most = /^\s*[<>]/.test(value) ? 1 : 2;
    const isSize = sizes.length <= most &&
      sizes.every((size) => /^\s*\d+(\.\d+)?\s*([kmgtpe]b?)?\s*$/i.test(size));
    return isSize ? undefined : `Expected a size, a range, <size or >size, got: ${value}`;
  },
  // A colon would end it, and what follows would be other options.
  BaseJob: (value) =>
    /[^A-Za-z0-9]/.test(value)
      ? `Expected letters and digits of base job options, got: ${value}`
      : undefined,
  DriveType: (value) =>
    driveTypes.includes(value.toLowerCase())
      ? undefined
      : `Expected a drive type, got: ${value}${suggestion(value, driveTypes)}`,
};

const driveTypes = ["removable", "fixed", "remote", "cdrom", "ramdisk"];

/** The letters and lines that settings give, defaults appended. */
export function optionsOf(
  settings: readonly (readonly [keyword: string, value: string])[],
  at?: Token,
): FileSetOptions {
  let letters = "";
  for (const [keyword, value] of settings) {
    const fixed = optionLetters[keyword]?.[value];
    const letter = lettersWithValue[keyword];
    if (fixed !== undefined) letters += fixed;
    else if (letter !== undefined) letters += `${letter}${value}:`;
  }
  for (const [keyword, letter] of defaultLetters) {
    if (!settings.some(([given]) => given === keyword)) letters += letter;
  }
  if (letters.length > maxLetters) {
    throw ConfigurationError.at(
      at?.position,
      "Too many fileset options specified; cannot parse this correctly",
    );
  }
  const lines = Object.entries(lineCodes).flatMap(([keyword, code]) =>
    code === "" ? [] : settings.filter(([given]) => given === keyword)
      .map(([, value]) => [code, value] as const)
  );
  return { letters, lines, settings };
}
