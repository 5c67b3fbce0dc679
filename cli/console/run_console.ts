import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { systemReason } from "../../daemon/system_reason.ts";
import { PROTOCOL_VERSION, VERSION } from "../../daemon/version.ts";
import {
  type Connection,
  type ConsoleLogin,
  ConsoleSession,
  dial,
  DialPatience,
  reachSomehow,
  TlsPolicy,
  tlsWarnings,
} from "../../protocol/mod.ts";
import { daemonStatuses } from "../exit_statuses.ts";
import { ask } from "./ask.ts";
import { complete } from "./completion.ts";
import { ConsoleLoop } from "./console_loop.ts";
import { type LineSource, StreamLines } from "./line_source.ts";
import type { ConsoleOptions } from "./options.ts";
import type { Output } from "./output.ts";
import { ProgressLine } from "./progress.ts";
import {
  chooseDirector,
  chooseIdentity,
  type ConsoleIdentity,
  type ConsoleSettings,
  type DirectorSettings,
  SettingsError,
} from "./settings.ts";
import { TerminalLines } from "./terminal_lines.ts";

/** Exit status for everything that goes wrong after the configuration has been read. */
const FAILED = 1;

/**
 * Connects to a director and serves the user until one side ends the session (console.md 1.4).
 *
 * @returns the exit status, 0 for every session that came about
 * @throws {SettingsError} if no director can be chosen or reached
 */
export async function runConsole(
  options: ConsoleOptions,
  settings: ConsoleSettings,
  output: Output,
): Promise<number> {
  if (options.listDirectors) {
    for (const { name } of settings.directors) output.write(`${name}\n`);
    return 0;
  }
  if (options.testConfig) return 0;

  const isTerminal = Deno.stdin.isTerminal() && Deno.stdout.isTerminal() && !options.noEditor;
  const piped = isTerminal ? undefined : new StreamLines(Deno.stdin.readable);
  const choose = async (question: string): Promise<string | undefined> => {
    if (piped === undefined) return prompt(question) ?? undefined;
    output.write(question);
    return await piped.next();
  };
  const director = await chooseDirector(settings, options.director, choose, (t) => output.write(t));
  const identity = chooseIdentity(settings, director);

  output.write(`Connecting to Director ${director.address}:${director.port}\n`);
  const session = await connect(director, identity, options, DialPatience.console);
  output.write(` Encryption: ${session.encryption}\n${session.greeting}\n`);
  if (session.information !== "") output.write(`${session.information}\n`);
  output.write("\nEnter a period (.) to cancel a command.\n");

  const input: LineSource = piped ?? openTerminal(session, identity, output);
  const loop = new ConsoleLoop({
    session,
    output,
    input,
    userId: Deno.uid() ?? -1,
    timeoutMs: options.timeoutSeconds === undefined ? undefined : options.timeoutSeconds * 1000,
    ...(isTerminal && { watch: (line) => watchWait(line, director, identity, options, output) }),
  });
  const startFile = identity?.rcFile ?? join(homedir(), ".bconsolerc");
  if (existsSync(startFile)) loop.pushSource(await StreamLines.open(startFile));
  const removeSignals = options.noSignals ? () => {} : handleSignals(session, input);
  try {
    await loop.run();
  } finally {
    removeSignals();
    input.close();
    await session.close();
  }
  return 0;
}

