/**
 * Transcripts: text files with what is typed at a console and everything the director answers.
 *
 * A line that begins with `* ` is typed; what follows, up to the next one, is the whole answer. An answer
 * without a line end, a question, is followed by `<`. Text before the first typed line says what
 * the transcript is about.
 *
 * @module
 */
import assert from "node:assert/strict";
import { fromFileUrl } from "./paths.ts";

/** A typed line and its answer. */
export interface Exchange {
  readonly typed: string;
  readonly answer: string;
}

/** Something that answers lines, such as a session of a console. */
export interface Answering {
  call(line: string): Promise<string>;
}

const path = (name: string): string =>
  fromFileUrl(new URL(`../transcripts/${name}.txt`, import.meta.url));

/** The introduction of a transcript and its exchanges. */
function parseTranscript(text: string): [introduction: string, Exchange[]] {
  const [introduction = "", ...parts] = text.split(/^\* /m);
  return [
    introduction,
    parts.map((part) => {
      const end = part.indexOf("\n");
      return { typed: part.slice(0, end), answer: part.slice(end + 1) };
    }),
  ];
}

/**
 * Types the lines of `tests/transcripts/<name>.txt` and compares the answers, whole. `mask` replaces
 * what differs from run to run. With `ROOST_WRITE_TRANSCRIPTS` in the environment the file is
 * written anew instead: read what has changed before it is committed.
 */
export async function playTranscript(
  name: string,
  session: Answering,
  mask: (text: string) => string = (text) => text,
): Promise<void> {
  const [introduction, wanted] = parseTranscript(await Deno.readTextFile(path(name)));
  assert.notEqual(wanted.length, 0, `${name} has no typed lines`);
  const got: Exchange[] = [];
  for (const { typed } of wanted) {
    const text = mask(await session.call(typed));
    got.push({ typed, answer: text === "" || text.endsWith("\n") ? text : `${text}<\n` });
  }
  if (Deno.env.has("ROOST_WRITE_TRANSCRIPTS")) {
    const text = got.map(({ typed, answer }) => `* ${typed}\n${answer}`).join("");
    await Deno.writeTextFile(path(name), introduction + text);
    return;
  }
  for (const [index, exchange] of got.entries()) {
    assert.deepEqual(exchange, wanted[index], `${name}: ${exchange.typed}`);
  }
}
