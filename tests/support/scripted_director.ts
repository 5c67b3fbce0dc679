/**
 * Stands in for the recorded file and storage daemons of a live director.
 *
 * @module
 */
import { decodeText, encodeText } from "../../bytes/mod.ts";
import { listen, type Listener } from "../../daemon/listener.ts";
import { type Connection, dial, passwordKey } from "../../protocol/mod.ts";
import { loadRecording, type RecordedConnection, type Recording } from "./recording.ts";
import { type Played, type PlayedFrame, ScriptedPeer } from "./scripted_peer.ts";

/** Who listens where in the recordings, and what it proves itself with. */
const DAEMONS = {
  "to-fd": { ownName: "R_CLIENT::rec-fd", password: "fd-pw" },
  "to-denied-fd": { ownName: "R_CLIENT::denied-fd", password: "fd-pw" },
  "to-sd1": { ownName: "R_STORAGE::rec-sd1", password: "sd1-pw" },
  "to-sd2": { ownName: "R_STORAGE::rec-sd2", password: "sd2-pw" },
} as const;

type Link = keyof typeof DAEMONS;

const LINKS: readonly Link[] = ["to-fd", "to-denied-fd", "to-sd1", "to-sd2"];

/** Fields of a director's messages that differ from run to run. */
export const VARYING: readonly string[] = [
  "job",
  "previousJob",
  "since",
  "microseconds",
  "port",
  "sdTime",
  "authorization",
  "version",
];

/** Where the recorded daemons listen. */
export interface RecordedPorts {
  readonly file: number;
  readonly denied: number;
  readonly storage: number;
  readonly second: number;
}

/** One connection that the director has made, as played. */
export interface PlayedConnection {
  readonly link: Link;
  readonly played: Played;
}

interface Expected {
  readonly recorded: RecordedConnection;
  readonly done: PromiseWithResolvers<Played>;
}

/** The recorded daemons, listening. */
export class RecordedDaemons implements AsyncDisposable {
  readonly #listeners: Readonly<Record<Link, Listener>>;
  readonly #expected: Record<Link, Expected[]> = {
    "to-fd": [],
    "to-denied-fd": [],
    "to-sd1": [],
    "to-sd2": [],
  };
  #jobs = new Map<string, string>();

  /** Listens on free ports. */
  constructor() {
    const open = (link: Link) =>
      listen({
        addresses: [{ host: "127.0.0.1", port: 0 }],
        onConnection: (connection) => this.#serve(link, connection),
        onError: (error) => this.#expected[link].shift()?.done.reject(error),
      });
    this.#listeners = {
      "to-fd": open("to-fd"),
      "to-denied-fd": open("to-denied-fd"),
      "to-sd1": open("to-sd1"),
      "to-sd2": open("to-sd2"),
    };
  }

  /** Ports of the file daemons and of the storage daemons. */
  get ports(): RecordedPorts {
    return {
      file: this.#listeners["to-fd"].ports[0] ?? 0,
      denied: this.#listeners["to-denied-fd"].ports[0] ?? 0,
      storage: this.#listeners["to-sd1"].ports[0] ?? 0,
      second: this.#listeners["to-sd2"].ports[0] ?? 0,
    };
  }

  /**
   * Expects the director's connections of a recording, in its order on each port, and tells what was
   * said once all have ended.
   */
  async play(name: string): Promise<readonly PlayedConnection[]> {
    this.#jobs = new Map();
    const wanted = directorConnections(loadRecording(name)).map(({ link, recorded }) => {
      const done = Promise.withResolvers<Played>();
      this.#expected[link].push({ recorded, done });
      return { link, done };
    });
    return await Promise.all(
      wanted.map(async ({ link, done }) => ({ link, played: await done.promise })),
    );
  }

  async #serve(link: Link, connection: Connection): Promise<void> {
    const expected = this.#expected[link].shift();
    if (expected === undefined) throw new Error(`Nobody is expected on ${link}`);
    const { ownName, password } = DAEMONS[link];
    const { recorded, done } = expected;
    const recordedJob = jobOf(recorded);
    const peer = new ScriptedPeer(connection, {
      recorded,
      side: "<",
      ownName,
      key: passwordKey(password),
      onFrame: ({ fields, name }) => {
        if (name.endsWith(".jobId") && recordedJob !== undefined) {
          this.#jobs.set(recordedJob, String(fields?.job));
        }
      },
      rewrite: (frame) => this.#rewrite(frame),
    });
    await peer.play().then(done.resolve, done.reject);
  }

  /** The live job's name in place of the recorded one's. */
  #rewrite(frame: PlayedFrame): Uint8Array | undefined {
    let text = decodeText(frame.payload);
    for (const [recorded, live] of this.#jobs) text = text.replaceAll(recorded, live);
    return encodeText(text);
  }

  /** Closes the ports. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(LINKS.map((link) => this.#listeners[link].close(0)));
  }
}

/** The director's connections to the two daemons, in the order in which they were opened. */
function directorConnections(
  recording: Recording,
): { link: Link; recorded: RecordedConnection }[] {
  return recording.connections.flatMap((recorded) => {
    const link = LINKS.find((each) => each === recorded.link);
    const [first] = recorded.frames;
    const hello = first?.kind === "message" ? decodeText(first.payload ?? new Uint8Array()) : "";
    return link === undefined || !hello.startsWith("Hello Director") ? [] : [{ link, recorded }];
  });
}

function jobOf(connection: RecordedConnection): string | undefined {
  for (const frame of connection.frames) {
    if (frame.kind !== "message" || frame.payload === undefined) continue;
    const job = /^JobId=\d+ [Jj]ob=(\S+)/.exec(decodeText(frame.payload))?.[1];
    if (job !== undefined) return job;
  }
  return undefined;
}

/** Commands that the recorded console has sent. */
export function consoleCommands(name: string): string[] {
  const console = loadRecording(name).connections.find(({ link }) => link === "console-dir");
  const said = console?.frames.filter(({ side }) => side === ">") ?? [];
  // Before the commands come hello, response, challenge and verdict.
  return said.slice(4).flatMap((frame) =>
    frame.kind === "message" && frame.payload !== undefined ? [decodeText(frame.payload)] : []
  );
}

/** Plays the recorded director, to try the daemons' scripts against. */
export async function playRecordedDirector(
  name: string,
  ports: RecordedPorts,
): Promise<void> {
  await Promise.all(
    directorConnections(loadRecording(name)).map(async ({ link, recorded }) => {
      const port = {
        "to-fd": ports.file,
        "to-denied-fd": ports.denied,
        "to-sd1": ports.storage,
        "to-sd2": ports.second,
      }[link];
      const connection = await dial({ address: "127.0.0.1", port, who: link });
      await new ScriptedPeer(connection, {
        recorded,
        side: ">",
        ownName: "R_DIRECTOR::rec-dir",
        key: passwordKey(DAEMONS[link].password),
      }).play();
    }),
  );
}
