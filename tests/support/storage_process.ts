/**
 * A storage daemon as a process of its own, for tests that kill it: `deno run -A storage_process.ts
 * <folder>` prints its port and runs until it is killed.
 *
 * @module
 */
import { StorageDaemon } from "../../daemon/storage/mod.ts";
import { fromFileUrl } from "./paths.ts";
import { testDevice, testStorage } from "./storage_settings.ts";

/** A storage daemon in another process. */
export interface StorageProcess {
  readonly port: number;
  /** Ends it without a warning. */
  kill(): Promise<void>;
}

/** Starts a storage daemon that keeps its volumes in `folder`. */
export async function startStorageProcess(folder: string): Promise<StorageProcess> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", fromFileUrl(new URL(import.meta.url)), folder],
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  const port = Number(new TextDecoder().decode(value));
  return {
    port,
    async kill() {
      child.kill("SIGKILL");
      await reader.cancel();
      await child.status;
    },
  };
}

if (import.meta.main) {
  const folder = Deno.args[0] ?? ".";
  const { ports } = await new StorageDaemon(testStorage(folder, [testDevice(folder)])).start();
  await Deno.stdout.write(new TextEncoder().encode(`${ports[0]}\n`));
}
