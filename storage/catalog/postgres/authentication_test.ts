import { strictEqual, throws } from "node:assert";
import { md5Answer, ScramClient, scramVerifier } from "./authentication.ts";

const challenge =
  "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
const client = () => new ScramClient("pencil", "rOprNGfwEbeRWgbNEkqO", "user");

Deno.test("ScramClient says what RFC 7677 has as its example", () => {
  const scram = client();
  strictEqual(scram.first(), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
  strictEqual(
    scram.final(challenge),
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0," +
      "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
  );
  scram.verify("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
});

Deno.test("ScramClient refuses a server that does not know the password, or asks for too much", () => {
  const scram = client();
  scram.final(challenge);
  throws(() => scram.verify("v=AAAA"), /does not know the password/);
  throws(() => scram.verify("e=other-error"), /does not know the password/);
  throws(() => client().verify("v=6rri"), /does not know the password/);
  throws(() => client().final(challenge.replace("r=r", "r=x")), /does not belong/);
  throws(() => client().final("r=rOprNGfwEbeRWgbNEkqO,s=AA==,i=4096"), /does not belong/);
  throws(() => client().final(challenge.replace("4096", "99999999999")), /99999999999 rounds/);
  throws(() => client().final(challenge.replace("4096", "-1")), /-1 rounds/);
});

Deno.test("scramVerifier() keeps what the example's password makes", () => {
  strictEqual(
    scramVerifier("pencil", Uint8Array.fromBase64("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096),
    "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$" +
      "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
  );
});

Deno.test("md5Answer() digests twice, with the salt the second time", () => {
  // md5(md5("geheim" + "roost") + 01 02 03 04), by md5sum
  strictEqual(
    md5Answer("roost", "geheim", Uint8Array.of(1, 2, 3, 4)),
    "md528cce3000df1f6e11ad97655a5b873f8",
  );
});
