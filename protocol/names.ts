/** Most bytes in a resource or job name (wire.md 5.1). */
export const MAX_NAME = 127;

/** Replaces each space of a name by byte 0x01, so that it is one word on the wire (wire.md 5.1). */
export function bashSpaces(name: string): string {
  return name.replaceAll(" ", "\x01");
}

/** The inverse of {@linkcode bashSpaces}. */
export function unbashSpaces(name: string): string {
  return name.replaceAll("\x01", " ");
}
