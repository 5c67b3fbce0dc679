/** What is exported means the same when it is read back, for any configuration. */
import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { anyConfiguration } from "../../../tests/support/configuration_arbitraries.ts";
import { optionLetters } from "../file_set.ts";
import {
  type AnyResource,
  type Configuration,
  type FileSetOptions,
  formatTypes,
  optionsOf,
  parseConfiguration,
  Password,
  type ProgramName,
  resourceJson,
  resourceText,
  resourceTypes,
} from "../mod.ts";

type Loaded = Configuration<Record<string, AnyResource>>;

const load = (program: ProgramName, text: string): Loaded =>
  parseConfiguration(program, text) as unknown as Loaded;

function exported(configuration: Loaded): string {
  return resourceTypes(configuration.program).flatMap((type) =>
    configuration.all(type).map((resource) => resourceText(configuration, type, resource))
  ).join("");
}

/** Options without those that say what is so without them. */
function meaningOf({ settings, lines }: FileSetOptions): unknown {
  const built = ["HardLinks", "AclSupport", "XattrSupport"];
  const said = settings.filter(([keyword, value]) =>
    built.includes(keyword) || optionLetters[keyword]?.[value] !== "0"
  );
  return [optionsOf(said).letters, lines, said.filter(([keyword]) => keyword === "Meta")];
}

/** Values to compare: references by name, sets in order, passwords by what they open. */
function plain(value: unknown, depth = 0): unknown {
  if (value instanceof Password) return value.isSet ? value.key : "";
  if (value instanceof Set) return [...value].sort((a, b) => Number(a) - Number(b));
  if (Array.isArray(value)) return value.map((each) => plain(each, depth));
  if (typeof value !== "object" || value === null) return value;
  if ("settings" in value) return meaningOf(value as FileSetOptions);
  const { name } = value as { name?: unknown };
  if (depth > 0 && typeof name === "string") return `-> ${name}`;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      // Type 11 has no word of its own: only `all` holds it, and nothing sends it.
      key === "types" ? formatTypes(member as ReadonlySet<number>) : plain(member, depth + 1),
    ]),
  );
}

/** Every resource: its type and one entry for each member. */
const meaning = (configuration: Loaded): readonly unknown[] =>
  resourceTypes(configuration.program).flatMap((type) =>
    configuration.all(type).flatMap((each) =>
      Object.entries(plain(each) as object)
        .map(([key, value]) => ({ type, name: each.name, [key]: value }))
    )
  );

const json = (configuration: Loaded): unknown =>
  resourceTypes(configuration.program).map((type) =>
    configuration.all(type).map((resource) =>
      resourceJson(configuration, type, resource, { isVerbose: true })
    )
  );

for (const program of ["director", "storage", "file", "console"] as const) {
  Deno.test(`a configuration of ${program} is exported and read back as it was`, () => {
    fc.assert(
      fc.property(anyConfiguration(program), (text) => {
        const first = load(program, text);
        const once = exported(first);
        const second = load(program, once);
        // Resource by resource: a difference is told by what differs.
        const [before, after] = [meaning(first), meaning(second)];
        for (const [at, resource] of before.entries()) deepEqual(after[at], resource);
        equal(after.length, before.length);
        equal(exported(second), once);
        deepEqual(
          JSON.parse(JSON.stringify(json(second))),
          JSON.parse(JSON.stringify(json(first))),
        );
      }),
      { numRuns: program === "director" ? 60 : 100 },
    );
  });
}
