/**
 * `roost bsmtp`: sends standard input as a mail, as the mail commands of Bareos' configurations have it
 * done. Options and headers are those of the program of that name (watched: Debian's bsmtp 9.6.7).
 *
 * @module
 */
import { parseArgs } from "node:util";
import process from "node:process";
import { messageOf } from "../bytes/mod.ts";
import { VERSION } from "../daemon/version.ts";
import { describeOptions, type Manual, type OptionTable, usageText } from "./manual.ts";
import { OwnerNames } from "./volume_tools/mod.ts";
import { connectToServer, MailBody, MailError, sendMail, type ServerAddress } from "./mail/mod.ts";

const options = {
  four: {
    type: "boolean",
    short: "4",
    isShortOnly: true,
    text: "IPv4; accepted, the system chooses",
  },
  six: {
    type: "boolean",
    short: "6",
    isShortOnly: true,
    text: "IPv6; accepted, the system chooses",
  },
  utf8: { type: "boolean", short: "8", isShortOnly: true, text: "the text is said to be UTF-8" },
  any: { type: "boolean", short: "a", isShortOnly: true, text: "IPv4 or IPv6, as is always done" },
  copy: {
    ...{ type: "string", short: "c", isShortOnly: true },
    ...{ value: "ADDRESS[,...]", text: "gets a copy (Cc)" },
  },
  debug: {
    ...{ type: "string", short: "d", isShortOnly: true, value: "LEVEL" },
    text: "from 1 on, the conversation with the mail server is printed",
  },
  dt: { type: "boolean" },
  from: {
    ...{ type: "string", short: "f", isShortOnly: true, value: "FROM" },
    text: 'the sender: an address, or "Name <address>" (default: this user at this host)',
  },
  server: {
    ...{ type: "string", short: "h", isShortOnly: true, value: "HOST[:PORT]" },
    text: "the mail server (default: $SMTPSERVER or localhost, port 25); if that one cannot be " +
      "reached, localhost is tried",
  },
  lines: {
    ...{ type: "string", short: "l", isShortOnly: true, value: "LINES" },
    text: "sends no more lines than that, and how many were left out",
  },
  reply: {
    ...{ type: "string", short: "r", isShortOnly: true, value: "ADDRESS" },
    text: "where answers go (Reply-To)",
  },
  subject: {
    ...{ type: "string", short: "s", isShortOnly: true, value: "SUBJECT" },
    text: "the subject",
  },
  help: { type: "boolean", short: "?", text: "this help" },
  version: { type: "boolean", text: "the version" },
} as const satisfies OptionTable;

/** What there is to say of it. */
export const manual: Manual = {
  synopsis: ["[-f from] [-h mailhost] [-s subject] [-c copy] [recipient ...]"],
  about: "Sends standard input as a mail to the recipients.",
  options: describeOptions(options),
};
const usage = usageText("bsmtp", manual);

const defaultPort = 25;

/** Runs the program; the exit status is 0 if the server took the mail for everybody, else 1. */
export async function main(args: readonly string[]): Promise<number> {
  const complain = (text: string): void => console.error(`bsmtp: ${text}`);
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    complain(`${messageOf(error)}\n\n${usage}`);
    return 1;
  }
  const { values, positionals: to } = parsed;
  if (values.help || values.version) {
    console.log(values.help ? usage : VERSION);
    return 0;
  }
  if (to.length === 0) {
    complain(`Fatal error: no recipient given.\n\n${usage}`);
    return 1;
  }
  const host = Deno.hostname();
  const user = Deno.env.get("USER") ?? new OwnerNames("/etc/passwd").of(Deno.uid() ?? 0);
  const sender = `${user}@${host}`;
  const date = new Date();
  const mail = {
    from: values.from ?? sender,
    to,
    copy: values.copy,
    replyTo: values.reply,
    subject: values.subject,
    sender,
    charset: values.utf8 ? "UTF-8" : undefined,
    date,
    id: `${process.pid}-${date.getTime()}@${host}`,
  };
  const isTold = Number(values.debug ?? 0) > 0;
  try {
    using connection = await connect(serverOf(values.server), complain);
    await sendMail(connection, mail, Deno.stdin.readable, new MailBody(Number(values.lines ?? 0)), {
      host,
      ...(isTold ? { onLine: (line) => console.error(line) } : {}),
    });
    return 0;
  } catch (error) {
    if (!(error instanceof MailError || error instanceof RangeError)) throw error;
    complain(error.message);
    return 1;
  }
}

/** Connects to a server; where it cannot be reached, to the one of this machine. */
async function connect(
  server: ServerAddress,
  complain: (text: string) => void,
): Promise<Deno.TcpConn> {
  try {
    return await connectToServer(server);
  } catch (error) {
    if (!(error instanceof MailError) || server.hostname === "localhost") throw error;
    complain(`${error.message}; trying localhost`);
    return await connectToServer({ hostname: "localhost", port: defaultPort });
  }
}

/** `host`, `host:port`, `[2001:db8::1]:port`. @throws RangeError if the port is none */
function serverOf(text: string | undefined): ServerAddress {
  const given = text ?? Deno.env.get("SMTPSERVER") ?? "localhost";
  const [, bracketed, bare, port] = /^(?:\[(.*)\]|([^:]*))(?::(.*))?$/.exec(given) ?? [];
  const hostname = bracketed ?? bare ?? given; // an IPv6 address without brackets has no port
  const number = port === undefined ? defaultPort : Number(port);
  if (!Number.isInteger(number) || number < 1 || number > 65535) {
    throw new RangeError(`-h ${given}: there is no port ${port}`);
  }
  return { hostname, port: number };
}

function parse(args: readonly string[]) {
  const parsed = parseArgs({
    args: args.map((word) => word === "-dt" ? "--dt" : word),
    options,
    allowPositionals: true,
  });
  for (const [name, value] of [["-l", parsed.values.lines], ["-d", parsed.values.debug]]) {
    if (value !== undefined && !/^\d+$/.test(value)) {
      throw new Error(`${name} ${value}: a number is wanted`);
    }
  }
  return parsed;
}
