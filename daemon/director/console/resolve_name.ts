/** Addresses of a host's name (console.md 18). @module */
import { lookup } from "node:dns/promises";

/** `host[ipv4;127.0.0.1] ` for each address; undefined if there is none. */
export async function resolve(host: string): Promise<string | undefined> {
  try {
    const found = await lookup(host, { all: true });
    return found.map(({ address, family }) => `host[ipv${family};${address}] `).join("");
  } catch {
    return undefined; // that there is none is the answer
  }
}
