/**
 * The thread of a verify of what is on disk: it walks over the file set and makes a record of each
 * file, and of its digest if the file set asks for one (director-client.md 13).
 *
 * @module
 */
import { decodeText, encodeBase64 } from "../../bytes/mod.ts";
import type { DigestName } from "../../crypto/mod.ts";
import { fileToDirector as say, JobMessageType } from "../../protocol/mod.ts";
import { encodeStat, FileType, Stream } from "../../storage/volume/mod.ts";
import type { ThreadPort } from "../threads.ts";
import { savedName } from "./attributes/mod.ts";
import { ContentDigest } from "./backup/content_digest.ts";
import { digestStreamOf } from "./backup/unit_builder.ts";
import { type FoundFile, savedType, verifyNoticeOf, walk } from "./fileset/mod.ts";
import {
  openPlatform,
  type Platform,
  reasonOf,
  stoppable,
  StoppedError,
  throwIfStopped,
} from "./platform/mod.ts";
import type { FromVerifyThread, ToVerifyThread } from "./verify_messages.ts";

/** A piece goes out when it has so many records, or the files in it so many bytes. */
const mostRecords = 512;
const mostBytes = 64 << 20;

/** See {@linkcode ThreadModule.serve}. */
export async function serve(port: ThreadPort): Promise<void> {
  const order = await port.receive() as ToVerifyThread;
  if (order.kind !== "verify") return;
  const platform = stoppable(openPlatform(), order.stop);
  const examiner = new Examiner(platform);
  const isChanged = (): boolean => {
    throwIfStopped(order.stop);
    return true;
  };
  try {
    for (const file of walk(order.fileSet, platform, { isChanged })) {
      throwIfStopped(order.stop);
      examiner.add(file);
      if (!examiner.isFull) continue;
      port.post(examiner.take("piece"));
      await port.receive(); // who stops us sends something, too
    }
  } catch (error) {
    if (!(error instanceof StoppedError)) throw error;
  }
  port.post(examiner.take("done"));
}

/** Makes records of files. */
class Examiner {
  readonly #content: ContentDigest;
  #records: string[] = [];
  #messages: [JobMessageType, string][] = [];
  #files = 0;
  #bytesBefore = 0;
  #examined = 0;
  #path = "";

  constructor(platform: Platform) {
    this.#content = new ContentDigest(platform);
  }

  get isFull(): boolean {
    return this.#records.length >= mostRecords ||
      this.#content.bytes - this.#bytesBefore >= mostBytes;
  }

  /** What has come together since the last time. */
  take(kind: FromVerifyThread["kind"]): FromVerifyThread {
    const piece = {
      ...{ kind, records: this.#records, messages: this.#messages, files: this.#files },
      ...{ bytes: this.#content.bytes, examined: this.#examined, path: this.#path },
    };
    this.#records = [];
    this.#messages = [];
    this.#bytesBefore = this.#content.bytes;
    return piece;
  }

  add(file: FoundFile): void {
    this.#examined++;
    const { stat, options, hardLink } = file;
    const notice = verifyNoticeOf(file);
    if (notice !== undefined) this.#messages.push([notice.type, notice.text]);
    if (!file.isSaved || stat === undefined) return;
    const fileIndex = ++this.#files;
    const type = savedType(file);
    if (hardLink !== undefined && hardLink.fileIndex === 0) hardLink.fileIndex = fileIndex;
    const isLink = type === FileType.hardLink || type === FileType.symbolicLink;
    const linkFileIndex = type === FileType.hardLink ? hardLink?.fileIndex ?? 0 : 0;
    this.#path = decodeText(file.path);
    this.#records.push(say.verifyAttributes.format({
      ...{ fileIndex, stream: Stream.unixAttributes },
      options: file.plugin === undefined ? file.include.verify : lasting(file.include.verify),
      name: decodeText(savedName(file)),
      stat: encodeStat(stat, { linkFileIndex, flags: stat.flags, dataStream: Stream.none }),
      link: isLink ? decodeText(file.link) : "",
    }));
    const { signature } = options;
    const isRegular = type === FileType.regularFile || type === FileType.emptyFile;
    if (!isRegular || signature === undefined || file.plugin !== undefined) return;
    const digest = this.#digest(file, stat.size, signature);
    if (digest === undefined) return;
    this.#records.push(say.verifyDigest.format({
      ...{ fileIndex, stream: digestStreamOf(type, options), digest },
      ...{ algorithm: signature, digestIndex: fileIndex },
    }));
  }

  /** The digest of a file's contents as the catalog has it; undefined, and told, if it cannot be read. */
  #digest(file: FoundFile, size: number, name: DigestName): string | undefined {
    const { path, options } = file;
    const found = this.#content.of({ path, size, options, isSparse: options.sparse }, name);
    if (!(found instanceof Uint8Array)) {
      const { doing, error } = found;
      const text = `     Cannot ${doing} "${this.#path}": ERR=${reasonOf(error)}.\n`;
      this.#messages.push([JobMessageType.NOTSAVED, text]);
      return undefined;
    }
    return encodeBase64(found, "standard");
  }
}

/** What can be compared of a plugin's file, whose program a verify does not run: no times, no contents. */
function lasting(comparison: string): string {
  return comparison.replace(/[amc15]/g, "");
}
