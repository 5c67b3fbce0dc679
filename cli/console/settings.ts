import type { CertificateSettings } from "../../protocol/mod.ts";

/** A director that the console may connect to. */
export interface DirectorSettings {
  /** Name of the resource. */
  readonly name: string;
  /** Host name or address. */
  readonly address: string;
  /** TCP port. */
  readonly port: number;
  /** Key of the default console; `undefined` where only named consoles have a password. */
  readonly key: string | undefined;
  /** Whether the default console speaks TLS. */
  readonly isTls: boolean;
  /** The certificates of the default console. */
  readonly certificates?: CertificateSettings | undefined;
  /** Seconds between probes of keepalive, 0 for the system's. */
  readonly heartbeatInterval?: number | undefined;
  /** The policy towards the director. */
  readonly tlsPolicy: number;
}

/** A named console. */
export interface ConsoleIdentity {
  /** Name of the resource, which the director knows too. */
  readonly name: string;
  /** `passwordKey()` of its password. */
  readonly key: string;
  /** Whether this console speaks TLS. */
  readonly isTls: boolean;
  /** Seconds between probes of keepalive where the director's resource says nothing. */
  readonly heartbeatInterval?: number | undefined;
  /** Its certificates. */
  readonly certificates?: CertificateSettings | undefined;
  /** Name of the only director that it is for. */
  readonly director?: string | undefined;
  /** Lines that are run at the start, in place of those of `~/.bconsolerc`. */
  readonly rcFile?: string | undefined;
  /** Where typed lines are remembered. */
  readonly historyFile?: string | undefined;
  /** How many lines are remembered. */
  readonly historyLength?: number | undefined;
}

/** What the console needs of its configuration (console.md 1.3). */
export interface ConsoleSettings {
  /** All directors, in the order of the configuration. */
  readonly directors: readonly DirectorSettings[];
  /** All named consoles, in the order of the configuration. */
  readonly consoles: readonly ConsoleIdentity[];
}

/** The configuration does not allow what was asked for; `status` is the exit status. */
export class SettingsError extends Error {
  /** The class, for logs. */
  override readonly name = "SettingsError";

  /** An error with the exit status that it ends the program with. */
  constructor(message: string, readonly status: number) {
    super(message);
  }
}

/**
 * The director to connect to: the only one, the one named, or the one that the user picks.
 * @throws {SettingsError} if there is none of that name
 */
export async function chooseDirector(
  settings: ConsoleSettings,
  name: string | undefined,
  ask: (question: string) => Promise<string | undefined>,
  print: (text: string) => void,
): Promise<DirectorSettings> {
  const { directors } = settings;
  const [only] = directors;
  if (name !== undefined) {
    const named = directors.find((director) => director.name === name);
    if (named === undefined) throw new SettingsError(`Can't find ${name} in Director list`, 1);
    return named;
  }
  if (directors.length === 1 && only !== undefined) return only;
  print("Available Directors:\n");
  directors.forEach(({ name, address, port }, i) => {
    print(`${String(i + 1).padStart(2)}:  ${name} at ${address}:${port}\n`);
  });
  while (true) {
    const answer = await ask("Select Director by entering a number: ");
    if (answer === undefined) throw new SettingsError("No director selected", 1);
    const word = answer.trim();
    if (!/^\d+$/.test(word)) {
      const range = `between 1 and ${directors.length}`;
      print(`${word} is not a number. You must enter a number ${range}\n`);
      continue;
    }
    const chosen = directors[Number(word) - 1];
    if (chosen !== undefined) return chosen;
    print(`You must enter a number between 1 and ${directors.length}\n`);
  }
}

/**
 * Who we are for `director`: the first console bound to it, else the first that is bound to none,
 * else the default console (`undefined`).
 */
export function chooseIdentity(
  settings: ConsoleSettings,
  director: DirectorSettings,
): ConsoleIdentity | undefined {
  const { consoles } = settings;
  return consoles.find((console) => console.director === director.name) ??
    consoles.find((console) => console.director === undefined);
}
