/** `show` (console.md 10). @module */
import { type JsonValue, resourceJson, resourceText } from "../../config/mod.ts";
import type { AccessKind } from "./access.ts";
import { CommandFailed } from "./command.ts";
import type { CommandHandler, ConsoleSession } from "./session.ts";

/** A type of resource: its word, its name, and the right to see one. */
interface Shown {
  readonly word: string;
  readonly type: string;
  /** The list of rights that names it; without one, the command `configure` is needed. */
  readonly access?: AccessKind;
}

/** In the order in which prefixes are compared. */
const types: readonly Shown[] = [
  { word: "directors", type: "Director" },
  { word: "clients", type: "Client", access: "Client" },
  { word: "jobs", type: "Job", access: "Job" },
  { word: "jobdefs", type: "JobDefs", access: "Job" },
  { word: "storages", type: "Storage", access: "Storage" },
  { word: "catalogs", type: "Catalog", access: "Catalog" },
  { word: "schedules", type: "Schedule", access: "Schedule" },
  { word: "filesets", type: "FileSet", access: "FileSet" },
  { word: "pools", type: "Pool", access: "Pool" },
  { word: "messages", type: "Messages" },
  { word: "counters", type: "Counter" },
  { word: "profiles", type: "Profile" },
  { word: "consoles", type: "Console" },
  { word: "users", type: "User" },
];

/** Resources that can be turned off. */
const disableable = [["jobs", "Job"], ["clients", "Client"], ["schedules", "Schedule"]] as const;

/** `show`. */
export const show: CommandHandler = (session, args) => {
  const words = args.all.filter(({ keyword }) => keyword.toLowerCase() !== "verbose");
  const isVerbose = args.has("verbose");
  if (args.has("help")) {
    session.print(
      `Keywords for the show command are:\n${types.map(({ word }) => `${word}\n`).join("")}`,
    );
    return true;
  }
  if (args.has("disabled")) return showDisabled(session, args.all.map(({ keyword }) => keyword));
  if (words.length === 0 || args.has("all")) {
    for (const type of types) showType(session, type, undefined, isVerbose);
    return true;
  }
  for (const { keyword, value } of words) {
    const type = types.find(({ word }) => word.startsWith(keyword.toLowerCase()));
    if (type === undefined) throw new CommandFailed(`Resource ${keyword} not found`);
    showType(session, type, value, isVerbose);
  }
  return true;
};

function showType(
  session: ConsoleSession,
  { word, type, access }: Shown,
  name: string | undefined,
  isVerbose: boolean,
): void {
  const { configuration } = session.director;
  const mayConfigure = session.access.allows("Command", "configure");
  const resources = configuration.all(type as "Client").filter((resource) =>
    (name === undefined || resource.name === name) &&
    (access === undefined ? mayConfigure : session.access.allows(access, resource.name))
  );
  if (name !== undefined && resources.length === 0) {
    throw new CommandFailed(`${word} resource ${name} not found.`);
  }
  const options = { isVerbose, hidesPasswords: !mayConfigure, asShown: true };
  const members: { [key: string]: JsonValue } = {};
  for (const resource of resources) {
    session.print(resourceText(configuration, type, resource, options));
    if (session.output.api === 2) {
      members[resource.name] = resourceJson(configuration, type, resource, options);
    }
  }
  session.output.merge(word, members);
}

function showDisabled(session: ConsoleSession, words: readonly string[]): boolean {
  const known = ["disabled", "all", ...disableable.map(([word]) => word)];
  const unknown = words.find((given) => !known.includes(given.toLowerCase()));
  if (unknown !== undefined) throw new CommandFailed(`Resource ${unknown} not found`);
  const given = words.map((word) => word.toLowerCase());
  const wanted = disableable.filter(([word]) =>
    given.length <= 1 || given.includes("all") || given.includes(word)
  );
  const { configuration } = session.director;
  const found: { [key: string]: JsonValue } = {};
  for (const [word, type] of wanted) {
    const names = configuration.all(type).filter(({ name, enabled }) =>
      !enabled && session.access.allows(type, name)
    ).map(({ name }) => name);
    const title = `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
    session.print(
      names.length === 0
        ? `No disabled ${title}.\n`
        : `Disabled ${title}:\n${names.map((name) => `   ${name}\n`).join("")}`,
    );
    found[word] = names;
  }
  session.output.put("disabled", found);
  return true;
}
