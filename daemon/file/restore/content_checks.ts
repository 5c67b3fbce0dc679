import { encodeBase64 } from "../../../bytes/mod.ts";
import { createDigest, type Digest, type DigestName } from "../../../crypto/mod.ts";
import { Stream } from "../../../storage/volume/mod.ts";
import { equalBytes } from "../fileset/mod.ts";
import { isSystemError } from "../platform/mod.ts";
import { type RestoreKeys, signatureCheckOf } from "./decryption.ts";
import type { RestoreReports } from "./restore_reports.ts";
import type { CurrentFile } from "./restored_file.ts";
import type { SignatureCheck } from "./signature_board.ts";

/** Digests by stream. */
const digestStreams: ReadonlyMap<number, DigestName> = new Map([
  [Stream.md5Digest, "MD5"],
  [Stream.sha1Digest, "SHA1"],
  [Stream.sha256Digest, "SHA256"],
  [Stream.sha512Digest, "SHA512"],
  [Stream.xxh128Digest, "XXH128"],
]);

/** How contents are compared. */
export interface CheckOptions {
  /** Whose signatures are believed. */
  readonly keys?: RestoreKeys | undefined;
  /** Whether digests on the volume are compared; they are if absent. */
  readonly verifiesDigests?: boolean;
  /** Begins the digest of a file that had so many bytes; in the same thread if absent. */
  createDigest?(name: DigestName, size: number): Digest;
}

/**
 * Compares the contents of files with the digest and the signature that come behind them.
 *
 * A digest that was not begun with the file takes another reading of it, so the one is begun that the last
 * file had. A valid signature says all that a digest does: where signatures are looked at, the digest of a
 * signed file is not made.
 */
export class ContentChecks {
  readonly #options: CheckOptions;
  readonly #reports: RestoreReports;
  /** The digest that files of this job seem to have; at first, what most installations use. */
  #likelyDigests: readonly DigestName[] = ["MD5", "XXH128"];
  /** The digest that was signed last. */
  #likelySigned: DigestName = "SHA256";
  #hasDigest = false;

  /** `reports` takes what does not match. */
  constructor(options: CheckOptions, reports: RestoreReports) {
    this.#options = options;
    this.#reports = reports;
  }

  /** Whether a digest came with the current file. */
  get hasDigest(): boolean {
    return this.#hasDigest;
  }

  /** A file of such a kind and size begins: the digests that its contents are likely to need. */
  begin(kind: CurrentFile["kind"], size: number, hasContents: boolean): Map<DigestName, Digest> {
    this.#hasDigest = false;
    if (!hasContents) return new Map();
    const { verifiesDigests = true, createDigest: make = createDigest } = this.#options;
    const names: readonly DigestName[] = [
      ...(this.#options.keys?.signers === undefined ? [] : [this.#likelySigned]),
      ...(verifiesDigests && !this.#wantsSignature(kind) ? this.#likelyDigests : []),
    ];
    // No more than one is worth a thread of its own.
    return new Map([...new Set(names)].map((name, at) => [name, make(name, at === 0 ? size : 0)]));
  }

  /** Takes a record, if it is a digest; whether it is. */
  digest(type: number, expected: Uint8Array, file: CurrentFile | undefined): boolean {
    const name = digestStreams.get(type);
    if (name === undefined) return false;
    this.#likelyDigests = [name];
    this.#hasDigest = true;
    if (this.#options.verifiesDigests === false) return true;
    if (file?.writer === undefined || file.hasFailed || file.backupRead !== undefined) return true;
    const { writer } = file;
    // Its signature is wanted, and says more.
    if (this.#wantsSignature(file.kind) && !writer.makes(name)) return true;
    this.#attempt(file, () => {
      const found = writer.digest(name);
      if (found === undefined || equalBytes(found, expected)) return undefined;
      return `${name} digest of restored file ${file.target} not correct. Original ` +
        `${encodeBase64(expected, "standard")}, restored ${encodeBase64(found, "standard")}.\n`;
    });
    return true;
  }

  /** Takes the record of a file's signature. */
  signature(record: Uint8Array, file: CurrentFile | undefined): void {
    if (file === undefined) return;
    if (file.isSigned) return this.refuse(file, "another signature");
    file.isSigned = true;
    const signers = this.#options.keys?.signers;
    if (signers === undefined || file.writer === undefined || file.hasFailed) return;
    const { writer } = file;
    this.#attempt(file, () => {
      const check = signatureCheckOf(record, signers, (name) => {
        this.#likelySigned = name;
        return writer.digest(name);
      });
      if (check === undefined) return undefined;
      if ("fault" in check) return badSignature(file, check.fault);
      this.#await(file, check);
      return undefined;
    });
  }

  /** By itself, so that what waits for the answer keeps nothing of the contents. */
  #await(file: CurrentFile, check: SignatureCheck): void {
    this.#reports.check(check, (isGood) => {
      if (!isGood) this.#fail(file, badSignature(file, "Signature is invalid"));
    });
  }

  /** What comes behind the signature, or the digest, of a file is not covered by it: it is not written. */
  refuse(file: CurrentFile, what: string): void {
    if (file.writer === undefined || file.hasFailed) return;
    const seal = file.isSigned ? "signature" : "digest";
    this.#fail(
      file,
      `Unexpected ${what} behind the ${seal} of file ${file.target}: it is not restored.\n`,
    );
    file.hasFailed = true; // at once: nothing more is written
  }

  /** The file has come to its end. */
  end(file: CurrentFile): void {
    if (file.writer === undefined) return;
    if (!this.#hasDigest) this.#likelyDigests = [];
    if (!this.#wantsSignature(file.kind) || file.isSigned || file.hasFailed) return;
    this.#fail(file, `Missing cryptographic signature for ${file.target}\n`);
  }

  #wantsSignature(kind: CurrentFile["kind"]): boolean {
    return this.#options.keys?.signers !== undefined && kind === "regular";
  }

  #attempt(file: CurrentFile, compare: () => string | undefined): void {
    try {
      const fault = compare();
      if (fault !== undefined) this.#fail(file, fault);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      this.#fail(file, `Read error on file ${file.target}. ERR=${error.reason}\n`);
    }
  }

  /**
   * One fault of the contents of a file is told, the first. What else went wrong with the file meanwhile
   * is no reason to keep it back: that depends on who checks signatures, and how fast.
   */
  #fail(file: CurrentFile, text: string): void {
    this.#reports.then(() => {
      if (!file.hasFault) this.#reports.error(text);
      file.hasFault = true;
      file.hasFailed = true;
    });
  }
}

function badSignature({ target }: CurrentFile, why: string): string {
  return `Signature validation failed for file ${target}: ERR=${why}\n`;
}
