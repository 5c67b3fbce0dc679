/** Blocks of listening addresses (configuration.md 5.7). @module */
import type { SocketAddress } from "./directive.ts";
import { ConfigurationError } from "./errors.ts";
import { portOf } from "./scalar_value.ts";
import type { Scanner } from "./scanner.ts";
import { expectEquals, nextSolid } from "./statement.ts";

/** Reads `{ ipv4 = { addr = A; port = P } ... }`; 0 for a port that is not given. */
export function readAddresses(scanner: Scanner): SocketAddress[] {
  const addresses: SocketAddress[] = [];
  const open = openBlock(scanner);
  for (;;) {
    const family = nextSolid(scanner, "words");
    if (family.kind === "}") break;
    if (!/^(ip|ipv4|ipv6)$/i.test(family.text)) {
      throw ConfigurationError.at(
        family.position,
        `Expected a string [ip|ipv4|ipv6], got: ${family.text}`,
      );
    }
    expectEquals(scanner);
    openBlock(scanner);
    addresses.push(readAddress(scanner, family.text.toLowerCase() === "ipv6" ? "::" : "0.0.0.0"));
  }
  if (addresses.length === 0) {
    throw ConfigurationError.at(open.position, "Empty addr block is not allowed");
  }
  return addresses;
}

function openBlock(scanner: Scanner) {
  const open = nextSolid(scanner);
  if (open.kind === "{") return open;
  throw ConfigurationError.at(open.position, `Expected a block begin { , got: ${open.text}`);
}

/** Reads one entry up to its `}`; `any` is its address if it gives none. */
function readAddress(scanner: Scanner, any: string): SocketAddress {
  let host: string | undefined;
  let port: number | undefined;
  for (;;) {
    const word = nextSolid(scanner, "words");
    if (word.kind === "}") return { host: host ?? any, port: port ?? 0 };
    const key = word.text.toLowerCase();
    if (key !== "addr" && key !== "port") {
      throw ConfigurationError.at(word.position, `Expected addr or port, got: ${word.text}`);
    }
    if ((key === "addr" ? host : port) !== undefined) {
      throw ConfigurationError.at(word.position, `Only one ${key} per address block`);
    }
    expectEquals(scanner);
    const value = nextSolid(scanner, "words");
    if (key === "port") port = portOf(value);
    else if (/^[\w.:%-]+$/.test(value.text)) host = value.text;
    else throw ConfigurationError.at(value.position, `can't resolve address(${value.text})`);
  }
}
