import { deepStrictEqual, strictEqual } from "node:assert";
import { clearEntry, decideAfterAuthentication, type Hello, tlsPolicyOf } from "./mod.ts";

Deno.test("decideAfterAuthentication() is the table of wire.md 7.2", () => {
  const table = [0, 1, 2].map((own) =>
    [0, 1, 2, 254].map((peer) => decideAfterAuthentication(own, peer))
  );
  deepStrictEqual(table, [
    ["cleartext", "cleartext", "fail", "tls"],
    ["cleartext", "tls", "tls", "tls"],
    ["fail", "tls", "tls", "tls"],
  ]);
});

const named = { name: "a", version: undefined };
const client: Hello = { kind: "client", name: "a", version: undefined, fdVersion: 54 };
const ways = { "+": "go on", T: "TLS follows", "-": "close" } as const;

Deno.test("clearEntry() without a certificate is the table of wire.md 9.1, and TLS may follow with one", () => {
  const rows: readonly [Hello, without: string, withOne: string][] = [
    [client, "++---", "++T--"],
    [{ kind: "console", ...named }, "+++++", "+++++"],
    [{ kind: "console", name: "a", version: 1709 }, "+++++", "+++++"],
    [{ kind: "console", name: "a", version: 1802 }, "+----", "+----"],
    [{ kind: "director", ...named }, "+----", "+TT--"],
    [{ kind: "director", name: "a", version: 2600 }, "+----", "+----"],
    [{ kind: "job", ...named }, "+----", "+TT--"],
    [{ kind: "storage", ...named }, "+----", "+TT--"],
  ];
  for (const [hello, ...wanted] of rows) {
    for (const [index, row] of wanted.entries()) {
      deepStrictEqual(
        [0, 1, 2, 4, 254].map((policy) => clearEntry(hello, policy, index === 1)),
        [...row].map((letter) => ways[letter as keyof typeof ways]),
        `${hello.kind} ${hello.version} ${index}`,
      );
    }
  }
});

Deno.test("tlsPolicyOf() takes what is required only where TLS is enabled", () => {
  strictEqual(tlsPolicyOf(false, true), 0);
  strictEqual(tlsPolicyOf(true, false), 1);
  strictEqual(tlsPolicyOf(true, true), 2);
});
