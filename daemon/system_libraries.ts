/** `System Libraries = no`: nothing but what the program itself brings. @module */

/** Switches the use of a library off, for every thread of the process. */
const switches = ["ROOST_OPENSSL", "ROOST_LIBDEFLATE"];

/**
 * Keeps the system's OpenSSL and libdeflate out of the process if a daemon's own resource says so: to
 * be called before the daemon starts. Daemons that share a process do without as soon as one of them
 * says so.
 */
export function obeySystemLibraries(own: { readonly systemLibraries: boolean }): void {
  if (own.systemLibraries) return;
  for (const name of switches) Deno.env.set(name, "off");
}
