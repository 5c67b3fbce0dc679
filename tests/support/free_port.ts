/**
 * Ports for daemons that are told a port first and bind it later. Between the two nobody else may get
 * it, or a test fails that has nothing to do with it: neither a connection, to which the system gives a
 * port of its own range, nor a test that looks for a port at the same time.
 *
 * @module
 */

/** Below what systems give to connections and to those who ask for any port; above `--ports auto`. */
const firstPort = 20_480;
const blockLength = 64;
const blockCount = 192;
const hostname = "127.0.0.1";

/** The first port of a block; whoever holds this listener, for as long as its test file runs, has the block. */
const guard: Deno.TcpListener = takeBlock();
let last = 0;

function takeBlock(): Deno.TcpListener {
  const start = Math.floor(Math.random() * blockCount);
  for (let at = 0; at < blockCount; at++) {
    const port = firstPort + (start + at) % blockCount * blockLength;
    try {
      return Deno.listen({ hostname, port });
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
  throw new Error("Cannot find a block of ports for the daemons of tests: all are taken");
}

/** A port that nobody listens on, and that no other test takes; it comes again when many others have come. */
export function freePort(): number {
  for (let attempts = 1; attempts < blockLength; attempts++) {
    last = last % (blockLength - 1) + 1;
    const port = guard.addr.port + last;
    try {
      Deno.listen({ hostname, port }).close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
  throw new Error(`Cannot find a free port behind ${guard.addr.port}: all are taken`);
}
