import { rejects, strictEqual } from "node:assert/strict";
import { chooseDirector, chooseIdentity, type ConsoleSettings } from "./settings.ts";

const director = (name: string) => ({
  name,
  address: `${name}.example`,
  port: 9101,
  key: "k",
  isTls: false,
  tlsPolicy: 0,
});
const identity = (name: string, bound?: string) => ({
  name,
  key: "k",
  isTls: false,
  ...(bound !== undefined && { director: bound }),
});

const settings: ConsoleSettings = {
  directors: [director("one"), director("two")],
  consoles: [identity("free"), identity("bound", "two"), identity("other")],
};

/** Chooses with these answers; what was printed and asked. */
async function chosen(some: ConsoleSettings, name: string | undefined, answers: string[]) {
  let text = "";
  const { name: found } = await chooseDirector(some, name, (question) => {
    text += question;
    return Promise.resolve(answers.shift());
  }, (line) => text += line);
  return { found, text };
}

Deno.test("chooseDirector() takes the only one, the one named, or the one that is picked", async () => {
  const only = { ...settings, directors: [director("one")] };
  strictEqual((await chosen(only, undefined, [])).found, "one");
  strictEqual((await chosen(settings, "two", [])).found, "two");
  const { found, text } = await chosen(settings, undefined, ["x", "3", " 2"]);
  strictEqual(found, "two");
  strictEqual(
    text,
    `Available Directors:
 1:  one at one.example:9101
 2:  two at two.example:9101
Select Director by entering a number: x is not a number. You must enter a number between 1 and 2
Select Director by entering a number: You must enter a number between 1 and 2
Select Director by entering a number: `,
  );
  await rejects(
    chosen(settings, "three", []),
    /^SettingsError: Can't find three in Director list$/,
  );
});

Deno.test("chooseIdentity() prefers a console that is bound to the director", () => {
  strictEqual(chooseIdentity(settings, director("one"))?.name, "free");
  strictEqual(chooseIdentity(settings, director("two"))?.name, "bound");
  const bound = { ...settings, consoles: [identity("bound", "two")] };
  strictEqual(chooseIdentity(bound, director("one")), undefined);
});
