/** A mail without its text. */
export interface Mail {
  /** As the header has it: `Name <address>` or an address. */
  readonly from: string;
  readonly to: readonly string[];
  readonly copy: string | undefined;
  readonly replyTo: string | undefined;
  readonly subject: string | undefined;
  /** Who sends it on this machine: `user@host`. */
  readonly sender: string;
  /** What the text is said to be written in; `undefined` says nothing. */
  readonly charset: string | undefined;
  readonly date: Date;
  /** Of this mail alone, without angle brackets. */
  readonly id: string;
}

/** The address of `Name <address>`, or of a bare address; empty if there is only a `(Comment)`. */
export function addressIn(text: string): string {
  const [, inner] = /<([^<>]*)>/.exec(text) ?? [];
  return (inner ?? text.replace(/\([^()]*\)/g, "")).replace(/[\s<>]/g, "");
}

/** The header and the empty line after it. */
export function mailHeaders(mail: Mail): string {
  const { from, to, copy, replyTo, subject, sender, charset, date, id } = mail;
  const lines: readonly (readonly [name: string, value: string | undefined])[] = [
    ["From", from],
    ["Subject", subject],
    ["Reply-To", replyTo],
    ["Sender", sender],
    ["To", to.join(", ")],
    ["Cc", copy],
    ["MIME-Version", "1.0"],
    ["Content-Type", charset === undefined ? "text/plain" : `text/plain; charset=${charset}`],
    ["Content-Transfer-Encoding", "8bit"],
    ["Auto-Submitted", "auto-generated"],
    ["Message-Id", `<${id}>`],
    ["Date", mailDate(date)],
  ];
  const written = lines.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${headerValue(value)}\r\n`]
  );
  return `${written.join("")}\r\n`;
}

/** A value on one line, whatever a name of a job may hold; other letters than ASCII as RFC 2047 has them. */
function headerValue(text: string): string {
  // deno-lint-ignore no-control-regex
  const line = text.replace(/[\x00-\x1f\x7f]+/g, " ").trim();
  return line.replace(/[^\x20-\x7e]+(?: +[^\x20-\x7e]+)*/g, encodedWords);
}

/** At most 45 bytes each, so that a word has at most 75 characters; none splits a letter. */
function encodedWords(text: string): string {
  const words: string[] = [];
  let bytes: number[] = [];
  const flush = (): void => {
    if (bytes.length > 0) words.push(`=?UTF-8?B?${btoa(String.fromCharCode(...bytes))}?=`);
    bytes = [];
  };
  for (const letter of text) {
    const next = new TextEncoder().encode(letter);
    if (bytes.length + next.length > 45) flush();
    bytes.push(...next);
  }
  flush();
  return words.join(" ");
}

const days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** As in `Fri, 27 Nov 2026 12:29:14 +0000`. */
function mailDate(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const offset = -date.getTimezoneOffset();
  const size = Math.abs(offset);
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
  const zone = `${offset < 0 ? "-" : "+"}${two(Math.floor(size / 60))}${two(size % 60)}`;
  const day = `${date.getDate()} ${months[date.getMonth()]} ${date.getFullYear()}`;
  return `${days[date.getDay()]}, ${day} ${clock} ${zone}`;
}
