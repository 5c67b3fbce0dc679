/**
 * `--check` where one thing after the other is wrong: each time it says what, and what to change. The daemons are real
 * and stay as they are; what changes is the configuration of who checks, or what listens there.
 */
import { match, ok, strictEqual } from "node:assert";
import { peerTargets } from "../cli/peer_targets.ts";
import { loadConfiguration } from "../daemon/config/mod.ts";
import { checkPeers, findingsText } from "../daemon/peer_check.ts";
import { makeAuthority, makeCertificate } from "./support/certificates.ts";
import { freePort } from "./support/free_port.ts";
import { join } from "./support/paths.ts";
import { RawSockets } from "./support/raw_sockets.ts";
import { RESOURCE_FILES as files } from "./support/rewrite.ts";
import { Installation } from "./support/roost.ts";

/** What is there to be used by the faults. */
interface Scene {
  readonly installation: Installation;
  readonly closedPort: number;
  readonly silentPort: number;
  readonly sshPort: number;
  readonly httpPort: number;
  readonly oldPort: number;
}

interface Fault {
  readonly what: string;
  readonly who: "director" | "console";
  /** The file whose directives are changed, and their new values; of new ones, too. */
  readonly file: string;
  readonly directives: (scene: Scene) => Readonly<Record<string, string>>;
  /** The certificate that the file daemon shows, of those below. */
  readonly certificate?: string;
  readonly problem: RegExp;
  readonly advice: RegExp;
}

const tls = ({ installation }: Scene, file: string): string =>
  `"${join(installation.folder, "tls", file)}"`;
const verified = (scene: Scene): Record<string, string> => ({
  "TLS Verify Peer": "yes",
  "TLS CA Certificate File": tls(scene, "ca.pem"),
  "TLS Allowed CN": "fd",
});

const client = { who: "director", file: files.client } as const;
const storage = { who: "director", file: files.storage } as const;
const console = { who: "console", file: files.console } as const;

