/**
 * The grammar of resources (configuration.md 4): text becomes resources whose
 * references are still names. Problems are gathered, so that one run tells all.
 *
 * @module
 */
import { type Destination, type DestinationKind, readDestination } from "./destination.ts";
import type { Directive, SocketAddress } from "./directive.ts";
import { ConfigurationError, type Position, type Problem, suggestion } from "./errors.ts";
import { type FileSetBlock, readFileSetBlock } from "./file_set.ts";
import { isDropped, oldSpellings } from "./old_directives.ts";
import { Password } from "./password.ts";
import type { ProgramTable } from "./programs.ts";
import { type RawRunLine, readRunLine } from "./run_line.ts";
import { readRunScript, type RunScript, shortScript } from "./run_script.ts";
import { readQuantity, scalarOf } from "./scalar_value.ts";
import type { Scanner, Token } from "./scanner.ts";
import { readAddresses } from "./socket_addresses.ts";
import { expectEquals, nextSolid } from "./statement.ts";
import { withoutEffect } from "./without_effect.ts";

/** A directive as it was given. */
export interface RawEntry {
  readonly directive: Directive;
  /** What was parsed; for references the tokens with the names. */
  value: RawValue;
  readonly position: Position;
}

/** The parsed value of a directive. */
export type RawValue =
  | string
  | number
  | boolean
  | Password
  | readonly string[]
  | readonly Token[]
  | readonly SocketAddress[]
  | readonly RawRunLine[]
  | readonly FileSetBlock[];

/** A resource as it was given. */
export interface RawResource {
  /** The canonical name of the type. */
  readonly type: string;
  name: string;
  readonly position: Position;
  /** By canonical name of the directive. */
  readonly entries: Map<string, RawEntry>;
  readonly scripts: RunScript[];
  readonly destinations: Destination[];
}

/** What parsing leaves besides resources. */
export interface ParseNotes {
  readonly problems: Problem[];
  readonly warnings: Set<string>;
  /** Directives that were warned of already. */
  readonly told: Set<string>;
}

/** Parses all resources of a text. Problems go to `notes`, and the next statement is tried. */
export function parseResources(
  scanner: Scanner,
  program: ProgramTable,
  notes: ParseNotes,
): RawResource[] {
  const resources: RawResource[] = [];
  const attempt = (step: () => void): boolean => {
    try {
      step();
      return true;
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      notes.problems.push(...error.problems);
      return false;
    }
  };
  for (;;) {
    let token: Token | undefined;
    if (!attempt(() => token = nextSolid(scanner)) || token?.kind === "end of file") break;
    const start = token as Token;
    let isOpen = false;
    const resource = {} as { current?: RawResource };
    const wasRead = attempt(() => {
      resource.current = openResource(scanner, start, program, notes);
      isOpen = true;
    });
    if (!wasRead && !isOpen && !skipBraces(scanner, start)) break;
    if (resource.current === undefined) continue;
    readDirectives(scanner, resource.current, program, notes, attempt);
    resources.push(resource.current);
  }
  for (const { line, file } of scanner.ignored) {
    notes.warnings.add(
      "what stands behind the value has no effect: quote values of more than one word, give each " +
        `directive a line or end it with a ; (on line ${line} of file ${file})`,
    );
  }
  return resources;
}

function openResource(
  scanner: Scanner,
  token: Token,
  program: ProgramTable,
  notes: ParseNotes,
): RawResource {
  const types = Object.entries(program.resources);
  const word = token.text.toLowerCase();
  const found = types.find(([type, { aliases }]) =>
    type.toLowerCase() === word || aliases?.some((alias) => alias.toLowerCase() === word)
  );
  if (token.kind !== "identifier" || found === undefined) {
    throw ConfigurationError.at(
      token.position,
      `Expected a Resource name identifier, got: ${token.text}.${
        suggestion(token.text, types.map(([type]) => type))
      }`,
    );
  }
  const [type] = found;
  if (type.toLowerCase() !== word) {
    notes.warnings.add(
      `Found resource alias usage "${token.text}" in configuration which is discouraged, consider using "${type}" instead.`,
    );
  }
  if (type === "Counter") {
    notes.warnings.add(
      `using deprecated resource type "Counter" on line ${token.position.line} of file ${token.position.file}`,
    );
  }
  const brace = nextSolid(scanner);
  if (brace.kind !== "{") {
    throw ConfigurationError.at(brace.position, `not in resource definition: ${brace.text}`);
  }
  return {
    type,
    name: "",
    position: token.position,
    entries: new Map(),
    scripts: [],
    destinations: [],
  };
}

