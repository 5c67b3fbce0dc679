/** Values of directives, kind by kind (configuration.md 3.2, 18). */
import { deepEqual, equal, match, throws } from "node:assert/strict";
import { director, parse, problems } from "../../tests/support/small_configuration.ts";
import { parseConfiguration } from "./mod.ts";

/** A Pool with a directive, read back. */
const pool = (line: string) => parse(`Pool { Name = "p 2"\n ${line}\n }`).get("Pool", "p 2");

Deno.test("values: the examples of section 3.2 and the leniencies of section 18", () => {
  equal(parse('Console { Name = x; Password = "a=b" }').get("Console", "x")?.password.clear, "a=b");
  equal(
    parse("Console { Name = x; Password = ab=cd#ef\n }").get("Console", "x")?.password.clear,
    "ab",
  );
  equal(pool('MaximumVolumes = "11"')?.maximumVolumes, 11);
  equal(pool('MaximumVolumeBytes = "50G"')?.maximumVolumeBytes, 50 * 2 ** 30);
  equal(pool("AutoPrune = 1")?.autoPrune, true);
  equal(pool("AutoPrune = false")?.autoPrune, false);
  equal(pool("VolumeRetention = 2\tdays")?.volumeRetention, 172_800);
  equal(parse('Counter { Name = x; Minimum = "-1" }').get("Counter", "x")?.minimum, -1);
  deepEqual(pool("Storage = s }\n Pool { Name = p3")?.storage.map(({ name }) => name), ["s"]);
  deepEqual(problems("Console { Name = x; Password = 12345 }").length, 1);
  deepEqual(problems("Console { Name = x; Password = @/no/secret\n }").length > 0, true);
  match(problems("FileSet { Name = g; Include { File = C:\\dir } }")[0] ?? "", /Backslash found/);
});

Deno.test("values: one directive after another of every kind", () => {
  const cases: readonly (readonly [line: string, key: string, value: unknown])[] = [
    [
      "VolumeRetention = 1 years 2 months 3 weeks 4 days 5 hours 6 minutes 7 seconds",
      ...retention(38898367),
    ],
    ["VolumeRetention = 1.5 h", ...retention(5400)],
    ["VolumeRetention = 5 m", ...retention(5 * 2_592_000)],
    ["VolumeRetention = 5 mi", ...retention(300)],
    ["VolumeRetention = 5mins", ...retention(300)],
    ["VolumeRetention = 5 N", ...retention(300)],
    ["VolumeRetention = 2 Q", ...retention(2 * 7_862_400)],
    ["VolumeRetention = 77", ...retention(77)],
    ["VolumeRetention =\n 3 d", ...retention(259_200)],
    ["MaximumVolumeBytes = 9 m 549 k 640", "maximumVolumeBytes", 10_000_000],
    ["MaximumVolumeBytes = 1.5k", "maximumVolumeBytes", 1536],
    ["MaximumVolumeBytes = 2 KB", "maximumVolumeBytes", 2000],
    ["MaximumVolumeBytes = 3 tb", "maximumVolumeBytes", 3e12],
    ["MaximumVolumeBytes = 16 eb", "maximumVolumeBytes", Number.MAX_SAFE_INTEGER],
    ["MaximumBlockSize = 1 m", "maximumBlockSize", 2 ** 20],
    ["PoolType = scratch", "poolType", "Scratch"],
    ["ActionOnPurge = Truncate", "actionOnPurge", "Truncate"],
    ["pool type\n= backup", "poolType", "Backup"],
    ["CleaningPrefix = CLN", "cleaningPrefix", "CLN"],
    ["Maximum Volumes = 3; Maximum Volumes = 4", "maximumVolumes", 4],
  ];
  for (const [line, key, value] of cases) {
    deepEqual((pool(line) as unknown as Record<string, unknown>)[key], value, line);
  }
  const job = (line: string) =>
    parse(
      `Job { Name = k; Type = Backup; Client = c; FileSet = f; Pool = p; Messages = m\n${line}\n}`,
    )
      .get("Job", "k");
  equal(job("MaximumBandwidth = 2 kb/s")?.maximumBandwidth, 2000);
  equal(job("MaximumBandwidth = 2 k")?.maximumBandwidth, 2048);
  equal(job("MaximumBandwidth = 3 m/s")?.maximumBandwidth, 3 * 2 ** 20);
  equal(job("Verify Job = j")?.jobToVerify?.name, "j");
  deepEqual(job("Run = a; Run = b, c")?.run, ["a", "b", "c"]);
  equal(job("Full Max Wait Time = 3 h")?.fullMaxRuntime, 10_800);
});

const retention = (seconds: number) => ["volumeRetention", seconds] as const;

Deno.test("passwords: digests count as they are, everywhere", () => {
  const key = "5ebe2294ecd0e0f08eab7690d2a6ee69";
  for (const text of ["secret", "[md5]" + key]) {
    equal(
      parse(`Console { Name = x; Password = "${text}" }`).get("Console", "x")?.password.key,
      key,
    );
  }
});

Deno.test("listening addresses: services, blocks and what excludes what", () => {
  const addresses = (text: string) =>
    parseConfiguration("director", director("").replace("Password = x", `Password = x; ${text}`))
      .first("Director").addresses;
  deepEqual(addresses("Port = bacula-dir"), [
    { host: "0.0.0.0", port: 9101 },
    { host: "::", port: 9101 },
  ]);
  deepEqual(addresses("DirAddress = 127.0.0.1; DirPort = 5"), [{ host: "127.0.0.1", port: 5 }]);
  deepEqual(addresses("DirPort = 5; DirAddress = 127.0.0.1"), [{ host: "127.0.0.1", port: 5 }]);
  deepEqual(
    addresses(`Addresses = {
      ipv4 = { addr = 0.0.0.0; port = bacula-sd }
      ipv6 = { port = 7 }
      ip = { addr = host.example.com } }`),
    [
      { host: "0.0.0.0", port: 9103 },
      { host: "::", port: 7 },
      { host: "host.example.com", port: 9101 },
    ],
  );
  const wrong: readonly (readonly [string, RegExp])[] = [
    ["Port = no-such-service", /can't resolve service\(no-such-service\)/],
    ["Port = 65535", /port number, got: 65535/],
    ["Addresses = { }", /Empty addr block is not allowed/],
    ["Addresses = { tcp = { port = 5 } }", /Expected a string \[ip\|ipv4\|ipv6\], got: tcp/],
    ["Addresses = { ip = { port = 5; port = 6 } }", /Only one port/],
    ["Addresses = { ip = { host = a } }", /Expected addr or port, got: host/],
    ["Address = a; Addresses = { ip = { addr = b } }", /old style addresses cannot be mixed/],
  ];
  for (const [text, message] of wrong) throws(() => addresses(text), message, text);
});
