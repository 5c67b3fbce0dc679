/** `configure add` and `configure export` (console.md 20, configuration.md 15.5). @module */
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { messageOf } from "../../../bytes/mod.ts";
import { directivesOf, extendConfiguration } from "../../config/mod.ts";
import { systemReason } from "../../system_reason.ts";
import type { ClientResource } from "../resources.ts";
import { type Arguments, quoteWord } from "./arguments.ts";
import { CommandFailed } from "./command.ts";
import { nameProblem } from "./names.ts";
import { findResource } from "./selectors.ts";
import type { CommandHandler, ConsoleSession } from "./session.ts";

const usage = "usage:\n  configure add <resourcetype> <key1>=<value1> ...\n" +
  "  configure export client=<clientname>\n";

/** `configure`. */
export const configure: CommandHandler = (session, args) => {
  const [first, ...rest] = args.all;
  const word = first?.keyword.toLowerCase();
  if (word === "export") return exportClient(session, args);
  if (word === "add") return add(session, rest);
  throw new CommandFailed(
    first === undefined ? usage : `${usage}invalid subcommand ${first.keyword}.`,
  );
};

function exportClient(session: ConsoleSession, args: Arguments): boolean {
  const name = args.filled("client");
  const client = name === undefined ? undefined : findResource(session, "Client", name);
  if (client === undefined) throw new CommandFailed("usage: configure export client=<clientname>");
  exported(session, client);
  return true;
}

/** Writes the director's resource for a client's file daemon. */
function exported(session: ConsoleSession, client: ClientResource): void {
  const { configuration, resource } = session.director;
  const problem = [client.name, resource.name].map(fileNameProblem)
    .find((each) => each !== undefined);
  if (problem !== undefined) throw new CommandFailed(`configure error: ${problem}`);
  const path = join(
    configuration.folder,
    `bareos-dir-export/client/${client.name}/bareos-fd.d/director/${resource.name}.conf`,
  );
  const content = `Director {\n  Name = ${quoteWord(resource.name)}\n` +
    `  Password = "[md5]${client.password.key}"\n}\n`;
  mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
  writeFileSync(path, content, { mode: 0o640 });
  session.print(`Exported resource file "${path}":\n${content}`);
  session.output.merge("configure", {
    export: {
      clientname: client.name,
      component: "bareos-fd",
      resource: "director",
      name: resource.name,
      filename: path,
      content,
    },
  });
}

/** Why a name cannot be that of a resource in a file of its own; `undefined` if it can. */
function fileNameProblem(name: string): string | undefined {
  return nameProblem(name) ?? (name.includes("/") ? 'Illegal character "/" in name.' : undefined);
}

/** Characters that would end a value or begin something else. */
const forbidden: readonly (readonly [letter: string, name: string])[] = [
  ["\n", "newline"],
  ["\r", "carriage return"],
];

/** Types whose values stand in quotes. */
const quotedTypes =
  /^(name|strname|str|dir|dirOrCommand|password|clearPassword|reference:|references:|shortScript)/;

function add(session: ConsoleSession, words: Arguments["all"]): boolean {
  const { configuration } = session.director;
  const [first, ...rest] = words;
  const type = first && directivesOf("director", first.keyword);
  if (first === undefined || type === undefined) {
    throw new CommandFailed(
      first === undefined ? usage : `invalid resource type ${first.keyword}.`,
    );
  }
  if (type.name === "Director") throw new CommandFailed("Only one Director resource allowed.");
  const name = first.value ?? rest.find(({ keyword }) => keyword.toLowerCase() === "name")?.value;
  if (name === undefined || name === "") {
    throw new CommandFailed(`Resource "${type.name}": missing name parameter.`);
  }
  const problem = fileNameProblem(name);
  if (problem !== undefined) throw new CommandFailed(`configure error: ${problem}`);
  if (configuration.get(type.name as "Client", name) !== undefined) {
    throw new CommandFailed(`Resource "${type.name}" with name "${name}" already exists.`);
  }
  const content = `${type.name} {\n  Name = ${quoteWord(name)}\n${
    rest.filter(({ keyword }) => keyword.toLowerCase() !== "name")
      .map(({ keyword, value }) => directiveLine(type, keyword, value)).join("")
  }}\n`;
  const path = join(
    configuration.folder,
    `bareos-dir.d/${type.name.toLowerCase()}/${name}.conf`,
  );
  if (!existsSync(dirname(dirname(path)))) {
    session.tell(
      "warning",
      "It seems that the configuration is not adapted to the include directory structure. " +
        "This means, that the configure command may not work as expected. " +
        "Your configuration changes may not survive a reload/restart. " +
        `Resource config directory "${dirname(path)}/" does not exist.`,
    );
    return false;
  }
  if (existsSync(path)) {
    throw new CommandFailed(`Resource config file "${path}" already exists.`);
  }
  writeResource(session, path, content, name);
  if (type.name === "Client") {
    const client = session.director.configuration.get("Client", name);
    if (client !== undefined) exported(session, client);
  }
  session.print(`Created resource config file "${path}":\n${content}`);
  session.output.merge("configure", {
    add: { resource: type.name.toLowerCase(), name, filename: path, content },
  });
  return true;
}

function directiveLine(
  type: NonNullable<ReturnType<typeof directivesOf>>,
  keyword: string,
  value: string | undefined,
): string {
  const directive = type.directives.find(({ name, aliases }) =>
    [name, ...(aliases ?? [])].some((each) => each.toLowerCase() === keyword.toLowerCase())
  );
  if (directive === undefined) {
    throw new CommandFailed(`Resource "${type.name}" does not permit directive "${keyword}".`);
  }
  if (value === undefined || value === "") {
    throw new CommandFailed(`Missing value for directive "${keyword}"`);
  }
  const wrong = forbidden.find(([letter]) => value.includes(letter)) ??
    (/^@/.test(value) ? ["@", "'@' (include)"] : undefined) ??
    (value.includes(";") ? [";", "';' (end of directive)"] : undefined);
  if (wrong !== undefined) {
    throw new CommandFailed(
      `Could not add directive "${keyword}": character ${wrong[1]} is forbidden.`,
    );
  }
  const isQuoted = value.startsWith('"') || !quotedTypes.test(directive.type);
  return `  ${keyword} = ${isQuoted ? value : quoteWord(value)}\n`;
}

/** Puts a resource into the running configuration and into a file of its own, or into neither. */
function writeResource(session: ConsoleSession, path: string, content: string, name: string): void {
  const { director } = session;
  const failed = `failed to create config resource "${name}"`;
  let fresh: typeof director.configuration;
  try {
    fresh = extendConfiguration("director", director.configuration, content, path);
  } catch (error) {
    const why = messageOf(error);
    throw new CommandFailed(`configure error: ${why.trimEnd()}\n${failed}`);
  }
  const temporary = `${path}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
    writeFileSync(temporary, content, { mode: 0o640 });
    renameSync(temporary, path);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw new CommandFailed(
      `failed to create config file "${path}": ${
        systemReason(cause)
      }\nfailed to write config resource file`,
    );
  }
  const result = director.adopt(fresh);
  if (result === "reloaded\n") return;
  rmSync(path);
  throw new CommandFailed(`${result}${failed}`);
}
