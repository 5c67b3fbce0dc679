/**
 * A verify of what is on disk, in a thread: it walks over the file set and makes a record of each file,
 * and of its digest if the file set asks for one (director-client.md 13).
 *
 * @module
 */
import { decodeText, encodeBase64 } from "../../../bytes/mod.ts";
import type { DigestName } from "../../../crypto/mod.ts";
import { fileToDirector as say, JobMessageType } from "../../../protocol/mod.ts";
import { encodeStat, FileType, Stream } from "../../../storage/volume/mod.ts";
import { savedName } from "../attributes/mod.ts";
import { ContentDigest } from "../backup/content_digest.ts";
import { digestStreamOf } from "../backup/unit_builder.ts";
import { type FoundFile, savedType, verifyNoticeOf, walk } from "../fileset/mod.ts";
import {
  type Platform,
  reasonOf,
  stoppable,
  type StopWord,
  throwIfStopped,
} from "../platform/mod.ts";
import type { FromVerify, ToWork, VerifyOrder, Work, WorkStep } from "./work_messages.ts";

/** A piece goes out when it has so many records, or the files in it so many bytes. */
const mostRecords = 512;
const mostBytes = 64 << 20;
/** Files that are looked at before others have their turn. */
const filesPerStep = 128;

/** What a verify has of its thread. */
export interface VerifyTools {
  readonly platform: Platform;
  /** Tells it to stop. */
  readonly stop: StopWord;
  readonly send: (message: FromVerify) => void;
}

/** See the module. */
export class VerifyWork implements Work {
  readonly #send: VerifyTools["send"];
  readonly #examiner: Examiner;
  readonly #steps: Generator<void, void, undefined>;
  /** Whether a piece is out that was not asked for more yet. */
  #isWaiting = false;

  /** Nothing is looked at yet. */
  constructor({ fileSet }: VerifyOrder, { platform, stop, send }: VerifyTools) {
    this.#send = send;
    this.#examiner = new Examiner(stoppable(platform, stop));
    this.#steps = this.#walk(fileSet, platform, stop);
  }

  /** See the interface. */
  take(message: ToWork): void {
    if (message.kind === "more") this.#isWaiting = false;
  }

  /** See the interface: a stretch of the walk, or of a large file. */
  step(): WorkStep {
    if (this.#isWaiting) return "waits";
    if (!this.#steps.next().done) return this.#isWaiting ? "waits" : "goes";
    this.#send(this.#examiner.take("done"));
    return "done";
  }

  /** See the interface. */
  abandon(): void {
    this.#steps.return();
  }

  *#walk(
    fileSet: VerifyOrder["fileSet"],
    platform: Platform,
    stop: StopWord,
  ): Generator<void, void, undefined> {
    const examiner = this.#examiner;
    const isChanged = (): boolean => {
      throwIfStopped(stop);
      return true;
    };
    for (const file of walk(fileSet, stoppable(platform, stop), { isChanged })) {
      throwIfStopped(stop);
      yield* examiner.add(file);
      if (examiner.isFull) {
        this.#isWaiting = true;
        this.#send(examiner.take("piece"));
        yield;
      } else if (examiner.examined % filesPerStep === 0) yield;
    }
  }
}

/** Makes records of files. */
class Examiner {
  readonly #content: ContentDigest;
  #records: string[] = [];
  #messages: [JobMessageType, string][] = [];
  #files = 0;
  #bytesBefore = 0;
  #path = "";
  /** Files looked at. */
  examined = 0;

  constructor(platform: Platform) {
    this.#content = new ContentDigest(platform);
  }

  get isFull(): boolean {
    return this.#records.length >= mostRecords ||
      this.#content.bytes - this.#bytesBefore >= mostBytes;
  }

  /** What has come together since the last time. */
  take(kind: FromVerify["kind"]): FromVerify {
    const piece = {
      ...{ kind, records: this.#records, messages: this.#messages, files: this.#files },
      ...{ bytes: this.#content.bytes, examined: this.examined, path: this.#path },
    };
    this.#records = [];
    this.#messages = [];
    this.#bytesBefore = this.#content.bytes;
    return piece;
  }

  *add(file: FoundFile): Generator<void, void, undefined> {
    this.examined++;
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
    const digest = yield* this.#digest(file, stat.size, signature);
    if (digest === undefined) return;
    this.#records.push(say.verifyDigest.format({
      ...{ fileIndex, stream: digestStreamOf(type, options), digest },
      ...{ algorithm: signature, digestIndex: fileIndex },
    }));
  }

  /** The digest of a file's contents as the catalog has it; undefined, and told, if it cannot be read. */
  *#digest(
    file: FoundFile,
    size: number,
    name: DigestName,
  ): Generator<void, string | undefined, undefined> {
    const { path, options } = file;
    const read = { path, size, options, isSparse: options.sparse };
    const found = yield* this.#content.stepsOf(read, name);
    if (found instanceof Uint8Array) return encodeBase64(found, "standard");
    const text = `     Cannot ${found.doing} "${this.#path}": ERR=${reasonOf(found.error)}.\n`;
    this.#messages.push([JobMessageType.NOTSAVED, text]);
    return undefined;
  }
}

/** What can be compared of a plugin's file, whose program a verify does not run: no times, no contents. */
function lasting(comparison: string): string {
  return comparison.replace(/[amc15]/g, "");
}
