/**
 * Certificates that were revoked, keys that everybody may read and peers that are not checked, at each daemon and
 * console; and copies and passive clients with certificates checked on both ends.
 */
import { doesNotMatch, match, ok, strictEqual } from "node:assert";
import { dial, hellos, passwordKey, startTls } from "../protocol/mod.ts";
import {
  certificate,
  consoleFile,
  own,
  scene,
  toClient,
  toStorage,
  verify,
} from "./support/certificate_scene.ts";
import { makeRevocationList } from "./support/certificates.ts";
import { SecondStorage } from "./support/second_storage.ts";

const daemons = ["dir", "sd", "fd"] as const;

Deno.test("a daemon whose key everybody may read lets nobody in and says why; nor does the director connect with one", () =>
  scene(async ({ installation, path, withDirectives }) => {
    for (const name of daemons) {
      await withDirectives([own[name]], ...certificate(path, name), "TLS Verify Peer = no");
      await Deno.chmod(path(`tls/${name}.key`), 0o644);
    }
    await installation.start();
    for (const name of daemons) {
      const connection = await dial({
        ...{ address: "127.0.0.1", port: installation.port(name), who: name },
      });
      const identity = { type: "R_DIRECTOR", name: "roost-dir" };
      const refused = await startTls(connection, identity, passwordKey("any")).then(
        () => "",
        String,
      );
      match(refused, /Cannot start TLS with/, name);
    }
    for (const name of ["sd", "fd"] as const) {
      const { stderr } = await installation.end(name);
      match(
        stderr,
        new RegExp(`Cannot use TLS Key = "\\S+${name}\\.key": its mode 644 lets every`),
      );
    }
    match(
      (await installation.end("dir")).stderr,
      /Cannot use TLS Key = "\S+dir\.key": its mode 644 lets every/,
    );
    // The director's own door is open again, its way to the client is not.
    await Deno.chmod(path("tls/dir.key"), 0o600);
    await Deno.copyFile(path("tls/dir.key"), path("tls/open.key"));
    await Deno.copyFile(path("tls/dir.pem"), path("tls/open.pem"));
    await Deno.chmod(path("tls/open.key"), 0o644);
    await Deno.chmod(path("tls/fd.key"), 0o600);
    await withDirectives([toClient], ...certificate(path, "open"), "TLS Verify Peer = no");
    await installation.start("fd", "dir");
    match(
      await installation.console("status client=roost-fd", "messages"),
      /Cannot use TLS Key = "\S+open\.key": its mode 644 lets every/,
    );
  }));

Deno.test("who is connected to refuses a revoked certificate, and any where the list is old or of another authority", () =>
  scene(async ({ installation, path, withDirectives }) => {
    const tls = path("tls");
    await makeRevocationList(tls, "good-list");
    await makeRevocationList(tls, "list", { revoked: ["admin", "dir"] });
    await makeRevocationList(tls, "old-list", { days: -1 });
    await makeRevocationList(tls, "other-list", { authority: "other-ca" });
    const list = (name: string) => `TLS Certificate Revocation List = "${path(`tls/${name}`)}"`;
    await withDirectives(
      [consoleFile],
      ...certificate(path, "admin"),
      ...verify(path, "localhost"),
    );
    await withDirectives([toClient], ...certificate(path, "dir"), ...verify(path, "fd"));
    const cases: readonly (readonly [list: string, isGood: boolean, why: RegExp, told: RegExp])[] =
      [
        ["good-list", true, /^/, /^/],
        ["list", false, /the certificate of "NAME" was revoked on /, /certificate_revoked/],
        ["old-list", false, /the list of "ca" .*expired on|expired on/, /certificate_expired/],
        ["other-list", false, /has no list of "ca"/, /unknown_ca/],
      ];
    for (const [name, isGood, why, told] of cases) {
      const check = [list(name)];
      await withDirectives(
        [own.dir],
        ...certificate(path, "localhost"),
        ...verify(path, "admin"),
        ...check,
      );
      await withDirectives([own.fd], ...certificate(path, "fd"), ...verify(path, "dir"), ...check);
      await installation.start("dir", "fd");
      const version = await installation.run(["console", "-c", installation.folder], "version\n");
      strictEqual(version.status === 0, isGood, `${name}: ${version.stderr}`);
      // As the director does: its own console is not let in here.
      const connection = await dial({
        ...{ address: "127.0.0.1", port: installation.port("fd"), who: "Client" },
      });
      const certificates = {
        ...{ certificate: path("tls/dir.pem"), key: path("tls/dir.key"), authorityFolder: "" },
        ...{ authorityFile: path("tls/ca.pem"), verifiesPeer: true, allowedNames: ["fd"] },
      };
      const identity = { type: "R_DIRECTOR", name: "roost-dir" };
      const entered = await startTls(connection, identity, "", { certificates })
        .then(async () => {
          // What the other end makes of our certificate comes behind its handshake: an alert, or the challenge
          // for who has said hello.
          if (isGood) {
            await connection.send(hellos.director.format({ name: "roost-dir", version: "26.0.0" }));
          }
          const frame = await connection.receive({ timeoutMs: 300_000 });
          if (isGood) return frame?.kind === "message" ? "" : `no challenge: ${connection.failure}`;
          return connection.failure?.message ?? "";
        }, String);
      connection.close();
      const ends = [await installation.end("dir"), await installation.end("fd")];
      if (isGood) {
        strictEqual(entered, "", name);
        continue;
      }
      match(version.stderr, told, name);
      match(entered, told, name);
      for (const [at, { stderr }] of ends.entries()) {
        match(stderr, new RegExp(why.source.replace("NAME", at === 0 ? "admin" : "dir")), name);
      }
    }
  }));

