/** How a list of choices is laid out (console.md 4.2). @module */

/** Lists longer than this are laid out in columns where they fit. */
const singleColumn = 20;
/** Width of a screen. */
const screen = 80;

/** The lines of a list, numbered from 1. */
export function layOut(items: readonly string[]): string {
  const digits = String(items.length).length;
  const cells = items.map((item, at) => `${String(at + 1).padStart(digits)}: ${item}`);
  const cell = digits + 2 + Math.max(0, ...items.map((item) => item.length)) + 1;
  if (items.length <= singleColumn || 2 * (cell + 1) >= screen) {
    return cells.map((text) => `${text}\n`).join("");
  }
  const columns = Math.floor(screen / cell);
  const lines = Math.ceil(items.length / columns);
  let text = "";
  for (let line = 0; line < lines; line++) {
    for (let at = line; at < cells.length; at += lines) text += (cells[at] ?? "").padEnd(cell);
    text += "\n";
  }
  return text;
}

/** Names in the order in which lists show them: without case, each once. */
export function sorted(names: Iterable<string>): string[] {
  return [...new Set(names)].sort((a, b) => {
    const [lowA, lowB] = [a.toLowerCase(), b.toLowerCase()];
    return lowA < lowB ? -1 : lowA > lowB ? 1 : 0;
  });
}
