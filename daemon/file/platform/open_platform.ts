import { LinuxPlatform } from "./linux_platform.ts";
import type { Platform } from "./platform.ts";

/**
 * The platform of this machine, for the calling thread: it holds buffers and must not be shared with
 * another.
 * @throws {Error} if there is none, or the C library cannot be called
 */
export function openPlatform(): Platform {
  if (Deno.build.os === "linux") return new LinuxPlatform();
  throw new Error(`Cannot read files of this system: ${Deno.build.os} is not supported yet`);
}
