/**
 * TLS after the challenge, with certificates, with Debian's daemons of Bacula in every role: everybody
 * demands TLS and checks the other's certificate.
 */
import { deepStrictEqual, doesNotMatch, match, strictEqual } from "node:assert";
import { bconsole, hasBacula } from "./support/bacula.ts";
import { BaculaSite, type BaculaSiteOptions } from "./support/bacula_site.ts";
import { MixedInstallation, type MixedOptions } from "./support/mixed_installation.ts";
import { assertRestored, backup, everything } from "./support/mixed_scenario.ts";
import { join } from "./support/paths.ts";
import { makeSample } from "./support/sample.ts";
import { compareTrees, describeTree } from "./support/tree.ts";

async function withData(run: (source: string) => Promise<void>): Promise<void> {
  const source = await Deno.makeTempDir({ prefix: "roost-data-" });
  try {
    await makeSample(source, { smallFiles: 20, sparseBytes: 2 ** 16, largeBytes: 300_000 });
    await run(source);
  } finally {
    await Deno.remove(source, { recursive: true });
  }
}

const certified = { isCertified: true, options: everything };

/** Backs up and restores under our director, and looks at the client and the storage. */
async function underRoost(options: Omit<MixedOptions, "source">): Promise<void> {
  await withData(async (source) => {
    await using mixed = await MixedInstallation.start({ source, ...certified, ...options });
    await backup(mixed, "level=Full");
    await assertRestored(mixed, source);
    const status = await mixed.console("status client=roost-fd", "status storage=File");
    const isClear = options.tlsMore !== undefined;
    match(status, /Handshake: \w+/);
    if (isClear) return match(status, /Handshake: \w+.*, +Encryption: None/, status);
    match(status, /Handshake: \w+.*, +Encryption: TLS_\S+ TLSv1\.3/, status);
    const checked = await mixed.installation.run(["dir", "-c", mixed.path(""), "--check"]);
    strictEqual(checked.stdout.match(/TLS +TLS_\S+ TLSv1\.3\n +authentication +ok/g)?.length, 2);
  });
}

/** Backs up and restores under Bacula's director. */
async function underBacula(options: Omit<BaculaSiteOptions, "source">): Promise<void> {
  await withData(async (source) => {
    await using site = await BaculaSite.start({ source, ...certified, ...options });
    const saved = await site.run("run job=Backup");
    match(saved, /Termination: +Backup OK\n/, saved);
    const restored = await site.run("restore where=" + site.restored + " select current all done");
    match(restored, /Termination: +Restore OK\n/, restored);
    deepStrictEqual(
      compareTrees(
        await describeTree(source),
        await describeTree(join(site.restored, source)),
        (path, property) => property === "ctime" || path === "",
      ),
      [],
    );
  });
}

const tests: Readonly<Record<string, () => Promise<void>>> = {
  "a bacula-fd": () => underRoost({ client: "bacula", storage: "roost" }),
  "a bacula-sd": () => underRoost({ client: "roost", storage: "bacula" }),
  "a bacula-fd and a bacula-sd": () => underRoost({ client: "bacula", storage: "bacula" }),
  "a bacula-dir, our file daemon": () => underBacula({ client: "roost", storage: "bacula" }),
  "a bacula-dir, our storage daemon": () => underBacula({ client: "bacula", storage: "roost" }),
  "a bacula-dir, both ours": () => underBacula({ client: "roost", storage: "roost" }),
};

const tlsMore = ["TLS Authenticate = yes"];
const clearTests: Readonly<Record<string, () => Promise<void>>> = {
  "a bacula-fd": () => underRoost({ client: "bacula", storage: "roost", tlsMore }),
  "a bacula-sd": () => underRoost({ client: "roost", storage: "bacula", tlsMore }),
  "our own": () => underRoost({ client: "roost", storage: "roost", tlsMore }),
  "a bacula-dir, both ours": () => underBacula({ client: "roost", storage: "roost", tlsMore }),
};

for (const [peers, fn] of Object.entries(clearTests)) {
  const name = `with ${peers}, TLS Authenticate ends TLS when both have authenticated`;
  Deno.test({ name, ignore: !hasBacula(), fn });
}

for (const [peers, fn] of Object.entries(tests)) {
  const name = `with ${peers}, everything is under TLS that begins after the challenge`;
  Deno.test({ name, ignore: !hasBacula(), fn });
}

Deno.test({
  name:
    "bconsole and our director check each other's certificate, and so do our console and bacula-dir",
  ignore: !hasBacula(),
  fn: () =>
    withData(async (source) => {
      await using mixed = await MixedInstallation.start({
        ...{ source, ...certified, client: "roost", storage: "roost" },
      });
      const { installation, tls } = mixed;
      const path = mixed.path("bareos-dir.d/director/roost-dir.conf");
      const [, password = ""] = /Password\s*=\s*"([^"]*)"/.exec(await Deno.readTextFile(path)) ??
        [];
      const place = {
        ...{ folder: installation.folder, port: installation.port("dir") },
        director: { name: "roost-dir", password },
      };
      match(
        await bconsole({ ...place, tls: tls?.towards("admin") }, "version"),
        /roost-dir Version: /,
      );
      // Without TLS on its end it is told, and nothing else is said to it.
      const refused = await bconsole(place, "version");
      match(refused, /requires? TLS|TLS/i, refused);
      doesNotMatch(refused, /roost-dir Version: /);

      await using site = await BaculaSite.start({
        ...{ source, ...certified, client: "bacula", storage: "bacula" },
      });
      const { port, director } = site.consolePlace;
      await Deno.remove(mixed.path("bconsole.d"), { recursive: true });
      await installation.configure(
        "bconsole.conf",
        `Director {\n  Name = ${director.name}\n  Address = 127.0.0.1\n  Port = ${port}\n` +
          `  Password = "${director.password}"\n${site.tls?.directives("admin", "dir")}}\n`,
      );
      match(
        await mixed.console("version"),
        /Encryption: TLS_\S+ TLSv1\.3[^]*bacula-dir Version: 9\.6/,
      );
      const checked = await installation.run(["console", "-c", installation.folder, "--check"]);
      match(checked.stdout, /TLS +TLS_\S+ TLSv1\.3\n +authentication +ok/, checked.stdout);
    }),
});

Deno.test({
  name: "a bacula-dir without TLS is refused by our daemons that require it, and both say why",
  ignore: !hasBacula(),
  fn: () =>
    withData(async (source) => {
      await using site = await BaculaSite.start({
        ...{ source, ...certified, client: "roost", storage: "roost" },
        isDirectorCertified: false,
      });
      const said = await site.console("status client=bacula-fd", "status storage=File");
      doesNotMatch(said, /Running Jobs|Director connected/);
      match(
        await site.endClient(),
        /Director bacula-dir at 127.*(TLS is required here|did not advertise required TLS support)/,
      );
    }),
});
