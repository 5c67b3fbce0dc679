/** A session with the director of an installation, without a console program in between. @module */
import { ConsoleSession, dial, passwordKey } from "../../protocol/mod.ts";
import { join } from "./paths.ts";
import type { Installation } from "./roost.ts";

const path = "bareos-dir.d/director/roost-dir.conf";

/** Lets consoles of an installation log in without TLS; before its director starts. */
export async function allowPlainConsoles(installation: Installation): Promise<void> {
  const text = await Deno.readTextFile(join(installation.folder, path));
  await installation.configure(path, text.replace(/\{/, "{\n  TLS Enable = no\n"));
}

/** Logs in as the default console of an installation. */
export async function loginTo(installation: Installation): Promise<ConsoleSession> {
  const text = await Deno.readTextFile(join(installation.folder, path));
  const password = /Password = "([^"]+)"/.exec(text)?.[1] ?? "";
  return await logIn(installation.port("dir"), password);
}

/** Logs in to the director on a port of this machine, without TLS; as the default console without a name. */
export async function logIn(
  port: number,
  password: string,
  name?: string,
): Promise<ConsoleSession> {
  const connection = await dial({ address: "127.0.0.1", port, who: "Director" });
  return await ConsoleSession.login(connection, {
    ...(name !== undefined && { name }),
    key: passwordKey(password),
    version: "26.0.0",
    protocolVersion: "26.0.0",
  });
}

/** Makes the same of what differs from one installation and one moment to the next. */
export function maskedAnswer(installation: Installation, text: string): string {
  return text.replaceAll(installation.folder, "FOLDER")
    .replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:PORT")
    .replaceAll(/\d\d-[A-Z][a-z]{2}-\d\d \d\d:\d\d/g, "DATE")
    .replaceAll(/[A-Z][a-z]{2} \d\d-[A-Z][a-z]{2}-\d{4}/g, "DAY")
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, "YYYY-MM-DD HH:MM:SS")
    .replaceAll(/\b00:\d\d:\d\d\b/g, "00:00:SS")
    // What a label and the attributes of files take depends on names of hosts and folders.
    .replaceAll(/VolBytes=\d+/g, "VolBytes=N")
    .replaceAll(/\| {6}\d{3} \|/g, "|      NNN |")
    .replaceAll(/\|1\d\d\|/g, "|NNN|")
    .replaceAll(/("mr_volbytes":)1\d\d\b/g, "$1NNN")
    .replaceAll(/\b100\.\d K/g, "100.N K")
    .replaceAll(/^Checksum: [0-9a-f]{32}$/gm, "Checksum: HEX")
    // A test that waits for the port of a director knocks at it.
    .replaceAll(/^.* in place of a hello\n/gm, "")
    .replaceAll(/\d{4}-\d\d-\d\d_\d\d\.\d\d\.\d\d/g, "TIME")
    .replaceAll(/(Version: )\S+ \(.*$/gm, "$1VERSION")
    .replaceAll(/Roost \d\S*/g, "Roost VERSION")
    .replaceAll(
      /("(?:version|release_date|os|binary_info|binary-info|checksum)": )".*"/g,
      '$1"MASKED"',
    )
    .replaceAll(/"runtime": \d+/g, '"runtime": SECONDS')
    .replaceAll(/^You have messages\.\n/gm, "");
}