async function connect(
  director: DirectorSettings,
  identity: ConsoleIdentity | undefined,
  options: ConsoleOptions,
  patience: { readonly retryMs?: number; readonly giveUpMs?: number },
): Promise<ConsoleSession> {
  const key = identity?.key ?? director.key;
  if (key === undefined) {
    const why = "since no Console resource is specified";
    throw new SettingsError(
      `Password item is required in Director resource (${why}), but not found.`,
      daemonStatuses.badConfiguration,
    );
  }
  const { address, port } = director;
  const certificates = identity === undefined ? director.certificates : identity.certificates;
  for (const warning of tlsWarnings([certificates])) console.error(warning);
  const open = (): Promise<Connection> =>
    dial({
      ...{ address, port, who: "Director", ...patience },
      keepAlive: { seconds: director.heartbeatInterval || identity?.heartbeatInterval || 0 },
    }).catch((cause) => {
      throw new SettingsError(
        `${cause.message}\nFailed to connect to Director. Giving up.`,
        FAILED,
      );
    });
  const isTls = identity?.isTls ?? director.isTls;
  const login = {
    key,
    tls: { certificates, hostName: address },
    tlsPolicy: isTls ? director.tlsPolicy || TlsPolicy.enabled : TlsPolicy.none,
    version: VERSION,
    protocolVersion: PROTOCOL_VERSION,
    ...(identity !== undefined && { name: identity.name }),
    ...credentialsFrom(options),
    allowsCleartextCredentials: options.allowCleartextCredentials,
    ...(Deno.stdin.isTerminal() && { prompt: ask }),
  };
  return await loginSomehow(open, login);
}

/** Logs in, on the first way that leads to the director. @throws what the refusal says that says most */
async function loginSomehow(
  open: () => Promise<Connection>,
  login: Omit<ConsoleLogin, "isTls">,
): Promise<ConsoleSession> {
  const { tlsPolicy = TlsPolicy.none, tls } = login;
  const peer = { kind: "director", tlsPolicy, certificates: tls?.certificates } as const;
  const outcome = await reachSomehow(peer, async (way) => {
    const connection = await open();
    try {
      const how = { isTls: way.mode === "tls", tlsPolicy: way.policyBy(tlsPolicy) };
      return { reached: await ConsoleSession.login(connection, { ...login, ...how }) };
    } catch (cause) {
      connection.close();
      return { refusal: { connection, cause } };
    }
  });
  if ("refusal" in outcome) throw outcome.refusal.cause;
  return outcome.reached;
}

function credentialsFrom(
  { credentialsFile }: ConsoleOptions,
): { credentials?: { user: string; password: string } } {
  if (credentialsFile === undefined) return {};
  let text: string;
  try {
    text = Deno.readTextFileSync(credentialsFile);
  } catch (error) {
    const why = systemReason(error);
    throw new SettingsError(`Cannot read PAM credentials from ${credentialsFile}: ${why}`, FAILED);
  }
  const [user = "", password = ""] = text.split(/\r?\n/);
  return { credentials: { user, password } };
}

function openTerminal(
  session: ConsoleSession,
  identity: ConsoleIdentity | undefined,
  output: Output,
): TerminalLines {
  return new TerminalLines({
    output,
    historyFile: identity?.historyFile ?? join(homedir(), ".bconsole_history"),
    historyLength: identity?.historyLength,
    complete: (line) => complete(line, session.isInTree, (command) => session.call(command)),
    onIdle: async () => output.write(await session.call(".messages")),
  });
}

/** A progress line while `wait` waits for jobs. */
function watchWait(
  line: string,
  director: DirectorSettings,
  identity: ConsoleIdentity | undefined,
  options: ConsoleOptions,
  output: Output,
): (() => Promise<void>) | undefined {
  if (!/^\s*wait?\b/i.test(line) || /\bmount\b/i.test(line)) return undefined;
  const jobId = /\bjobid=(\d+)/i.exec(line)?.[1];
  const progress = new ProgressLine(
    {
      connect: () => connect(director, identity, options, {}),
      write: (text) => output.writeTerminal(text),
      width: () => Deno.consoleSize().columns,
    },
    jobId === undefined ? undefined : Number(jobId),
  );
  return () => progress.stop();
}

/** A signal that ends programs ends the session too, with status 1. */
function handleSignals(session: ConsoleSession, input: LineSource): () => void {
  const end = () => {
    input.close();
    session.close().finally(() => Deno.exit(FAILED));
  };
  const signals = ["SIGTERM", "SIGINT", "SIGHUP"] as const;
  for (const signal of signals) Deno.addSignalListener(signal, end);
  return () => {
    for (const signal of signals) Deno.removeSignalListener(signal, end);
  };
}
