/**
 * The names of new volumes: `Label Format` and its variables (catalog-and-jobs.md 19).
 *
 * The text is unescaped, expanded and unescaped again. Variables come from a {@linkcode Variables}:
 * the built-in ones (whose names may be abbreviated), counters and the environment.
 *
 * @module
 */

/** A name or an expression that cannot be made into a volume's name. */
export class LabelFormatError extends Error {
  /** The class, for logs. */
  override readonly name = "LabelFormatError";
}

/** Where the values of variables come from. */
export interface Variables {
  /** The value of a built-in variable, by its whole name (`Year`). */
  builtIn(name: BuiltInVariable): string;
  /** The value of a counter, incremented after use if `increment`; `undefined` if there is none. */
  counter(name: string, increment: boolean): string | undefined;
  /** The value of an environment variable. */
  environment(name: string): string | undefined;
}

/** The built-in variables in the order in which abbreviations are looked up. */
export const BUILT_IN_VARIABLES = [
  "Year",
  "Month",
  "Day",
  "Hour",
  "Minute",
  "Second",
  "WeekDay",
  "Job",
  "Dir",
  "Level",
  "Type",
  "JobId",
  "Client",
  "NumVols",
  "Pool",
  "Storage",
  "Catalog",
  "MediaType",
  "JobName",
] as const;

/** The name of a built-in variable. */
export type BuiltInVariable = typeof BUILT_IN_VARIABLES[number];

/** Whether a text may be a volume's name. */
export function isVolumeName(name: string): boolean {
  return /^[A-Za-z0-9:._-][A-Za-z0-9:._/-]*$/.test(name) && name.length <= 127;
}

/** Whether a Label Format is a plain prefix to which a number is appended. */
export function isPlainFormat(format: string): boolean {
  return isVolumeName(format);
}

/** The `n`-th name of a plain Label Format: at least four digits. */
export function plainVolumeName(format: string, n: number): string {
  return `${format}${String(n).padStart(4, "0")}`;
}

/**
 * Expands a Label Format with variables.
 * @throws {LabelFormatError} if it cannot be understood
 */
export function expandLabelFormat(format: string, variables: Variables): string {
  const expanded = new Expansion(unescape(format), variables).all();
  return unescape(expanded);
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };

function unescape(text: string): string {
  return text.replace(/\\(x[0-9A-Fa-f]{2}|[^])/g, (_, code: string) => {
    if (code.length === 3) return String.fromCharCode(parseInt(code.slice(1), 16));
    return ESCAPES[code] ?? code;
  });
}

/** A value, and whether it stands for a variable that is not defined. */
interface Value {
  readonly text: string;
  readonly isDefined: boolean;
}

const MAX_LOOPS = 10_000;

class Expansion {
  readonly #text: string;
  readonly #variables: Variables;
  #at = 0;
  /** The index of the innermost loop, and whether an undefined variable was met in it. */
  #loop: { index: number; sawUndefined: boolean } | undefined;

  constructor(text: string, variables: Variables) {
    this.#text = text;
    this.#variables = variables;
  }

  all(): string {
    const out = this.#until("");
    if (this.#at < this.#text.length) this.#fail(`unexpected "${this.#text[this.#at]}"`);
    return out;
  }

  /** Expands up to one of the characters of `stops`, which is not consumed. */
  #until(stops: string): string {
    let out = "";
    while (this.#at < this.#text.length) {
      const c = this.#text[this.#at] as string;
      if (stops.includes(c)) break;
      if (c === "$") out += this.#variable();
      else if (c === "[") out += this.#looped();
      else {
        out += c;
        this.#at++;
      }
    }
    return out;
  }

  #variable(): string {
    const start = this.#at++;
    if (this.#text[this.#at] !== "{") {
      const name = this.#name();
      if (name === "") return "$";
      const value = this.#lookUp(name, this.#text[this.#at] === "+", undefined);
      return this.#written(value, start);
    }
    this.#at++;
    let name = this.#name();
    while (this.#text[this.#at] === "$") name += this.#variable() + this.#name();
    if (name === "") this.#fail("a variable without a name");
    let index: number | undefined;
    if (this.#text[this.#at] === "[") {
      this.#at++;
      index = this.#expression(0);
      this.#expect("]");
    }
    let increment = false;
    if (this.#text[this.#at] === "+") {
      increment = true;
      this.#at++;
    }
    let value = this.#lookUp(name, increment, index);
    while (this.#text[this.#at] === ":") {
      this.#at++;
      value = this.#operation(value);
    }
    this.#expect("}");
    return this.#written(value, start);
  }

