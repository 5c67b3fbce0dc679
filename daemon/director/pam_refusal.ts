import { encodeText } from "../../bytes/mod.ts";
import { type Connection, directorToConsole as say, Patience } from "../../protocol/mod.ts";

/** Kind of a prompt that is shown as it is typed; error texts come as such (wire.md 13.4). */
const SHOWN = 2;

/** What a console's user reads, and the director's log says. */
const WHY = "Login with PAM is not possible: this director has no PAM. " +
  "Remove Use Pam Authentication from the Console resource";

/**
 * Plays the PAM login of a console up to its refusal: there is no PAM here, and who asks for it must
 * neither be let in by the password alone nor wait in vain.
 * @returns what the director's log shall say
 */
export async function refusePam(connection: Connection, isModern: boolean): Promise<string> {
  if (!isModern) {
    await connection.send(say.refused.format({}));
    return WHY;
  }
  await connection.send(say.credentialsWanted.format({}));
  const answer = await connection.receive({ timeoutMs: Patience.responseMessage });
  if (answer?.kind === "message" && connection.canSend) {
    // A console that wants a dialogue shows the text; one that gave credentials sees the refusal.
    const wantsDialogue = answer.payload[3] === 0x31; // 4001, not 4002
    if (wantsDialogue) {
      await connection.send(Uint8Array.of(SHOWN));
      await connection.send(encodeText(`${WHY}\n\0`));
    } else await connection.send(say.refused.format({}));
  }
  return WHY;
}
