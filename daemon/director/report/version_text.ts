import { PLATFORM, VERSION, VERSION_DATE } from "../../version.ts";

/** `26.0.0 (24Nov26)`: the version as job reports show it. */
export function shortVersion(): string {
  const [day = "", month = "", year = ""] = VERSION_DATE.split(" ");
  return `${VERSION} (${day.padStart(2, "0")}${month.slice(0, 3)}${year.slice(-2)})`;
}

/** `26.0.0 (24 November 2026) linux x86_64`: the version as job logs show it. */
export function longVersion(): string {
  return `${VERSION} (${VERSION_DATE}) ${PLATFORM}`;
}
