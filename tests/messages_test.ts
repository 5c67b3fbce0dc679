/** Every destination of a Messages resource, with programs that really run (catalog-and-jobs.md 23). @module */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { allowPlainConsoles, loginTo } from "./support/console_session.ts";
import { join } from "./support/paths.ts";
import { writeScript } from "./support/script.ts";
import { Installation } from "./support/roost.ts";
import { waitFor } from "./support/wait_for.ts";

/** A stand-in for a mailer: what it was told and given, in files `<first word>.<n>`. */
const mailer = (folder: string): string =>
  `#!/bin/sh
n=1
while ! mkdir "${folder}/$1.$n" 2> /dev/null; do n=$((n + 1)); done
cat > "${folder}/$1.$n/text"
printf '%s\\n' "$@" > "${folder}/$1.$n/args.new"
mv "${folder}/$1.$n/args.new" "${folder}/$1.$n/args"
`;

/** The real logger, which sends to a port in place of the system's socket. */
const logger = (port: number): string =>
  `#!/bin/sh
exec /usr/bin/logger --udp --server 127.0.0.1 --port ${port} --rfc3164 "$@"
`;

/** A port of syslog, with what came there. */
class SyslogPort implements AsyncDisposable {
  readonly lines: string[] = [];
  readonly #socket = createSocket("udp4");

  private constructor() {
    this.#socket.on("message", (bytes) => void this.lines.push(bytes.toString()));
  }

