import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { join } from "node:path";
import { subcommands } from "../cli/subcommands.ts";
import { usageText } from "../cli/manual.ts";
import { manPages, roffText } from "./man_pages.ts";

/** Programs whose option tables stand in more than one module, and how many options they have at least. */
const administrators = {
  ...{ "bareos-dir": 15, "bareos-sd": 15, "bareos-fd": 15, bconsole: 14, bls: 14, bextract: 12 },
  ...{ bscan: 20, bcopy: 12, btape: 10, bsmtp: 12, bregex: 7, bwild: 7, dbcheck: 9 },
};

Deno.test("every option of each program is in its page, and in its help", async () => {
  const pages = await manPages();
  for (const { name, load } of subcommands) {
    const { manual } = await load();
    const page = pages.get(`roost-${name}.1`) ?? "";
    const help = usageText(name, manual);
    for (const { names, text } of manual.options) {
      ok(page.includes(`\\fB${roffText(names.join(", "))}\\fR`), `${name}: ${names}`);
      ok(text !== "", `${name}: nothing is said of ${names}`);
      ok(help.includes(names.join(", ")), `${name} --help: ${names}`);
    }
  }
});

Deno.test("each program that administrators call has a page under that name", async () => {
  const pages = await manPages();
  for (const [link, most] of Object.entries(administrators)) {
    const page = pages.get(`${link}.1`) ?? "";
    ok((page.match(/^\.TP$/gm) ?? []).length >= most, link);
  }
  for (const [name, text] of pages) {
    match(name, /^[a-z-]+\.1$/);
    match(text, /^\.TH .*\n\.SH "NAME"\n.* \\- /);
  }
});

Deno.test("the options that a program's own --help names are those of its page", async () => {
  const pages = await manPages();
  const main = new URL("../cli/main.ts", import.meta.url).pathname;
  for (const name of ["dir", "sd", "fd", "console", "bscan", "bsmtp"]) {
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", main, name, "--help"],
    }).output();
    const said = new TextDecoder().decode(stdout).split("\n")
      .flatMap((line) =>
        /^ {2}(-.*?)(?: {2,}|$)/.exec(line)?.[1]?.match(/(?<![\w-])--?[\w?][\w-]*/g) ?? []
      );
    ok(said.length > 10, `${name} --help names ${said.length} options`);
    const page = pages.get(`roost-${name}.1`) ?? "";
    const told = [...page.matchAll(/^\\fB(\\-.*?)\\fR/gm)].flatMap(([, names = ""]) =>
      names.replaceAll("\\-", "-").split(", ")
    );
    deepStrictEqual(said.filter((each) => !told.includes(each)), [], name);
  }
});

Deno.test("each page names the exit status that a bad command line has, if it is not 1", async () => {
  const { error } = console;
  try {
    for (const { name, load } of subcommands) {
      const { main, manual } = await load();
      const said: string[] = [];
      console.error = (text: string) => void said.push(text);
      const status = await main(["--no-such-option"]);
      ok(said.length > 0, name);
      const told = Object.entries(manual.statuses ?? {}).find(([, text]) =>
        text.includes("command line")
      );
      strictEqual(status, Number(told?.[0] ?? 1), name);
    }
  } finally {
    Object.assign(console, { error });
  }
  match(
    (await manPages()).get("roost-keygen.1") ?? "",
    /EXIT STATUS"(\n.*)+\n\.B "41"\nthe command line cannot be understood\n/,
  );
});

Deno.test("what roff would take for its own is text", () => {
  strictEqual(roffText(".so it's a\\b\n.-x"), "\\&.so it\\(aqs a\\eb\n\\&.\\-x");
});

/** What a program that reads manual pages complains of; nothing if it is not there. */
async function complaints(words: readonly string[], folder: string): Promise<string> {
  const [program = "", ...args] = words;
  const files = [...Deno.readDirSync(join(folder, "man1"))].map(({ name }) => `man1/${name}`);
  const { stdout, stderr } = await new Deno.Command(program, {
    args: [...args, ...files],
    cwd: folder,
  }).output();
  return new TextDecoder().decode(stderr) + new TextDecoder().decode(stdout);
}

const readers: Readonly<Record<string, readonly string[]>> = {
  // All warnings, no output, relative to the folder as man(1) has it.
  groff: ["groff", "-man", "-ww", "-z", "-Tutf8"],
  mandoc: ["mandoc", "-T", "lint", "-W", "warning"],
};

for (const [program, words] of Object.entries(readers)) {
  const isThere = await new Deno.Command("which", { args: [program] }).output()
    .then(({ success }) => success, () => false);
  Deno.test({
    name: `${program} finds no fault in the pages`,
    ignore: !isThere,
    fn: async () => {
      const folder = await Deno.makeTempDir();
      try {
        await Deno.mkdir(join(folder, "man1"));
        for (const [name, text] of await manPages()) {
          await Deno.writeTextFile(join(folder, "man1", name), text);
        }
        strictEqual(await complaints(words, folder), "");
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}
