/** Ports by the names of their services (configuration.md 5.7). @module */

/** Services that systems do not always list. */
const own: Readonly<Record<string, number>> = {
  "bareos-dir": 9101,
  "bareos-fd": 9102,
  "bareos-sd": 9103,
  "bacula-dir": 9101,
  "bacula-fd": 9102,
  "bacula-sd": 9103,
};

/** The TCP port of a service, as the system's table or our own has it; `undefined` if neither does. */
export function servicePort(name: string, table = "/etc/services"): number | undefined {
  let text = "";
  try {
    text = Deno.readTextFileSync(table);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied)) {
      throw error;
    }
  }
  for (const line of text.split("\n")) {
    const [service, place = "", ...aliases] = line.replace(/#.*/, "").trim().split(/\s+/);
    const [port, protocol] = place.split("/");
    if (protocol === "tcp" && [service, ...aliases].includes(name)) return Number(port);
  }
  return own[name];
}
