/** The commands in the tree of a restore (console.md 12.4). @module */
import { Signal } from "../../../protocol/mod.ts";
import { decodeStat } from "../../../storage/volume/mod.ts";
import { catalogTime, withCommas } from "../report/formats.ts";
import { splitLine } from "./arguments.ts";
import type { TreeEntry, TreePlace } from "./catalog_tree.ts";
import { DialogueEnded } from "./dialogue.ts";
import type { FileTree } from "./file_tree.ts";
import { OthersTurn } from "./others_turn.ts";
import { OwnerNames } from "./owner_names.ts";
import type { ConsoleSession } from "./session.ts";

/** What a command of the tree does; true ends it with a restore, false without one. */
type TreeHandler = (
  session: ConsoleSession,
  tree: FileTree,
  words: readonly string[],
) => boolean | void | Promise<boolean | void>;

const noFiles = (words: string): string => `No ${words}.\n`;

/** `N files newly marked.` and its like. */
function changed(count: number, what: "file" | "directory", verb: string): string {
  const many = what === "file" ? "files" : "directories";
  if (count === 0) return noFiles(`${many} newly ${verb}`);
  return count === 1
    ? `1 ${what} newly ${verb}.\n`
    : `${withCommas(count)} ${many} newly ${verb}.\n`;
}

const setMarks = (isMarked: boolean): TreeHandler => async (session, tree, words) => {
  const verb = isMarked ? "marked" : "unmarked";
  if (words.length === 0 || tree.entries().length === 0) {
    session.print(noFiles(isMarked ? "files marked" : "files newly unmarked"));
    return;
  }
  let count = 0;
  for (const word of words) {
    const turn = new OthersTurn();
    for (const path of tree.find(word)) {
      if (turn.isDue()) await turn.take();
      count += await tree.mark(path, isMarked);
    }
  }
  session.print(changed(count, "file", verb));
};

const setFolderMarks = (isMarked: boolean): TreeHandler => (session, tree, words) => {
  const verb = isMarked ? "marked" : "unmarked";
  if (words.length === 0 || tree.entries().length === 0) {
    session.print(noFiles(isMarked ? "directories marked" : "directories newly unmarked"));
    return;
  }
  let count = 0;
  for (const word of words) {
    for (const entry of tree.matching(word)) {
      if (entry.isFolder && tree.markFolder(tree.pathOf(entry), isMarked)) count++;
    }
  }
  session.print(changed(count, "directory", verb));
};

/** `*` marked, `+` with something marked below. */
function tagOf(tree: FileTree, entry: TreeEntry, path = tree.pathOf(entry)): string {
  if (entry.file !== undefined && tree.isMarked(path)) return "*";
  return entry.isFolder && tree.hasMarked(path) ? "+" : "";
}

const listNames: TreeHandler = (session, tree, [pattern = "*"]) => {
  const entries = tree.matching(pattern);
  if (entries.length === 0 && tree.entries().length === 0) {
    session.print(`Node ${tree.folder} has no children.\n`);
  }
  for (const entry of entries) session.print(`${tagOf(tree, entry)}${shownName(tree, entry)}\n`);
};

/** The name, with a slash if there is something in it. */
function shownName(tree: FileTree, entry: TreeEntry): string {
  if (!entry.isFolder) return entry.name;
  return tree.entries(tree.pathOf(entry)).length > 0 ? entry.name : entry.name.replace(/\/$/, "");
}

const plainNames = (onlyFolders: boolean): TreeHandler => (session, tree, [pattern = "*"]) => {
  for (const entry of tree.matching(pattern)) {
    const name = shownName(tree, entry);
    if (onlyFolders && entry.isFolder) session.print(`${entry.name}\n`);
    if (!onlyFolders) session.print(`${name}\n`);
  }
};

const modeLetters = ["---", "--x", "-w-", "-wx", "r--", "r-x", "rw-", "rwx"];
const typeLetters: Readonly<Record<number, string>> = {
  0o01: "f",
  0o02: "c",
  0o04: "d",
  0o06: "b",
  0o12: "l",
  0o14: "s",
};

