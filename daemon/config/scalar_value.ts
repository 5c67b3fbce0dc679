/** Values of one token, and quantities (configuration.md 5.1 to 5.6). @module */
import { encodeText } from "../../bytes/mod.ts";
import type { Directive } from "./directive.ts";
import { type EnumName, enumNouns, enums, type Keywords } from "./enums.ts";
import { ConfigurationError, suggestion } from "./errors.ts";
import { Password } from "./password.ts";
import { parseSize, parseSpeed, parseTime } from "./quantities.ts";
import type { Scanner, Token } from "./scanner.ts";
import { servicePort } from "./service_port.ts";
import { booleanOf, nextSolid } from "./statement.ts";

/** The longest name of a resource, in bytes. */
const maxName = 127;

/** The value that a token is for a directive of a type of one value. */
export function scalarOf(directive: Directive, token: Token): string | number | boolean | Password {
  const { type } = directive;
  const fail = (message: string): never => {
    throw ConfigurationError.at(token.position, message);
  };
  const number = (least: number, most: number, noun: string): number => {
    const value = /^-?\d{1,15}$/.test(token.text) ? Number(token.text) : Number.NaN;
    return value >= least && value <= most ? value : fail(`expected ${noun}, got: ${token.text}`);
  };
  switch (type) {
    case "bool":
      if (directive.isYesByName && /[^01]/.test(token.text) && !isBooleanWord(token.text)) {
        checkedName(token);
        return true;
      }
      return booleanOf(token);
    case "int32":
      return number(-(2 ** 31), 2 ** 31 - 1, "an integer number");
    case "uint32":
      return number(0, 2 ** 32 - 1, "a positive integer number");
    case "uint16":
      return number(0, 65535, "a positive integer number");
    case "port":
      return portOf(token);
    case "name":
      return checkedName(token);
    case "strname":
      if (encodeText(token.text).length > maxName) fail("Name too long.");
      return textOf(token);
    case "dir":
      if (token.text.startsWith("|")) fail(`expected a path, got a command: ${token.text}`);
      return textOf(token);
    case "password":
    case "clearPassword":
      return passwordOf(token, type);
    case "address":
      return token.text;
  }
  if (type.startsWith("enum:")) return keywordValue(type.slice(5) as EnumName, token);
  return textOf(token);
}

const isBooleanWord = (text: string): boolean => /^(yes|no|true|false)$/i.test(text);

/** A port by its number or the name of its service (5.7). */
export function portOf(token: Token): number {
  if (/^\d+$/.test(token.text)) {
    const port = Number(token.text);
    if (port >= 1 && port <= 65534) return port;
    throw ConfigurationError.at(token.position, `expected a port number, got: ${token.text}`);
  }
  const port = servicePort(token.text);
  if (port !== undefined) return port;
  throw ConfigurationError.at(token.position, `can't resolve service(${token.text})`);
}

function textOf(token: Token): string {
  if (token.kind !== "number") return token.text;
  throw ConfigurationError.at(
    token.position,
    `expected a string, got BCT_NUMBER: ${token.text}. Put it in quotes.`,
  );
}

function passwordOf(token: Token, type: "password" | "clearPassword"): Password {
  if (token.kind === "number") {
    throw ConfigurationError.at(
      token.position,
      "expected a string, got a number. Put it in quotes.",
    );
  }
  const digest = /^\[md5\](.*)$/s.exec(token.text)?.[1];
  if (digest !== undefined && type === "password") {
    if (digest.length !== 32) {
      throw ConfigurationError.at(
        token.position,
        `md5 password does not have the right size; expected: 32, got: ${digest.length}`,
      );
    }
    if (/[^0-9a-fA-F]/.test(digest)) {
      throw ConfigurationError.at(
        token.position,
        "md5 password contains non hexadecimal characters",
      );
    }
  }
  return new Password(token.text);
}

function keywordValue(name: EnumName, token: Token): string {
  const keywords: Keywords = enums[name];
  const word = token.text.toLowerCase();
  const found = Object.entries(keywords).find(([keyword]) => keyword.toLowerCase() === word);
  if (found !== undefined) return found[1];
  throw ConfigurationError.at(
    token.position,
    `Expected a ${enumNouns[name]}, got: ${token.text}.${
      suggestion(token.text, Object.keys(keywords))
    }`,
  );
}

function checkedName(token: Token): string {
  const name = textOf(token);
  const fail = (message: string): never => {
    throw ConfigurationError.at(token.position, message);
  };
  const illegal = /[^A-Za-z0-9:._/ -]/.exec(name)?.[0];
  if (illegal !== undefined) fail(`Illegal character "${illegal}" in name.`);
  if (name.length > maxName) fail("Name too long.");
  if (name === "" || name.startsWith(" ")) fail("Name cannot start with space.");
  if (name.endsWith(" ")) fail("Name cannot end with space.");
  return name;
}

/** Reads a quantity of one or several numbers and units, up to the end of the statement. */
export function readQuantity(scanner: Scanner, type: "time" | "size" | "size32" | "speed"): number {
  const first = nextSolid(scanner, "words");
  let text = "";
  for (let token = first;; token = scanner.next("words")) {
    if (token.kind === "end of line") break;
    if (token.kind === "}" || token.kind === "end of file") {
      scanner.pushBack(token);
      break;
    }
    text += `${token.text} `;
  }
  const [parse, noun] = {
    time: [parseTime, "time period"] as const,
    size: [parseSize, "size number"] as const,
    size32: [parseSize, "size number"] as const,
    speed: [parseSpeed, "speed number"] as const,
  }[type];
  const value = parse(text.trim());
  if (value === undefined || (type === "size32" && value > 0xffffffff)) {
    throw ConfigurationError.at(first.position, `expected a ${noun}, got: ${text.trim()}`);
  }
  return value;
}
