/** `--check` of the console and the daemons: what is right, what is wrong, and what to do about it. */
import { match, strictEqual } from "node:assert";
import { RESOURCE_FILES as files, Rewriter } from "./support/rewrite.ts";
import { Installation } from "./support/roost.ts";

Deno.test("--check tells of every peer whether it is reached, how protected, who it is, and what to change", async () => {
  await using installation = await Installation.create({ backup: Deno.cwd() });
  const rewriter = new Rewriter(installation);
  const check = async (program: string): Promise<[status: number, text: string]> => {
    const { status, stdout } = await installation.run([
      program,
      "-c",
      installation.folder,
      "--check",
    ]);
    return [status, stdout];
  };
  const port = await rewriter.value(files.director, "Port");
  const test = async (...options: string[]): Promise<[status: number, text: string]> => {
    const { status, stdout } = await installation.run([
      "dir",
      "-c",
      installation.folder,
      ...options,
    ]);
    return [status, stdout];
  };

  // A test of the configuration asks nobody unless it is to tell more; what it finds is no fault of the configuration.
  strictEqual((await test("-t")).join(), "0,");
  const unreached = await test("-t", "-v");
  strictEqual(unreached[0], 0);
  match(unreached[1], /Client "roost-fd", a file daemon at [^]*reachable +no\n/);

  let [status, text] = await check("console");
  strictEqual(status, 1, text);
  match(text, /Director "roost-dir", a director at 127\.0\.0\.1:\d+\n +reachable +no\n +problem/);
  match(text, /what to do +start the director there, or correct Address and Port/);

  await installation.start();
  [status, text] = await check("console");
  strictEqual(status, 0, text);
  match(text, /reachable +yes\n +TLS +TLS_CHACHA20_POLY1305_SHA256 TLSv1.3\n +authentication +ok/);
  match(text, /peer +roost-dir, \d+\.\d+\.\d+/);
  [status, text] = await check("dir");
  strictEqual(status, 0, text);
  match(text, /Client "roost-fd", a file daemon at[^]*authentication +ok\n +peer +roost-fd, \d+\./);
  match(text, /Storage "File", a storage daemon at[^]*authentication +ok\n +peer +roost-sd, \d+\./);
  [status, text] = await check("sd");
  strictEqual(status, 0, text);
  match(text, /^Director "roost-dir", a director\n +not tried +the director connects to us/);

  const client = await Deno.readTextFile(rewriter.path(files.client));
  await installation.configure(files.client, client.replace(/Password = .*/, 'Password = "x"'));
  const storage = await Deno.readTextFile(rewriter.path(files.storage));
  await installation.configure(
    files.storage,
    storage.replace(/Address = .*/, "Address = no.invalid"),
  );
  [status, text] = await check("dir");
  strictEqual(status, 1, text);
  match(
    text,
    /authentication +failed\n +problem .*the passwords of R_DIRECTOR::roost-dir .* differ/,
  );
  match(text, /Password in the Client or Storage resource .* must be the same/);
  match(text, /what to do +make the passwords on both ends the same/);
  match(text, /Storage "File"[^]*reachable +no[^]*the host is unknown/);

  // In the clear the same, and one that is not expected there.
  await installation.configure(files.storage, storage);
  await installation.configure(
    files.client,
    client.replace(/Password = .*/, 'Password = "x"\n  TLS Enable = no'),
  );
  [status, text] = await check("dir");
  match(text, /TLS +none\n +authentication +failed/);
  match(text, /what to do +set TLS Enable alike on both ends/);
  await installation.end("fd");
  await rewriter.add(files.fileDirector, "TLS Enable = no");
  await installation.start("fd");
  [status, text] = await check("dir");
  match(text, /problem .*(wrong password|refuses our password).*must be the same/);

  // A file daemon that connects by itself: the password is tried, no job is started.
  const comes = "Connection From Client To Director = yes";
  const call = [comes, "Address = 127.0.0.1", `Port = ${port}`];
  await rewriter.add(files.fileDirector, ...call, "TLS Enable = no");
  await installation.configure(files.client, client);
  await installation.console("reload");
  [status, text] = await check("fd");
  strictEqual(status, 0, text);
  match(text, /TLS +none\n +authentication +not tried: a client that says hello may start jobs/);
  await rewriter.add(files.fileDirector, ...call);
  const called = await Deno.readTextFile(rewriter.path(files.fileDirector));
  [status, text] = await check("fd");
  strictEqual(status, 0, text);
  match(text, /Director "roost-dir", a director at[^]*authentication +ok/);
  await installation.configure(files.fileDirector, called.replace(/Password = .*/, "Password = y"));
  [status, text] = await check("fd");
  strictEqual(status, 1, text);
  match(text, /the passwords of R_CLIENT::roost-fd on both ends differ/);
  match(
    text,
    /Password in the file daemon's Director resource and Password in the Client resource/,
  );
});
