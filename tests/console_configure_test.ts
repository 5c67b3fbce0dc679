/** `configure`, `reload` and `show` on a running director (console.md 10, 18, 20). */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { ConsoleSession } from "../protocol/mod.ts";
import { ConsoleScene } from "./support/console_scene.ts";
import { join } from "./support/paths.ts";

const usage = "usage:\n  configure add <resourcetype> <key1>=<value1> ...\n" +
  "  configure export client=<clientname>\n";

/** Each line and all that the director answers to it. */
async function answers(
  session: ConsoleSession,
  rows: readonly (readonly [line: string, answer: string | RegExp])[],
): Promise<void> {
  for (const [line, answer] of rows) {
    const got = await session.call(line);
    if (typeof answer === "string") assert.equal(got, answer, line);
    else assert.match(got, answer, line);
  }
}

Deno.test("configure refuses each wrong line with its own text and writes nothing", async () => {
  await using scene = await ConsoleScene.start();
  const session = await scene.login();
  const failed = (name: string): RegExp =>
    new RegExp(`^configure error: [^]*failed to create config resource "${name}"\n$`);
  await answers(session, [
    ["configure", usage],
    ["configure frobnicate", `${usage}invalid subcommand frobnicate.\n`],
    ["configure add", usage],
    ["configure add thing name=x", "invalid resource type thing.\n"],
    ["configure add director name=x", "Only one Director resource allowed.\n"],
    ["configure add pool", 'Resource "Pool": missing name parameter.\n'],
    ["configure add pool name=", 'Resource "Pool": missing name parameter.\n'],
    ["configure add pool name=Full", 'Resource "Pool" with name "Full" already exists.\n'],
    [
      "configure add pool name=x colour=red",
      'Resource "Pool" does not permit directive "colour".\n',
    ],
    ["configure add pool name=x labelformat", 'Missing value for directive "labelformat"\n'],
    ["configure add pool name=x labelformat=", 'Missing value for directive "labelformat"\n'],
    [
      'configure add pool name=x "labelformat=a\nb"',
      'Could not add directive "labelformat": character newline is forbidden.\n',
    ],
    [
      'configure add pool name=x "labelformat=a\rb"',
      'Could not add directive "labelformat": character carriage return is forbidden.\n',
    ],
    ["configure add pool name=a;b", 'configure error: Illegal character ";" in name.\n'],
    ['configure add pool name="../x"', 'configure error: Illegal character "/" in name.\n'],
    ["configure add pool name=x pooltype=Nonsense", failed("x")],
    ["configure add pool name=x nextpool=Nope", failed("x")],
    ["configure add client name=x password=y", failed("x")],
    ["configure add job name=x jobdefs=Nope", failed("x")],
    ["configure add job name=x type=Backup", failed("x")],
    ["configure export", "usage: configure export client=<clientname>\n"],
    ["configure export client=Nope", "usage: configure export client=<clientname>\n"],
    ["show pool=x", "pools resource x not found.\n"],
  ]);
  const folders = [...Deno.readDirSync(join(scene.folder, "etc/bareos-dir.d"))].map(({ name }) =>
    name
  );
  assert.deepEqual(folders, ["director"]);
});

