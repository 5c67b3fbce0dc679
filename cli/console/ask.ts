import { decodeText, encodeText } from "../../bytes/mod.ts";

const BACKSPACE = 0x7f;
const CONTROL_C = 0x03;
const CONTROL_H = 0x08;

/** Asks on the terminal; what is typed in answer to a secret is not shown. */
export async function ask(question: string, isSecret: boolean): Promise<string> {
  if (!isSecret) return prompt(question) ?? "";
  await Deno.stdout.write(encodeText(question));
  const typed: number[] = [];
  const key = new Uint8Array(1);
  Deno.stdin.setRaw(true);
  try {
    while (await Deno.stdin.read(key) !== null) {
      const byte = key[0] as number;
      if (byte === 0x0d || byte === 0x0a) break;
      if (byte === CONTROL_C) throw new Error("Cannot log in: interrupted");
      if (byte === BACKSPACE || byte === CONTROL_H) typed.pop();
      else typed.push(byte);
    }
  } finally {
    Deno.stdin.setRaw(false);
    await Deno.stdout.write(encodeText("\n"));
  }
  return decodeText(Uint8Array.from(typed));
}
