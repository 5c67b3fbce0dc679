import assert from "node:assert/strict";
import { readFileSync, rmdirSync } from "node:fs";
import { systemReason } from "./system_reason.ts";

/** What a call throws. */
function thrown(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error("Nothing was thrown");
}

Deno.test("systemReason() gives the system's words for errors of both kinds of calls", () => {
  const folder = Deno.makeTempDirSync();
  try {
    const missing = `${folder}/not 'here', really`;
    for (
      const [call, wanted] of [
        [() => readFileSync(missing), "No such file or directory"],
        [() => Deno.readTextFileSync(missing), "No such file or directory"],
        [() => readFileSync(folder), "Is a directory"],
        [() => Deno.readTextFileSync(folder), "Is a directory"],
        [() => rmdirSync("/dev/null"), "Not a directory"],
      ] as const
    ) assert.equal(systemReason(thrown(call)).split(":")[0], wanted);
    assert.equal(systemReason(new Error("something, else")), "Something, else");
    assert.equal(systemReason("text"), "Text");
  } finally {
    Deno.removeSync(folder);
  }
});
