import assert from "node:assert/strict";
import { Reply } from "./reply.ts";

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