function readDirectives(
  scanner: Scanner,
  resource: RawResource,
  program: ProgramTable,
  notes: ParseNotes,
  attempt: (step: () => void) => boolean,
): void {
  const directives = program.resources[resource.type]?.directives ?? [];
  for (;;) {
    let token: Token | undefined;
    if (!attempt(() => token = nextSolid(scanner)) || token === undefined) return;
    const word = token;
    if (word.kind === "}") return;
    if (word.kind === "end of file") {
      notes.problems.push({
        message:
          `End of conf file reached with unclosed resource. The ${resource.type} that begins on line ${resource.position.line} has no closing brace.`,
        position: word.position,
      });
      return;
    }
    const wasRead = attempt(() => {
      if (word.kind !== "identifier") {
        throw ConfigurationError.at(
          word.position,
          `unexpected token ${word.text} in resource definition`,
        );
      }
      const directive = findDirective(directives, resource.type, word, notes);
      if (directive === undefined) {
        expectEquals(scanner);
        scanner.skipStatement();
        return;
      }
      readDirective(scanner, program, resource, directive, word, notes);
    });
    if (!wasRead) skipRest(scanner);
  }
}

/** The directive that a keyword names; nothing if it is one that was dropped. */
function findDirective(
  directives: readonly Directive[],
  type: string,
  word: Token,
  notes: ParseNotes,
): Directive | undefined {
  const written = word.text.toLowerCase();
  const wanted = oldSpellings[written]?.toLowerCase() ?? written;
  const found = directives.find(({ name, aliases }) =>
    name.toLowerCase() === wanted || aliases?.some((alias) => alias.toLowerCase() === wanted)
  );
  const place = placeOf(word);
  if (found !== undefined) {
    if (found.deprecated !== undefined || wanted !== written) {
      notes.warnings.add(`using deprecated keyword ${word.text} ${place}`);
    }
    return found;
  }
  if (isDropped(written, type)) {
    notes.warnings.add(`keyword ${word.text} has no effect any more ${place}`);
    return undefined;
  }
  const names = directives.flatMap(({ name, aliases }) => [name, ...aliases ?? []]);
  throw ConfigurationError.at(
    word.position,
    `Keyword "${word.text}" not permitted in this resource.${suggestion(word.text, names)}\n` +
      "Perhaps you left the trailing brace off of the previous resource.",
  );
}

function readDirective(
  scanner: Scanner,
  program: ProgramTable,
  resource: RawResource,
  directive: Directive,
  word: Token,
  notes: ParseNotes,
): void {
  const { type, name } = directive;
  if (type === "runScript") {
    resource.scripts.push(...readRunScript(scanner, word));
    return;
  }
  const previous = resource.entries.get(name);
  const append = <T>(value: readonly T[]): void =>
    store([...(previous?.value as readonly T[] | undefined ?? []), ...value] as RawValue);
  const store = (value: RawValue): void => {
    resource.entries.set(name, { directive, value, position: word.position });
    noteValue(program, resource.type, directive, value, word, notes);
  };
  if (type === "include" || type === "exclude") return append([readFileSetBlock(scanner, word)]);

  expectEquals(scanner);
  if (type === "messages") {
    noteValue(program, resource.type, directive, name, word, notes);
    return readMessages(scanner, resource, name);
  }
  if (type === "run") return append([readRunLine(scanner)]);
  if (type === "addresses") return store(readAddresses(scanner));
  if (isList(type)) {
    const tokens = readList(scanner, type === "plugins");
    if (type.startsWith("references:")) return append(tokens);
    return append(tokens.map(({ text }) => text));
  }
  if (type === "time" || type === "size" || type === "size32" || type === "speed") {
    return store(readQuantity(scanner, type));
  }
  const token = nextSolid(scanner);
  if (isStructural(token)) {
    throw ConfigurationError.at(token.position, `expected a value for ${name}, got: ${token.text}`);
  }
  if (type.startsWith("reference:")) {
    if (previous !== undefined) {
      throw ConfigurationError.at(
        word.position,
        `Attempt to redefine resource "${name}" referenced on line ${word.position.line}.`,
      );
    }
    store([token]);
  } else if (type === "shortScript") {
    resource.scripts.push(shortScript(name, token.text));
  } else {
    const value = scalarOf(directive, token);
    if (name === "Name") {
      if (resource.name !== "") {
        throw ConfigurationError.at(
          word.position,
          `Attempt to redefine name "${resource.name}" to "${token.text}".`,
        );
      }
      resource.name = value as string;
    }
    store(value);
    if (type === "bool" && /^(true|false|[01])$/i.test(token.text)) {
      notes.warnings.add(
        "setting boolean value via true/false/1/0 is deprecated; only yes/no will be supported in " +
          `newer versions (${placeOf(token)})`,
      );
    }
  }
  scanner.endStatement();
}

