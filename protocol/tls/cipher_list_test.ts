import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { chosenSuites, type SuiteDirectives } from "./cipher_list.ts";
import { cipherSuites } from "./cipher_suite.ts";

const names = (directives: SuiteDirectives): string[] =>
  chosenSuites(directives).map(({ name }) => name);
const of12 = (cipherList: string): string[] => names({ cipherList, protocol: "-TLSv1.3" });

Deno.test("without directives all suites are there, in our order", () => {
  deepEqual(chosenSuites({}), cipherSuites);
  equal(of12("ALL:!ADH:!LOW:!EXP:!MD5:@STRENGTH").length, of12("").length);
});

Deno.test("TLS Protocol takes versions away and puts them back as OpenSSL does", () => {
  ok(names({ protocol: "-TLSv1,-TLSv1.1,-TLSv1.3,TLSv1.2" }).every((name) => !/^TLS_/.test(name)));
  ok(names({ protocol: "-ALL,TLSv1.3" }).every((name) => /^TLS_/.test(name)));
  deepEqual(names({ protocol: "TLSv1.2" }), names({})); // naming one takes none away
  throws(() => names({ protocol: "-ALL" }), /leaves neither/);
});

Deno.test("TLS Cipher Suites gives the suites of TLS 1.3 and their order", () => {
  const cipherSuites = "TLS_AES_256_GCM_SHA384:TLS_AES_128_CCM_SHA256:TLS_AES_128_GCM_SHA256";
  deepEqual(names({ cipherSuites, protocol: "-TLSv1.2" }), [
    "TLS_AES_256_GCM_SHA384",
    "TLS_AES_128_GCM_SHA256",
  ]);
});

Deno.test("TLS Cipher List understands words, names, sums and operators", () => {
  deepEqual(of12("PSK-AES128-CBC-SHA:ECDHE-PSK-CHACHA20-POLY1305"), [
    "PSK-AES128-CBC-SHA",
    "ECDHE-PSK-CHACHA20-POLY1305",
  ]);
  deepEqual(of12("kPSK+AESGCM"), ["PSK-AES256-GCM-SHA384", "PSK-AES128-GCM-SHA256"]);
  deepEqual(of12("kDHEPSK+AESGCM:DHE+CHACHA20"), [
    "DHE-PSK-AES256-GCM-SHA384",
    "DHE-PSK-AES128-GCM-SHA256",
    "DHE-RSA-CHACHA20-POLY1305",
  ]);
  deepEqual(of12("kPSK+AESGCM:-AES256"), ["PSK-AES128-GCM-SHA256"]);
  deepEqual(of12("kPSK+AESGCM:+AES256"), ["PSK-AES128-GCM-SHA256", "PSK-AES256-GCM-SHA384"]);
  deepEqual(of12("!AES256:kPSK+AESGCM AES256"), ["PSK-AES128-GCM-SHA256"]);
  deepEqual(of12("PSK-AES128-GCM-SHA256,PSK-AES256-CBC-SHA:@STRENGTH:@SECLEVEL=1"), [
    "PSK-AES256-CBC-SHA",
    "PSK-AES128-GCM-SHA256",
  ]);
  throws(() => names({ cipherList: "ADH:DHE-DSS-AES256-SHA", protocol: "-TLSv1.3" }), /nothing/);
});