Deno.test("TLS Verify Peer = no is warned of once, by each daemon and console", () =>
  scene(async ({ installation, path, withDirectives }) => {
    for (const name of daemons) {
      await withDirectives([own[name]], ...certificate(path, name), "TLS Verify Peer = no");
    }
    await withDirectives(
      [toStorage, toClient],
      ...certificate(path, "foreign"),
      "TLS Verify Peer = no",
    );
    await withDirectives([consoleFile], ...certificate(path, "expired"), "TLS Verify Peer = no");
    await installation.start();
    match(
      await installation.console("status client=roost-fd", "status storage=File", "reload"),
      /reloaded/i,
    );
    match(
      await installation.console("run job=Backup level=Full yes", "wait", "messages"),
      /Backup OK/,
    );
    const text =
      /warning: TLS Verify Peer = no: any certificate is taken, so only passwords tell who a peer is/g;
    for (const name of daemons) {
      const { stderr } = await installation.end(name);
      strictEqual(stderr.match(text)?.length, 1, `${name}: ${stderr}`);
    }
  }));

Deno.test("a passive client is saved, verified and restored, and its job copied, with certificates checked on both ends", () =>
  scene(async ({ installation, path, withDirectives }) => {
    await using second = await SecondStorage.add(installation);
    await withDirectives([own.dir], ...certificate(path, "dir"), ...verify(path, "admin"));
    await withDirectives([own.sd], ...certificate(path, "sd"), ...verify(path, "dir", "fd", "sd"));
    await withDirectives([own.fd], ...certificate(path, "fd"), ...verify(path, "dir", "sd"));
    await withDirectives([toStorage], ...certificate(path, "dir"), ...verify(path, "sd"));
    await withDirectives(
      ...[[toClient], "Passive = yes", ...certificate(path, "dir"), ...verify(path, "fd")] as const,
    );
    await withDirectives([consoleFile], ...certificate(path, "admin"), ...verify(path, "dir"));
    await withDirectives(
      ["second/bareos-sd.conf"],
      ...["", ...certificate(path, "sd"), ...verify(path, "dir", "fd", "sd")], // on lines of their own
    );
    await withDirectives(
      ["bareos-dir.d/storage/Second.conf"],
      ...["", ...certificate(path, "dir"), ...verify(path, "sd")],
    );
    await installation.configure(
      "bareos-dir.d/job/More.conf",
      `Job { Name = Copy; Type = Copy; JobDefs = DefaultJob; Pool = Full; Next Pool = Copies
         Selection Type = PoolUncopiedJobs }
       Job { Name = VerifyVolume; JobDefs = DefaultJob; Type = Verify; Level = VolumeToCatalog
         Job To Verify = Backup }\n`,
    );
    await second.start();
    await installation.start();
    const job = (...commands: string[]) => installation.console(...commands, "wait", "messages");
    const suite = "TLS_AES_256_GCM_SHA384 TLSv1\\.3";
    const saved = await job("run job=Backup level=Full yes");
    match(saved, /Backup OK/);
    match(
      saved,
      new RegExp(`roost-sd .*Connected File Daemon at \\S+, encryption: ${suite}`),
      saved,
    );
    match(await job("run job=VerifyVolume yes"), /Verify OK/);
    const copied = await job("run job=Copy yes");
    match(copied, /Copying OK/, copied);
    doesNotMatch(copied, /Fatal error/);
    match(copied, /SD Files Written: +[1-9]/, copied);
    const between = copied.match(new RegExp(suite, "g"))?.length ?? 0;
    ok(between >= 3, `both storage daemons and the way between them: ${copied}`);
    match(await job("restore client=roost-fd select current all done yes"), /Restore OK/);
  }));
