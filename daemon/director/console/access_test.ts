import assert from "node:assert/strict";
import fc from "fast-check";
import { AccessControl, type AccessHolder, type AccessLists, matchesEntry } from "./access.ts";

const none: AccessLists = {
  jobAcl: [],
  clientAcl: [],
  storageAcl: [],
  scheduleAcl: [],
  poolAcl: [],
  commandAcl: [],
  fileSetAcl: [],
  catalogAcl: [],
  whereAcl: [],
  pluginOptionsAcl: [],
};
const holder = (lists: Partial<AccessLists>, ...profile: Partial<AccessLists>[]): AccessHolder => ({
  ...none,
  ...lists,
  profile: profile.map((each) => ({ ...none, ...each })),
});
const name = fc.stringMatching(/^[a-z][a-z0-9]{0,9}$/);

Deno.test("the default console may do everything", () => {
  const access = new AccessControl(undefined);
  assert.ok(access.isDefault && access.allows("Job", "x") && access.isUnrestricted("Pool"));
});

Deno.test("nothing is allowed that no list names, but who one is and how to leave", () => {
  const access = new AccessControl(holder({}));
  assert.ok(!access.allows("Job", "x") && !access.allows("Command", "list"));
  assert.ok(access.allows("Command", "whoami") && access.allows("Command", "quit"));
});

Deno.test("the first entry that matches decides, own lists before profiles", () => {
  fc.assert(
    fc.property(name, name, (allowed, denied) => {
      fc.pre(allowed !== denied);
      const access = new AccessControl(holder({ jobAcl: [`!${denied}`] }, { jobAcl: ["*all*"] }));
      assert.ok(access.allows("Job", allowed) && !access.allows("Job", denied));
      const late = new AccessControl(holder({ jobAcl: ["*all*", `!${denied}`] }));
      assert.ok(late.allows("Job", denied), "a denial behind an allowance comes too late");
    }),
  );
});

Deno.test("an expression must match the whole name, case does not count", () => {
  fc.assert(
    fc.property(name, name, (start, end) => {
      assert.ok(matchesEntry(`${start}.*`, start + end));
      assert.ok(matchesEntry(start.toUpperCase(), start));
      assert.ok(!matchesEntry(`${start}[0-9]?`, `${start}-${end}`));
    }),
  );
  assert.ok(!matchesEntry("(", "anything"), "no expression matches nothing");
  for (
    const [entry, item, fits] of [
      ["[[:alpha:]]+-fd", "web-fd", true],
      ["[[:alpha:]]+-fd", "web1-fd", false],
      ["a|b", "B", true],
      ["a|b", "ab", false],
      ["web-.", "web-10", false],
      ["(web|db)-[0-9]+", "db-10", true],
      ["*", "*", true],
    ] as const
  ) assert.equal(matchesEntry(entry, item), fits, `${entry} ${item}`);
});

Deno.test("names that are none are refused; paths and options of plugins may hold anything", () => {
  const access = new AccessControl(holder({ jobAcl: ["*all*"], whereAcl: ["*all*"] }));
  assert.ok(!access.allows("Job", "a;b") && !access.allows("Job", ""));
  assert.ok(access.allows("Where", "/tmp/a;b"));
});

Deno.test("unrestricted means *all* before any denial", () => {
  assert.ok(new AccessControl(holder({ poolAcl: ["a", "*all*"] })).isUnrestricted("Pool"));
  assert.ok(!new AccessControl(holder({ poolAcl: ["!a", "*all*"] })).isUnrestricted("Pool"));
  assert.ok(!new AccessControl(holder({})).isUnrestricted("Pool"));
});