const faults: readonly Fault[] = [
  {
    ...{ what: "another password", ...client, directives: () => ({ Password: '"x"' }) },
    problem: /passwords of R_DIRECTOR::roost-dir on both ends differ; Password in the Client or/,
    advice: /make the passwords on both ends the same, in the resources named above/,
  },
  {
    what: "another password of the console",
    ...{ ...console, directives: () => ({ Password: '"x"' }) },
    problem: /passwords of R_CONSOLE::\*UserAgent\* on both ends differ; Password in the console's/,
    advice: /make the passwords on both ends the same/,
  },
  {
    what: "a director whom the daemon does not know",
    ...{ who: "director", file: files.director, directives: () => ({ Name: "stranger" }) },
    problem: /the other end does not know R_DIRECTOR::stranger/,
    advice: /add a resource for "stranger" to the file daemon's configuration/,
  },
  {
    what: "TLS off here only",
    ...{ ...client, directives: () => ({ "TLS Enable": "no" }) },
    problem: /TERMINATE in place of the challenge|closed/,
    advice: /set TLS Enable alike on both ends \(here it is off in Client "roost-fd"\)/,
  },
  {
    what: "TLS off here only, at the console",
    ...{ ...console, directives: () => ({ "TLS Enable": "no" }) },
    problem: /TERMINATE in place of the challenge|closed/,
    advice: /set TLS Enable alike on both ends \(here it is off in Director "roost-dir"\)/,
  },
  {
    what: "a closed port",
    ...{ ...client, directives: ({ closedPort }) => ({ Port: String(closedPort) }) },
    problem: /refused/,
    advice:
      /start the file daemon there, or correct Address and Port .*: nobody listens on port \d+/,
  },
  {
    ...{ what: "an unknown host", ...client, directives: () => ({ Address: "no.invalid" }) },
    problem: /failed to lookup address/,
    advice: /correct Address in the resource Client "roost-fd", or the name service: the host is/,
  },
  {
    what: "packets that vanish",
    ...{ ...client, directives: ({ silentPort }) => ({ Port: String(silentPort) }) },
    problem: /no answer; a firewall between the two/,
    advice: /look for a firewall between the two, and at Address and Port in the resource Client/,
  },
  {
    what: "a server of SSH",
    ...{ ...client, directives: ({ sshPort }) => ({ Port: String(sshPort) }) },
    problem: /SSH/,
    advice: /another program .* correct Address and Port in the resource Client "roost-fd"/,
  },
  {
    what: "a web server",
    ...{ ...client, directives: ({ httpPort }) => ({ Port: String(httpPort) }) },
    problem: /HTTP/,
    advice: /another program .* correct Address and Port in the resource Client "roost-fd"/,
  },
  {
    what: "a web server, in the clear",
    ...client,
    directives: ({ httpPort }) => ({ Port: String(httpPort), "TLS Enable": "no" }),
    problem: /HTTP/,
    advice: /another program .* correct Address and Port in the resource Client "roost-fd"/,
  },
  {
    what: "a web server in place of the director",
    ...{ ...console, directives: ({ httpPort }) => ({ Port: String(httpPort) }) },
    problem: /HTTP/,
    advice: /another program .* correct Address and Port in the resource Director "roost-dir"/,
  },
  {
    what: "a daemon that is too old for TLS at once",
    ...{ ...client, directives: ({ oldPort }) => ({ Port: String(oldPort) }) },
    problem: /closed|reset/,
    advice: /a daemon older than 18\.2 needs TLS Require = no, or TLS Enable = no/,
  },
  {
    what: "a storage daemon in place of a client",
    ...client,
    directives: ({ installation }) => ({
      Port: String(installation.port("sd")),
      "TLS Enable": "no",
      Password: storagePassword(installation),
    }),
    problem: /Not the answer of a file daemon: 3000 OK Hello/,
    advice: /another daemon .* correct Address and Port in the resource Client "roost-fd"/,
  },
  {
    what: "an expired certificate",
    ...{ ...client, directives: verified, certificate: "expired" },
    problem: /the certificate of "fd" expired on/,
    advice: /renew the certificate of the file daemon/,
  },
  {
    what: "a certificate of another authority",
    ...{ ...client, directives: verified, certificate: "foreign" },
    problem: /is issued by "other-ca", which is none of the authorities/,
    advice: /TLS CA Certificate File .* Client "roost-fd"/,
  },
  {
    what: "a certificate for another name",
    ...{ ...client, directives: verified, certificate: "other" },
    problem: /the certificate is for "other", which is not in TLS Allowed CN/,
    advice: /TLS Allowed CN .* Client "roost-fd"/,
  },
  {
    what: "a certificate for another address",
    ...client,
    directives: (scene) => ({
      "TLS Verify Peer": "yes",
      "TLS CA Certificate File": tls(scene, "ca.pem"),
    }),
    problem: /the certificate is for "fd", not for "127\.0\.0\.1", the configured address/,
    advice: /Address .* Client "roost-fd"/,
  },
];

function storagePassword(installation: Installation): string {
  const text = Deno.readTextFileSync(join(installation.folder, files.storage));
  return /Password = (.*)/.exec(text)?.[1] ?? "";
}

/** A text with directives set to other values, or added. */
function changed(text: string, directives: Readonly<Record<string, string>>): string {
  for (const [name, value] of Object.entries(directives)) {
    const line = new RegExp(`^(\\s*)${name}\\s*=.*$`, "m");
    text = line.test(text)
      ? text.replace(line, `$1${name} = ${value}`)
      : text.replace(/\}\s*$/, `  ${name} = ${value}\n}\n`);
  }
  return text;
}

/** Listens and answers every connection with a text, then closes it. */
function foreigner(text: string, whenSpokenTo: boolean): Deno.TcpListener {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serve = async (connection: Deno.Conn): Promise<void> => {
    const bytes = new TextEncoder().encode(text);
    try {
      if (!whenSpokenTo) await connection.write(bytes);
      await connection.read(new Uint8Array(1000));
      if (whenSpokenTo && text !== "") await connection.write(bytes);
    } finally {
      connection.close();
    }
  };
  void (async () => {
    for await (const connection of listener) void serve(connection).catch(() => {});
  })().catch(() => {}); // closed in the end
  return listener;
}

