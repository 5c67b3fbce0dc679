/**
 * From raw resources to the objects that the daemons use: JobDefs inherited,
 * defaults filled in, references resolved, what is required checked
 * (configuration.md 4.3, 4.6, 4.7).
 *
 * @module
 */
import { type Directive, keyOf, type SocketAddress } from "./directive.ts";
import { type EnumName, enums, type Keywords } from "./enums.ts";
import { type Problem, suggestion } from "./errors.ts";
import { Password } from "./password.ts";
import { defaultFolders, type ProgramTable } from "./programs.ts";
import { parseSize, parseSpeed, parseTime } from "./quantities.ts";
import type { RawEntry, RawResource, RawValue } from "./raw_resource.ts";
import type { RawRunLine } from "./run_line.ts";
import type { Token } from "./scanner.ts";

/** A resource under construction. */
export type Built = Record<string, unknown> & { name: string };

/** Resources by type, in the order of parsing, and where each came from. */
export interface BuiltResources {
  readonly byType: ReadonlyMap<string, readonly Built[]>;
  readonly rawOf: ReadonlyMap<object, RawResource>;
}

/** Builds all resources. What is wrong is added to `problems`. */
export function buildResources(
  raw: readonly RawResource[],
  program: ProgramTable,
  problems: Problem[],
): BuiltResources {
  checkNames(raw, problems);
  const effective = inheritJobDefs(raw, problems);
  const byType = new Map<string, Built[]>();
  const byName = new Map<string, Built>();
  const rawOf = new Map<object, RawResource>();
  const built = new Map<RawResource, Built>();
  for (const resource of effective) {
    const object: Built = { name: resource.name };
    built.set(resource, object);
    rawOf.set(object, resource);
    const others = byType.get(resource.type);
    if (others === undefined) byType.set(resource.type, [object]);
    else others.push(object);
    const key = `${resource.type}\0${resource.name}`;
    if (!byName.has(key)) byName.set(key, object);
  }
  const find = (type: string, name: string): Built | undefined => byName.get(`${type}\0${name}`);
  for (const resource of effective) {
    fill(built.get(resource) as Built, resource, program, find, byType, problems);
  }
  return { byType, rawOf };
}

function checkNames(raw: readonly RawResource[], problems: Problem[]): void {
  const seen = new Map<string, RawResource>();
  for (const resource of raw) {
    if (resource.name === "") {
      problems.push({
        message: `Name not specified for resource ${resource.type}`,
        position: resource.position,
      });
      continue;
    }
    const key = `${resource.type}\0${resource.name}`;
    const first = seen.get(key);
    if (first !== undefined) {
      problems.push({
        message:
          `Attempt to define second ${resource.type} resource named "${resource.name}" is not permitted. ` +
          `The first is on line ${first.position.line} of file ${first.position.file}.`,
        position: resource.position,
      });
    } else seen.set(key, resource);
  }
}

/** Jobs (and JobDefs) with what they inherit: whole directives that they do not have, and all scripts. */
function inheritJobDefs(raw: readonly RawResource[], problems: Problem[]): RawResource[] {
  const defs = new Map<string, RawResource>();
  for (const resource of raw) {
    if (resource.type === "JobDefs") defs.set(resource.name, resource);
  }
  const inherit = (child: RawResource): RawResource => {
    const entry = child.entries.get("JobDefs");
    const token = (entry?.value as readonly Token[] | undefined)?.[0];
    if (entry === undefined || token === undefined) return child;
    const parent = defs.get(token.text);
    if (parent === undefined) return child; // Told where references are resolved.
    if (parent.name === child.name && child.type === "JobDefs") {
      problems.push({
        message: `JobDefs "${child.name}" cannot inherit from itself`,
        position: entry.position,
      });
      return child;
    }
    const entries = new Map<string, RawEntry>(child.entries);
    for (const [name, given] of parent.entries) {
      if (name !== "Name" && name !== "JobDefs" && !entries.has(name)) entries.set(name, given);
    }
    return { ...child, entries, scripts: [...child.scripts, ...parent.scripts] };
  };
  const withDefs = raw.map((resource) => {
    if (resource.type !== "JobDefs") return resource;
    const inherited = inherit(resource);
    defs.set(resource.name, inherited);
    return inherited;
  });
  return withDefs.map((resource) => resource.type === "Job" ? inherit(resource) : resource);
}

