/**
 * The command that a message begins with: the first keyword, in the order of the table, that is a
 * prefix of it, case-sensitively (director-client.md 2, storage-daemon.md 3.1).
 */
export function commandOf<const T extends readonly string[]>(
  keywords: T,
  text: string,
): T[number] | undefined {
  return keywords.find((keyword) => text.startsWith(keyword));
}
