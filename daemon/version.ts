/**
 * The versions we announce. Peers decide by them what they may say to us, so they name the Bareos
 * whose protocol we speak; our own version stands beside it where people read.
 *
 * @module
 */

/** The protocol generation we speak, as numbers in hellos. */
export const PROTOCOL_VERSION = "26.0.0";

/** The complete version text, which a peer reads up to its second dot. */
export const VERSION = "26.0.0~roost0.1.0";

/** The date that goes with {@linkcode VERSION}. */
export const VERSION_DATE = "24 November 2026";

/** The file daemon's protocol number (wire.md 4.3). */
export const FD_PROTOCOL_VERSION = 54;

/** The same of a file daemon that does what Bacula and 13.2 understand (director-client.md 22). */
export const COMPATIBLE_FD_VERSION = 5;

/** The number by which a director of Bacula knows what our storage daemon can (bacula.md 12). */
export const BACULA_SD_VERSION = 305;

/** What the program calls itself to people. */
export const PRODUCT = "Roost 0.1.0";

/** The operating system as status headers name it, such as `linux x86_64`. */
export const PLATFORM: string = `${Deno.build.os} ${Deno.build.arch}`;

/** What follows the `1000 OK` lines of console logins (wire.md 13.3). */
export const SERVICES_TEXT = `${PRODUCT}, compatible with Bareos 26`;
