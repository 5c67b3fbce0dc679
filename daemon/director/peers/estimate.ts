/** The part of an estimate before the daemon counts: session, level, file set, list (director-client.md 14). @module */
import type { ClientProbes } from "./client_probes.ts";
import {
  type Connection,
  directorToFile,
  fileToDirector,
  receiveFrame,
  receiveText,
  Signal,
  TlsPolicy,
} from "../../../protocol/mod.ts";
import { clientMaker, misreadOptions } from "./client_maker.ts";
import { callerOf, connectClient, CONSOLE_PATIENCE } from "./daemon_connections.ts";
import type { FileRecord } from "../director_catalog.ts";
import { accurateOptions, fileSetLines } from "./fileset_lines.ts";
import { pluginLineFor } from "./plugin_lines.ts";
import { jobNameTime } from "../report/formats.ts";
import { sendKnownFiles } from "./known_files.ts";
import type { ClientResource, DirectorResource, FileSetResource } from "../resources.ts";

/** What is to be estimated. */
export interface EstimateWish {
  readonly client: ClientResource;
  readonly fileSet: FileSetResource;
  /** The word of the level: `full`, `incremental`, `differential`. */
  readonly level: string;
  /** Changes since then count, UNIX seconds; for a level that is not full. */
  readonly since: number;
  /** How clients were reached. */
  readonly probes: ClientProbes;
  /** The job that the changes are counted from. */
  readonly previousJob: string;
  /** What accurate mode compares with. */
  readonly accurate:
    | { readonly files: AsyncIterable<readonly FileRecord[]>; readonly estimated: number }
    | undefined;
}

/** A connection to the client on which `estimate` may be sent. @throws Error if the client refuses */
export async function createEstimate(
  director: DirectorResource,
  wish: EstimateWish,
): Promise<Connection> {
  const { connection, mode, announced } = await connectClient(wish.client, {
    ...callerOf(director),
    patience: CONSOLE_PATIENCE,
    probes: wish.probes,
  });
  try {
    await connection.send(directorToFile.jobId.format({
      jobId: 0,
      job: `-Console-.${jobNameTime(Math.floor(Date.now() / 1000))}_00`,
      sdId: 0,
      sdTime: 0,
      authorization: "dummy",
      ssl: mode === "tls" ? TlsPolicy.none : undefined,
    }));
    const said = await expectAnswer(connection, fileToDirector.jobIdOk);
    const information = fileToDirector.jobIdOk.parse(said)?.information ?? "";
    const maker = clientMaker(announced, information);
    const why = misreadOptions(wish.client, maker, information, wish.fileSet);
    if (why !== undefined) throw new Error(why);
    await sendLevel(connection, wish);
    const vss = wish.fileSet.enableVss ? 1 : undefined;
    await connection.send(directorToFile.fileset.format({ vss }));
    const lines = fileSetLines(wish.fileSet, {
      allowCompression: true,
      codes: {},
      pluginLine: (line) => pluginLineFor(maker, line),
      onCompressionDropped: () => {},
    });
    for await (const line of lines) connection.queue(line);
    await connection.sendSignal(Signal.EOD);
    await expectAnswer(connection, fileToDirector.filesetOk);
    if (wish.accurate !== undefined) await sendList(connection, wish, wish.accurate);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

async function sendLevel(connection: Connection, wish: EstimateWish): Promise<void> {
  const isFull = wish.level === "full";
  const level = wish.accurate === undefined || isFull ? wish.level : `accurate_${wish.level}`;
  await connection.send(directorToFile.level.format({ level, mtimeOnly: 0 }));
  if (!isFull) {
    const { since, previousJob } = wish;
    await connection.send(directorToFile.since.format({ since, mtimeOnly: 0, previousJob }));
    // The file daemon compares the clocks, which is answered here, and ends that with EOD.
    const frame = await receiveFrame(connection, "director", { timeoutMs: answerTimeout });
    if (frame?.kind !== "signal") throw new Error("The client did not compare the clocks");
  }
  await expectAnswer(connection, fileToDirector.levelOk);
}

async function sendList(
  connection: Connection,
  wish: EstimateWish,
  accurate: NonNullable<EstimateWish["accurate"]>,
): Promise<void> {
  const withDigest = /[15]/.test(accurateOptions(wish.fileSet));
  await connection.send(directorToFile.accurate.format({ files: accurate.estimated }));
  await sendKnownFiles(connection, accurate.files, { withDigest });
}

/** Milliseconds. */
const answerTimeout = 60_000;

async function expectAnswer(
  connection: Connection,
  wanted: { matches(text: string): boolean },
): Promise<string> {
  let text = "Jmsg ";
  // What the daemon had to tell before this may come first.
  while (text.startsWith("Jmsg ")) {
    text = await receiveText(connection, "director", { timeoutMs: answerTimeout });
  }
  if (!wanted.matches(text)) throw new Error(`The client refused: ${text.trim()}`);
  return text;
}
