/** The thread that makes digests of large files of a restore. @module */
import type { ThreadPort } from "../../threads.ts";
import { DigestMaker, type RingMemory } from "./digest_ring.ts";

/** See {@linkcode ThreadModule.serve}: one ring, until it ends. */
export async function serve(port: ThreadPort): Promise<void> {
  new DigestMaker(await port.receive() as RingMemory).serve();
}
