/**
 * The manual pages, made of what each program says of itself (`manual` of its module in `cli/`).
 *
 *     deno task man [FOLDER]
 *
 * writes them below `FOLDER/man1` (default: `dist/man`). A page is called `roost-WORD.1` after the
 * subcommand; it is there once more under the name of each link by which the same program is meant.
 *
 * @module
 */
import { join } from "node:path";
import type { Manual } from "../cli/manual.ts";
import type { Subcommand } from "../cli/program.ts";
import { subcommands } from "../cli/subcommands.ts";
import { PRODUCT, VERSION_DATE } from "../daemon/version.ts";

/** The pages: their texts, in the language of man(7), by the names of their files. */
export async function manPages(): Promise<ReadonlyMap<string, string>> {
  const pages = new Map([["roost.1", overview()]]);
  for (const subcommand of subcommands) {
    const { name, linkNames, linkWords = {} } = subcommand;
    const { manual } = await subcommand.load();
    const page = pageOf(subcommand, manual);
    const links = linkNames.filter((link) => linkWords[link] === undefined);
    for (const title of [`roost-${name}`, ...links]) pages.set(`${title}.1`, page);
  }
  return pages;
}

/** A text as roff has it: nothing in it is a request, and every hyphen one that can be searched for. */
export function roffText(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll("^", "\\(ha")
    .replaceAll("~", "\\(ti").replaceAll("`", "\\(ga").replaceAll("'", "\\(aq")
    .replaceAll(/^(?=\.)/gm, "\\&");
}

const quoted = (text: string): string => `"${roffText(text).replaceAll('"', "\\(dq")}"`;
const bold = (text: string): string => `.B ${quoted(text)}`;
const term = (words: string, value: string | undefined): string =>
  `\\fB${roffText(words)}\\fR${value === undefined ? "" : ` \\fI${roffText(value)}\\fR`}`;
const section = (title: string): string => `.SH ${quoted(title)}`;
const paragraphs = (text: string): string[] =>
  text.split("\n\n").flatMap((each, at) => [
    ...(at > 0 ? [".PP"] : []),
    ...each.split("\n").map(roffText),
  ]);

function heading(titles: readonly string[], summary: string): string[] {
  const [title = ""] = titles;
  const date = new Date(`${VERSION_DATE} UTC`).toISOString().slice(0, 10);
  return [
    `.TH ${quoted(title.toUpperCase())} 1 ${date} ${quoted(PRODUCT)}`,
    section("NAME"),
    `${roffText(titles.join(", "))} \\- ${roffText(summary)}`,
  ];
}

/** The page of one program. */
function pageOf({ name, linkNames, summary }: Subcommand, manual: Manual): string {
  const { options, notes, statuses = {} } = manual;
  return [
    ...heading([`roost-${name}`, ...linkNames], summary),
    section("SYNOPSIS"),
    ...manual.synopsis.flatMap((words, at) => [
      ...(at > 0 ? [".br"] : []),
      bold(`roost ${name}`),
      ...(words === "" ? [] : [roffText(words)]),
    ]),
    section("DESCRIPTION"),
    ...paragraphs(manual.about),
    ...(linkNames.length > 0
      ? [".PP", roffText("Called through a link of one of the other names roost does the same.")]
      : []),
    section("OPTIONS"),
    ...options.flatMap(({ names, value, text }) => [
      ".TP",
      term(names.join(", "), value),
      ...(text === "" ? ["\\&"] : paragraphs(text)),
    ]),
    ...(notes === undefined ? [] : [section("NOTES"), ...paragraphs(notes)]),
    section("EXIT STATUS"),
    ...Object.entries({ 0: "all went well", 1: "something did not, as messages say", ...statuses })
      .flatMap(([status, text]) => [".TP", bold(status), ...paragraphs(text)]),
    section("SEE ALSO"),
    ".BR roost (1)",
    "",
  ].join("\n");
}

/** The page of the program itself: what its subcommands are. */
function overview(): string {
  return [
    ...heading(["roost"], "network backup in one executable, compatible with Bareos"),
    section("SYNOPSIS"),
    bold("roost"),
    roffText("SUBCOMMAND [options]"),
    ".br",
    bold("roost help"),
    "[SUBCOMMAND]",
    section("DESCRIPTION"),
    ...paragraphs(
      "A director starts jobs, a file daemon reads and writes the files of a machine, a storage daemon " +
        "keeps them on volumes, and a console tells the director what to do. Each is a subcommand.\n\n" +
        "Called through a link that bears the name of a program of Bareos or Bacula, roost does what " +
        "that program does.",
    ),
    section("SUBCOMMANDS"),
    ...subcommands.flatMap(({ name, linkNames, summary }) => [
      ".TP",
      term(name, linkNames.length === 0 ? undefined : `(${linkNames.join(", ")})`),
      ...paragraphs(summary),
    ]),
    ".TP",
    bold("version"),
    roffText("the version; with -v also what it runs on"),
    section("EXIT STATUS"),
    ".TP",
    bold("41"),
    "there is no such subcommand",
    section("ENVIRONMENT"),
    ".TP",
    bold("ROOST_CACHE_DIR"),
    ...paragraphs("the folder into which the executable unpacks itself at its first start"),
    section("SEE ALSO"),
    subcommands.map(({ name }, at) =>
      `.BR ${roffText(`roost-${name}`)} (1)${at < subcommands.length - 1 ? " ," : ""}`
    ).join("\n"),
    "",
  ].join("\n");
}

if (import.meta.main) {
  const folder = join(Deno.args[0] ?? "dist/man", "man1");
  await Deno.mkdir(folder, { recursive: true });
  const pages = await manPages();
  for (const [name, text] of pages) await Deno.writeTextFile(join(folder, name), text);
  console.log(`${folder}: ${pages.size} pages`);
}