/** `-rwsr-xr-x`: a fifo is `f`. */
export function modeText(mode: number): string {
  const triple = (shift: number, special: boolean, letter: string): string => {
    const text = modeLetters[(mode >> shift) & 7] ?? "---";
    if (!special) return text;
    return text.slice(0, 2) + (text.endsWith("x") ? letter : letter.toUpperCase());
  };
  return (typeLetters[mode >> 12] ?? "-") + triple(6, (mode & 0o4000) !== 0, "s") +
    triple(3, (mode & 0o2000) !== 0, "s") + triple(0, (mode & 0o1000) !== 0, "t");
}

const longList = (isParsable: boolean): TreeHandler => (session, tree, [pattern = "*"]) => {
  const names = new OwnerNames();
  for (const entry of tree.matching(pattern)) {
    const path = tree.pathOf(entry);
    const { mode, nlink, uid, gid, size, mtime, ctime } = entry.file === undefined
      ? { mode: 0o040000, nlink: 0, uid: 0, gid: 0, size: 0, mtime: 0, ctime: 0 }
      : decodeStat(entry.file.lstat);
    const tag = tagOf(tree, entry) || " ";
    const [user, group] = [names.user(uid), names.group(gid)];
    if (isParsable) {
      const time = Math.max(mtime, ctime);
      const cells = [
        modeText(mode),
        nlink,
        `${uid}(${user})`,
        `${gid}(${group})`,
        size,
        time,
        tag,
        path,
      ];
      session.print(`${cells.join(",")}\n`);
    } else {
      session.print(
        `${modeText(mode)}  ${String(nlink).padStart(2)} ${uid} (${user.slice(0, 8)}) ${gid} (${
          group.slice(0, 8)
        })  ${String(size).padStart(12)}  ${catalogTime(Math.max(mtime, ctime))} ${tag} ${path}\n`,
      );
    }
  }
};

/** Lines between two writes. */
const batch = 1_000;

async function listMarked(session: ConsoleSession, tree: FileTree): Promise<void> {
  let lines = 0;
  for (const { path, entry, depth } of tree.walkMarked()) {
    const tag = tagOf(tree, entry, path);
    if (tag === "") continue;
    session.print(`${"  ".repeat(depth)}${tag}${entry.name}\n`);
    if (++lines % batch === 0) await session.flush();
  }
}

const count: TreeHandler = async (session, tree) => {
  let marked = 0;
  const turn = new OthersTurn();
  for (const _file of tree.marked()) {
    if (turn.isDue()) await turn.take();
    marked++;
  }
  session.print(
    `${withCommas(await tree.count())} total files/dirs. ${
      withCommas(marked)
    } marked to be restored.\n`,
  );
};

const estimate: TreeHandler = async (session, tree) => {
  let marked = 0;
  let bytes = 0;
  const turn = new OthersTurn();
  for (const file of tree.marked()) {
    if (turn.isDue()) await turn.take();
    // A directory counts for itself and for being marked (recording 07).
    const isDirectory = file.path.endsWith("/");
    marked += isDirectory ? 2 : 1;
    // The size of what a plugin has saved is -1: nobody knows it beforehand.
    if (!isDirectory) bytes += Math.max(0, decodeStat(file.lstat).size);
  }
  session.print(
    `${withCommas(await tree.count())} total files; ${withCommas(marked)} marked to be restored; ` +
      `${withCommas(bytes)} bytes.\n`,
  );
};

const find: TreeHandler = async (session, tree, [pattern]) => {
  if (pattern === undefined) {
    session.print("No file specification given.\n");
    return;
  }
  const found: TreePlace[] = [];
  for await (const place of tree.named(pattern)) found.push(place);
  // In the order in which the files were saved.
  const placeOf = ({ entry }: TreePlace): [number, number] => [
    entry.file?.jobId ?? 0,
    entry.file?.fileIndex ?? 0,
  ];
  found.sort((a, b) => {
    const [left, right] = [placeOf(a), placeOf(b)];
    return left[0] - right[0] || left[1] - right[1];
  });
  let lines = 0;
  for (const { path, entry } of found) {
    session.print(`${tagOf(tree, entry, path)}${path}\n`);
    if (++lines % batch === 0) await session.flush();
  }
};

