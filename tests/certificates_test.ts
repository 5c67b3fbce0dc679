/**
 * TLS with certificates between real daemons and consoles: checked and unchecked, with client
 * certificates, and what is said when one is not to be believed.
 */
import { match, ok, strictEqual } from "node:assert";
import {
  certificate,
  consoleFile,
  own,
  scene,
  toClient,
  toStorage,
  verify,
} from "./support/certificate_scene.ts";
import { makeCertificate, makeRevocationList } from "./support/certificates.ts";

Deno.test("daemons and console speak TLS with certificates and check each other's", () =>
  scene(async ({ installation, path, withDirectives }) => {
    // Who accepts has a certificate, asks for one and checks it; who connects does the same.
    await withDirectives([own.dir], ...certificate(path, "dir"), ...verify(path, "admin"));
    await withDirectives([own.sd], ...certificate(path, "sd"), ...verify(path, "dir", "fd", "sd"));
    await withDirectives([own.fd], ...certificate(path, "fd"), ...verify(path, "dir", "sd"));
    await withDirectives([toStorage], ...certificate(path, "dir"), ...verify(path, "sd"));
    await withDirectives([toClient], ...certificate(path, "dir"), ...verify(path, "fd"));
    await withDirectives([consoleFile], ...certificate(path, "admin"), ...verify(path, "dir"));
    await installation.start();
    const report = await installation.console("run job=Backup level=Full yes", "wait", "messages");
    match(report, /^ Encryption: TLS_AES_256_GCM_SHA384 TLSv1\.3$/m);
    match(report, /Connected Client: roost-fd at \S+, encryption: TLS_AES_256_GCM_SHA384 TLSv1\.3/);
    match(report, /Connected Storage daemon at \S+, encryption: TLS_AES_256_GCM_SHA384 TLSv1\.3/);
    match(report, /Backup OK/);
    match(
      await installation.console(
        "restore client=roost-fd select current all done yes",
        "wait",
        "messages",
      ),
      /Restore OK/,
    );
  }));

Deno.test("a certificate that is not to be believed is refused, and the cause is told", () =>
  scene(async ({ installation, path, withDirectives }) => {
    const restart = async (name: string): Promise<void> => {
      await installation.end("dir").catch(() => {}); // it may not run yet
      await withDirectives([own.dir], ...certificate(path, name));
      await installation.start("dir");
    };
    await makeCertificate(path("tls"), "revoked");
    await makeRevocationList(path("tls"), "list", { revoked: ["revoked"] });
    await makeRevocationList(path("tls"), "other-list", { authority: "other-ca" });
    const revocations = (name: string): string =>
      `TLS Certificate Revocation List = "${path(`tls/${name}`)}"`;
    const version = () => installation.run(["console", "-c", installation.folder], "version\n");
    const cases: readonly (readonly [name: string, directives: string[], expected: RegExp])[] = [
      ["dir", verify(path, "dir"), /Version: /],
      ["localhost", verify(path, "dir"), /"localhost", which is not in TLS Allowed CN/],
      ["dir", verify(path), /the certificate is for "dir", not for "127\.0\.0\.1"/],
      [
        "foreign",
        verify(path, "foreign"),
        /issued by "other-ca", which is none of the authorities/,
      ],
      ["expired", verify(path, "expired"), /the certificate of "expired" expired on /],
      ["dir", [...verify(path, "dir"), revocations("list")], /Version: /],
      [
        "revoked",
        [...verify(path, "revoked"), revocations("list")],
        /the certificate of "revoked" was revoked on /,
      ],
      ["dir", [...verify(path, "dir"), revocations("other-list")], /has no list of "ca"/],
      // Unchecked, any of them will do.
      ["expired", ["TLS Verify Peer = no", ...certificate(path, "admin")], /Version: /],
      ["foreign", ["TLS Verify Peer = no", ...certificate(path, "admin")], /Version: /],
    ];
    for (const [name, directives, expected] of cases) {
      await restart(name);
      await withDirectives([consoleFile], ...directives);
      const { stdout, stderr, status } = await version();
      match(stdout + stderr, expected, `${name}: ${stdout} ${stderr}`);
      strictEqual(status === 0, expected.source === "Version: ", stderr);
      if (directives[0] === "TLS Verify Peer = no") {
        match(stderr, /warning: TLS Verify Peer = no: any certificate is taken/);
      }
    }
    // The director asks for a certificate, and the console has none, or a foreign one.
    await installation.end("dir");
    await withDirectives([own.dir], ...certificate(path, "dir"), ...verify(path, "admin"));
    await installation.start("dir");
    for (
      const directives of [[], [...certificate(path, "foreign")], [...certificate(path, "fd")]]
    ) {
      await withDirectives([consoleFile], ...directives, ...verify(path, "dir"));
      ok((await version()).status !== 0, directives.join(" "));
    }
    for (
      const why of [
        /failed to present a TLS certificate/,
        /issued by "other-ca"/,
        /the certificate is for "fd", which is not in TLS Allowed CN/,
      ]
    ) await installation.untilSaid("dir", why);
  }));

