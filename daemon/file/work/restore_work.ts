/** A restore in a thread: records in, files out. @module */
import { fastDigests } from "../../../crypto/mod.ts";
import { JobMessageType } from "../../../protocol/mod.ts";
import { formatListing } from "../attributes/mod.ts";
import { eraseFile } from "../erase_file.ts";
import { type Platform, type StopWord, throwIfStopped } from "../platform/mod.ts";
import { PluginSinks } from "../plugins/mod.ts";
import {
  destinationOf,
  DigestRing,
  PlainMemory,
  replacePolicies,
  RestoreTarget,
  SignatureBoard,
} from "../restore/mod.ts";
import { type PieceRecordData, recordsOf, shelfOf } from "./pieces.ts";
import type { FromRestore, RestoreOrder, ToWork, Work, WorkStep } from "./work_messages.ts";

/** Bytes of a file from which its digest is worth a thread of its own. */
const largeFile = 4 << 20;

/** What a restore has of its thread. */
export interface RestoreTools {
  readonly platform: Platform;
  /** Where pieces are. */
  readonly shelves: readonly SharedArrayBuffer[];
  /** Tells it to stop. */
  readonly stop: StopWord;
  readonly send: (message: FromRestore) => void;
}

interface Piece {
  readonly slot: number;
  readonly length: number;
}

/** See the module. */
export class RestoreWork implements Work {
  readonly #tools: RestoreTools;
  readonly #target: RestoreTarget;
  readonly #ring: DigestRing | undefined;
  readonly #knownShelf: SharedArrayBuffer | undefined;
  readonly #pieces: Piece[] = [];
  #hasEnded = false;
  /** The piece at work, and the record that is not taken yet. */
  #current: { readonly slot: number; readonly records: Iterator<PieceRecordData> } | undefined;
  #record: PieceRecordData | undefined;
  /** A piece that was worked on and that the ring may still read, and how far it is then. */
  #last: { readonly slot: number; readonly mark: number } | undefined;
  #messages: [JobMessageType, string][] = [];
  /** Files that were told of. */
  #toldFiles = 0;
  #path = "";

  /** Nothing is made yet. */
  constructor(order: RestoreOrder, tools: RestoreTools) {
    const { platform } = tools;
    const createDigest = fastDigests();
    const ring = order.ring && new DigestRing(order.ring);
    this.#tools = tools;
    this.#ring = ring;
    this.#knownShelf = order.ring?.known[0];
    this.#target = new RestoreTarget({
      platform,
      destination: destinationOf({
        where: order.where,
        ...(order.regexWhere === "" ? {} : { regexWhere: order.regexWhere }),
        prefixLinks: order.prefixLinks,
      }),
      replace: replacePolicies[order.replace] ?? "always",
      keys: order.keys,
      board: order.board && new SignatureBoard(order.board, order.keys?.signers ?? []),
      plainMemory: new PlainMemory(ring, order.plain),
      plugins: new PluginSinks({ ...order.plugins, platform, stop: tools.stop }),
      report: ({ type, text }) => this.#messages.push([type, text]),
      onRestored: ({ attributes, target, link }) => {
        this.#path = target;
        if (!order.tellsFiles) return;
        const line = formatListing(attributes.stat, target, link, platform);
        this.#messages.push([JobMessageType.RESTORED, line]);
      },
      ...(order.secureEraseCommand === ""
        ? {}
        : { erase: (path: string) => eraseFile(order.secureEraseCommand, path) }),
      // XXH128 takes less time than handing the bytes over.
      createDigest: (name, size) =>
        ring !== undefined && size >= largeFile && name !== "XXH128"
          ? ring.create(name)
          : createDigest(name),
    });
  }

  /** See the interface. */
  take(message: ToWork): void {
    if (message.kind === "records") this.#pieces.push(message);
    if (message.kind === "end") this.#hasEnded = true;
  }

  /** See the interface: a piece of records. */
  step(): WorkStep {
    const current = this.#current ??= this.#next();
    if (current === undefined) {
      this.#giveBack();
      if (!this.#hasEnded) return this.#catchUp("waits");
      if (!this.#target.finish()) return "polls";
      this.#ring?.end();
      this.#tell("done");
      return "done";
    }
    for (;;) {
      const record = this.#record ??= current.records.next().value ?? undefined;
      if (record === undefined) break;
      throwIfStopped(this.#tools.stop);
      if (!this.#target.accept(record)) return this.#catchUp("polls"); // a fifo is not read yet
      this.#record = undefined;
    }
    this.#current = undefined;
    this.#giveBack();
    this.#last = { slot: current.slot, mark: this.#ring?.mark ?? 0 };
    const isWaitedFor = this.#pieces.length === 0; // the job may have no other piece
    if (isWaitedFor || (this.#ring?.hasPassed(this.#last.mark) ?? true)) this.#giveBack();
    return isWaitedFor && !this.#hasEnded ? this.#catchUp("waits") : "goes";
  }

  /** Nothing else can be done: what checks make known is told meanwhile. The step, or a more lively one. */
  #catchUp(step: "waits" | "polls"): WorkStep {
    const left = this.#target.catchUp();
    const isNews = this.#messages.length > 0 || this.#target.counters.files !== this.#toldFiles;
    if (isNews) this.#tell("progress");
    return left === "nothing" ? step : left === "checks" ? "goes" : "polls";
  }

  /** See the interface. */
  abandon(): void {
    this.#target.abandon();
    this.#tell("progress");
    this.#ring?.end();
  }

  #next(): { readonly slot: number; readonly records: Iterator<PieceRecordData> } | undefined {
    const piece = this.#pieces.shift();
    if (piece === undefined) return undefined;
    const { slot, length } = piece;
    const number = shelfOf(slot);
    // The ring knows the first shelf by the object that came with it.
    const shelf = (number === 0 ? this.#knownShelf : undefined) ?? this.#tools.shelves[number];
    if (shelf === undefined) throw new RangeError(`There is no shelf for piece ${slot}`);
    return { slot, records: recordsOf(shelf, slot, length) };
  }

  #giveBack(): void {
    if (this.#last === undefined) return;
    this.#ring?.waitFor(this.#last.mark);
    this.#tell("progress", this.#last.slot);
    this.#last = undefined;
  }

  #tell(kind: FromRestore["kind"], slot = -1): void {
    const { files, bytesRead } = this.#target.counters;
    const bytes = this.#target.bytesWritten;
    const counters = { files, bytes, readBytes: bytesRead, path: this.#path };
    this.#tools.send({ kind, slot, messages: this.#messages, counters });
    this.#messages = [];
    this.#toldFiles = files;
  }
}
