/** Tests that need a process of their own. @module */
import { fromFileUrl } from "./paths.ts";

/** Set in the process in which the tests of a file are alone. */
const mark = "ROOST_TESTS_ALONE";

/**
 * Runs the tests of a file in another process: the files of a test run share one, and what looks at all
 * threads of its process, or stops them, would find those of others.
 *
 * @param url of the file, `import.meta.url`
 * @param tests registers the tests
 */
export function alone(name: string, url: string, tests: () => void): void {
  if (Deno.env.get(mark) === url) return tests();
  Deno.test(name, async () => {
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "-A", "--no-check", fromFileUrl(new URL(url))],
      env: { [mark]: url, NO_COLOR: "1" },
    }).output();
    const text = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
    if (!success) throw new Error(text);
    const [, passed] = /^ok \| (\d+) passed/m.exec(text) ?? [];
    if (!(Number(passed) > 0)) throw new Error(`No test was run:\n${text}`);
  });
}
