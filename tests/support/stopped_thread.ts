/**
 * A thread that does not come back from the system, as from a file system that hangs: the tracer of
 * another process stops it wherever it is (Linux).
 *
 * @module
 */
import { join } from "./paths.ts";

/** Stops threads until it is told to go; from <sys/ptrace.h>. */
const tracer = `
  const { ptrace } = Deno.dlopen("libc.so.6", {
    ptrace: { parameters: ["i64", "i32", "usize", "usize"], result: "i64" },
  }).symbols;
  const [seize, interrupt] = [0x4206n, 0x4207n];
  const results = Deno.args.flatMap((thread) =>
    [seize, interrupt].map((request) => ptrace(request, Number(thread), 0n, 0n)));
  console.log(results.every((result) => result === 0n) ? "stopped" : results.join(" "));
  setInterval(() => {}, 1000);
`;

/** Lets any process trace this one, where that is restricted; from <sys/prctl.h>. */
function allowTracing(): void {
  const library = Deno.dlopen("libc.so.6", {
    prctl: { parameters: ["i32", "isize", "usize", "usize", "usize"], result: "i32" },
  });
  library.symbols.prctl(0x59616d61, -1n, 0n, 0n, 0n);
  library.close();
}

/** The numbers of the workers of this process. */
export function workers(): number[] {
  return [...Deno.readDirSync("/proc/self/task")]
    .filter(({ name }) =>
      Deno.readTextFileSync(`/proc/self/task/${name}/comm`).startsWith("worker-")
    )
    .map(({ name }) => Number(name));
}

/** Stops threads of this process until it is disposed of; `folder` takes a small program. */
export async function stopThreads(
  threads: readonly number[],
  folder: string,
): Promise<AsyncDisposable> {
  allowTracing();
  const file = join(folder, "tracer.js");
  await Deno.writeTextFile(file, tracer);
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-ffi", file, ...threads.map(String)],
    stdout: "piped",
  }).spawn();
  const dispose = async (): Promise<void> => {
    process.kill("SIGKILL");
    await process.status;
    await process.stdout.cancel().catch(() => {});
  };
  const reader = process.stdout.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  const said = new TextDecoder().decode(value);
  if (said.startsWith("stopped")) return { [Symbol.asyncDispose]: dispose };
  await dispose();
  throw new Error(`Cannot stop threads ${threads.join()}: ${said}`);
}
