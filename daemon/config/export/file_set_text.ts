/** Include and Exclude blocks as text and JSON (configuration.md 15.2; recording 32). @module */
import { type FileSetBlock, type FileSetOptions, optionLetters } from "../file_set.ts";
import { block, type ExportedDirective, type JsonValue, quoted, yesOrNo } from "./values.ts";

/** Keywords whose value stands in quotes. */
const quotedOptions: ReadonlySet<string> = new Set([
  ...["Signature", "Compression", "Replace", "Shadowing", "Verify", "Accurate", "BaseJob"],
  "StripPath",
]);

/** What is printed for settings that a block does not have. */
const defaults = [["HardLinks", "no"], ["AclSupport", "yes"], ["XattrSupport", "yes"]] as const;

/** Keywords of lines in the order in which they are printed, and how they are spelled there. */
const listKeywords: readonly (readonly [keyword: string, printed: string])[] = [
  ["Regex", "Regex"],
  ["RegexDir", "RegexDir"],
  ["RegexFile", "RegexFile"],
  ["Wild", "Wild"],
  ["WildDir", "WildDir"],
  ["WildFile", "WildBase"],
  ["WildBase", "WildBase"],
  ["Base", "Base"],
  ["FsType", "FsType"],
  ["DriveType", "DriveType"],
  ["Meta", "Meta"],
  ["Plugin", "Plugin"],
];

const isBuiltIn: ReadonlySet<string> = new Set(defaults.map(([keyword]) => keyword));

/** The settings of an Options block, defaults included, in the order of their printing. */
function settingsOf(
  options: FileSetOptions,
  asShown: boolean,
): [keyword: string, text: string][] {
  const isList = new Set(listKeywords.map(([keyword]) => keyword));
  const given = options.settings.filter(([keyword]) => !isList.has(keyword));
  const missing = defaults.filter(([keyword]) => !given.some(([word]) => word === keyword));
  const shown: [string, string][] = [];
  for (const [keyword, value] of [...given, ...missing]) {
    const letter = optionLetters[keyword]?.[value];
    // What holds without the setting, unless it is against a built-in one.
    if (letter === "0" && (asShown || !isBuiltIn.has(keyword))) continue;
    if (value === "yes" || value === "no") shown.push([keyword, yesOrNo(value === "yes")]);
    else {
      // Signatures and the like are printed from the letters: GZIP comes back as GZIP6.
      const text = keyword === "Compression" && value === "GZIP" ? "GZIP6" : value;
      const word = keyword === "StripPath" ? "Strip" : keyword;
      shown.push([word, quotedOptions.has(keyword) ? quoted(text) : text]);
    }
  }
  for (const [keyword, printed] of listKeywords) {
    for (const [given, value] of options.settings) {
      if (given === keyword) shown.push([printed, quoted(value)]);
    }
  }
  return shown;
}

function blockLines(name: string, fileSet: FileSetBlock, asShown: boolean): string[] {
  const listed = (keyword: string, values: readonly string[]): string[] =>
    values.map((value) => `${keyword} = ${quoted(value)}`);
  return block(name, [
    ...fileSet.options.flatMap((options) =>
      block(
        "Options",
        settingsOf(options, asShown).map(([keyword, text]) => `${keyword} = ${text}`),
      )
    ),
    ...listed("File", fileSet.file),
    ...listed("Plugin", fileSet.plugin),
    ...listed("ExcludeDirContaining", fileSet.excludeDirContaining),
  ]);
}

function blockJson(fileSet: FileSetBlock, asShown: boolean): JsonValue {
  const { options, file, plugin, excludeDirContaining } = fileSet;
  return {
    ...(options.length > 0 && {
      options: options.map((each) => {
        const members: Record<string, JsonValue> = {};
        for (const [keyword, text] of settingsOf(each, asShown)) {
          const key = keyword.toLowerCase();
          const value = text === "Yes" ? true : text === "No" ? false : unquoted(text);
          const before = members[key];
          members[key] = before === undefined
            ? value
            : [...(Array.isArray(before) ? before : [before]), value];
        }
        return members;
      }),
    }),
    ...(file.length > 0 && { file }),
    ...(plugin.length > 0 && { plugin }),
    ...(excludeDirContaining.length > 0 && { excludedircontaining: excludeDirContaining }),
  };
}

const unquoted = (text: string): string =>
  text.startsWith('"') ? text.slice(1, -1).replace(/\\(.)/g, "$1") : text;

/** The blocks of a FileSet under one keyword, `Include` or `Exclude`. */
export function fileSetBlocks(
  name: string,
  blocks: readonly FileSetBlock[],
  asShown: boolean,
): ExportedDirective {
  return {
    name,
    lines: blocks.flatMap((each) => blockLines(name, each, asShown)),
    json: blocks.map((each) => blockJson(each, asShown)),
    isImplied: blocks.length === 0,
  };
}
