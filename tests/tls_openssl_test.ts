/** Our TLS against OpenSSL's own client and server: every suite in each role, with keys. */
import { equal, match, rejects } from "node:assert/strict";
import {
  type CipherSuite,
  cipherSuites,
  dhGroupIn,
  isForKeys,
  tls12,
  tls13,
  TlsError,
  type TlsVersion,
} from "../protocol/tls/mod.ts";
import {
  hasOpenssl,
  keyArguments,
  keyOf,
  presharedKey,
  readText,
  withClient,
  withServer,
  writeText,
} from "./support/openssl.ts";
import { opensslText } from "./support/openssl.ts";
import { waitFor } from "./support/wait_for.ts";

/** Suites with pre-shared keys; OpenSSL lacks those of RFC 8442. */
const suites = cipherSuites.filter((suite) => isForKeys(suite) && suite.id >> 8 !== 0xd0);

/** How OpenSSL is told to use one suite only. */
function only({ version, name }: CipherSuite): string[] {
  const level = /^DHE-/.test(name) ? 2 : 0; // from level 2 on its groups have 2048 bits
  return version === tls13
    ? ["-tls1_3", "-ciphersuites", name]
    : ["-tls1_2", "-cipher", `${name}:@SECLEVEL=${level}`];
}

const shown = (version: TlsVersion): string => version === tls13 ? "TLSv1.3" : "TLSv1.2";
/** A group for suites without elliptic curves: RFC 7919's of 2048 bits. */
const dhGroup = hasOpenssl
  ? dhGroupIn(
    await opensslText("genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", "group:ffdhe2048"),
  )
  : undefined;
const server = [...keyArguments, "-nocert", "-rev"];
const client = [...keyArguments, "-no_ign_eof"];

for (const suite of suites) {
  Deno.test({
    name: `connectTls() talks ${suite.name} with openssl s_server`,
    ignore: !hasOpenssl,
    fn: async () => {
      await withServer({ args: [...server, ...only(suite)] }, { presharedKey }, async (peer) => {
        equal(peer.cipher, `${suite.name} ${shown(suite.version)}`);
        equal(peer.protection.mode, "key");
        await writeText(peer, "backup\n");
        equal(await readText(peer, 7), "pukcab\n");
      });
    },
  });

  Deno.test({
    name: `acceptTls() talks ${suite.name} with openssl s_client`,
    ignore: !hasOpenssl,
    fn: async () => {
      const { output } = await withClient(
        { args: [...client, ...only(suite)], input: "first\n" },
        { keyOf, dhGroup },
        async (peer) => {
          equal(peer.cipher, `${suite.name} ${shown(suite.version)}`);
          equal(await readText(peer, 6), "first\n");
          await writeText(peer, "second\n");
        },
      );
      match(output, new RegExp(suite.name));
      match(output, /second/);
      if (suite.version === tls12) match(output, /Extended master secret: yes/);
    },
  });
}

Deno.test({
  name: "one ClientHello serves servers of both versions, with and without what is new in 1.2",
  ignore: !hasOpenssl,
  fn: async () => {
    const expected: readonly (readonly [args: readonly string[], cipher: RegExp])[] = [
      [[], /^TLS_CHACHA20_POLY1305_SHA256 TLSv1\.3$/],
      [["-tls1_2"], /^ECDHE-PSK-CHACHA20-POLY1305 TLSv1\.2$/],
      // A library that knows nothing newer: OpenSSL 1.0.2 (wire.md 8.5).
      [
        ["-tls1_2", "-cipher", "PSK-AES128-CBC-SHA", "-no_etm"],
        /^PSK-AES128-CBC-SHA TLSv1\.2$/,
      ],
      [["-psk_hint", "a hint"], /TLSv1\.3$/],
      [["-tls1_2", "-psk_hint", "a hint", "-cipher", "PSK-AES256-GCM-SHA384"], /TLSv1\.2$/],
      [["-stateless"], /TLSv1\.3$/], // a HelloRetryRequest with a cookie
      [["-groups", "P-256"], /TLSv1\.3$/], // one that asks for another share
      [["-groups", "P-384"], /TLSv1\.3$/],
      [["-tls1_2", "-groups", "P-384"], /TLSv1\.2$/],
    ];
    for (const [args, cipher] of expected) {
      await withServer({ args: [...server, ...args] }, { presharedKey }, async (peer) => {
        match(peer.cipher, cipher);
        await writeText(peer, "backup\n");
        equal(await readText(peer, 7), "pukcab\n");
      });
    }
  },
});