const placeOf = ({ position }: Token): string =>
  `on line ${position.line} of file ${position.file}`;

/** Warns of what is given but does nothing, or is written in a way that is to go. */
function noteValue(
  program: ProgramTable,
  type: string,
  directive: Directive,
  value: RawValue,
  word: Token,
  notes: ParseNotes,
): void {
  const { name } = directive;
  const isOff = value === false || value === "" || value === 0 ||
    (value instanceof Password && !value.isSet);
  const known = `${name} of ${type}`;
  if (!isOff && withoutEffect[program.name][type]?.includes(name) && !notes.told.has(known)) {
    notes.told.add(known);
    notes.warnings.add(`${known} has no effect in this version (${placeOf(word)})`);
  }
  // The rule of volume names (configuration.md 11): any other sign means variables.
  if (name === "LabelFormat" && !/^[A-Za-z0-9:.\-_/]*$/.test(String(value))) {
    notes.warnings.add(
      `use of variable substitutions in LabelFormat ${placeOf(word)} is deprecated`,
    );
  }
}

function isList(type: string): boolean {
  return ["strList", "dirList", "strnameList", "acl", "plugins"].includes(type) ||
    type.startsWith("references:");
}

function isStructural({ kind }: Token): boolean {
  return kind === "{" || kind === "}" || kind === "=" || kind === "," || kind === "end of file";
}

/** Reads values with commas between them, up to the end of the statement. */
function readList(scanner: Scanner, blanksSeparate: boolean): Token[] {
  const tokens: Token[] = [];
  for (;;) {
    const token = tokens.length === 0 ? nextSolid(scanner) : scanner.next();
    if (isStructural(token)) {
      throw ConfigurationError.at(token.position, `expected a value, got: ${token.text}`);
    }
    if (token.kind === "number") {
      throw ConfigurationError.at(
        token.position,
        `expected a string, got BCT_NUMBER: ${token.text}`,
      );
    }
    if (blanksSeparate) {
      for (const text of token.text.split(/[\s:]+/)) {
        if (text !== "") tokens.push({ ...token, text });
      }
    } else tokens.push(token);
    const next = scanner.next();
    if (next.kind === ",") continue;
    if (next.kind === "end of line") return tokens;
    if (blanksSeparate && !isStructural(next)) {
      scanner.pushBack(next);
      continue;
    }
    scanner.pushBack(next);
    scanner.endStatement();
    return tokens;
  }
}

function readMessages(scanner: Scanner, resource: RawResource, name: string): void {
  const text = (key: string): string => {
    const value = resource.entries.get(key)?.value;
    return typeof value === "string" ? value : "";
  };
  const kind = (name.charAt(0).toLowerCase() + name.slice(1)) as DestinationKind;
  const destination = readDestination(scanner, kind, {
    mailCommand: text("MailCommand"),
    operatorCommand: text("OperatorCommand"),
    timestampFormat: text("TimestampFormat"),
  });
  const same = resource.destinations.findIndex((other) =>
    other.kind === destination.kind && other.address === destination.address
  );
  if (same < 0) resource.destinations.push(destination);
  else {
    const types = new Set([
      ...(resource.destinations[same] as Destination).types,
      ...destination.types,
    ]);
    resource.destinations[same] = { ...destination, types };
  }
}

/** After an error in a statement: skips it, with the blocks that it opened. */
function skipRest(scanner: Scanner): void {
  let depth = 0;
  for (;;) {
    let token: Token;
    try {
      token = scanner.next("words");
    } catch {
      return; // The error that made us skip is told already; this text cannot be cut any further.
    }
    if (token.kind === "{") depth++;
    else if (token.kind === "}") {
      if (depth === 0) return scanner.pushBack(token);
      depth--;
    } else if (token.kind === "end of file") return scanner.pushBack(token);
    else if (token.kind === "end of line" && depth === 0) return;
  }
}

/** After an error at a resource's head: skips its braces; false if the text ends before. */
function skipBraces(scanner: Scanner, start: Token): boolean {
  let depth = start.kind === "{" ? 1 : 0;
  for (;;) {
    const token = scanner.next("words");
    if (token.kind === "end of file") return false;
    if (token.kind === "{") depth++;
    if (token.kind === "}" && --depth <= 0) return true;
  }
}
