/** The thread of one login: PAM blocks it as long as its modules, or the user, take. @module */
import type { ThreadPort } from "../../threads.ts";
import { Exchange, type PamTask, type PamWord } from "./exchange.ts";
import { logInByPam, PamError } from "./libpam.ts";

/** Longer than the director waits for any user. */
const answerMs = 300_000;

/** Logs in and says how that went. */
export async function serve(port: ThreadPort): Promise<void> {
  const { memory, password, ...login } = await port.receive() as PamTask;
  const exchange = new Exchange(memory);
  const say = (word: PamWord): void => port.post(word);
  // Complaints and information have no answer, and a console answers all it is shown: they go with
  // the next question.
  let said = "";
  try {
    const user = logInByPam(login, (style, text) => {
      if (style === "error" || style === "information") {
        said += `${text}\n`;
        return "";
      }
      if (password !== undefined) return style === "secret" ? password : login.user;
      say({ ask: style, text: said + text });
      said = "";
      const answer = exchange.take(answerMs);
      if (answer === undefined) throw new PamError("nobody has answered");
      return answer;
    });
    say({ user });
  } catch (error) {
    if (!(error instanceof PamError)) throw error;
    say({ refused: said.replaceAll("\n", "; ") + error.message });
  }
}
