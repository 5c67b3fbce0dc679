import { deepStrictEqual, strictEqual } from "node:assert";
import { decideAfterAuthentication, type Hello, mayStayInTheClear, tlsPolicyOf } from "./mod.ts";

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

Deno.test("mayStayInTheClear() is the table of wire.md 9.1", () => {
  const client: Hello = { kind: "client", name: "a", version: undefined, fdVersion: 54 };
  const named = { name: "a", version: undefined };
  const rows: readonly [Hello, readonly boolean[]][] = [
    [client, [true, true, false, false]],
    [{ kind: "console", ...named }, [true, true, true, true]],
    [{ kind: "console", name: "a", version: 1709 }, [true, true, true, true]],
    [{ kind: "console", name: "a", version: 1802 }, [true, false, false, false]],
    [{ kind: "director", ...named }, [true, false, false, false]],
    [{ kind: "job", ...named }, [true, false, false, false]],
    [{ kind: "storage", ...named }, [true, false, false, false]],
  ];
  for (const [hello, wanted] of rows) {
    deepStrictEqual([0, 1, 2, 4].map((policy) => mayStayInTheClear(hello, policy)), wanted);
  }
});

Deno.test("tlsPolicyOf() takes what is required only where TLS is enabled", () => {
  strictEqual(tlsPolicyOf(false, true), 0);
  strictEqual(tlsPolicyOf(true, false), 1);
  strictEqual(tlsPolicyOf(true, true), 2);
});