const enter: TreeHandler = (session, tree, words) => {
  const [path] = words;
  if (path === undefined || words.length > 1) {
    session.print("Too few or too many arguments. Try using double quotes.\n");
    return;
  }
  if (!tree.enter(path)) session.print("Invalid path given.\n");
  session.print(`cwd is: ${tree.folder}\n`);
};

const help: TreeHandler = (session) => {
  session.print("  Command    Description\n  =======    ===========\n");
  for (const [name, text] of commands) session.print(`  ${name.padEnd(10)} ${text}\n`);
};

/** Name, help, what it does, and whether it is audited; in the order in which prefixes are compared. */
const commands: readonly (readonly [string, string, TreeHandler])[] = [
  ["abort", "abort and do not do restore", () => false],
  ["add", "add dir/file to be restored recursively, wildcards allowed", setMarks(true)],
  ["cd", "change current directory", enter],
  ["count", "count marked files in and below the cd", count],
  ["delete", "delete dir/file to be restored recursively in dir", setMarks(false)],
  ["dir", "long list current directory, wildcards allowed", longList(false)],
  [".dir", "long list current directory, wildcards allowed", longList(true)],
  ["done", "leave file selection mode", () => true],
  ["estimate", "estimate restore size", estimate],
  ["exit", "same as done command", () => true],
  ["find", "find files, wildcards allowed", find],
  ["help", "print help", help],
  ["ls", "list current directory, wildcards allowed", listNames],
  [".ls", "list current directory, wildcards allowed", plainNames(false)],
  [".lsdir", "list subdir in current directory, wildcards allowed", plainNames(true)],
  ["lsmark", "list the marked files in and below the cd", listMarked],
  [".lsmark", "list the marked files in", listMarked],
  ["mark", "mark dir/file to be restored recursively, wildcards allowed", setMarks(true)],
  ["markdir", "mark directory name to be restored (no files)", setFolderMarks(true)],
  [
    "pwd",
    "print current working directory",
    (session, tree) => session.print(`cwd is: ${tree.folder}\n`),
  ],
  [".pwd", "print current working directory", (session, tree) => session.print(tree.folder)],
  ["unmark", "unmark dir/file to be restored recursively in dir", setMarks(false)],
  ["unmarkdir", "unmark directory name only no recursion", setFolderMarks(false)],
  ["quit", "quit and do not do restore", () => false],
  [".help", "print help", help],
  ["?", "print help", help],
];

/** Commands that are audited. */
const audited: ReadonlySet<string> = new Set([
  ...["abort", "add", "cd", "delete", "done", "exit", "mark", "markdir", "unmark", "unmarkdir"],
  "quit",
]);

/** Serves the tree; true if what is marked is to be restored. */
export async function browse(session: ConsoleSession, tree: FileTree): Promise<boolean> {
  session.print(
    "\nYou are now entering file selection mode where you add (mark) and\n" +
      "remove (unmark) files to be restored. No files are initially added, unless\n" +
      'you used the "all" keyword on the command line.\n' +
      'Enter "done" to leave this mode.\n\n',
  );
  session.output.signal(Signal.START_RTREE);
  session.print(`cwd is: ${tree.folder}\n`);
  try {
    for (;;) {
      const line = await session.dialogue.ask("$ ", { isTree: true });
      const [first, ...rest] = splitLine(line);
      if (first === undefined) continue;
      const word = first.keyword.toLowerCase();
      const command = commands.find(([name]) => name.startsWith(word));
      if (command === undefined) {
        if (!word.startsWith(".")) {
          session.print(`Invalid command "${first.keyword}". Enter "done" to exit.\n`);
        }
        continue;
      }
      const [name, , run] = command;
      if (audited.has(name)) session.auditLine(line, name);
      const words = rest.map(({ keyword, value }) =>
        value === undefined ? keyword : `${keyword}=${value}`
      );
      const result = await run(session, tree, words);
      if (result !== undefined) return result;
    }
  } catch (error) {
    if (error instanceof DialogueEnded) return false;
    throw error;
  } finally {
    session.output.signal(Signal.END_RTREE);
  }
}
