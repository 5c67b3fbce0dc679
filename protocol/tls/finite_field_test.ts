import { deepStrictEqual, strictEqual, throws } from "node:assert";
import { getDiffieHellman } from "node:crypto";
import { dhGroupIn, FiniteFieldExchange } from "./finite_field.ts";

const group = (name: string) => ({
  prime: new Uint8Array(getDiffieHellman(name).getPrime()),
  generator: Uint8Array.of(2),
});
const modp2048 = group("modp14");

Deno.test("FiniteFieldExchange gives both ends the same secret, without leading zeros", () => {
  for (let turn = 0; turn < 300; turn++) {
    const [one, other] = [new FiniteFieldExchange(modp2048), new FiniteFieldExchange(modp2048)];
    const secret = one.sharedSecret(other.publicKey);
    deepStrictEqual(other.sharedSecret(one.publicKey), secret);
    strictEqual(secret[0] === 0, false);
  }
});

Deno.test("FiniteFieldExchange refuses keys that give the secret away, and small or senseless groups", () => {
  const { prime } = modp2048;
  const lessOne = prime.slice();
  lessOne[prime.length - 1] = (prime.at(-1) ?? 0) - 1;
  const own = new FiniteFieldExchange(modp2048);
  for (const key of [[], [0], [1], lessOne, prime, [1, ...prime]]) {
    throws(() => own.sharedSecret(Uint8Array.from(key)), /key is none/);
  }
  throws(() => new FiniteFieldExchange(group("modp2")), /a Diffie-Hellman group of 1024 bits/i);
  throws(
    () => new FiniteFieldExchange({ ...modp2048, prime: new Uint8Array(1025).fill(255) }),
    /group of 8200 bits/,
  );
  for (const generator of [[0], [1], lessOne]) {
    throws(
      () => new FiniteFieldExchange({ prime, generator: Uint8Array.from(generator) }),
      /group that is none/,
    );
  }
});

Deno.test("dhGroupIn() says what is wrong with a file", () => {
  throws(() => dhGroupIn("nothing"), /no DH PARAMETERS/);
  const cut = "-----BEGIN DH PARAMETERS-----\nMIIBCAKCAQEA\n-----END DH PARAMETERS-----\n";
  throws(() => dhGroupIn(cut), { name: "DerError" });
});