Deno.test("keys that everybody may read, and files that are not there, are refused by name", () =>
  scene(async ({ installation, path, withDirectives }) => {
    await installation.start("dir");
    const version = () => installation.run(["console", "-c", installation.folder], "version\n");
    await withDirectives([consoleFile], ...certificate(path, "none"));
    match((await version()).stderr, /Cannot use TLS Certificate = ".*none\.pem": No such file/);
    await Deno.chmod(path("tls/admin.key"), 0o644);
    await withDirectives([consoleFile], ...certificate(path, "admin"));
    match((await version()).stderr, /Cannot use TLS Key = ".*admin\.key": its mode 644 lets every/);
  }));

Deno.test("who has a certificate works with who has none; both speak TLS 1.2 if one is limited to it", () =>
  scene(async ({ installation, path, withDirectives }) => {
    // The director and its console have certificates, the other daemons have not: keys are used there.
    await withDirectives([own.dir, toStorage, toClient, consoleFile], ...certificate(path, "dir"));
    await installation.start();
    const run = ["run job=Backup level=Full yes", "wait", "messages"];
    const report = await installation.console(...run);
    match(report, /Backup OK/);
    match(
      report,
      /Connected Client: roost-fd at \S+, encryption: TLS_(CHACHA|AES_128)\S+ TLSv1\.3/,
    );
    const status = await installation.console("status client=roost-fd", "status storage=File");
    match(status, /Handshake: Immediate TLS, +Encryption: TLS_\S+ TLSv1\.3/);
    strictEqual(status.match(/Encryption: TLS_\S+ TLSv1\.3/g)?.length, 3, status); // and the console's
    for (const name of ["dir", "fd", "sd"] as const) await installation.end(name);

    await withDirectives([own.fd, own.sd], "TLS Protocol = -TLSv1.3", "TLS Cipher List = PSK");
    await installation.start();
    const limited = await installation.console(...run);
    match(limited, /Backup OK/);
    match(
      limited,
      /Connected Client: roost-fd at \S+, encryption: ECDHE-PSK-CHACHA20-POLY1305 TLSv1\.2/,
    );
    match(limited, /^.* Encryption: ECDHE-PSK-CHACHA20-POLY1305 TLSv1\.2$/m);
  }));

Deno.test("TLS Authenticate ends TLS with keys after the handshake, on both ends or not at all", () =>
  scene(async ({ installation, withDirectives }) => {
    const all = [own.dir, own.sd, own.fd, toStorage, toClient, consoleFile];
    await withDirectives(all, "TLS Authenticate = yes");
    await installation.start();
    const report = await installation.console("run job=Backup level=Full yes", "wait", "messages");
    match(report, /Backup OK/);
    match(report, /^ Encryption: None$/m);
    match(report, /Connected Client: roost-fd at \S+, encryption: None/);
    match(await installation.console("status client=roost-fd"), /Immediate TLS, +Encryption: None/);
    match(
      (await installation.end("fd")).stderr,
      /warning: TLS Authenticate = yes: .* in the clear/,
    );
    await withDirectives([own.fd], "# as it was");
    await installation.start("fd");
    match(
      await installation.console("status client=roost-fd", "messages"),
      /Client roost-fd at .*TLS Authenticate = yes stands on this end only/,
    );
  }));

Deno.test("-t names certificates and keys that no connection could use, and the resource", () =>
  scene(async ({ installation, path, withDirectives }) => {
    const told = async (...directives: string[]): Promise<string> => {
      await withDirectives([own.fd], ...directives);
      const { status, stderr } = await installation.run(["fd", "-t", "-c", installation.folder]);
      strictEqual(status, 0, stderr);
      return stderr;
    };
    strictEqual(await told(...certificate(path, "fd"), ...verify(path)), "");
    const where = /Client "roost-fd" on line \d+ of file \S+myself\.conf: /.source;
    match(
      await told(...certificate(path, "expired")),
      new RegExp(`${where}TLS Certificate = "\\S+expired.pem" has expired`),
    );
    match(
      await told(...certificate(path, "nowhere")),
      new RegExp(`${where}Cannot use TLS Certificate = "\\S+nowhere.pem": .*No such file`),
    );
    await Deno.copyFile(path("tls/dir.key"), path("tls/mixed.key"));
    await Deno.copyFile(path("tls/fd.pem"), path("tls/mixed.pem"));
    match(await told(...certificate(path, "mixed")), /it is not the key of TLS Certificate/);
    await Deno.chmod(path("tls/fd.key"), 0o644);
    match(await told(...certificate(path, "fd")), /its mode 644 lets everybody at it/);
    const unread = `TLS CA Certificate File = "${path("tls/none.pem")}"`;
    match(await told("TLS Verify Peer = yes", unread), /Cannot use TLS CA Certificate File/);
  }));
