/**
 * Large amounts through our TLS and OpenSSL's, in both roles and directions: 256 MiB each way of the suites
 * of TLS 1.3, a gibibyte together, 16 MiB of the others, or as many as ROOST_TLS_BULK_MIB says;
 * ROOST_TLS_BULK_SUITES names some suites.
 */
import { equal, match } from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  cipherSuites,
  dhGroupIn,
  isForKeys,
  tls13,
  type TlsTransport,
} from "../protocol/tls/mod.ts";
import {
  hasOpenssl,
  keyArguments,
  keyOf,
  opensslText,
  presharedKey,
  withClient,
  withServer,
} from "./support/openssl.ts";
import { waitFor } from "./support/wait_for.ts";

const wanted = Deno.env.get("ROOST_TLS_BULK_MIB");
const named = Deno.env.get("ROOST_TLS_BULK_SUITES")?.split(",");
const suites = cipherSuites.filter((suite) =>
  isForKeys(suite) && suite.id >> 8 !== 0xd0 && (named?.includes(suite.name) ?? true)
);

/** A group for suites without elliptic curves: RFC 7919's of 2048 bits. */
const dhGroup = hasOpenssl
  ? dhGroupIn(
    await opensslText("genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", "group:ffdhe2048"),
  )
  : undefined;

/** A mebibyte that does not repeat itself, and its digest when it was sent so many times. */
const block = new Uint8Array(1 << 20);
let state = 1;
for (let at = 0; at < block.length; at++) {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
  block[at] = state >>> 24;
}
function digestOf(times: number): string {
  const hash = createHash("sha256");
  for (let n = 0; n < times; n++) hash.update(block);
  return hash.digest("hex");
}

async function send(peer: TlsTransport, mebibytes: number): Promise<void> {
  for (let n = 0; n < mebibytes; n++) await peer.write(block);
}

async function receive(peer: TlsTransport, mebibytes: number): Promise<string> {
  const hash = createHash("sha256");
  const into = new Uint8Array(1 << 20);
  let left = mebibytes * block.length;
  while (left > 0) {
    const count = await peer.read(into);
    if (count === null) break;
    hash.update(into.subarray(0, count));
    left -= count;
  }
  return hash.digest("hex");
}

for (const suite of suites) {
  const mebibytes = Number(wanted ?? (suite.version === tls13 ? 256 : 16));
  Deno.test({
    name: `${mebibytes} MiB go through ${suite.name} in both roles and directions`,
    ignore: !hasOpenssl,
    fn: async () => {
      const expected = digestOf(mebibytes);
      const file = await Deno.makeTempFile({ prefix: "roost-bulk-" });
      try {
        await Deno.writeFile(file, block);
        const only = suite.version === tls13
          ? ["-tls1_3", "-ciphersuites", suite.name]
          : ["-tls1_2", "-cipher", `${suite.name}:@SECLEVEL=${/^DHE-/.test(suite.name) ? 2 : 0}`];
        const args = [...keyArguments, ...only, "-quiet"];
        // With sockets that block, s_server sometimes waits for what nobody has to send.
        const server = [...args, "-nocert", "-naccept", "1", "-nbio"];
        // What OpenSSL receives goes to a digest; what it sends comes from the file, again and again.
        const total = mebibytes * block.length;
        const digest = `"$@" 2>/dev/null </dev/null | head -c ${total} | sha256sum`;
        const source = `n=0; (while [ $n -lt ${mebibytes} ]; do cat ${file}; n=$((n+1)); done; ` +
          'cat) | "$@" 2>/dev/null';
        const sent = await withClient(
          { args, script: digest },
          { keyOf, dhGroup },
          (peer) => send(peer, mebibytes),
        );
        match(sent.output, new RegExp(expected));
        await withClient({ args, script: source }, { keyOf, dhGroup }, async (peer) => {
          equal(await receive(peer, mebibytes), expected);
        });
        // At the end of its input it would send empty records for ever.
        await withServer(
          { args: server, script: source, staysOpen: true },
          { presharedKey },
          async (peer) => equal(await receive(peer, mebibytes), expected),
        );
        await withServer(
          {
            args: server,
            script: `${digest.replace("</dev/null ", "")} >${file}.sum`,
            staysOpen: true,
          },
          { presharedKey },
          async (peer) => {
            await send(peer, mebibytes);
            const sum = await waitFor(
              "the digest of what was received",
              () => Deno.readTextFile(`${file}.sum`),
              600_000,
            );
            match(sum, new RegExp(expected));
          },
        );
      } finally {
        await Promise.allSettled([Deno.remove(file), Deno.remove(`${file}.sum`)]);
      }
    },
  });
}
