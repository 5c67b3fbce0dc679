/** Runs the console against the director on the port given; for tests that need a terminal. @module */
import {
  type ConsoleOptions,
  Output,
  parseConsoleOptions,
  runConsole,
} from "../../cli/console/mod.ts";
import { passwordKey } from "../../protocol/mod.ts";

const [port, historyFile, ...args] = Deno.args;
const parsed = parseConsoleOptions(args, "roost console", "test");
const options: ConsoleOptions | undefined = "options" in parsed ? parsed.options : undefined;
if (options === undefined) throw new Error("bad options");
Deno.exit(
  await runConsole(options, {
    directors: [{
      name: "d",
      address: "127.0.0.1",
      port: Number(port),
      key: undefined,
      isTls: false,
      tlsPolicy: 0,
    }],
    consoles: [{ name: "me", key: passwordKey("secret"), isTls: false, historyFile }],
  }, new Output()),
);
