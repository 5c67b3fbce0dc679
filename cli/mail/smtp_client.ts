import { messageOf } from "../../bytes/mod.ts";
import type { MailBody } from "./mail_body.ts";
import { addressIn, type Mail, mailHeaders } from "./mail_headers.ts";

/** A mail could not be sent; the message names the server and what it said. */
export class MailError extends Error {
  override readonly name = "MailError";
}

/** Where a mail server is. */
export interface ServerAddress {
  readonly hostname: string;
  readonly port: number;
}

/** No answer within this time is none (RFC 5321, 4.5.3.2 asks for five minutes). */
const patienceMs = 5 * 60_000;
/** Bytes of an answer; servers send a few lines. */
const maximumAnswer = 65536;
/** Bytes that are gathered before they are sent. */
const sendSize = 32768;

/** Connects to a server. @throws MailError if it cannot be reached */
export async function connectToServer(
  { hostname, port }: ServerAddress,
): Promise<Deno.TcpConn> {
  try {
    return await Deno.connect({ hostname, port });
  } catch (cause) {
    const why = messageOf(cause);
    throw new MailError(`Failed to connect to mailhost ${hostname}:${port}: ${why}`, { cause });
  }
}

/**
 * Sends one mail to its recipients: those whom the server takes get it also if it refuses others.
 * @param text the bytes of its text, in pieces
 * @param onLine told each line of the conversation
 * @throws MailError if the server refuses somebody or a step of it, or goes away
 */
export async function sendMail(
  connection: Deno.TcpConn,
  mail: Mail,
  text: AsyncIterable<Uint8Array>,
  body: MailBody,
  { host, onLine }: { readonly host: string; readonly onLine?: (line: string) => void },
): Promise<void> {
  const server = new Server(connection, onLine);
  const copies = (mail.copy ?? "").split(",").filter((address) => address.trim() !== "");
  await server.answer("the greeting");
  await server.ask(`HELO ${host}`);
  await server.ask(`MAIL FROM:<${addressIn(mail.from) || mail.sender}>`);
  const recipients = [...mail.to, ...copies];
  const refusals: MailError[] = [];
  for (const address of recipients) {
    try {
      await server.ask(`RCPT TO:<${addressIn(address)}>`);
    } catch (error) {
      if (!(error instanceof MailError) || server.isGone) throw error;
      refusals.push(error);
    }
  }
  const refused = refusals.map(({ message }) => message).join("; ");
  if (refusals.length === recipients.length) throw new MailError(refused);
  await server.ask("DATA");
  await server.send(new TextEncoder().encode(mailHeaders(mail)));
  for await (const bytes of text) {
    for (let at = 0; at < bytes.length; at += sendSize) {
      await server.send(body.take(bytes.subarray(at, at + sendSize)));
    }
  }
  await server.send(body.end());
  await server.answer("the end of the mail");
  // It has the mail: how it says good-bye does not matter.
  await server.ask("QUIT").catch(() => {});
  if (refusals.length > 0) throw new MailError(`Not everybody gets the mail: ${refused}`);
}

/** The conversation's other end. */
class Server {
  readonly #connection: Deno.TcpConn;
  readonly #onLine: ((line: string) => void) | undefined;
  #rest = "";
  /** Whether it can be asked no more. */
  isGone = false;

  constructor(connection: Deno.TcpConn, onLine: ((line: string) => void) | undefined) {
    this.#connection = connection;
    this.#onLine = onLine;
  }

  /** Sends a command; fails if its answer is no success. */
  async ask(command: string): Promise<void> {
    this.#onLine?.(`--> ${command}`);
    await this.send(new TextEncoder().encode(`${command}\r\n`));
    await this.answer(command);
  }

  async send(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length;) at += await this.#connection.write(bytes.subarray(at));
    } catch (cause) {
      throw this.#gone(`has hung up: ${cause}`, cause);
    }
  }

  /** Reads an answer, which may have several lines; 2xx and 3xx are success. */
  async answer(to: string): Promise<void> {
    for (;;) {
      const line = await this.#line(to);
      this.#onLine?.(`<-- ${line}`);
      if (/^[23]\d\d(?: |$)/.test(line)) return;
      if (!/^[23]\d\d-/.test(line)) throw new MailError(`The mail server says to ${to}: ${line}`);
    }
  }

  async #line(to: string): Promise<string> {
    const buffer = new Uint8Array(4096);
    for (;;) {
      const at = this.#rest.indexOf("\n");
      if (at >= 0) {
        const line = this.#rest.slice(0, at).trimEnd();
        this.#rest = this.#rest.slice(at + 1);
        return line;
      }
      if (this.#rest.length > maximumAnswer) {
        throw this.#gone(`answers ${to} with more than ${maximumAnswer} bytes`);
      }
      const count = await this.#read(buffer, to);
      if (count === null) throw this.#gone(`has hung up instead of answering ${to}`);
      this.#rest += new TextDecoder("latin1").decode(buffer.subarray(0, count));
    }
  }

  async #read(buffer: Uint8Array<ArrayBuffer>, to: string): Promise<number | null> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(this.#gone(`does not answer ${to}`)), patienceMs);
    });
    try {
      return await Promise.race([this.#connection.read(buffer), late]);
    } catch (cause) {
      if (cause instanceof MailError) throw cause;
      throw this.#gone(`has hung up instead of answering ${to}: ${cause}`, cause);
    } finally {
      clearTimeout(timer);
    }
  }

  #gone(what: string, cause?: unknown): MailError {
    this.isGone = true;
    return new MailError(`The mail server ${what}`, { cause });
  }
}
