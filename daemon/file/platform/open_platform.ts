import { DarwinPlatform } from "./darwin_platform.ts";
import { LinuxPlatform } from "./linux_platform.ts";
import type { Platform } from "./platform.ts";

/**
 * The platform of this machine, for the calling thread: it holds buffers and must not be shared with
 * another.
 * @throws {Error} if there is none, or the C library cannot be called
 */
export function openPlatform(): Platform {
  if (Deno.build.os === "linux") return new LinuxPlatform();
  if (Deno.build.os === "darwin") return new DarwinPlatform();
  throw new Error(`Cannot read files of this system: ${Deno.build.os} is not supported yet`);
}
