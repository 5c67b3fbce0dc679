/** The key pairs of the recorded file daemons as PEM text, as they are configured. @module */
import { Buffer } from "node:buffer";
import { fixture } from "./paths.ts";

/** Certificate and private key of `fd` or `master`. */
export async function recordedKeyPair(name: "fd" | "master"): Promise<string> {
  const pem = async (file: string, label: string): Promise<string> => {
    const text = Buffer.from(await Deno.readFile(fixture(`keys/${name}.${file}.der`))).toString(
      "base64",
    );
    const lines = text.match(/.{1,64}/g) ?? [];
    return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
  };
  return await pem("cert", "CERTIFICATE") + await pem("key", "RSA PRIVATE KEY");
}
