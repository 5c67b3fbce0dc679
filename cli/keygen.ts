/** `roost keygen`: key pairs and master keys for encrypted backups. @module */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { messageOf } from "../bytes/mod.ts";
import { makeKeyPair } from "../crypto/mod.ts";
import { describeStatuses, ownStatuses } from "./exit_statuses.ts";
import {
  commonOptions,
  describeOptions,
  type Manual,
  type OptionTable,
  usageText,
} from "./manual.ts";

const options = {
  master: {
    ...{ type: "boolean", default: false },
    text: "a master key: NAME.cert.pem for every client that it shall be able to restore, " +
      "NAME.key.pem to be kept apart, in a safe place",
  },
  bits: { type: "string", default: "3072", value: "BITS", text: "2048, 3072 (default) or 4096" },
  help: commonOptions.help,
} as const satisfies OptionTable;

/** What there is to say of it. */
export const manual: Manual = {
  synopsis: ["[--master] [--bits BITS] NAME"],
  about:
    "Makes an RSA key and a certificate for the PKI directives of a file daemon and prints the " +
    "configuration to paste. NAME is that of the client or of the master key; a path is possible.",
  options: describeOptions(options),
  statuses: describeStatuses(ownStatuses),
};
const usage = usageText("roost keygen", manual);

/** Runs the subcommand. */
export async function main(args: readonly string[]): Promise<number> {
  const parsed = parse(args);
  if (typeof parsed === "number") return parsed;
  const { name, bits, isMaster } = parsed;
  const path = resolve(name);
  const made = await makeKeyPair({ name: name.split("/").at(-1) ?? name, bits });
  try {
    if (isMaster) {
      const [certificate, key] = [`${path}.cert.pem`, `${path}.key.pem`];
      await writeNew(key, made.certificate + made.privateKey, 0o600);
      await writeNew(certificate, made.certificate, 0o644);
      console.log(
        `In the Client resource of every file daemon whose backups this key shall open:\n\n` +
          `  PKI Master Key = "${certificate}"\n\n` +
          `Keep ${key} away from them, and where you find it in years to come: with\n` +
          `it, "roost bextract --key" or any file daemon that has it as its PKI Key Pair restores.`,
      );
    } else {
      const file = `${path}.pem`;
      await writeNew(file, made.certificate + made.privateKey, 0o600);
      console.log(
        `In the Client resource of the file daemon:\n\n` +
          `  PKI Signatures = yes\n  PKI Encryption = yes\n  PKI Cipher = aes256\n` +
          `  PKI Key Pair = "${file}"\n\n` +
          `The file must belong to the user of the daemon. Without it, or a master key, nobody\n` +
          `restores what the daemon encrypts: keep a copy in a safe place.`,
      );
    }
  } catch (error) {
    console.error(`roost keygen: ${messageOf(error)}`);
    return 1;
  }
  return 0;
}

function parse(
  args: readonly string[],
): { name: string; bits: number; isMaster: boolean } | number {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options,
      allowPositionals: true,
    });
    if (values.help) {
      console.log(usage);
      return 0;
    }
    const [name] = positionals;
    if (name === undefined || positionals.length > 1) throw new Error("one NAME is needed");
    if (!["2048", "3072", "4096"].includes(values.bits)) {
      throw new Error(`--bits ${values.bits}: 2048, 3072 or 4096 are possible`);
    }
    return { name, bits: Number(values.bits), isMaster: values.master };
  } catch (error) {
    console.error(`roost keygen: ${messageOf(error)}\n`);
    console.error(usage);
    return ownStatuses.badCommandLine;
  }
}

/** Never over a key that is there: what it has encrypted would be lost. */
async function writeNew(path: string, text: string, mode: number): Promise<void> {
  try {
    await Deno.writeTextFile(path, text, { mode, createNew: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    throw new Error(`Cannot write ${path}: it is there already`, { cause: error });
  }
}
