/**
 * Whose file daemon a client runs, and which options of a FileSet it would misread
 * (bacula.md 9.1 and 9.3, director-client.md 3 and 6.3).
 *
 * @module
 */
import { versionNumber } from "../../../protocol/mod.ts";
import type { FileSetResource } from "../resources.ts";
import { splitLetters } from "./fileset_lines.ts";

/** The maker of a file daemon. */
export interface ClientMaker {
  readonly maker: "bareos" | "bacula" | "roost";
  /** `major * 100 + minor` of its release, 0 if it does not say. */
  readonly version: number;
}

/** The first release of Bareos: a daemon that says 5 and is older is of Bacula. */
const FIRST_BAREOS = 1204;

/**
 * Whose a file daemon is, by the number in its reply to the hello and the text of its answer to
 * `JobId=`. Bareos says 51 to 59, or 5 where it pretends to be Bacula's; Bacula says anything else. Our
 * own names itself in its version.
 */
export function clientMaker(announced: number, information: string): ClientMaker {
  const version = versionNumber(information) ?? 0;
  const isBareos = (announced >= 51 && announced <= 59) ||
    (announced === 5 && version >= FIRST_BAREOS);
  if (!isBareos) return { maker: "bacula", version };
  return { maker: /^\S*~roost/.test(information) ? "roost" : "bareos", version };
}

/** What a file daemon of Bacula knows; everything else it would misread. */
const BACULA_LETTERS = /^(?:[0aAcefhHiIKkMmNnpRrsSWwX]|[CJVP][^:]*:|S[123]|Z[0-9o])$/;

/** What Bareos learned after its first releases, and when. */
const LATER_LETTERS: readonly (readonly [since: number, letters: RegExp])[] = [
  [1402, /^(?:x|E.*)$/],
  [2300, /^S4$/],
];

/** What Bareos has forgotten: it reads the letter's argument as letters of their own. */
const FORMER_LETTERS: readonly (readonly [until: number, letters: RegExp])[] = [
  [2400, /^J/],
];

/** Whether a client knows base jobs (catalog-and-jobs.md 12.3). */
export function knowsBaseJobs({ maker, version }: ClientMaker): boolean {
  return maker !== "bareos" || version < 2400;
}

/** The directives behind letters that some clients do not know. */
const DIRECTIVES: Readonly<Record<string, string>> = {
  Zf4: "Compression = LZ4",
  Zff: "Compression = LZFAST",
  Zfh: "Compression = LZ4HC",
  S4: "Signature = XXH128",
  x: "AutoExclude = no",
  Ef: "ForceEncryption = yes",
  d1: "Shadowing = LocalWarn",
  d2: "Shadowing = LocalRemove",
  d3: "Shadowing = GlobalWarn",
  d4: "Shadowing = GlobalRemove",
};

function directiveOf(letter: string): string {
  const first = letter[0];
  return DIRECTIVES[letter] ??
    { z: "Size", E: "Encryption", J: "BaseJob" }[first ?? ""] ?? `the option "${letter}"`;
}

/** Whether a client understands an option letter with its argument. */
export function knowsLetter({ maker, version }: ClientMaker, letter: string): boolean {
  if (maker === "roost") return true;
  if (maker === "bacula") return BACULA_LETTERS.test(letter);
  if (FORMER_LETTERS.some(([until, letters]) => version >= until && letters.test(letter))) {
    return false;
  }
  return !LATER_LETTERS.some(([since, letters]) =>
    version > 0 && version < since && letters.test(letter)
  );
}

/**
 * Why a client must not be given a FileSet: which of its options it would misread; `undefined` if it
 * knows them all. Bacula reads an unknown letter's argument as letters of their own, so that LZ4HC,
 * for example, would leave out the contents of all folders, and the job would end well.
 * @param information the client's version as it tells it
 */
export function misreadOptions(
  client: { readonly name: string },
  maker: ClientMaker,
  information: string,
  fileSet: FileSetResource,
  allowCompression = true,
): string | undefined {
  const unknown = new Set<string>();
  for (const { options } of [...fileSet.include, ...fileSet.exclude]) {
    for (const { letters } of options) {
      for (const letter of splitLetters(letters)) {
        if (letter.startsWith("Z") && !allowCompression) continue;
        if (!knowsLetter(maker, letter)) unknown.add(directiveOf(letter));
      }
    }
  }
  if (unknown.size === 0) return undefined;
  const whose = maker.maker === "bacula" ? "Bacula" : "Bareos";
  return `Client "${client.name}" runs ${whose} ${information.split(" ").slice(0, 2).join(" ")}, ` +
    `which does not know ${[...unknown].join(", ")} of FileSet "${fileSet.name}" and would save ` +
    `other files than it asks for. Give this client a FileSet without it.`;
}