Deno.test("--check says of every fault what is wrong and what to change", async (test) => {
  await using installation = await Installation.create({ backup: Deno.cwd() });
  const folder = join(installation.folder, "tls");
  await Deno.mkdir(folder);
  await Promise.all([makeAuthority(folder, "ca"), makeAuthority(folder, "other-ca")]);
  await makeCertificate(folder, "fd");
  const shown = { fd: "fd", other: "other", foreign: "fd", expired: "fd" } as const;
  await makeCertificate(folder, "other");
  for (
    const [name, wish] of [
      ["foreign", { authority: "other-ca" }],
      ["expired", { days: -1 }],
    ] as const
  ) {
    await Deno.mkdir(join(folder, name));
    for (const file of Deno.readDirSync(folder)) {
      if (/^(ca|other-ca)\./.test(file.name)) {
        await Deno.copyFile(join(folder, file.name), join(folder, name, file.name));
      }
    }
    await makeCertificate(join(folder, name), shown[name], wish);
    for (const end of ["pem", "key"]) {
      await Deno.copyFile(join(folder, name, `fd.${end}`), join(folder, `${name}.${end}`));
    }
  }
  const show = async (name: string): Promise<void> => {
    for (const end of ["pem", "key"]) {
      await Deno.copyFile(join(folder, `${name}.${end}`), join(folder, `shown.${end}`));
      await Deno.chmod(join(folder, `shown.${end}`), 0o600);
    }
  };
  await show("fd");
  const edit = async (file: string, directives: Readonly<Record<string, string>>) => {
    const original = await Deno.readTextFile(join(installation.folder, file));
    await installation.configure(file, changed(original, directives));
    return original;
  };
  const own = ["TLS Certificate", "TLS Key"];
  await edit(files.file, {
    [own[0] ?? ""]: `"${folder}/shown.pem"`,
    [own[1] ?? ""]: `"${folder}/shown.key"`,
  });
  // The storage daemon speaks in the clear.
  await edit(files.storageDirector, { "TLS Enable": "no" });
  await edit(files.storageDaemon, { "TLS Enable": "no" });
  await edit(files.storage, { "TLS Enable": "no" });
  await installation.start();

  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  using sockets = new RawSockets();
  const queued: number[] = [];
  for (let failures = 0; failures < 3;) { // until there is no room in its queue
    const socket = sockets.connect(silent.addr.port, [127, 0, 0, 1], 500);
    if (socket >= 0) queued.push(socket);
    else failures++;
  }
  using ssh = foreigner("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", false);
  using http = foreigner("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", true);
  using old = foreigner("", true);
  const scene: Scene = {
    ...{ installation, closedPort: freePort(), silentPort: silent.addr.port },
    ...{ sshPort: ssh.addr.port, httpPort: http.addr.port, oldPort: old.addr.port },
  };
  const check = async (who: Fault["who"], file: string): Promise<[boolean, string]> => {
    const targets = who === "director"
      ? peerTargets("director", loadConfiguration("director", installation.folder))
      : peerTargets("console", loadConfiguration("console", installation.folder));
    const kind = file === files.storage ? "storage daemon" : "file daemon";
    const some = targets.filter((target) => who === "console" || target.kind === kind);
    ok(some.length > 0);
    let text = "";
    const isFine = await checkPeers(some, (findings) => text += `${findingsText(findings)}\n`);
    return [isFine, text];
  };
  for (const { who, file } of [client, storage, console]) {
    const [isFine, text] = await check(who, file);
    ok(isFine, text);
  }
  // TLS with the key is taken where nobody asks for it, too.
  const storageText = await edit(files.storage, { "TLS Enable": "yes" });
  const [isFine, text] = await check("director", files.storage);
  ok(isFine, text);
  await installation.configure(files.storage, storageText);
  for (const { what, who, file, directives, certificate = "fd", problem, advice } of faults) {
    await test.step(what, async () => {
      await show(certificate);
      const original = await edit(file, directives(scene));
      try {
        const [isFine, text] = await check(who, file);
        strictEqual(isFine, false, text);
        match(/^ +problem +(.*)$/m.exec(text)?.[1] ?? text, problem);
        match(/^ +what to do +(.*)$/m.exec(text)?.[1] ?? text, advice);
      } finally {
        await installation.configure(file, original);
      }
    });
  }
  for (const socket of queued) sockets.close(socket);
});
