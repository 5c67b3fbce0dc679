/** What can be wrong with a configuration, and where (configuration.md 4.8). @module */

/** A place in a configuration file. */
export interface Position {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** The whole line, as far as it may be shown. */
  readonly text: string;
}

/** One thing that is wrong. */
export interface Problem {
  readonly message: string;
  readonly position: Position | undefined;
}

/** A configuration cannot be used. Its message names every problem with file, line and column. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
  readonly problems: readonly Problem[];

  /** An error of one or several problems. */
  constructor(problems: readonly Problem[]) {
    super(problems.map(formatProblem).join("\n"));
    this.problems = problems;
  }

  /** An error of one problem. */
  static at(position: Position | undefined, message: string): ConfigurationError {
    return new ConfigurationError([{ message, position }]);
  }
}

/** A problem as Bareos prints it: text, place, the line itself. */
export function formatProblem({ message, position }: Problem): string {
  const text = `Config error: ${message}`;
  if (position === undefined) return text;
  const place =
    `            : line ${position.line}, col ${position.column} of file ${position.file}`;
  return `${text}\n${place}\n${withoutSecret(position.text)}\n`;
}

/** The line, but for what follows the `=` of a password. */
function withoutSecret(line: string): string {
  return line.replace(/((?:password|encryption\s*key)\s*=\s*)\S.*$/i, "$1****************");
}

/** The candidate nearest to `word`, if it is near enough to be what was meant. */
function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const simple = (text: string): string => text.toLowerCase().replace(/[\s_-]/g, "");
  const wanted = simple(word);
  let best: string | undefined;
  let least = Math.max(2, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, simple(candidate), least);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

/** ` Did you mean "X"?`, or nothing. */
export function suggestion(word: string, candidates: Iterable<string>): string {
  const meant = nearest(word, candidates);
  return meant === undefined ? "" : ` Did you mean "${meant}"?`;
}

function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let previous = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      row.push(Math.min(
        (previous[j] as number) + 1,
        (row[j - 1] as number) + 1,
        (previous[j - 1] as number) + cost,
      ));
    }
    previous = row;
  }
  return previous[b.length] as number;
}
