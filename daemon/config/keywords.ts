/** The words that enumerations and blocks know, for the schema (configuration.md 15.6). @module */
import { type EnumName, enums } from "./enums.ts";
import { lettersWithValue, lineCodes, optionLetters } from "./file_set.ts";
import { scriptKeywords } from "./run_script.ts";

/** The keywords of an enumeration; none if there is none of that name. */
export function keywordsOf(name: string): readonly string[] {
  return name in enums ? Object.keys(enums[name as EnumName]) : [];
}

/** The keywords of the blocks that have no tables, by the name of the block's type in a schema. */
export function blockKeywords(): Readonly<Record<string, readonly string[]>> {
  return {
    INCLUDE_EXCLUDE_ITEM: ["File", "Plugin", "ExcludeDirContaining", "Options"],
    OPTIONS: [
      ...Object.keys(optionLetters),
      ...Object.keys(lettersWithValue),
      ...Object.keys(lineCodes),
    ],
    RUNSCRIPT: scriptKeywords,
  };
}
