import assert from "node:assert/strict";
import fc from "fast-check";
import type { JsonValue } from "../../config/mod.ts";
import { anyLetter } from "../../../tests/support/fast_check/any_letter.ts";
import { type JsonObject, Reply } from "./reply.ts";

Deno.test("document() tells what was put, or what went wrong with what was put", () => {
  const reply = new Reply();
  reply.append("jobs", { jobid: "1" });
  reply.merge("meta", { range: { limit: 1 } });
  reply.tell("info", "well\n");
  const head = { jsonrpc: "2.0", id: null };
  const jobs = [{ jobid: "1" }];
  assert.deepEqual(JSON.parse(reply.document(true, true)), {
    ...head,
    result: { jobs, meta: { range: { limit: 1 } } },
  });
  assert.match(reply.document(true, false), /^\{\n {2}"jsonrpc": "2\.0",\n {2}"id": null,\n/);
  const odd = new Reply();
  odd.put("\\\udcff\0", "\\\udcff\0");
  assert.match(odd.document(true, true), /\{"\\\\\ufffd\\u0000":"\\\\\ufffd\\u0000"\}/);
  assert.deepEqual(JSON.parse(reply.document(false, true)), {
    ...head,
    error: {
      code: 1,
      message: "failed",
      data: { result: { jobs }, messages: { info: ["well\n"] } },
    },
  });
  reply.tell("error", "bad\n");
  assert.equal(JSON.parse(reply.document(true, true)).error.data.messages.error[0], "bad\n");
});

Deno.test("a document that is too long becomes an error that says how long it was", () => {
  const reply = new Reply();
  reply.put("text", "x".repeat(1000));
  const { length } = reply.document(true, true);
  assert.ok("result" in JSON.parse(reply.document(true, true, length)));
  const { error } = JSON.parse(reply.document(true, true, length - 1));
  assert.deepEqual(error.data.result, {});
  assert.ok(
    error.data.messages.error[0].startsWith(`Failed to send json message (length=${length}). `),
  );
});

/** Texts as they come from names of files and resources, those that an object has by itself among them. */
const anyText = fc.oneof(
  fc.string({
    unit: fc.oneof(anyLetter, fc.constantFrom("\udcff", "\ud83d", "\0", '"', "\\", "\u2028")),
  }),
  fc.constantFrom("__proto__", "constructor", "toString", "toJSON", "length", "meta", "result"),
);

/**
 * Names of members, with which `JSON.parse` of Deno 2.9.6 (V8 15.0) can judge: of `{"a":1,"\\\\":2}` and then
 * `{"a":1,"\\u0041":2}` it reads the second one with the name of the first, since it compares names with
 * what is written, escapes and all. So there are none with a backslash.
 */
const anyName = anyText.map((text) => text.replaceAll("\\", "/"));

const { value: anyValue } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    anyText,
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.array(fc.tuple(anyName, tie("value")), { maxLength: 4 }).map(objectOf),
  ),
}));

function objectOf(members: readonly (readonly [string, JsonValue])[]): JsonObject {
  return Object.fromEntries(members);
}

/** What a document has for a value: texts are well-formed, and so are names. */
function asTold(value: JsonValue): unknown {
  if (typeof value === "string") return value.toWellFormed();
  if (Array.isArray(value)) return value.map(asTold);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name.toWellFormed(), asTold(member)]),
  );
}

Deno.test("document() has all that was put, merged and appended, whatever names and values are", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("put" as const), key: anyName, value: anyValue }),
    fc.record({ kind: fc.constant("append" as const), key: anyName, value: anyValue }),
    fc.record({
      kind: fc.constant("merge" as const),
      key: anyName,
      value: fc.array(fc.tuple(anyName, anyValue), { maxLength: 3 }).map(objectOf),
    }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), fc.boolean(), (steps, isCompact) => {
      const reply = new Reply();
      const model = new Map<string, JsonValue>();
      for (const { kind, key, value } of steps) {
        const before = model.get(key);
        if (kind === "put") reply.put(key, value);
        else if (kind === "append") reply.append(key, value);
        else reply.merge(key, value);
        if (kind === "put") model.set(key, value);
        else if (kind === "append") {
          model.set(key, Array.isArray(before) ? [...before, value] : [value]);
        } else {
          const isObject = typeof before === "object" && before !== null && !Array.isArray(before);
          model.set(key, isObject ? { ...before, ...value } : value);
        }
      }
      const text = reply.document(true, isCompact);
      assert.ok(text.isWellFormed());
      const { jsonrpc, id, result } = JSON.parse(text);
      assert.deepEqual([jsonrpc, id], ["2.0", null]);
      assert.deepEqual(result, asTold(Object.fromEntries(model)));
    }),
  );
});
