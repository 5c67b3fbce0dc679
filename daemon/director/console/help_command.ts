/** `help` and `.help`, from the table of commands (console.md 6.3). @module */
import { CommandFailed } from "./command.ts";
import type { CommandHandler, ConsoleCommand, ConsoleSession } from "./session.ts";

const head = "  Command            Description\n  =======            ===========\n";
const tail = "\nWhen at a prompt, entering a period (.) cancels the command.\n\n";

const permitted = (session: ConsoleSession): ConsoleCommand[] =>
  session.commands.filter(({ name }) => session.access.allows("Command", name));

/** `help [NAME]`. */
export const help: CommandHandler = (session, args) => {
  const word = args.first?.keyword.toLowerCase();
  const commands = permitted(session).filter(({ name }) => !name.startsWith("."));
  if (word === undefined) {
    session.print(
      head + commands.map(({ name, help }) => `  ${name.padEnd(18)} ${help}\n`).join("") + tail,
    );
  } else {
    const found = commands.find(({ name }) => name === word);
    session.print(
      head +
        (found === undefined
          ? `\nCan't find ${word} command.\n\n`
          : `  ${found.name.padEnd(18)} ${found.help}\n\nArguments:\n\t${
            wrapUsage(found.usage)
          }\n`) +
        tail,
    );
  }
  for (const command of commands) {
    if (word === undefined || command.name === word) {
      session.output.put(command.name, entry(command, true));
    }
  }
};

/** `.help`, for programs. */
export const dotHelp: CommandHandler = (session, args) => {
  if (args.value("full") !== undefined) {
    throw new CommandFailed("The full option does not take a value.");
  }
  const isFull = args.has("full");
  const item = args.value("item")?.toLowerCase();
  const allowed = new Set(permitted(session));
  const shown = session.commands.filter((command) =>
    (isFull || allowed.has(command)) && (item === undefined || command.name === item)
  );
  for (const command of shown) {
    session.output.put(command.name, entry(command, allowed.has(command)));
    if (item !== undefined) session.print(`${command.usage}\n`);
    else if (!args.has("all")) {
      session.print(`${command.name} ${command.help} -- ${command.usage}\n`);
    } else if (!command.name.startsWith(".")) session.print(`${command.name}\n`);
  }
};

const entry = ({ name, help, usage }: ConsoleCommand, permission: boolean) => ({
  command: name,
  description: help,
  arguments: usage,
  permission,
});

/** Where a line of usage is broken at the next blank, in letters. */
const longLine = 45;

/** Usage cut into lines: behind `|` outside of brackets, and at a blank of a line that is long. */
export function wrapUsage(usage: string): string {
  let text = "";
  let length = 0;
  let depth = 0;
  for (let at = 0; at < usage.length; at++) {
    const letter = usage.charAt(at);
    if ("[<".includes(letter)) depth++;
    if ("]>".includes(letter)) depth = Math.max(0, depth - 1);
    const isBreak = depth === 0 &&
      (letter === "|" || (letter === " " && length >= longLine && usage.charAt(at + 1) !== "|"));
    if (!isBreak) {
      text += letter;
      length++;
      continue;
    }
    text += letter === "|" ? "|\n\t" : "\n\t";
    length = 0;
    if (letter === "|" && usage.charAt(at + 1) === " ") at++;
  }
  return text;
}
