import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { encodeText } from "../bytes/mod.ts";
import { MailBody, mailHeaders } from "./mail/mod.ts";

/** A mail server that takes one connection and refuses some recipients. */
class MailServer implements Disposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly lines: string[] = [];
  readonly served: Promise<void>;

  constructor(refused: readonly string[] = []) {
    this.served = this.#serve(refused);
  }

  get address(): string {
    return `127.0.0.1:${(this.#listener.addr as Deno.NetAddr).port}`;
  }

  async #serve(refused: readonly string[]): Promise<void> {
    using connection = await this.#listener.accept();
    const say = (text: string) => connection.write(encodeText(`${text}\r\n`));
    await say("220-test\r\n220 ready");
    let rest = "";
    let isText = false;
    for await (const bytes of connection.readable.values({ preventCancel: true })) {
      rest += new TextDecoder().decode(bytes);
      for (let at = rest.indexOf("\r\n"); at >= 0; at = rest.indexOf("\r\n")) {
        const line = rest.slice(0, at);
        rest = rest.slice(at + 2);
        this.lines.push(line);
        if (isText && line !== ".") continue;
        isText = line === "DATA";
        if (line === "QUIT") return;
        if (refused.some((address) => line.includes(address))) await say("550 who is that?");
        else await say(isText ? "354 go on" : "250 fine");
      }
    }
  }

  [Symbol.dispose](): void {
    this.#listener.close();
  }
}

async function send(
  text: string,
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly stderr: string }> {
  const main = new URL("./main.ts", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", main, "bsmtp", ...args],
    stdin: "piped",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(encodeText(text));
  await writer.close();
  const { code, stderr } = await child.output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

Deno.test("bsmtp sends a mail as the mail commands of Bareos' packages ask it to", async () => {
  using server = new MailServer();
  const result = await send(
    "all is well\n.\nend",
    ...["-h", server.address, "-f", "(Bareos) <root@example.com>"],
    ...["-s", "Bareos: Backup OK of töff\nBcc: x@y", "-c", "cc@example.com", "root", "Me <me@x>"],
  );
  deepStrictEqual(result, { code: 0, stderr: "" });
  await server.served;
  const { lines } = server;
  match(lines[0] ?? "", /^HELO ./);
  deepStrictEqual(lines.slice(1, 9), [
    "MAIL FROM:<root@example.com>",
    "RCPT TO:<root>",
    "RCPT TO:<me@x>",
    "RCPT TO:<cc@example.com>",
    "DATA",
    "From: (Bareos) <root@example.com>",
    "Subject: Bareos: Backup OK of t=?UTF-8?B?w7Y=?=ff Bcc: x@y",
    `Sender: ${lines[8]?.slice("Sender: ".length)}`,
  ]);
  deepStrictEqual(lines.slice(lines.indexOf("") + 1), ["all is well", "..", "end", ".", "QUIT"]);
});

Deno.test("bsmtp sends a mail to those whom the server takes, and fails for the others", async () => {
  using server = new MailServer(["nobody@x"]);
  const { code, stderr } = await send("x\n", "-h", server.address, "nobody@x", "me@x");
  strictEqual(code, 1);
  match(stderr, /Not everybody gets the mail: .*RCPT TO:<nobody@x>: 550 who is that\?/);
  await server.served;
  strictEqual(server.lines.filter((line) => line === ".").length, 1);
});

Deno.test("bsmtp takes a sender without an address, as for the bootstraps of Bareos' packages", async () => {
  using server = new MailServer();
  const { code } = await send("x\n", "-h", server.address, "-f", "(Bareos) ", "root");
  strictEqual(code, 0);
  await server.served;
  match(server.lines[1] ?? "", /^MAIL FROM:<[^<>()@ ]+@[^<>()@ ]+>$/);
  ok(server.lines.includes("From: (Bareos)"));
});

Deno.test("bsmtp fails where no server listens, and for want of a recipient", async () => {
  const port = 1; // which nothing listens on
  const lost = await send("x\n", "-h", `localhost:${port}`, "me@x");
  strictEqual(lost.code, 1);
  match(lost.stderr, new RegExp(`Failed to connect to mailhost localhost:${port}: `));
  const aimless = await send("x\n", "-h", `localhost:${port}`);
  strictEqual(aimless.code, 1);
  match(aimless.stderr, /no recipient given/);
});

Deno.test("MailBody is the same however the text comes, and cuts what is too long", () => {
  const text = encodeText("a\r\n.b\n\n..c\rd");
  const made = (size: number, lines?: number): string => {
    const body = new MailBody(lines);
    let out = "";
    for (let at = 0; at < text.length; at += size) {
      out += String.fromCharCode(...body.take(text.subarray(at, at + size)));
    }
    return out + String.fromCharCode(...body.end());
  };
  const whole = "a\r\n..b\r\n\r\n...c\rd\r\n.\r\n";
  for (let size = 1; size <= text.length; size++) strictEqual(made(size), whole);
  strictEqual(
    made(3, 2),
    "a\r\n..b\r\n\r\n[maximum of 2 lines exceeded, skipped 2 lines of output]\r\n.\r\n",
  );
});

Deno.test("mailHeaders keeps encoded words short and letters whole", () => {
  const subject = "ä".repeat(100);
  const header = mailHeaders({
    from: "a@b",
    to: ["c@d"],
    copy: undefined,
    replyTo: undefined,
    subject,
    sender: "a@b",
    charset: "UTF-8",
    date: new Date(2026, 10, 27, 12, 0, 0),
    id: "1@b",
  });
  const [, value = ""] = /^Subject: (.*)$/m.exec(header) ?? [];
  const words = value.trim().split(" ");
  let read = "";
  for (const word of words) {
    strictEqual(word.length <= 75, true, word);
    const [, base64 = ""] = /^=\?UTF-8\?B\?(.*)\?=$/.exec(word) ?? [];
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    read += new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  }
  strictEqual(read, subject);
  match(header, /^Date: Fri, 27 Nov 2026 12:00:00 [+-]\d{4}\r$/m);
});
