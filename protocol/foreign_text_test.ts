import { match, strictEqual } from "node:assert";
import fc from "fast-check";
import { foreignText } from "./foreign_text.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

Deno.test("foreignText() shows the first line of who speaks in letters, and nothing of others", () => {
  strictEqual(foreignText(bytes("SSH-2.0-OpenSSH_9.2\r\n")), ' It sent "SSH-2.0-OpenSSH_9.2".');
  strictEqual(
    foreignText(bytes("HTTP/1.1 400 Bad Request, and a lot more")),
    ' It sent "HTTP/1.1 400 Bad Request, and a".',
  );
  strictEqual(foreignText(Uint8Array.of(0, 0, 0, 12)), "");
  strictEqual(foreignText(bytes("ab\n")), "");
});

Deno.test("foreignText() never shows what is no printable letter, nor much", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (some) => {
    match(foreignText(some), /^( It sent "[ -~]{0,32}"\.)?$/);
  }));
});
