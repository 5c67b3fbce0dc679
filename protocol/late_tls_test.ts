/** TLS after CRAM-MD5, as old daemons speak it: certificates on the accepting end. */
import { deepStrictEqual as equal, match, rejects } from "node:assert/strict";
import { makeAuthority, makeCertificate } from "../tests/support/certificates.ts";
import {
  acceptTlsLate,
  authenticateAcceptor,
  authenticateConnector,
  type CertificateSettings,
  Connection,
  connectTlsLate,
  passwordKey,
  TcpTransport,
  TlsPolicy,
} from "./mod.ts";

const none: CertificateSettings = {
  ...{ certificate: "", key: "", authorityFile: "", authorityFolder: "" },
  ...{ verifiesPeer: false, allowedNames: [] },
};

/** Both ends of a connection over TCP. */
async function connected(): Promise<[connector: Connection, acceptor: Connection]> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const [connector, acceptor] = await Promise.all([
    Deno.connect({ hostname: "127.0.0.1", port }),
    listener.accept(),
  ]);
  listener.close();
  return [new Connection(new TcpTransport(connector)), new Connection(new TcpTransport(acceptor))];
}

interface End {
  readonly settings: CertificateSettings;
  readonly policy: number;
}

/** Authenticates both ends and sends a message each way; the cipher that protects them. */
async function talk(connecting: End, accepting: End): Promise<string | undefined> {
  const [connector, acceptor] = await connected();
  const key = passwordKey("secret");
  const environment = {
    ...{ random32: () => 7, seconds: () => 1, pause: () => Promise.resolve() },
  };
  try {
    const [one, other] = await Promise.allSettled([
      (async () => {
        await authenticateConnector(connector, {
          ...{ hello: "Hello Director d calling\n", ownName: "R_DIRECTOR::d", key, environment },
          tlsPolicy: connecting.policy,
          startTls: connectTlsLate(connector, {
            certificates: connecting.settings,
            hostName: "localhost",
          }),
        });
        await connector.send("from the connector");
        const frame = await connector.receive();
        equal(
          frame?.kind === "message" && new TextDecoder().decode(frame.payload),
          "x".repeat(300000),
        );
      })().catch((error) => {
        connector.close();
        throw error;
      }),
      (async () => {
        await acceptor.receive(); // the hello
        await authenticateAcceptor(acceptor, {
          ...{ ownName: "R_CLIENT::c", key, environment, tlsPolicy: accepting.policy },
          startTls: acceptTlsLate(acceptor, accepting.settings),
        });
        const frame = await acceptor.receive();
        equal(
          frame?.kind === "message" && new TextDecoder().decode(frame.payload),
          "from the connector",
        );
        await acceptor.send("x".repeat(300000));
      })().catch((error) => {
        acceptor.close();
        throw error;
      }),
    ]);
    if (one.status === "rejected") throw one.reason;
    if (other.status === "rejected") throw other.reason;
    equal(connector.cipher, acceptor.cipher);
    return connector.cipher;
  } finally {
    connector.close();
    acceptor.close();
  }
}

Deno.test({
  name: "TLS begins after the challenge as both policies want it",
  // The runtime's TLS closes its handles after the test has gone on.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    try {
      await makeAuthority(folder, "ca");
      await Promise.all([makeCertificate(folder, "localhost"), makeCertificate(folder, "other")]);
      const own = (name: string): CertificateSettings => ({
        ...none,
        certificate: `${folder}/${name}.pem`,
        key: `${folder}/${name}.key`,
      });
      const trusting = { verifiesPeer: true, authorityFile: `${folder}/ca.pem` };
      const checking = { ...none, ...trusting };
      const { enabled, required, none: off } = TlsPolicy;
      const server = { settings: own("localhost"), policy: enabled };

      equal(await talk({ settings: none, policy: off }, server), undefined);
      match(String(await talk({ settings: none, policy: enabled }, server)), /TLSv1\.3$/);
      match(String(await talk({ settings: checking, policy: required }, server)), /TLSv1\.3$/);
      match(
        String(
          await talk(
            { settings: { ...own("other"), ...trusting }, policy: required },
            {
              settings: { ...own("localhost"), ...trusting },
              policy: required,
            },
          ),
        ),
        /TLSv1\.3$/,
      );
      const foreign = { settings: own("other"), policy: enabled };
      await rejects(talk({ settings: checking, policy: enabled }, foreign), (error) => {
        match(String(error), /is for "other", not for "localhost"/);
        return true;
      });
      await rejects(talk({ settings: none, policy: required }, { settings: none, policy: off }));
      await rejects(talk({ settings: none, policy: enabled }, { settings: none, policy: enabled }));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