function fill(
  object: Built,
  raw: RawResource,
  program: ProgramTable,
  find: (type: string, name: string) => Built | undefined,
  byType: ReadonlyMap<string, readonly Built[]>,
  problems: Problem[],
): void {
  const table = program.resources[raw.type];
  if (table === undefined) return;
  const resolve = (type: string, token: Token, directive: string): Built | undefined => {
    const found = find(type, token.text);
    if (found === undefined) {
      const names = (byType.get(type) ?? []).map(({ name }) => name);
      problems.push({
        message:
          `Could not find config resource "${token.text}" (${type}) referenced by ${directive} on line ${token.position.line}.` +
          suggestion(token.text, names),
        position: token.position,
      });
    }
    return found;
  };
  for (const directive of table.directives) {
    const { name, type } = directive;
    const key = keyOf(name);
    const given = raw.entries.get(name)?.value;
    if (type === "messages" || type === "shortScript" || type === "runScript") continue;
    if (type === "addresses" && name === "Addresses") {
      object[key] = socketAddresses(raw, directive, table.directives);
    } else if (type.startsWith("reference:")) {
      const token = (given as readonly Token[] | undefined)?.[0];
      object[key] = token === undefined ? undefined : resolve(type.slice(10), token, name);
    } else if (type.startsWith("references:")) {
      object[key] = (given as readonly Token[] | undefined ?? [])
        .map((token) => resolve(type.slice(11), token, name))
        .filter((found) => found !== undefined);
    } else if (type === "run") {
      object[key] = (given as readonly RawRunLine[] | undefined ?? []).map((line) => ({
        times: line.times,
        ...Object.fromEntries(line.overrides),
        ...Object.fromEntries(
          line.references.map(({ key, type, token }) => [key, resolve(type, token, "Run")]),
        ),
      }));
    } else object[key] = given ?? defaultOf(directive);
    if (directive.required === true && given === undefined && !table.isTemplate) {
      if (directive.default === undefined && name !== "Name") {
        problems.push({
          message:
            `"${name}" directive in ${raw.type} "${raw.name}" resource is required, but not found.`,
          position: raw.position,
        });
      }
    }
    if (directive.required === true && given instanceof Password && !given.isSet) {
      problems.push({
        message: `Empty Password not allowed in Resource "${raw.name}"`,
        position: raw.entries.get(name)?.position,
      });
    }
  }
  if (raw.type === "Job" || raw.type === "JobDefs") object.runScripts = raw.scripts;
  if (raw.type === "Messages") object.destinations = raw.destinations;
}

/** Where a daemon listens: `Addresses`, or `Address` with `Port`, or every address (5.7). */
function socketAddresses(
  raw: RawResource,
  directive: Directive,
  directives: readonly Directive[],
): readonly SocketAddress[] {
  const valueOf = (name: string): RawValue | undefined => raw.entries.get(name)?.value;
  const defaultPort = Number(directives.find(({ name }) => name === "Port")?.default ?? 0);
  const port = valueOf("Port") as number | undefined ?? defaultPort;
  const listed = valueOf(directive.name) as readonly SocketAddress[] | undefined;
  if (listed !== undefined) {
    return listed.map((socket) => ({ host: socket.host, port: socket.port || defaultPort }));
  }
  const host = valueOf("Address") as string | undefined;
  if (host !== undefined) return [{ host, port }];
  return [{ host: "0.0.0.0", port }, { host: "::", port }];
}

/** The value of a directive that is not given. */
export function defaultOf({ type, default: written }: Directive): unknown {
  if (type === "bool") return written === "yes";
  if (type === "time") return parseTime(written ?? "0");
  if (type === "size" || type === "size32") return parseSize(written ?? "0");
  if (type === "speed") return parseSpeed(written ?? "0");
  if (["int32", "uint32", "uint16", "port"].includes(type)) return Number(written ?? 0);
  if (type === "password" || type === "clearPassword") return new Password("");
  if (type.startsWith("enum:")) {
    if (written === undefined) return "";
    const keywords: Keywords = enums[type.slice(5) as EnumName];
    return keywords[written] ?? written;
  }
  if (["strList", "dirList", "strnameList", "acl", "plugins"].includes(type)) {
    return written === undefined ? [] : [expandFolder(written)];
  }
  if (type === "include" || type === "exclude" || type === "addresses") return [];
  return written === undefined ? "" : expandFolder(written);
}

function expandFolder(text: string): string {
  return text.replace(/^[A-Z]+(?=\/|$)/, (word) => defaultFolders[word] ?? word);
}
