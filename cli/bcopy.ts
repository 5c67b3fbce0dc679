/**
 * `roost bcopy`: copies the records of volumes to volumes that are labelled already, as `bcopy` of
 * Bareos does (storage-daemon.md 12). Sessions keep their ids and labels. Of several output volumes
 * each is filled before the next: to the size of its device, of `--maximum-volume-size`, or of the disk.
 *
 * @module
 */
import { type Device, DeviceError } from "../storage/device/mod.ts";
import { readVolumeLabel } from "../storage/mod.ts";
import {
  BlockBuilder,
  classicBlockSize,
  LabelType,
  VolumeError,
  type VolumeRecord,
} from "../storage/volume/mod.ts";
import { describeStatuses, toolStatuses } from "./exit_statuses.ts";
import type { Manual } from "./manual.ts";
import {
  configuredDevices,
  fetchVolumes,
  openSource,
  OutputVolumes,
  runTool,
  SourceReader,
  StandardOutput,
  ToolError,
  type ToolOptions,
  toolOptionsOf,
  type ToolSource,
} from "./volume_tools/mod.ts";

/** What there is to say of it. */
export const manual: Manual = {
  synopsis: ["[options] [INPUT OUTPUT]"],
  about: "Copies the records of volumes to another volume, which is labelled already. INPUT and " +
    "OUTPUT are Devices of the storage daemon's configuration, or files of volumes.",
  options: toolOptionsOf("bcopy"),
  statuses: describeStatuses(toolStatuses),
};

/** Runs `bcopy` with the words of its command line; the result is the exit status. */
export function main(args: readonly string[]): Promise<number> {
  return runTool("bcopy", args, copy);
}

async function copy(options: ToolOptions, output: StandardOutput): Promise<number> {
  const devices = configuredDevices(options);
  const [from, to] = options.words;
  await fetchVolumes(from, { ...options, volumes: options.inputVolumes }, devices);
  const source = openSource(from, { ...options, volumes: options.inputVolumes }, devices);
  if (to === undefined) {
    throw new ToolError("Missing output device.\nNothing done.", toolStatuses.badCommandLine);
  }
  const { device, volumes: names } = openSource(
    to,
    { ...options, bootstrap: undefined, volumes: options.outputVolumes },
    devices,
  );
  const same = names.find((name) =>
    source.volumes.includes(name) && isSameFile(source, device, name)
  );
  if (same !== undefined) throw new ToolError(`Cannot copy Volume "${same}" to itself.`, 1);
  const maximumSize = options.maximumVolumeSize ??
    devices.find(({ name }) => name === to)?.maximumVolumeSize ?? 0;
  const say = (text: string): void => output.line(`bcopy JobId 0: ${text}`);
  const target = new OutputVolumes({ device, names, maximumSize, say });
  try {
    const reader = new SourceReader(source, "bcopy", output);
    const writer = new RecordWriter(target, (text) => output.line(text));
    for (const record of reader.records()) writer.take(record);
    writer.finish();
    output.line(`${writer.jobs} Jobs copied. ${writer.records} records copied.`);
    return reader.problems === 0 ? 0 : 1;
  } finally {
    target.close();
  }
}

/** Whether a volume of that name on both devices is one file. */
function isSameFile({ device: from }: ToolSource, to: Device, name: string): boolean {
  return from.printName.replace(/^"[^"]*"/, "") === to.printName.replace(/^"[^"]*"/, "") ||
    hasSameLabel(from, to, name);
}

function hasSameLabel(from: Device, to: Device, name: string): boolean {
  try {
    const [one, other] = [from, to].map((device) => {
      const volume = device.open(name, "read");
      try {
        return readVolumeLabel(volume).label.labelTimeMicros;
      } finally {
        volume.close();
      }
    });
    return one === other;
  } catch (error) {
    if (error instanceof DeviceError || error instanceof VolumeError) return false; // told when it is used
    throw error;
  }
}

/** Appends records to volumes: blocks hold records of one session each. */
class RecordWriter {
  readonly #target: OutputVolumes;
  readonly #say: (text: string) => void;
  readonly #open = new Map<string, BlockBuilder>();
  /** Start labels copied. */
  jobs = 0;
  /** Records copied, labels included. */
  records = 0;

  constructor(target: OutputVolumes, say: (text: string) => void) {
    this.#target = target;
    this.#say = say;
  }

  /** Copies a record; the labels of volumes are left out. @throws {ToolError} */
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

  /** Writes what is still in blocks. @throws {ToolError} */
  finish(): void {
    for (const builder of this.#open.values()) this.#write(builder);
  }

  #write(builder: BlockBuilder): void {
    if (builder.isEmpty) return;
    this.#target.write(builder.seal());
    builder.reset();
  }
}
