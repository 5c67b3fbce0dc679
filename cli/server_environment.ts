/**
 * What a configuration leaves out of a PostgreSQL server's place, and the environment tells, as
 * PostgreSQL's own library reads it for Bareos: `PGHOST`, `PGPORT`, `PGPASSWORD`, and the file of
 * passwords (`PGPASSFILE`, else `~/.pgpass`).
 *
 * @module
 */
import { readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { SocketTarget } from "../storage/catalog/mod.ts";

/** A variable of the environment, `undefined` if it is not set. */
export type Environment = (name: string) => string | undefined;

/** The environment of this process. */
export const processEnvironment: Environment = (name) => Deno.env.get(name) || undefined;

/** Whose password is asked for. */
export interface PasswordOwner {
  /** Where the server is. */
  readonly target: SocketTarget;
  readonly database: string;
  readonly user: string;
}

/** The password of a role: `PGPASSWORD`, else that of the first line of the password file that fits, else none. */
export function environmentPassword(
  owner: PasswordOwner,
  environment: Environment,
  warn: (text: string) => void,
): string {
  const given = environment("PGPASSWORD");
  if (given !== undefined) return given;
  const home = environment("HOME");
  const named = environment("PGPASSFILE");
  const file = named ?? (home === undefined ? undefined : `${home}/.pgpass`);
  if (file === undefined) return "";
  const text = privateText(file, named !== undefined, warn);
  return text === undefined ? "" : passwordIn(text, owner) ?? "";
}

/**
 * The text of a file that nobody else may read; `undefined` if there is none, or another may. A file that
 * nobody has named (`isNamed`) may also be in a home that is closed to us: then it is not there for us.
 */
function privateText(
  file: string,
  isNamed: boolean,
  warn: (text: string) => void,
): string | undefined {
  try {
    const { mode } = statSync(file);
    if ((mode & 0o077) !== 0) {
      warn(`The password file ${file} is not used: others may read it. chmod 600 mends that`);
      return undefined;
    }
    return readFileSync(file, "utf8");
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    const isAbsent = error.code === "ENOENT" || error.code === "ENOTDIR";
    if (!isAbsent && (isNamed || error.code !== "EACCES")) {
      warn(`The password file ${file} is not used: ${error.message}`);
    }
    return undefined;
  }
}

/** The password in lines `host:port:database:user:password`, where `*` fits all and `\` takes a colon's meaning. */
export function passwordIn(text: string, owner: PasswordOwner): string | undefined {
  const { target, database, user } = owner;
  const isTcp = target.transport === "tcp";
  const hosts = isTcp ? [target.hostname] : ["localhost", dirname(target.path)];
  const port = isTcp ? String(target.port) : /\d+$/.exec(target.path)?.[0] ?? "";
  const wanted = [hosts, [port], [database], [user]];
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith("#")) continue;
    const fields = fieldsOf(line);
    const fits = wanted.every((each, at) => {
      const field = fields[at];
      return field === "*" || field !== undefined && each.includes(field);
    });
    const password = fields[wanted.length];
    if (fits && password !== undefined) return password;
  }
  return undefined;
}

function fieldsOf(line: string): string[] {
  const fields = [""];
  for (let at = 0; at < line.length; at++) {
    let character = line.charAt(at);
    if (character === ":") {
      fields.push("");
      continue;
    }
    if (character === "\\" && at + 1 < line.length) character = line.charAt(++at);
    fields[fields.length - 1] += character;
  }
  return fields;
}