  static async open(): Promise<SyslogPort> {
    const opened = new SyslogPort();
    await new Promise<void>((resolve) => opened.#socket.bind(0, "127.0.0.1", resolve));
    return opened;
  }

  get port(): number {
    return this.#socket.address().port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(resolve));
  }
}

/** Percent codes in the order of their letters, as words of the mail command. */
const codes = [..."bBcCdDefFhijlnNOpPrstvVwx%"].map((letter) => `"${letter}=%${letter}"`).join(" ");

const messages = (folder: string): string =>
  `Messages { Name = Standard
  Mail Command = "${folder}/mailer mail ${codes.replaceAll('"', '\\"')}"
  Operator Command = "${folder}/mailer operator %r"
  Mail = a@x, b@x = all, !skipped
  Mail Command = "${folder}/mailer error %e %r"
  Mail On Error = err@x = all
  Mail Command = "${folder}/mailer success %e %r"
  Mail On Success = ok@x = all
  Mail Command = "${folder}/mailer never"
  Mail = none@x = security
  Operator = op@x = error, fatal
  Syslog = info
  Syslog = nonsense = terminate, warning
  Syslog = local3 = error, fatal
  Timestamp Format = "STAMP %Y"
  File = "${folder}/new" = all
  Append = "${folder}/more" = all
  Append = "${folder}/some" = warning, error, fatal
  Stdout = all
  Stderr = error, fatal
  Console = all
  Catalog = all
}
`;

const jobs = (folder: string): string =>
  `Job { Name = Fails; JobDefs = DefaultJob; Level = Full; Run Script {
  Runs When = Before; Runs On Client = no; Fail Job On Error = yes; Command = "/bin/false" } }
Job { Name = Long; JobDefs = DefaultJob; Level = Full; Run Script {
  Runs When = Before; Runs On Client = no; Command = "/bin/cat ${folder}/long" } }
`;

Deno.test("each destination gets what it asks for, and mails go out by how the job ended", async () => {
  const folder = await Deno.makeTempDir({ prefix: "roost-messages-" });
  const source = join(folder, "source");
  await Deno.mkdir(source);
  try {
    await Deno.writeTextFile(join(source, "data"), "content");
    await Deno.writeTextFile(join(folder, "long"), `${"x".repeat(1500)}y\n`);
    await Deno.writeTextFile(join(folder, "new"), "old\n");
    await Deno.writeTextFile(join(folder, "more"), "old\n");
    writeScript(join(folder, "mailer"), mailer(folder));
    await Deno.mkdir(join(folder, "bin"));
    await using system = await SyslogPort.open();
    writeScript(join(folder, "bin", "logger"), logger(system.port));
    await using installation = await Installation.create({
      backup: source,
      env: { PATH: `${join(folder, "bin")}:${Deno.env.get("PATH")}` },
    });
    await allowPlainConsoles(installation);
    await installation.configure("bareos-dir.d/messages/Standard.conf", messages(folder));
    await installation.configure("bareos-dir.d/job/More.conf", jobs(folder));
    await installation.configure(
      "bareos-fd.d/messages/Standard.conf",
      "Messages { Name = Standard; Director = roost-dir = all; Syslog = local5 = info }\n",
    );
    await installation.start();
    const pid = installation.pid("dir");
    const session = await loginTo(installation);
    await session.call("run job=Backup level=Full yes");
    await session.call("wait");
    await session.call("run job=Fails yes");
    await session.call("wait");
    await session.call("run job=Long yes");
    await session.call("wait");
    const shown = await session.call("messages");
    const logged = await session.call("list joblog jobid=2");
    await session.close();
    const file = (name: string): Promise<string> => Deno.readTextFile(join(folder, name));
    const sent = async (name: string): Promise<string[]> => {
      const found = [];
      for await (const entry of Deno.readDir(folder)) {
        if (entry.name.startsWith(`${name}.`)) found.push(entry.name);
      }
      return found.sort();
    };
    // What warns and what fails, one after the other.
    const serious = async (): Promise<string[]> =>
      (await file("some")).trimEnd().split(/\n(?=STAMP)/);
    await waitFor("the mails to be sent", async () => {
      const mails = [...await sent("mail"), ...await sent("error"), ...await sent("success")];
      const operators = await sent("operator");
      const done = await Promise.all(
        [...mails, ...operators].map((name) =>
          Deno.stat(join(folder, name, "args")).then(() => true, () => false)
        ),
      );
      return mails.length >= 6 && operators.length >= (await serious()).length &&
        done.every(Boolean);
    });
    const { stdout, stderr } = await installation.end("dir");

    // Mail: always, with the codes of its job; the text is what the other destinations got.
    const args = (await file("mail.1/args")).trimEnd().split("\n");
    assert.deepEqual(
      args.slice(1).map((word) => word.replace(/\d{4}-\d\d-\d\d[ _][\d:.]+(_\d\d)?/, "TIME")),
      [
        ...["b=7", "B=7 B", "c=roost-fd", "C=no", "d=roost-dir", "D=roost-dir", "e=OK"],
        ...["f=SelfTest", "F=2", "h=127.0.0.1", "i=1", "j=Backup.TIME", "l=Full", "n=Backup"],
        ...["N=*None*", "O=*None*", "p=Full", `P=${pid}`, "r=a@x b@x", "s=*None*", "t=Backup"],
        ...["v=Full-0001", "V=Full-0001", "w=File", "x=no", "%=%"],
      ],
    );
    const mail = await file("mail.1/text");
    assert.match(mail, /^\d\d-\w{3} \d\d:\d\d roost-dir JobId 1: /);
    assert.match(mail, /Termination: +Backup OK\n/);
    assert.deepEqual(await sent("mail"), ["mail.1", "mail.2", "mail.3"]);

    // On error and on success: by the status, and none that is empty.
    assert.equal(await file("error.1/args"), "error\nError\nerr@x\n");
    assert.match(await file("error.1/text"), /JobId 2: (.|\n)*\*\*\* Backup Error \*\*\*\n/);
    assert.deepEqual(await sent("error"), ["error.1"]);
    assert.equal(await file("success.1/args"), "success\nOK\nok@x\n");
    assert.deepEqual(await sent("success"), ["success.1", "success.2"]);
    assert.deepEqual(await sent("never"), []);

    // Operator: one mail a message, at once.
    const operators = await sent("operator");
    assert.equal(operators.length, (await serious()).length);
    assert.equal(await file(`${operators[0]}/args`), "operator\nop@x\n");
    assert.match(await file(`${operators[0]}/text`), /^\d\d-\w{3} \d\d:\d\d roost-dir JobId 2: /m);

    // Files: emptied or not, with the time stamp that stands before them.
    assert.match(await file("new"), /^STAMP 20\d\d roost-dir JobId 1: /);
    assert.equal(await file("more"), `old\n${await file("new")}`);
    assert.doesNotMatch(await file("some"), /JobId [13]: /);

    // Syslog, as the real logger sends it: facility, priority, tag; long lines in parts.
    const letters = (): number =>
      system.lines.reduce((sum, line) => sum + (line.match(/x{9,}/)?.[0].length ?? 0), 0);
    const from = (tag: string): string[] =>
      system.lines.filter((line) => line.includes(` ${tag}: `));
    const heads = (tag: string): string[] =>
      [...new Set(from(tag).map((line) => /^<(\d+)>/.exec(line)?.[1] ?? ""))].sort();
    const isSaid = (what: RegExp): boolean => system.lines.some((line) => what.test(line));
    // Each line is sent by a program of its own.
    await waitFor(
      "syslog to get the long line and what each job has to say",
      () =>
        letters() === 1500 && from("roost-fd").length > 0 && isSaid(/^<30>.* JobId 1: /) &&
        isSaid(/^<155>.* JobId 2: Error: /),
    );
    assert.deepEqual(heads("roost-dir"), ["155", "30"], "daemon.info and local3.err");
    assert.deepEqual(heads("roost-fd"), ["174"], "local5.info");
    assert.equal(from("roost-dir").length + from("roost-fd").length, system.lines.length);

    // The daemon's own output, the console and the catalog.
    assert.match(stdout, /^STAMP 20\d\d roost-dir JobId 1: /m);
    assert.match(stderr, /^STAMP 20\d\d roost-dir JobId 2: Error: /m);
    assert.doesNotMatch(stderr, /JobId [13]: /);
    assert.match(shown, /^STAMP 20\d\d roost-dir JobId 3: /m);
    assert.match(logged, /^ \d{4}-\d\d-\d\d \d\d:\d\d:\d\d roost-dir JobId 2: /m);
    assert.match(logged, /\*\*\* Backup Error \*\*\*/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
