/** The commands of the restore tree (console.md 12.4). @module */
import { decodeStat } from "../../../storage/volume/mod.ts";
import { withCommas } from "../formats.ts";
import type { FileTree, TreeEntry } from "./file_tree.ts";
import type { ConsoleSession } from "./session.ts";

/** A command of the tree; `false` ends the tree without a restore, `true` with one. */
interface TreeCommand {
  readonly names: readonly string[];
  readonly help: string;
  run(session: ConsoleSession, tree: FileTree, words: readonly string[]): boolean | void;
}

const commands: readonly TreeCommand[] = [
  {
    names: ["cd"],
    help: "change current directory",
    run(session, tree, [path = "/"]) {
      if (!tree.enter(path)) session.print("Invalid path given.\n");
      session.print(`cwd is: ${tree.folder}\n`);
    },
  },
  {
    names: ["pwd"],
    help: "print current working directory",
    run: (session, tree) => session.print(`cwd is: ${tree.folder}\n`),
  },
  {
    names: ["ls"],
    help: "list current directory, wildcards allowed",
    run(session, tree, [pattern = "*"]) {
      for (const entry of tree.matching(pattern)) {
        session.print(`${flag(tree, entry)}${entry.name}\n`);
      }
    },
  },
  {
    names: ["dir"],
    help: "long list current directory, wildcards allowed",
    run(session, tree, [pattern = "*"]) {
      for (const entry of tree.matching(pattern)) session.print(longLine(tree, entry));
    },
  },
  {
    names: ["lsmark"],
    help: "list the marked files in and below the cd",
    run(session, tree) {
      for (const { path } of tree.marked()) {
        if (path.startsWith(tree.folder)) session.print(`*${path.slice(tree.folder.length)}\n`);
      }
    },
  },
  {
    names: ["mark", "add"],
    help: "mark dir/file to be restored recursively, wildcards allowed",
    run: (session, tree, words) => setMarks(session, tree, words, true),
  },
  {
    names: ["unmark", "delete"],
    help: "unmark dir/file to be restored recursively in dir",
    run: (session, tree, words) => setMarks(session, tree, words, false),
  },
  {
    names: ["estimate", "count"],
    help: "estimate restore size",
    run(session, tree) {
      let files = 0;
      let bytes = 0;
      for (const { lstat, path } of tree.marked()) {
        files++;
        if (!path.endsWith("/")) bytes += decodeStat(lstat).size;
      }
      session.print(`${withCommas(files)} marked to be restored. ${withCommas(bytes)} bytes.\n`);
    },
  },
  {
    names: ["find"],
    help: "find files, wildcards allowed",
    run(session, tree, [pattern = "*"]) {
      const expression = new RegExp(
        `^${
          pattern.replace(/[.+^${}()|\\[\]]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".")
        }$`,
      );
      const found = (folder: string): void => {
        for (const entry of tree.entries(folder)) {
          const path = folder + entry.name;
          if (expression.test(entry.name.replace(/\/$/, ""))) {
            session.print(`${tree.isMarked(path) ? "*" : ""}${path}\n`);
          }
          if (entry.isDirectory) found(path);
        }
      };
      found(tree.folder);
    },
  },
  { names: ["done", "exit"], help: "leave file selection mode", run: () => true },
  { names: ["quit"], help: "quit and do not do restore", run: () => false },
  {
    names: ["help", "?"],
    help: "print help",
    run(session) {
      session.print("  Command    Description\n  =======    ===========\n");
      for (const { names, help } of commands) session.print(`  ${names[0]?.padEnd(10)} ${help}\n`);
    },
  },
];

/** Serves the tree; true if what is marked is to be restored. */
export async function browse(session: ConsoleSession, tree: FileTree): Promise<boolean> {
  session.print(
    "\nYou are now entering file selection mode where you add (mark) and\n" +
      "remove (unmark) files to be restored. No files are initially added, unless\n" +
      'you used the "all" keyword on the command line.\n' +
      'Enter "done" to leave this mode.\n\n' + `cwd is: ${tree.folder}\n`,
  );
  for (;;) {
    const [word = "", ...words] = (await session.ask("$ ")).split(/\s+/).filter((part) =>
      part !== ""
    );
    if (word === "") continue;
    const command = commands.find(({ names }) => names.some((name) => name.startsWith(word)));
    if (command === undefined) {
      session.print('Invalid command. Enter "done" to exit.\n');
      continue;
    }
    const result = command.run(session, tree, words);
    if (result !== undefined) return result;
  }
}

function flag(tree: FileTree, entry: TreeEntry): string {
  return tree.isMarked(tree.folder + entry.name) ? "*" : "";
}

function setMarks(
  session: ConsoleSession,
  tree: FileTree,
  words: readonly string[],
  isMarked: boolean,
): void {
  let count = 0;
  for (const word of words) {
    for (const { name } of tree.matching(word)) {
      tree.mark(tree.folder + name, isMarked);
      count++;
    }
  }
  session.print(
    count === 0
      ? `No files ${isMarked ? "marked" : "unmarked"}.\n`
      : `${count} file${count === 1 ? "" : "s"} ${isMarked ? "marked" : "unmarked"}.\n`,
  );
}

function longLine(tree: FileTree, entry: TreeEntry): string {
  const mark = tree.isMarked(tree.folder + entry.name) ? "*" : " ";
  if (entry.file === undefined) return `----------   ${mark}${tree.folder}${entry.name}\n`;
  const { mode, nlink, uid, gid, size, mtime } = decodeStat(entry.file.lstat);
  const time = new Date(mtime * 1000).toISOString().slice(0, 19).replace("T", " ");
  return `${mode.toString(8).padStart(6, "0")} ${String(nlink).padStart(3)} ${
    String(uid).padEnd(8)
  } ${String(gid).padEnd(8)} ${
    String(size).padStart(12)
  }  ${time} ${mark}${tree.folder}${entry.name}\n`;
}
