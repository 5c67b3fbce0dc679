import { deepStrictEqual, strictEqual } from "node:assert";
import { clientMaker, knowsBaseJobs, knowsLetter } from "./client_maker.ts";

Deno.test("clientMaker() tells Bacula from Bareos, old and new", () => {
  const cases: readonly [number, string, string][] = [
    [54, "26.0.0~pre1 (01Aug26) x86_64", "bareos 2600"],
    [52, "13.2.5 (16Nov15) x86_64", "bareos 1302"],
    [5, "13.2.5 (16Nov15) x86_64", "bareos 1302"],
    [54, "26.0.0~roost0.1.0 (24 November 2026) linux x86_64", "roost 2600"],
    [5, "26.0.0~roost0.1.0 (24 November 2026) linux x86_64", "roost 2600"],
    [5, "5.2.13 (19Feb13) x86_64", "bacula 502"],
    [214, "9.6.7 (10Dec20) x86_64", "bacula 906"],
    [14, "13.0.4 (12Feb24) x86_64", "bacula 1300"],
    [0, "", "bacula 0"],
  ];
  for (const [number, information, wanted] of cases) {
    const { maker, version } = clientMaker(number, information);
    strictEqual(`${maker} ${version}`, wanted, `${number} ${information}`);
  }
});

Deno.test("knowsLetter() knows what each release understands", () => {
  const bacula = { maker: "bacula", version: 906 } as const;
  const old = { maker: "bareos", version: 1302 } as const;
  const middle = { maker: "bareos", version: 1800 } as const;
  const now = { maker: "bareos", version: 2600 } as const;
  const cases: readonly [string, boolean, boolean, boolean, boolean][] = [
    ["M", true, true, true, true],
    ["S", true, true, true, true],
    ["S3", true, true, true, true],
    ["S4", false, false, false, true],
    ["Z6", true, true, true, true],
    ["Zo", true, true, true, true],
    ["Zf4", false, true, true, true],
    ["Zfh", false, true, true, true],
    ["Cmcs5:", true, true, true, true],
    ["P2:", true, true, true, true],
    ["z1k-2k:", false, true, true, true],
    ["x", false, false, true, true],
    ["Ef", false, false, true, true],
    ["d1", false, true, true, true],
    ["Jspug5:", true, true, true, false],
  ];
  for (const [letter, ...wanted] of cases) {
    [bacula, old, middle, now].forEach((maker, at) =>
      strictEqual(knowsLetter(maker, letter), wanted[at], `${letter} ${maker.version}`)
    );
  }
  const ours = { maker: "roost", version: 2600 } as const;
  for (const [letter] of cases) strictEqual(knowsLetter(ours, letter), true, letter);
  deepStrictEqual([bacula, old, middle, now, ours].map(knowsBaseJobs), [
    true,
    true,
    true,
    false,
    true,
  ]);
});
