/** Takes units of work and saves the files in them. @module */
import {
  type Digest,
  type DigestName,
  fastDigests,
  FileSigner,
  type KeyPair,
} from "../../../crypto/mod.ts";
import type { FileOptions, PluginFile } from "../fileset/mod.ts";
import type { Platform } from "../platform/mod.ts";
import { FileSaver } from "./file_saver.ts";
import { GroupWorker } from "./group_worker.ts";
import type { OutputPart } from "./messages.ts";
import { PartWriter, type Steps } from "./part_writer.ts";
import type { Protection } from "./protection.ts";
import { examinedIn, itemsOf } from "./save_item.ts";
import { chunkLength, type SharedArea } from "./shared_area.ts";
import { makeStageTools, StageKeeper, type StageTools } from "./stage_keeper.ts";

/** What a thread has once for all its jobs. */
export interface SaverTools {
  readonly platform: Platform;
  readonly createDigest: (name: DigestName) => Digest;
  /** Memory for a chunk, which others use between two steps. */
  readonly plain: Uint8Array;
  readonly stageTools: StageTools;
  /** Signs files with a key: the same for all jobs that have this key. */
  readonly signerOf: (pair: KeyPair) => FileSigner;
}

/** Makes the tools of a thread. */
export function makeTools(platform: Platform): SaverTools {
  const plain = new Uint8Array(chunkLength);
  const signers = new Map<string, FileSigner>();
  const signerOf = (pair: KeyPair): FileSigner => {
    const signer = signers.get(pair.privateKey) ?? new FileSigner(pair);
    signers.set(pair.privateKey, signer);
    return signer;
  };
  const stageTools = makeStageTools();
  return { platform, createDigest: fastDigests(), plain, stageTools, signerOf };
}

/** What a {@linkcode UnitSaver} works with. */
export interface UnitSaverOptions extends SaverTools {
  readonly area: SharedArea;
  /** The options of files by their number. */
  readonly options: readonly FileOptions[];
  /** The files of plugins, see {@linkcode pluginFilesOf}. */
  readonly plugins: readonly PluginFile[];
  /** What is done to contents; nothing if absent. */
  readonly protection?: Protection | undefined;
  /** Announces a part of the output to the main thread. */
  announce(part: OutputPart): void;
}

/** The saving part of a job in a thread. */
export class UnitSaver {
  /** What the threads of the job share. */
  readonly area: SharedArea;
  readonly #writer: PartWriter;
  readonly #saver: FileSaver;
  readonly #groups: GroupWorker;

  /** A saver that has done nothing. */
  constructor({ area, options, protection, announce, stageTools, ...tools }: UnitSaverOptions) {
    this.area = area;
    const { session, signer } = protection ?? {};
    const stages = new StageKeeper(session, stageTools);
    // While a file of this thread is under way, chunks of another one may be encrypted.
    const helping = session === undefined ? stages : new StageKeeper(session, stageTools);
    this.#groups = new GroupWorker({ area, stages: helping, options, announce });
    this.#writer = new PartWriter({ area, announce });
    this.#saver = new FileSaver({
      ...tools,
      area,
      writer: this.#writer,
      stages,
      options,
      protection,
      signer: signer && tools.signerOf(signer),
    });
  }

  /** Works on a group of chunks of another thread, if one waits. */
  help(): boolean {
    return this.#groups.help() ?? false;
  }

  /** Takes the next unit, which is then saved step by step; see {@linkcode SharedArea.takeUnit}. */
  next(): Steps | "end" | undefined {
    const unit = this.area.takeUnit();
    return unit === undefined || unit === "end" ? unit : this.#save(unit);
  }

  *#save({ number, bytes }: { readonly number: number; readonly bytes: Uint8Array }): Steps {
    const writer = this.#writer;
    let isDone = false;
    try {
      writer.begin(number);
      for (const item of itemsOf(bytes)) {
        if (item.kind === "notice") writer.report(item.type, item.text);
        else yield* this.#saver.save(item);
      }
      writer.end(examinedIn(bytes));
      isDone = true;
    } finally {
      if (!isDone) writer.drop();
    }
    this.area.freeUnit(number);
  }
}
