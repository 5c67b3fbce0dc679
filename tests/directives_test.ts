/**
 * Whether the directives that warn of having no effect are those that have none: a
 * directive that is obeyed is a member that some module of its program reads.
 */
import { ok } from "node:assert/strict";
import { type Directive, keyOf } from "../daemon/config/directive.ts";
import { programs } from "../daemon/config/mod.ts";
import { withoutEffect, withoutNeed } from "../daemon/config/without_effect.ts";
import type { ProgramName } from "../daemon/config/mod.ts";
import { fromFileUrl } from "./support/paths.ts";

const root = fromFileUrl(new URL("../", import.meta.url));

/** Where a program reads its configuration. */
const places: Readonly<Record<ProgramName, readonly string[]>> = {
  director: ["daemon/director", "cli/dir.ts", "cli/catalog_place.ts"],
  storage: ["daemon/storage", "cli/sd.ts", "cli/volume_tools"],
  file: ["daemon/file", "cli/fd.ts"],
  console: ["cli/console", "cli/console.ts"],
};
/** What all programs share: TLS, access lists, messages, and what the system brings. */
const shared = ["protocol/tls", "protocol/cleartext_policy.ts", "daemon/system_libraries.ts"];

/** Types of directives whose values are not members of their own name. */
const elsewhere: readonly string[] = [
  ...["acl", "exclude", "include", "messages", "run", "runScript", "shortScript"],
];
/** Directives that a member of another name holds, or that the loading itself obeys. */
const byLoading: ReadonlySet<string> = new Set([
  ...["Name", "Description", "Address", "Port", "MailCommand", "OperatorCommand"],
  ...["TimestampFormat", "JobDefs"],
]);

function* sources(path: string): Generator<string> {
  const info = Deno.statSync(path);
  if (info.isDirectory) {
    for (const { name } of Deno.readDirSync(path)) yield* sources(`${path}/${name}`);
  } else if (path.endsWith(".ts") && !path.endsWith("_test.ts")) yield Deno.readTextFileSync(path);
}

function nothing(found: readonly string[], message: string): void {
  ok(found.length === 0, `${message}: ${found.join(", ")}`);
}

const textOf = (paths: readonly string[]): string =>
  paths.flatMap((path) => [...sources(root + path)]).join("\n");

for (const program of ["director", "storage", "file", "console"] as const) {
  Deno.test(`every directive of ${program} is obeyed, or says that it is not`, () => {
    const code = textOf([...places[program], ...shared]);
    const isRead = (name: string): boolean => new RegExp(`\\b${keyOf(name)}\\b`).test(code);
    const unread: string[] = [];
    const unknown: string[] = [];
    for (const [type, { directives }] of Object.entries(programs[program].resources)) {
      const told = [
        ...withoutEffect[program][type] ?? [],
        ...withoutNeed[program][type] ?? [],
      ];
      const names = (directives as readonly Directive[]).map(({ name }) => name);
      unknown.push(
        ...told.filter((name) => !names.includes(name)).map((name) => `${type} ${name}`),
      );
      for (const directive of directives as readonly Directive[]) {
        const { name } = directive;
        if (elsewhere.includes(directive.type) || byLoading.has(name)) continue;
        if (!told.includes(name) && !isRead(name)) unread.push(`${type} ${name}`);
      }
    }
    nothing(unknown, "without_effect.ts names what is no directive");
    nothing(unread, "nothing reads these: obey them, or name them in without_effect.ts");
  });

  Deno.test(`what is said of ${program}'s directives without effect is true`, () => {
    const code = textOf([...places[program], ...shared]);
    // Destinations of messages are no members of their own.
    const resources = Object.entries(withoutEffect[program]).filter(([type]) =>
      type !== "Messages"
    );
    const obeyed = resources.flatMap(([type, names]) =>
      names
        // A name that several resources have is read for the others.
        .filter((name) =>
          Object.entries(programs[program].resources).every(([other, { directives }]) =>
            withoutEffect[program][other]?.includes(name) ||
            !directives.some((each) => each.name === name)
          )
        )
        .filter((name) => new RegExp(`\\.${keyOf(name)}\\b`).test(code))
        .map((name) => `${type} ${name}`)
    );
    nothing(obeyed, "these are read by now: take them out of without_effect.ts");
  });
}
