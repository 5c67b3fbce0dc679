/**
 * `roost bcopy`: copies the records of volumes to a volume that is labelled already, as `bcopy` of
 * Bareos does (storage-daemon.md 12). Sessions keep their ids and labels.
 *
 * @module
 */
import { DeviceError, type MountedVolume } from "../storage/device/mod.ts";
import { readVolumeLabel } from "../storage/mod.ts";
import {
  BlockBuilder,
  classicBlockSize,
  LabelType,
  VolumeError,
  type VolumeRecord,
} from "../storage/volume/mod.ts";
import {
  badCommandLineStatus,
  configuredDevices,
  openSource,
  parseToolOptions,
  SourceReader,
  StandardOutput,
  ToolError,
  type ToolOptions,
} from "./volume_tools/mod.ts";

/** Runs `bcopy` with the words of its command line; the result is the exit status. */
export function main(args: readonly string[]): Promise<number> {
  const parsed = parseToolOptions("bcopy", args);
  if ("text" in parsed) {
    console.log(parsed.text);
    return Promise.resolve(parsed.status);
  }
  const output = new StandardOutput();
  try {
    return Promise.resolve(copy(parsed.options, output));
  } catch (error) {
    if (!(error instanceof ToolError)) return Promise.reject(error);
    output.problem(error.message);
    return Promise.resolve(error.status);
  } finally {
    output.flush();
  }
}

function copy(options: ToolOptions, output: StandardOutput): number {
  const devices = configuredDevices(options);
  const [from, to] = options.words;
  const source = openSource(from, { ...options, volumes: options.inputVolumes }, devices);
  if (to === undefined) {
    throw new ToolError("Missing output device.\nNothing done.", badCommandLineStatus);
  }
  const { device, volumes: [name = ""] } = openSource(
    to,
    { ...options, bootstrap: undefined, volumes: options.outputVolumes },
    devices,
  );
  const target = open(() => device.open(name, "append"));
  try {
    const { volumeName } = open(() => readVolumeLabel(target)).label;
    if (source.volumes.includes(volumeName)) {
      throw new ToolError(`Cannot copy Volume "${volumeName}" to itself.`, 1);
    }
    output.line(`bcopy JobId 0: Ready to append to end of Volume "${volumeName}".`);
    const reader = new SourceReader(source, "bcopy", output);
    const writer = new RecordWriter(target, (text) => output.line(text));
    for (const record of reader.records()) open(() => writer.take(record));
    open(() => writer.finish());
    output.line(`${writer.jobs} Jobs copied. ${writer.records} records copied.`);
    return reader.problems === 0 ? 0 : 1;
  } finally {
    target.close();
  }
}

/** Errors of the volume that is written end the program with their text. */
function open<Result>(action: () => Result): Result {
  try {
    return action();
  } catch (cause) {
    if (!(cause instanceof DeviceError || cause instanceof VolumeError)) throw cause;
    throw new ToolError(cause.message.trimEnd(), 1, { cause });
  }
}

/** Appends records to a volume: blocks hold records of one session each. */
class RecordWriter {
  readonly #volume: MountedVolume;
  readonly #say: (text: string) => void;
  readonly #open = new Map<string, BlockBuilder>();
  #position: number;
  /** Start labels copied. */
  jobs = 0;
  /** Records copied, labels included. */
  records = 0;

  constructor(volume: MountedVolume, say: (text: string) => void) {
    this.#volume = volume;
    this.#position = volume.size();
    this.#say = say;
  }

  /** Copies a record; the labels of volumes are left out. @throws {DeviceError} */
  take(record: VolumeRecord): void {
    const { sessionId, sessionTime, fileIndex, stream, data } = record;
    if (fileIndex === LabelType.volume || fileIndex === LabelType.preLabel) {
      this.#say("Volume label not copied.");
      return;
    }
    if (fileIndex < LabelType.endOfSession || fileIndex === LabelType.endOfMedium) return;
    const key = `${sessionId} ${sessionTime}`;
    let builder = this.#open.get(key);
    if (builder === undefined) {
      builder = new BlockBuilder({ sessionId, sessionTime }, classicBlockSize);
      this.#open.set(key, builder);
    }
    if (fileIndex < 0 && !builder.fits(data.length)) this.#write(builder); // labels are never split
    builder.begin(fileIndex, stream, data);
    while (!builder.fill()) this.#write(builder);
    this.records++;
    if (fileIndex === LabelType.startOfSession) this.jobs++;
    if (fileIndex === LabelType.endOfSession) {
      this.#write(builder);
      this.#open.delete(key);
    }
  }

  /** Writes what is still in blocks. @throws {DeviceError} */
  finish(): void {
    for (const builder of this.#open.values()) this.#write(builder);
    this.#volume.sync();
  }

  #write(builder: BlockBuilder): void {
    if (builder.isEmpty) return;
    const block = builder.seal();
    try {
      this.#volume.writeAt(block, this.#position);
    } catch (error) {
      this.#volume.truncate(this.#position); // half a block is worse than none
      throw error;
    }
    this.#position += block.length;
    builder.reset();
  }
}
