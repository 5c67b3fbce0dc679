/** TLS with certificates against OpenSSL, and our judgement of certificates beside `openssl verify`. */
import { deepEqual, equal, match, ok, rejects, throws } from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { certificateFault } from "../protocol/tls/certificate_check.ts";
import { revocationList } from "../protocol/tls/certificate_facts.ts";
import {
  acceptTls,
  type CertificateSettings,
  cipherSuites,
  connectTls,
  dhGroupOf,
  loadCredentials,
  tls12,
  tls13,
  TlsError,
} from "../protocol/tls/mod.ts";
import { makeAuthority, makeCertificate, makeRevocationList } from "./support/certificates.ts";
import { memoryPair } from "./support/memory_transport.ts";
import {
  hasOpenssl,
  keyArguments,
  opensslText,
  presharedKey,
  readText,
  withClient,
  withServer,
  writeText,
} from "./support/openssl.ts";

const keys = {
  rsa: "rsa:2048",
  p256: "ec:prime256v1",
  p384: "ec:secp384r1",
  ed25519: "ed25519",
} as const;

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "roost-certificates-" });
  try {
    await Promise.all([makeAuthority(folder, "ca"), makeAuthority(folder, "other")]);
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const settings = (folder: string, name: string, more = {}): CertificateSettings => ({
  certificate: name === "" ? "" : `${folder}/${name}.pem`,
  key: name === "" ? "" : `${folder}/${name}.key`,
  authorityFile: `${folder}/ca.pem`,
  authorityFolder: "",
  verifiesPeer: true,
  allowedNames: [],
  ...more,
});

Deno.test({
  name: "every kind of certificate works in each role and version, checked on both ends",
  ignore: !hasOpenssl,
  fn: () =>
    inFolder(async (folder) => {
      for (const [name, key] of Object.entries(keys)) {
        await makeCertificate(folder, name, { key });
        const own = ["-cert", `${folder}/${name}.pem`, "-key", `${folder}/${name}.key`];
        for (const version of ["-tls1_3", "-tls1_2"]) {
          const verify = ["-CAfile", `${folder}/ca.pem`, "-verify_return_error"];
          await withServer(
            { args: [...own, version, ...verify, "-Verify", "2", "-rev"] },
            { credentials: loadCredentials(settings(folder, name), { hostName: name }) },
            async (peer) => {
              await writeText(peer, "backup\n");
              equal(await readText(peer, 7), "pukcab\n", `${name} ${version}`);
              equal(peer.protection.mode, "certificate");
              equal(peer.protection.peerName, name);
            },
          );
          const { output } = await withClient(
            { args: [...own, version, ...verify, "-no_ign_eof"], input: "first\n" },
            { credentials: loadCredentials(settings(folder, name), "acceptor") },
            async (peer) => {
              equal(await readText(peer, 6), "first\n", `${name} ${version}`);
              await writeText(peer, "second\n");
              equal(peer.protection.peerName, name);
            },
          );
          match(output, /second/);
          match(output, /Verification: OK/);
        }
      }
      // Suites without elliptic curves: a server chooses its group, ours takes that of TLS DH File.
      const file = `${folder}/dh.pem`;
      await Deno.writeTextFile(
        file,
        await opensslText(
          "genpkey",
          "-genparam",
          "-algorithm",
          "DH",
          "-pkeyopt",
          "group:ffdhe3072",
        ),
      );
      const finite = settings(folder, "rsa", { dhFile: file });
      for (
        const cipher of [
          "DHE-RSA-CHACHA20-POLY1305",
          "DHE-RSA-AES256-GCM-SHA384",
          "DHE-RSA-AES128-SHA",
        ]
      ) {
        const own = ["-cert", `${folder}/rsa.pem`, "-key", `${folder}/rsa.key`, "-tls1_2"];
        await withServer(
          { args: [...own, "-rev", "-dhparam", file, "-cipher", cipher] },
          { credentials: loadCredentials(finite, { hostName: "rsa" }) },
          async (peer) => {
            equal(peer.cipher, `${cipher} TLSv1.2`);
            await writeText(peer, "backup\n");
            equal(await readText(peer, 7), "pukcab\n");
          },
        );
        const { output } = await withClient(
          { args: [...own, "-no_ign_eof", "-cipher", cipher], input: "first\n" },
          { credentials: loadCredentials(finite, "acceptor"), dhGroup: dhGroupOf(finite) },
          async (peer) => {
            equal(peer.cipher, `${cipher} TLSv1.2`);
            equal(await readText(peer, 6), "first\n");
          },
        );
        match(output, /Server Temp Key: DH, 3072 bits/);
      }
      for (
        const [text, why] of [
          ["nonsense", /TLS DH File = ".*": it has no DH PARAMETERS/],
          [
            await opensslText(
              "genpkey",
              "-genparam",
              "-algorithm",
              "DH",
              "-pkeyopt",
              "group:dh_1024_160",
            ),
            /TLS DH File = ".*": (A Diffie-Hellman group of 1024 bits|it has no DH PARAMETERS)/,
          ],
        ] as const
      ) {
        await Deno.writeTextFile(file, text);
        throws(() => dhGroupOf(finite), why);
      }
      // A server that can exchange keys by RSA only, as those of 13.2 may be.
      const rsa = ["-cert", `${folder}/rsa.pem`, "-key", `${folder}/rsa.key`, "-rev", "-tls1_2"];
      for (const cipher of ["AES128-SHA", "AES256-GCM-SHA384"]) {
        await withServer(
          { args: [...rsa, "-cipher", cipher] },
          { credentials: loadCredentials(settings(folder, ""), { hostName: "rsa" }) },
          async (peer) => {
            equal(peer.cipher, `${cipher} TLSv1.2`);
            await writeText(peer, "backup\n");
            equal(await readText(peer, 7), "pukcab\n");
          },
        );
      }
    }),
});

Deno.test({
  name: "who offers key and certificate gets what the other end has",
  ignore: !hasOpenssl,
  fn: () =>
    inFolder(async (folder) => {
      await makeCertificate(folder, "one");
      const own = ["-cert", `${folder}/one.pem`, "-key", `${folder}/one.key`];
      const credentials = loadCredentials(settings(folder, "one", { verifiesPeer: false }), {
        hostName: "one",
      });
      for (
        const [args, mode] of [
          [["-nocert"], "key"],
          [["-nocert", "-tls1_2"], "key"],
          [own, "key"],
          [[...own, "-ciphersuites", "TLS_AES_256_GCM_SHA384"], "certificate"],
        ] as const
      ) {
        await withServer(
          { args: [...keyArguments, ...args, "-rev"] },
          { credentials, presharedKey },
          async (peer) => {
            await writeText(peer, "backup\n");
            equal(await readText(peer, 7), "pukcab\n");
            equal(peer.protection.mode, mode, args.join(" "));
          },
        );
      }
      // An acceptor with a certificate: OpenSSL's own order of suites leads to it, a key alone does not.
      const keyOf = () => presharedKey.key;
      for (
        const [args, mode] of [
          [[], "certificate"],
          [["-ciphersuites", "TLS_AES_128_GCM_SHA256"], "key"],
        ] as const
      ) {
        await withClient(
          { args: [...keyArguments, ...args, "-tls1_3", "-no_ign_eof"], input: "x\n" },
          { keyOf, credentials },
          async (peer) => {
            equal(await readText(peer, 2), "x\n");
            equal(peer.protection.mode, mode, args.join(" "));
          },
        );
      }
    }),
});

Deno.test({
  name: "what is not to be believed ends in the alert that says why, on both ends",
  ignore: !hasOpenssl,
  fn: () =>
    inFolder(async (folder) => {
      await makeCertificate(folder, "good");
      await makeCertificate(folder, "revoked");
      await makeCertificate(folder, "expired", { days: -1 });
      await makeCertificate(folder, "foreign", { authority: "other" });
      await makeRevocationList(folder, "list", { revoked: ["revoked"] });
      const revocationFile = `${folder}/list`;
      const cases: readonly (readonly [name: string, more: object, alert: number, why: RegExp])[] =
        [
          ["good", {}, -1, /./],
          ["good", { revocationFile }, -1, /./],
          ["revoked", { revocationFile }, 44, /the certificate of "revoked" was revoked on /],
          ["expired", {}, 45, /expired on \d{4}-/],
          ["foreign", {}, 48, /issued by "other", which is none/],
          ["", {}, 116, /failed to present a TLS certificate/],
          ["good", { allowedNames: ["x"] }, 49, /"good", which is not in TLS Allowed CN/],
        ];
      for (const [name, more, alert, why] of cases) {
        const [clientEnd, serverEnd] = memoryPair();
        const shown = settings(folder, name, { verifiesPeer: false });
        const [client, server] = await Promise.allSettled([
          connectTls(clientEnd, { credentials: loadCredentials(shown, { hostName: "good" }) })
            .then((transport) => transport.read(new Uint8Array(1))),
          acceptTls(serverEnd, {
            credentials: loadCredentials(settings(folder, "good", more), "acceptor"),
          }).then((transport) => transport.close()),
        ]);
        if (alert < 0) {
          deepEqual([client?.status, server?.status], ["fulfilled", "fulfilled"], name);
          continue;
        }
        for (const [end, isFromPeer] of [[client, true], [server, false]] as const) {
          ok(end?.status === "rejected" && end.reason instanceof TlsError, name);
          equal(end.reason.alert, alert, name);
          equal(end.reason.isFromPeer, isFromPeer, name);
          if (!isFromPeer) match(end.reason.message, why);
        }
      }
      // Who is connected to hears why, too, whoever refuses its certificate.
      const refused: readonly (readonly [name: string, alert: number, why: RegExp])[] = [
        ["revoked", 44, /was revoked on /],
        ["expired", 45, /expired on \d{4}-/],
        ["foreign", 48, /issued by "other", which is none/],
        ["good", 46, /is for "good", not for "another"/],
      ];
      for (const version of [tls13, tls12]) {
        const suites = cipherSuites.filter((suite) => suite.version === version);
        for (const [name, alert, why] of refused) {
          const [clientEnd, serverEnd] = memoryPair();
          const hostName = name === "good" ? "another" : name;
          const shown = loadCredentials(
            settings(folder, name, { verifiesPeer: false }),
            "acceptor",
          );
          const [client, server] = await Promise.allSettled([
            connectTls(clientEnd, {
              credentials: loadCredentials(settings(folder, "", { revocationFile }), { hostName }),
              suites,
            }),
            acceptTls(serverEnd, { credentials: shown }),
          ]);
          for (const [end, isFromPeer] of [[client, false], [server, true]] as const) {
            ok(end?.status === "rejected" && end.reason instanceof TlsError, name);
            equal(end.reason.alert, alert, `${name}: ${end.reason.message}`);
            equal(end.reason.isFromPeer, isFromPeer, name);
            if (!isFromPeer) match(end.reason.message, why);
          }
        }
      }
      const strangers = ["-CAfile", `${folder}/good.pem`, "-verify_return_error", "-tls1_3"];
      await rejects(
        withClient(
          { args: strangers },
          {
            credentials: loadCredentials(
              settings(folder, "good", { verifiesPeer: false }),
              "acceptor",
            ),
          },
          () => Promise.resolve(),
        ),
        (error) => error instanceof TlsError && error.isFromPeer && error.alert === 48,
      );
      await rejects(
        withServer(
          {
            args: ["-cert", `${folder}/revoked.pem`, "-key", `${folder}/revoked.key`, "-rev"],
          },
          {
            credentials: loadCredentials(settings(folder, "", { revocationFile }), {
              hostName: "revoked",
            }),
          },
          () => Promise.resolve(),
        ),
        /was revoked on/,
      );
    }),
});

/** Certificates by what is special about them. */
const specials: Readonly<Record<string, readonly string[]>> = {
  plain: [],
  authority: ["basicConstraints=critical,CA:true"],
  forServers: ["extendedKeyUsage=serverAuth"],
  forClients: ["extendedKeyUsage=clientAuth"],
  forMail: ["extendedKeyUsage=emailProtection"],
  signs: ["keyUsage=critical,digitalSignature"],
  onlySignsLists: ["keyUsage=critical,cRLSign"],
  unknownCritical: ["1.2.3.4=critical,DER:0500"],
  unknown: ["1.2.3.4=DER:0500"],
};

/** Intermediate authorities by what is special about them. */
const intermediates: Readonly<Record<string, readonly string[]>> = {
  middle: ["basicConstraints=critical,CA:true"],
  noAuthority: ["basicConstraints=critical,CA:false"],
  noConstraints: ["keyUsage=digitalSignature"],
  noSigning: ["basicConstraints=critical,CA:true", "keyUsage=critical,cRLSign"],
  last: ["basicConstraints=critical,CA:true,pathlen:0"],
  mailOnly: ["basicConstraints=critical,CA:true", "extendedKeyUsage=emailProtection"],
};

Deno.test({
  name: "certificateFault() says yes and no as openssl verify does",
  ignore: !hasOpenssl,
  fn: () =>
    inFolder(async (folder) => {
      const read = (name: string): X509Certificate =>
        new X509Certificate(Deno.readTextFileSync(`${folder}/${name}.pem`));
      const cases: { own: string; between: readonly string[] }[] = [];
      for (const [name, extensions] of Object.entries(specials)) {
        await makeCertificate(folder, name, { extensions });
        cases.push({ own: name, between: [] });
      }
      for (const [name, extensions] of Object.entries(intermediates)) {
        await makeCertificate(folder, name, { extensions });
        await makeCertificate(folder, `below-${name}`, { authority: name });
        cases.push({ own: `below-${name}`, between: [name] });
      }
      // One more authority below one that allows none, and a chain with a gap.
      await makeCertificate(folder, "deep", {
        authority: "last",
        extensions: ["basicConstraints=critical,CA:true"],
      });
      await makeCertificate(folder, "too-deep", { authority: "deep" });
      cases.push({ own: "too-deep", between: ["deep", "last"] });
      cases.push({ own: "below-middle", between: [] });
      let refused = 0;
      for (const isServer of [true, false]) {
        for (const { own, between } of cases) {
          const purpose = isServer ? "sslserver" : "sslclient";
          const { success, stderr } = await new Deno.Command("openssl", {
            args: [
              ...["verify", "-CAfile", `${folder}/ca.pem`, "-purpose", purpose],
              ...between.flatMap((name) => ["-untrusted", `${folder}/${name}.pem`]),
              `${folder}/${own}.pem`,
            ],
            stdout: "null",
            stderr: "piped",
          }).output();
          const fault = certificateFault({
            chain: [own, ...between].map(read),
            authorities: [read("ca")],
            allowedNames: [],
            isServer,
            now: new Date(),
          });
          const said = `${own} ${purpose}: ${fault?.why} / ${new TextDecoder().decode(stderr)}`;
          equal(fault === undefined, success, said);
          if (!success) refused++;
        }
      }
      ok(refused >= 12, `${refused}`);
    }),
});

Deno.test({
  name: "revocation lists: missing, expired, of another signer, of authorities in between",
  ignore: !hasOpenssl,
  fn: () =>
    inFolder(async (folder) => {
      await makeCertificate(folder, "middle", {
        extensions: ["basicConstraints=critical,CA:true"],
      });
      await makeCertificate(folder, "own", { authority: "middle" });
      await makeRevocationList(folder, "root.crl");
      await makeRevocationList(folder, "root-old.crl", { days: -1 });
      await makeRevocationList(folder, "root-revokes.crl", { revoked: ["middle"] });
      await makeRevocationList(folder, "middle.crl", { authority: "middle" });
      await makeRevocationList(folder, "middle-revokes.crl", {
        authority: "middle",
        revoked: ["own"],
      });
      await makeRevocationList(folder, "other.crl", { authority: "other" });
      const lists = (...names: readonly string[]) =>
        names.map((name) => {
          const text = Deno.readTextFileSync(`${folder}/${name}.crl`);
          const base64 = text.replace(/-----[^-]*-----/g, "").replace(/\s/g, "");
          return revocationList(Uint8Array.from(atob(base64), (one) => one.charCodeAt(0)));
        });
      const read = (name: string): X509Certificate =>
        new X509Certificate(Deno.readTextFileSync(`${folder}/${name}.pem`));
      const faultWith = (...names: readonly string[]): string | undefined =>
        certificateFault({
          chain: [read("own"), read("middle")],
          authorities: [read("ca")],
          revocations: lists(...names),
          allowedNames: [],
          isServer: true,
          now: new Date(),
        })?.why;
      equal(faultWith("root", "middle"), undefined);
      match(faultWith("root", "middle-revokes") ?? "", /"own" was revoked on/);
      match(faultWith("root-revokes", "middle") ?? "", /"middle" was revoked on/);
      match(faultWith("root") ?? "", /has no list of "middle"/);
      match(faultWith("other") ?? "", /has no list of "middle"/);
      match(faultWith("root-old", "middle") ?? "", /list of "ca" expired on 2020/);
      const [root, middle] = lists("root", "middle");
      ok(root !== undefined && middle !== undefined);
      const forged = { ...middle, signature: root.signature };
      const fault = certificateFault({
        chain: [read("own"), read("middle")],
        authorities: [read("ca")],
        revocations: [root, forged],
        allowedNames: [],
        isServer: true,
        now: new Date(),
      });
      match(fault?.why ?? "", /list of "middle" is not signed by it/);
    }),
});
