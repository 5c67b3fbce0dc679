import { strictEqual } from "node:assert";
import { fileSetDigest } from "./fileset_digest.ts";

Deno.test("fileSetDigest() gives the check values of the reference", () => {
  const cases: [string[], string][] = [
    [["/etc"], "GC8VO9lIA5VcIE/m8lgdXB"],
    [["/usr/sbin", "/etc"], "3G+rByks69MzuwUSqR+mUD"],
    [["/home", "/var"], "t8RBaB/tZ958aj1/Q+/2xA"],
    [[], "1B+M248Asg/pgA+Y7/hCfC"],
    [["/etc", "/home"], "thIST+/7JzlJf7171851hC"],
    [["/srv/sample/data"], "eXQfERxrM6oSY9EOcDprpD"],
    [
      ["/srv/sample/data", "/srv/sample/etc2", "/srv/sample/etc2/secret"],
      "2gp6r++MX2MbH5+Ic9+9dA",
    ],
  ];
  for (const [values, expected] of cases) strictEqual(fileSetDigest(values), expected);
});