Deno.test("configure add writes a file and puts the one resource into the running director", async () => {
  await using scene = await ConsoleScene.start();
  const session = await scene.login();
  const path = (name: string): string => join(scene.folder, "etc", name);
  await session.call("disable job=Backup");
  // Somebody is in the middle of an edit: what is on the disk does not matter.
  await Deno.writeTextFile(path("bareos-dir.d/director/half.conf"), "Pool { Name = \n");
  const client = `Client {
  Name = "new-fd"
  address = "192.0.2.1"
  password = "se cret"
  description = "two words"
}
`;
  assert.equal(
    await session.call(
      'configure add client name=new-fd address=192.0.2.1 password="se cret" description="\\"two words\\""',
    ),
    `Exported resource file "${
      path("bareos-dir-export/client/new-fd/bareos-fd.d/director/dir.conf")
    }":
Director {
  Name = "dir"
  Password = "${md5("se cret")}"
}
Created resource config file "${path("bareos-dir.d/client/new-fd.conf")}":
${client}`,
  );
  assert.equal(await Deno.readTextFile(path("bareos-dir.d/client/new-fd.conf")), client);
  assert.match(
    await session.call("configure add job name=new-job jobdefs=Standard client=new-fd type=Backup"),
    /^Created resource config file "\S+\/job\/new-job\.conf":\nJob \{\n {2}Name = "new-job"\n/,
  );
  assert.match(await session.call("run job=new-job"), /\nClient: {3}new-fd\n/);
  await session.call("no");
  assert.match(await session.call("show disabled"), /^Disabled Jobs:\n {3}Backup\n/);
  assert.match(await session.call("list clients"), /\| new-fd +\|/);

  const broken = await session.call("reload");
  assert.match(broken, /half\.conf[^]*Resetting to previous configuration\.\nfailed to reload\n/);
  assert.match(await session.call(".jobs"), /\nnew-job\n/);
  await Deno.remove(path("bareos-dir.d/director/half.conf"));
  assert.equal(await session.call("reload"), "reloaded\n");
  assert.match(await session.call(".jobs"), /(^|\n)new-job\n/);
  assert.match(await session.call("show disabled"), /^No disabled Jobs\.\n/);

  await session.call(".api 2 compact=yes");
  const added = JSON.parse(
    await session.call("configure add console name=web password=x tlsenable=no"),
  );
  assert.deepEqual(added.result, {
    configure: {
      add: {
        resource: "console",
        name: "web",
        filename: path("bareos-dir.d/console/web.conf"),
        content: 'Console {\n  Name = "web"\n  password = "x"\n  tlsenable = no\n}\n',
      },
    },
  });
  const exported = JSON.parse(await session.call("configure export client=new-fd")).result;
  assert.deepEqual(Object.keys(exported.configure.export), [
    ...["clientname", "component", "resource", "name", "filename", "content"],
  ]);
  assert.deepEqual(JSON.parse(await session.call("reload")).result, { reload: { success: true } });
  await scene.login("web", "x");
});

/** How a password stands in an exported file. */
function md5(text: string): string {
  return `[md5]${createHash("md5").update(text).digest("hex")}`;
}

Deno.test("show finds types by prefix and resources by name, with defaults on request", async () => {
  await using scene = await ConsoleScene.start();
  const session = await scene.login();
  const fd2 = /^Client \{\n {2}Name = "fd2"\n {2}Address = "127\.0\.0\.1"\n[^#]*\}\n\n$/;
  await answers(session, [
    [
      "show help",
      "Keywords for the show command are:\ndirectors\nclients\njobs\njobdefs\nstorages\ncatalogs\nschedules\n" +
      "filesets\npools\nmessages\ncounters\nprofiles\nconsoles\nusers\n",
    ],
    ["show client=fd2", fd2],
    ["show cl=fd2", fd2],
    ["show CLIENTS=fd2", fd2],
    ["show client=fd2 verbose", /\n {2}# Passive = No\n/],
    ["show client=fd2 pool=Next", /^Client \{[^]*\}\n\nPool \{\n {2}Name = "Next"\n[^]*\}\n\n$/],
    ["show client=Nope", "clients resource Nope not found.\n"],
    ["show nonsense", "Resource nonsense not found\n"],
    ["show pools", /^Pool \{[^]*\nPool \{[^]*\nPool \{/],
    ["show", /^Director \{[^]*\nClient \{[^]*\nJob \{[^]*\nMessages \{/],
    ["show all", /^Director \{[^]*\nClient \{[^]*\nJob \{[^]*\nMessages \{/],
    ["show disabled", "No disabled Jobs.\nNo disabled Clients.\nNo disabled Schedules.\n"],
    ["show disabled schedules", "No disabled Schedules.\n"],
    ["show disabled nonsense", "Resource nonsense not found\n"],
    ["show job=Backup2", /\n {2}JobDefs = "Standard"\n/],
  ]);
  for (const name of ["job=Backup", "client=fd2", "schedule=Daily"]) {
    await session.call(`disable ${name}`);
  }
  assert.equal(
    await session.call("show disabled"),
    "Disabled Jobs:\n   Backup\nDisabled Clients:\n   fd2\nDisabled Schedules:\n   Daily\n",
  );
  await session.call(".api 2 compact=yes");
  const ask = async (line: string) => JSON.parse(await session.call(line)).result;
  assert.deepEqual(await ask("show disabled"), {
    disabled: { jobs: ["Backup"], clients: ["fd2"], schedules: ["Daily"] },
  });
  const { clients } = await ask("show client=fd2");
  assert.deepEqual(Object.keys(clients), ["fd2"]);
  assert.equal(clients.fd2.address, "127.0.0.1");
  assert.equal(JSON.parse(await session.call("show client=Nope")).error.message, "failed");
});