  #written(value: Value, start: number): string {
    if (value.isDefined) return value.text;
    if (this.#loop !== undefined) {
      this.#loop.sawUndefined = true;
      return "";
    }
    return this.#text.slice(start, this.#at);
  }

  #name(): string {
    const from = this.#at;
    while (/[A-Za-z0-9_]/.test(this.#text[this.#at] ?? "")) this.#at++;
    return this.#text.slice(from, this.#at);
  }

  #lookUp(name: string, increment: boolean, index: number | undefined): Value {
    const builtIn = BUILT_IN_VARIABLES.find((known) => known.startsWith(name));
    if (builtIn !== undefined) return { text: this.#variables.builtIn(builtIn), isDefined: true };
    const counter = this.#variables.counter(name, increment);
    if (counter !== undefined) return { text: counter, isDefined: true };
    const text = this.#variables.environment(name);
    if (text === undefined) return { text: "", isDefined: false };
    if (index === undefined) return { text, isDefined: true };
    const elements = text.split("|");
    if (index === -1) {
      const count = elements.length > 1 ? elements.length : text.length;
      return { text: String(count), isDefined: true };
    }
    const element = elements[index];
    return { text: element ?? "", isDefined: element !== undefined };
  }

  #operation(value: Value): Value {
    const kind = this.#text[this.#at++];
    const text = value.text;
    const defined = (changed: string): Value => ({ text: changed, isDefined: value.isDefined });
    switch (kind) {
      case "l":
        return defined(text.toLowerCase());
      case "u":
        return defined(text.toUpperCase());
      case "#":
        return defined(String(text.length));
      case "-": {
        const other = this.#until(":}");
        return value.isDefined && text !== "" ? value : { text: other, isDefined: true };
      }
      case "+": {
        const other = this.#until(":}");
        return value.isDefined && text !== "" ? { text: other, isDefined: true } : value;
      }
      case "*": {
        const other = this.#until(":}");
        return value.isDefined ? { text: text === "" ? other : "", isDefined: true } : value;
      }
      case "o":
        return defined(this.#part(text));
      case "s":
        return defined(this.#substitute(text));
      case "y":
        return defined(this.#transliterate(text));
      case "p":
        return defined(this.#pad(text));
      default:
        return this.#fail(`unknown operation ":${kind ?? ""}"`);
    }
  }

  #part(text: string): string {
    const start = this.#number();
    const separator = this.#text[this.#at++];
    const second = this.#number();
    if (start > text.length) this.#fail("start of a part behind the end");
    if (separator === ",") return second === 0 ? text.slice(start) : text.slice(start, second + 1);
    if (separator === "-") {
      return second === 0 ? text.slice(start) : text.slice(start, start + second);
    }
    return this.#fail("a part needs two numbers");
  }

  #substitute(text: string): string {
    const [search, replacement] = this.#delimited(2);
    const flags = this.#until(":}");
    if (/[^migt]/.test(flags)) this.#fail(`unknown flags "${flags}"`);
    const source = flags.includes("t") ? escapeRegExp(search ?? "") : search ?? "";
    const kinds = [...flags].filter((flag) => "gim".includes(flag)).join("");
    let pattern: RegExp;
    try {
      pattern = new RegExp(source, kinds);
    } catch (cause) {
      throw new LabelFormatError(`invalid regular expression "${source}"`, { cause });
    }
    return text.replace(pattern, (...found: unknown[]) => {
      return (replacement ?? "").replace(
        /\\([0-9])/g,
        (_, digit: string) => String(found[Number(digit)] ?? ""),
      );
    });
  }

  #transliterate(text: string): string {
    const [from = "", to = ""] = this.#delimited(2);
    const source = ranges(from);
    const target = ranges(to);
    if (source.length !== target.length) this.#fail("classes of different size");
    return [...text].map((c) => target[source.indexOf(c)] ?? c).join("");
  }

  #pad(text: string): string {
    const [width = "", fill = ""] = this.#delimited(2);
    const side = this.#text[this.#at++];
    const missing = Number(width) - text.length;
    if (!/^\d+$/.test(width) || fill === "") this.#fail("padding needs a width and a filling");
    if (missing <= 0) return text;
    if (side === "l") return text.padEnd(Number(width), fill);
    if (side === "r") return text.padStart(Number(width), fill);
    if (side === "c") {
      return text.padStart(text.length + Math.ceil(missing / 2), fill).padEnd(Number(width), fill);
    }
    return this.#fail("padding needs l, r or c");
  }

  /** `/a/b/` as `a` and `b`. */
  #delimited(count: number): string[] {
    const delimiter = this.#text[this.#at++] ?? "";
    const parts: string[] = [];
    for (let i = 0; i < count; i++) {
      parts.push(this.#until(delimiter));
      this.#expect(delimiter);
    }
    return parts;
  }

  #number(): number {
    const from = this.#at;
    while (/[0-9]/.test(this.#text[this.#at] ?? "")) this.#at++;
    if (from === this.#at) this.#fail("a number is missing");
    return Number(this.#text.slice(from, this.#at));
  }

  /** A loop `[body]{start,step,stop}`. */
  #looped(): string {
    const bodyAt = ++this.#at;
    const outer = this.#loop;
    const end = this.#closing(bodyAt);
    this.#at = end + 1;
    let start = 0;
    let step = 1;
    let stop: number | undefined;
    if (this.#text[this.#at] === "{") {
      this.#at++;
      start = this.#limit(start) ?? start;
      step = this.#limit(step) ?? step;
      stop = this.#limit(undefined);
      this.#expect("}");
    }
    const after = this.#at;
    if (step === 0) this.#fail("a loop with step 0");
    let out = "";
    let rounds = 0;
    for (let index = start; stop === undefined || index <= stop; index += step) {
      if (rounds++ === MAX_LOOPS) this.#fail("an endless loop");
      this.#loop = { index, sawUndefined: false };
      this.#at = bodyAt;
      const body = this.#until("]");
      if (this.#loop.sawUndefined && stop === undefined) break;
      if (stop === undefined && !/\$/.test(this.#text.slice(bodyAt, end))) {
        this.#fail("an endless loop");
      }
      out += body;
    }
    this.#loop = outer;
    this.#at = after;
    return out;
  }

  #limit(whenOpen: number | undefined): number | undefined {
    const c = this.#text[this.#at];
    const value = c === "," || c === "}" ? whenOpen : this.#expression(0);
    if (this.#text[this.#at] === ",") this.#at++;
    return value;
  }

  #closing(from: number): number {
    let depth = 1;
    for (let at = from; at < this.#text.length; at++) {
      if (this.#text[at] === "[") depth++;
      else if (this.#text[at] === "]" && --depth === 0) return at;
    }
    return this.#fail("a loop without an end");
  }

  #expression(depth: number): number {
    if (depth > 50) this.#fail("an index nested too deeply");
    let left = this.#term(depth);
    while (/[+-]/.test(this.#text[this.#at] ?? "")) {
      const sign = this.#text[this.#at++];
      const right = this.#term(depth);
      left = sign === "+" ? left + right : left - right;
    }
    return left;
  }

  #term(depth: number): number {
    let left = this.#factor(depth);
    while (/[*/%]/.test(this.#text[this.#at] ?? "")) {
      const sign = this.#text[this.#at++];
      const right = this.#factor(depth);
      if (sign !== "*" && right === 0) this.#fail("division by zero");
      left = sign === "*" ? left * right : sign === "/" ? Math.trunc(left / right) : left % right;
    }
    return left;
  }

  #factor(depth: number): number {
    const c = this.#text[this.#at];
    if (c === "(") {
      this.#at++;
      const value = this.#expression(depth + 1);
      this.#expect(")");
      return value;
    }
    if (c === "-") {
      this.#at++;
      return -this.#factor(depth + 1);
    }
    if (c === "#") {
      this.#at++;
      return this.#loop?.index ?? this.#fail("# outside of a loop");
    }
    if (c === "$") {
      const value = this.#variable();
      return /^-?\d+$/.test(value) ? Number(value) : this.#fail(`"${value}" is no number`);
    }
    return this.#number();
  }

  #expect(c: string): void {
    if (c === "" || this.#text[this.#at] !== c) this.#fail(`"${c}" is missing`);
    this.#at++;
  }

  #fail(why: string): never {
    throw new LabelFormatError(why);
  }
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function ranges(text: string): string[] {
  const expanded = text.replace(/([^])-([^])/g, (all, from: string, to: string) => {
    const first = from.charCodeAt(0);
    const last = to.charCodeAt(0);
    if (last < first) return all;
    return String.fromCharCode(...Array.from({ length: last - first + 1 }, (_, i) => first + i));
  });
  return [...expanded];
}
