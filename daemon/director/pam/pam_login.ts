/** How the user of a console logs in with PAM (wire.md 13.4). @module */
import { decodeText, encodeText } from "../../../bytes/mod.ts";
import {
  AuthenticationError,
  type Connection,
  consoleToDirector,
  directorToConsole as say,
  Patience,
} from "../../../protocol/mod.ts";
import { startThread, type Thread } from "../../threads.ts";
import { Exchange, type PamTask, type PamWord } from "./exchange.ts";

/** The service that Bareos asks PAM for: `/etc/pam.d/bareos`. */
const service = "bareos";
/** What a prompt of either kind is called on the wire, and what ends the dialogue. */
const kinds = { end: 0, secret: 1, shown: 2 } as const;
/** A user types a password, or looks one up, in so many milliseconds. */
const typingMs = 120_000;
/** A module asks a server far away, and is given up after so many milliseconds. */
const moduleMs = 60_000;
/** Logins at once: each has a thread. */
const most = 10;

let running = 0;

/**
 * Asks the console for a user and a password and PAM whether they are right.
 * @returns the name of the user
 * @throws {AuthenticationError} why the login is refused
 */
export async function logInWithPam(connection: Connection): Promise<string> {
  if (running >= most) {
    throw new AuthenticationError(`${most} logins with PAM are under way already`);
  }
  running++;
  try {
    await connection.send(say.credentialsWanted.format({}));
    const reply = await receive(connection, Patience.responseMessage);
    const { user, password } = consoleToDirector.credentials.parse(reply) ??
      { user: "", password: "" };
    const hasBoth = user !== "" && password !== "";
    if (!hasBoth && !/^400[12]/.test(reply)) {
      throw new AuthenticationError("the console sends no credentials for PAM");
    }
    const exchange = new Exchange();
    const thread = startThread("pam");
    try {
      const task: PamTask = {
        ...{ service, memory: exchange.memory },
        user: hasBoth ? user : "",
        password: hasBoth ? password : undefined,
        folder: Deno.env.get("ROOST_PAM_DIRECTORY"),
      };
      thread.post(task);
      const name = await hold(connection, thread, exchange);
      if (!hasBoth) {
        await connection.send(Uint8Array.of(kinds.end));
        await connection.send(Uint8Array.of(0));
      }
      return name;
    } catch (error) {
      if (hasBoth && connection.canSend) await connection.send(say.refused.format({}));
      throw error;
    } finally {
      thread.end();
    }
  } finally {
    running--;
  }
}

/** Passes questions and answers on until PAM has decided. */
async function hold(connection: Connection, thread: Thread, exchange: Exchange): Promise<string> {
  for (;;) {
    const word = await wordOf(thread);
    if ("user" in word) return word.user;
    if ("refused" in word) throw new AuthenticationError(`PAM refuses the login: ${word.refused}`);
    await connection.send(Uint8Array.of(kinds[word.ask]));
    await connection.send(encodeText(`${word.text}\0`));
    exchange.answer(await receive(connection, typingMs));
  }
}

async function wordOf(thread: Thread): Promise<PamWord> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new AuthenticationError(`PAM has not answered in ${moduleMs / 1000} seconds`));
    }, moduleMs);
  });
  try {
    return await Promise.race([thread.receive(), late]) as PamWord;
  } finally {
    clearTimeout(timer);
  }
}

async function receive(connection: Connection, timeoutMs: number): Promise<string> {
  const frame = await connection.receive({ timeoutMs });
  if (frame?.kind === "message") return decodeText(frame.payload).replace(/\0$/, "");
  throw new AuthenticationError("the console ended its login with PAM");
}