Deno.test({
  name: "every kind of client is answered: both versions, groups to be asked for, old ones",
  ignore: !hasOpenssl,
  fn: async () => {
    const expected: readonly (readonly [args: readonly string[], cipher: RegExp])[] = [
      [[], /^TLS_CHACHA20_POLY1305_SHA256 TLSv1\.3$/],
      [["-tls1_2"], /^ECDHE-PSK-CHACHA20-POLY1305 TLSv1\.2$/],
      [
        ["-tls1_2", "-cipher", "PSK-AES256-CBC-SHA:PSK-AES128-CBC-SHA", "-no_etm"],
        /^PSK-AES256-CBC-SHA TLSv1\.2$/,
      ],
      [["-groups", "P-521:X25519"], /TLSv1\.3$/], // asked for X25519
      [["-groups", "P-521:P-384"], /TLSv1\.3$/], // asked for P-384
      [["-groups", "P-256"], /TLSv1\.3$/],
      [["-tls1_2", "-groups", "P-384"], /TLSv1\.2$/],
    ];
    for (const [args, cipher] of expected) {
      await withClient({ args: [...client, ...args], input: "x\n" }, { keyOf }, async (peer) => {
        match(peer.cipher, cipher);
        equal(await readText(peer, 2), "x\n");
      });
    }
  },
});

Deno.test({
  name: "KeyUpdate goes both ways, and renegotiation is declined",
  ignore: !hasOpenssl,
  fn: async () => {
    // "K" makes s_client change its keys and ask us to change ours, "k" only the former.
    for (const command of ["k", "K"]) {
      const { output } = await withClient(
        { args: [...client, "-tls1_3"], input: "first\n" },
        { keyOf },
        async (peer, say) => {
          equal(await readText(peer, 6), "first\n");
          const after = readText(peer, 6);
          await say(`${command}\n`);
          // What it reads together with a command is lost.
          const text = await waitFor("data under the new key", async () => {
            await say("again\n");
            const pause = new Promise<undefined>((done) => setTimeout(() => done(undefined), 50));
            return await Promise.race([after, pause]);
          });
          equal(text, "again\n");
          await peer.updateKeys();
          await writeText(peer, "second\n");
        },
      );
      match(output, /KEYUPDATE/);
      match(output, /second/);
    }
    await withServer(
      { args: [...server, "-tls1_3"] },
      { presharedKey },
      async (peer) => {
        for (const [text, answer] of [["one", "eno"], ["two", "owt"]] as const) {
          await peer.updateKeys();
          await writeText(peer, `${text}\n`);
          equal(await readText(peer, 4), `${answer}\n`);
        }
      },
    );
    // "R" makes s_client begin anew, which it gives up when we decline.
    await rejects(
      withClient(
        { args: [...client, "-tls1_2"], input: "first\n" },
        { keyOf },
        async (peer, say) => {
          equal(await readText(peer, 6), "first\n");
          const more = readText(peer, 1);
          await say("R\n");
          equal(await more, "");
        },
      ),
      (error) => error instanceof TlsError && error.isFromPeer && error.alert === 40,
    );
  },
});

Deno.test({
  name: "wrong keys and unknown names get the alerts of OpenSSL, and give its",
  ignore: !hasOpenssl,
  fn: async () => {
    const wrong = new TextEncoder().encode("another");
    const cases: readonly (readonly [string, Uint8Array | undefined, number])[] = [
      ["-tls1_3", wrong, 47],
      ["-tls1_3", undefined, 40],
      ["-tls1_2", wrong, 20],
      ["-tls1_2", undefined, 115],
    ];
    for (const [version, key, alert] of cases) {
      await rejects(
        withClient({ args: [...client, version] }, { keyOf: () => key }, () => Promise.resolve()),
        (error: unknown) => error instanceof TlsError && error.alert === alert && !error.isFromPeer,
        `${version} ${alert}`,
      );
    }
    for (
      const [version, presented, alert] of [
        ["-tls1_3", { ...presharedKey, key: wrong }, 47],
        ["-tls1_2", { ...presharedKey, key: wrong }, 20],
      ] as const
    ) {
      await rejects(
        withServer(
          { args: [...server, version] },
          { presharedKey: presented },
          () => Promise.resolve(),
        ),
        (error: unknown) => error instanceof TlsError && error.alert === alert && error.isFromPeer,
        `${version} ${alert}`,
      );
    }
  },
});
