import { deepStrictEqual, doesNotMatch, match, strictEqual } from "node:assert";
import { fromSource } from "../tests/support/roost.ts";

/** What `btape` says to commands on a device, and how it ends. */
async function btape(folder: string, ...commands: readonly string[]) {
  const [program, ...args] = fromSource;
  const child = new Deno.Command(program, {
    args: [...args, "btape", folder],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(commands.map((line) => `${line}\n`).join("")));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout), problems: decoder.decode(stderr) };
}

Deno.test("btape labels a volume, reads it, tries the device out, and leaves nothing else behind", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const { code, text, problems } = await btape(
      folder,
      "label",
      "Try-1",
      "readlabel Try-1",
      "scan",
      "rectest",
      "test",
      "speed 2",
      "quit",
    );
    strictEqual(code, 0, text + problems);
    match(text, /Wrote Volume label for volume "Try-1"\./);
    match(text, /VolName {11}: Try-1\n/);
    match(text, /Total blocks=1, bytes=\d+\n/);
    match(text, /Blocks of 1048576 bytes: 8 records written and read again\./);
    match(text, /100 blocks read again, from the last to the first: OK/);
    doesNotMatch(text, /FAILED/);
    deepStrictEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["Try-1"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("btape names damage, what is for tapes, and ends with status 1", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeFile(`${folder}/Bad`, new Uint8Array(5000));
    const { code, text } = await btape(folder, "scan", "readlabel", "weof", "xyz");
    strictEqual(code, 1);
    match(text, /Volume data error at 0:0! Wanted ID: "BB02", got /);
    match(text, /"weof" is for tapes; this is a device of files\./);
    match(text, /"xyz" is an invalid command/);
    strictEqual((await btape(`${folder}/nowhere`, "quit")).code, 1);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
