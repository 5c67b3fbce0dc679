/** What a daemon answers, handed on to the console as it comes. @module */
import { decodeText } from "../../../bytes/mod.ts";
import { type Connection, receiveFrame, Signal } from "../../../protocol/mod.ts";

/**
 * Sends a command and hands every text of its answer on; closes the connection.
 * @param most texts after which the answer is over: some have no other end
 */
export async function passThrough(
  connection: Connection,
  command: string,
  print: (text: string) => void,
  most = Infinity,
): Promise<void> {
  try {
    await connection.send(command);
    await passAnswer(connection, print, most);
    if (connection.canSend) await connection.sendSignal(Signal.TERMINATE);
  } finally {
    connection.close();
  }
}

/** Hands every text on up to the end of an answer, or `most` of them. */
export async function passAnswer(
  connection: Connection,
  print: (text: string) => void,
  most = Infinity,
): Promise<void> {
  for (let count = 0; count < most; count++) {
    const frame = await receiveFrame(connection, "director", { timeoutMs: 600_000 });
    if (frame?.kind !== "message") return;
    // Blocks of a status end with a zero byte (director-client.md 15), Bacula's lines too.
    print(decodeText(frame.payload).replaceAll("\0", ""));
  }
}
