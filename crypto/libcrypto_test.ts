import { equal } from "node:assert/strict";
import { alone } from "../tests/support/alone.ts";
import { openNativeDigests } from "./openssl_digest.ts";

// The environment is that of the whole process: other tests would open the library at the same time.
alone("the switch of the system's OpenSSL, in a process of its own", import.meta.url, () => {
  Deno.test("openNativeDigests() is switched off by the environment", () => {
    Deno.env.delete("ROOST_OPENSSL");
    const isThere = openNativeDigests() !== undefined;
    Deno.env.set("ROOST_OPENSSL", "off");
    equal(openNativeDigests(), undefined);
    Deno.env.set("ROOST_OPENSSL", "on");
    equal(openNativeDigests() !== undefined, isThere);
  });
});
