/**
 * Compiles the kernels, which are AssemblyScript, to WebAssembly and embeds them as TypeScript:
 *
 *     deno task kernels
 *
 * The result is committed: nobody needs the compiler to run or to build the program.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { fileURLToPath } from "node:url";

/** The version whose output is committed. */
const compiler = "npm:assemblyscript@0.28.20/asc";

/** A kernel: its source, and the module that embeds it. */
const kernels = [
  { source: "compress/kernel/index.ts", module: "compress/kernel_bytes.ts", pages: 16 },
  { source: "crypto/kernel/index.ts", module: "crypto/kernel_bytes.ts", pages: 5 },
] as const;

for (const { source, module, pages } of kernels) {
  const output = await Deno.makeTempFile({ suffix: ".wasm" });
  try {
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", "--no-lock", "--no-config", compiler, source, "-O3", "--converge"],
        ...["--runtime", "stub", "--noAssert", "--enable", "simd"],
        ...["--initialMemory", String(pages), "-o", output],
      ],
      cwd: fileURLToPath(new URL("..", import.meta.url)),
      stdout: "inherit",
      stderr: "inherit",
    }).output();
    if (!success) throw new Error(`Cannot compile ${source}`);
    const text = Buffer.from(await Deno.readFile(output)).toString("base64");
    const lines = text.match(/.{1,88}/g) ?? [];
    await Deno.writeTextFile(
      new URL(`../${module}`, import.meta.url),
      `/** WebAssembly made of ${source} by \`deno task kernels\`, in base 64. @module */\n` +
        `export const kernelText: string =\n  ${
          lines.map((line) => JSON.stringify(line)).join(" +\n  ")
        };\n`,
    );
    console.log(`${module}: ${text.length} characters`);
  } finally {
    await Deno.remove(output);
  }
}
