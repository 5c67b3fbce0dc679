import { match, ok, strictEqual } from "node:assert/strict";
import { type ConsoleOptions, parseConsoleOptions } from "./options.ts";

const oldSpelling =
  "The -xc and -xs options have changed.\nUse --xc and --xs as given in the help.";

Deno.test("parseConsoleOptions() refuses what no console takes, with status 41", () => {
  for (
    const [words, wanted] of [
      [["-xc"], oldSpelling],
      [["-xs"], oldSpelling],
      [["-dt"], "The -dt option has changed. Use --dt as given in the help."],
      [["--xc", "--xs"], "bconsole: --xc and --xs exclude one another"],
      [["--colour"], /^bconsole: .*--colour/],
      [["surplus"], /^bconsole: .*surplus/],
      [["-u", "0"], /timeout/],
      [["-u", "soon"], /timeout/],
      [["-d"], /^bconsole: .*requires/],
    ] as const
  ) {
    const parsed = parseConsoleOptions(words, "bconsole", "1");
    ok("text" in parsed, words.join(" "));
    strictEqual(parsed.status, 41);
    if (typeof wanted === "string") strictEqual(parsed.text, wanted);
    else match(parsed.text, wanted);
  }
});

Deno.test("parseConsoleOptions() takes long options, short ones, and short ones run together", () => {
  const nothing: ConsoleOptions = {
    config: undefined,
    director: undefined,
    listDirectors: false,
    testConfig: false,
    checkPeers: false,
    exportConfig: false,
    exportSchema: false,
    credentialsFile: undefined,
    allowCleartextCredentials: false,
    noSignals: false,
    timeoutSeconds: undefined,
    noEditor: false,
  };
  for (
    const [words, wanted] of [
      [[], {}],
      [["-c", "/x", "-D", "d", "-l"], { config: "/x", director: "d", listDirectors: true }],
      [["-ntsc/x"], { config: "/x", noEditor: true, testConfig: true, noSignals: true }],
      [["-d100", "--dt", "-u10", "-o"], { timeoutSeconds: 10, allowCleartextCredentials: true }],
      [["--config=/x", "--director=d", "--timeout=3", "--debug-level=3", "--debug-timestamps"], {
        config: "/x",
        director: "d",
        timeoutSeconds: 3,
      }],
      [["--pam-credentials-filename", "/p", "--no-signals", "--list-directors", "--test-config"], {
        credentialsFile: "/p",
        noSignals: true,
        listDirectors: true,
        testConfig: true,
      }],
      [["--export-config"], { exportConfig: true }],
      [["--export-schema"], { exportSchema: true }],
    ] as const
  ) {
    const parsed = parseConsoleOptions(words, "bconsole", "1");
    ok("options" in parsed, words.join(" "));
    strictEqual(
      JSON.stringify(parsed.options, sorted),
      JSON.stringify({ ...nothing, ...wanted }, sorted),
    );
  }
  for (const word of ["-h", "-?", "--help"]) {
    const parsed = parseConsoleOptions([word], "bconsole", "1");
    ok("text" in parsed && parsed.status === 0 && parsed.text.startsWith("Usage: bconsole "));
  }
  const version = parseConsoleOptions(["--version"], "bconsole", "1");
  ok("text" in version && version.status === 0 && version.text === "1");
});

/** Members in one order. */
function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1));
}
