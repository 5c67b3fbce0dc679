/** The part of an estimate before the daemon counts: session, level, file set. @module */
import {
  type Connection,
  directorToFile,
  fileToDirector,
  receiveText,
  Signal,
} from "../../protocol/mod.ts";
import { connectClient, CONSOLE_PATIENCE } from "./daemon_connections.ts";
import { fileSetLines } from "./fileset_lines.ts";
import { jobNameTime } from "./formats.ts";
import type { ClientResource, FileSetResource } from "./resources.ts";

/** What is to be estimated. */
export interface EstimateWish {
  readonly client: ClientResource;
  readonly fileSet: FileSetResource;
  /** The word of the level; what changed since an earlier job is not looked at. */
  readonly level: string;
}

/** A connection to the client on which `estimate` may be sent. @throws Error if the client refuses */
export async function createEstimate(director: string, wish: EstimateWish): Promise<Connection> {
  const { connection } = await connectClient(wish.client, { director, patience: CONSOLE_PATIENCE });
  try {
    const job = `-Console-.${jobNameTime(Math.floor(Date.now() / 1000))}_00`;
    await connection.send(directorToFile.jobId.format({
      jobId: 0,
      job,
      sdId: 0,
      sdTime: 0,
      authorization: "dummy",
      ssl: undefined,
    }));
    await expect(connection, fileToDirector.jobIdOk);
    await connection.send(directorToFile.level.format({ level: "full", mtimeOnly: 0 }));
    await expect(connection, fileToDirector.levelOk);
    await connection.send(directorToFile.fileset.format({ vss: undefined }));
    for await (
      const line of fileSetLines(wish.fileSet, {
        allowCompression: true,
        codes: {},
        onCompressionDropped: () => {},
      })
    ) {
      connection.queue(line);
    }
    await connection.sendSignal(Signal.EOD);
    await expect(connection, fileToDirector.filesetOk);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

async function expect(
  connection: Connection,
  wanted: { matches(text: string): boolean },
): Promise<void> {
  const text = await receiveText(connection, "director", { timeoutMs: 60_000 });
  if (!wanted.matches(text)) throw new Error(`The client refused: ${text.trim()}`);
}
