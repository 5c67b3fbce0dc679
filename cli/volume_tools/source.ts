import { basename, dirname } from "node:path";
import { decodeText, messageOf } from "../../bytes/mod.ts";
import {
  type ReadProblem,
  readVolumeLabel,
  VolumeReader,
  type VolumeReaderOptions,
} from "../../storage/mod.ts";
import {
  DedupableDevice,
  type Device,
  DeviceError,
  FileDevice,
  isDedupableVolume,
} from "../../storage/device/mod.ts";
import {
  type Block,
  type Bootstrap,
  formatAddress,
  parseBootstrap,
  VolumeError,
  type VolumeRecord,
} from "../../storage/volume/mod.ts";
import { toolStatuses } from "../exit_statuses.ts";
import type { ToolOptions } from "./options.ts";

/** A device of a storage daemon's configuration, as far as the tools need it. */
export interface ConfiguredDevice {
  /** Name of the resource. */
  readonly name: string;
  /** Folder of the volumes. */
  readonly archiveDevice: string;
  /** Bytes at which a volume is full, 0 for no limit. */
  readonly maximumVolumeSize: number;
  /** The device itself, if its volumes are not files of its folder. */
  readonly device?: Device;
  /** The device itself, if its folder is only the cache of what is kept elsewhere. */
  readonly remote?: Device;
}

/** A tool cannot begin. */
export class ToolError extends Error {
  /** The class, for logs. */
  override readonly name = "ToolError";

  /** A text to print and the exit status to end with. */
  constructor(message: string, readonly status: number, options?: ErrorOptions) {
    super(message, options);
  }
}

/** Where a tool writes. */
export interface ToolOutput {
  /** Writes a line to standard output. */
  line(text: string): void;
  /** Writes a line to standard error. */
  problem(text: string): void;
  /** Whether messages of a level are wanted. */
  hears(level: number): boolean;
  /** Writes a message about what is read if its level is wanted. */
  debug(level: number, text: () => string): void;
}

/** What a tool reads: volumes of a device, all of them or by a bootstrap. */
export interface ToolSource {
  /** The device as it was named on the command line. */
  readonly name: string;
  /** The device. */
  readonly device: Device;
  /** Volumes in the order of reading. */
  readonly volumes: readonly string[];
  /** Which records to read; undefined for all. */
  readonly bootstrap: Bootstrap | undefined;
}

/**
 * Finds the device and the volumes that the command line means. The device may be a Device resource
 * of the configuration, its Archive Device, a folder of volumes, or the file of one volume. Without
 * `-V` and `-b`, all volumes of a folder are read, oldest label first.
 * @throws {ToolError} if there is no such device, volume or bootstrap
 */
export function openSource(
  word: string | undefined,
  { bootstrap: file, volumes: named }: ToolOptions,
  configured: readonly ConfiguredDevice[],
): ToolSource {
  if (word === undefined) throw missingDevice(configured);
  const { device, volume } = findDevice(word, configured);
  const bootstrap = file === undefined ? undefined : readBootstrap(file);
  const source = { name: word, device, bootstrap };
  if (named.length > 0) return { ...source, volumes: named };
  if (bootstrap !== undefined) {
    return { ...source, volumes: new VolumeReader({ bootstrap }).volumes };
  }
  return { ...source, volumes: volume === undefined ? volumesByAge(device) : [volume] };
}

/**
 * Brings the volumes that the command line names, or its bootstrap, into the cache of a device that keeps
 * them elsewhere. Without names, what is in the cache is all there is.
 * @throws {ToolError} if one cannot be fetched
 */
export async function fetchVolumes(
  word: string | undefined,
  { bootstrap: file, volumes }: Pick<ToolOptions, "bootstrap" | "volumes">,
  configured: readonly ConfiguredDevice[],
): Promise<void> {
  const remote = configured.find(({ name }) => name === word)?.remote;
  if (remote === undefined) return;
  const names = volumes.length > 0 || file === undefined
    ? volumes
    : new VolumeReader({ bootstrap: readBootstrap(file) }).volumes;
  for (const name of names) {
    try {
      await remote.prepare(name);
    } catch (cause) {
      if (!(cause instanceof DeviceError)) throw cause;
      throw new ToolError(cause.message, 1, { cause });
    }
  }
}

function missingDevice(configured: readonly ConfiguredDevice[]): ToolError {
  const lines = configured.map(({ name, archiveDevice }) => ` "${name}" (${archiveDevice})\n`);
  return new ToolError(
    `Missing input device. Available Devices:\n${lines.join("")}Nothing done.`,
    toolStatuses.badCommandLine,
  );
}

/** The device that the command line means, whatever volumes it has. @throws {ToolError} */
export function openDeviceWord(
  word: string | undefined,
  configured: readonly ConfiguredDevice[],
): Device {
  if (word === undefined) throw missingDevice(configured);
  return findDevice(word, configured).device;
}

function findDevice(
  word: string,
  configured: readonly ConfiguredDevice[],
): { device: Device; volume?: string } {
  const trimmed = word.replace(/(?<=.)\/+$/, "");
  const resource = configured.find(({ name, archiveDevice }) =>
    name === word || archiveDevice.replace(/(?<=.)\/+$/, "") === trimmed
  );
  if (resource !== undefined) {
    const { archiveDevice, name, device = new FileDevice(archiveDevice, name) } = resource;
    return { device };
  }
  try {
    if (isDedupableVolume(trimmed)) {
      return { device: new DedupableDevice(dirname(trimmed)), volume: basename(trimmed) };
    }
    if (Deno.statSync(trimmed).isDirectory) {
      const hasDedupable = [...Deno.readDirSync(trimmed)].some(({ isDirectory, name }) =>
        isDirectory && isDedupableVolume(`${trimmed}/${name}`)
      );
      return { device: hasDedupable ? new DedupableDevice(trimmed) : new FileDevice(trimmed) };
    }
  } catch (cause) {
    const why = messageOf(cause);
    throw new ToolError(`Cannot find device "${word}": ${why}`, 1, { cause });
  }
  return { device: new FileDevice(dirname(trimmed)), volume: basename(trimmed) };
}

function readBootstrap(path: string): Bootstrap {
  try {
    return parseBootstrap(decodeText(Deno.readFileSync(path)), path);
  } catch (cause) {
    const why = messageOf(cause);
    const text = cause instanceof VolumeError ? why : `Cannot read bootstrap ${path}: ${why}`;
    throw new ToolError(text.trimEnd(), toolStatuses.badConfiguration, { cause });
  }
}

function volumesByAge(device: Device): string[] {
  const found: { name: string; age: number }[] = [];
  for (const name of device.list()) {
    try {
      const volume = device.open(name, "read");
      try {
        found.push({ name, age: readVolumeLabel(volume).label.labelTimeMicros });
      } finally {
        volume.close();
      }
    } catch (error) {
      if (!(error instanceof VolumeError || error instanceof DeviceError)) throw error;
    }
  }
  if (found.length === 0) {
    throw new ToolError(`Cannot find any volume on device ${device.printName}`, 1);
  }
  return found.sort((a, b) => a.age - b.age || (a.name < b.name ? -1 : 1)).map(({ name }) => name);
}

/** Reads a source and counts what went wrong. */
export class SourceReader {
  readonly #source: ToolSource;
  readonly #tool: string;
  readonly #output: ToolOutput;
  /** Things that could not be read. */
  problems = 0;

  /** A reader for the tool of that name. */
  constructor(source: ToolSource, tool: string, output: ToolOutput) {
    this.#source = source;
    this.#tool = tool;
    this.#output = output;
  }

  /** All records, labels included, one volume after the other. */
  *records(): Generator<VolumeRecord, void> {
    for (const records of this.blocks()) yield* records;
  }

  /**
   * All records, labels included, those of a block together; their data is valid until the next are asked
   * for.
   * @param onBlock is told of each block before its records
   */
  blocks(
    onBlock?: (block: Block, volume: string) => void,
  ): Generator<readonly VolumeRecord[], void> {
    return this.#read({ withLabels: true }, onBlock);
  }

  /** All labels, one volume after the other: much faster than to read all records. */
  *labels(): Generator<VolumeRecord, void> {
    for (const labels of this.#read({ labelsOnly: true })) yield* labels;
  }

  *#read(
    what: VolumeReaderOptions,
    onBlock?: (block: Block, volume: string) => void,
  ): Generator<readonly VolumeRecord[], void> {
    const { device, volumes, bootstrap } = this.#source;
    let current = "";
    const reader = new VolumeReader({
      ...what,
      onProblem: (problem) => this.#report(problem),
      ...(bootstrap === undefined ? {} : { bootstrap }),
      onBlock: (block) => {
        const { address, header } = block;
        this.#output.debug(
          100,
          () =>
            `block at ${formatAddress(address)} of Volume "${current}": number=${header.number} ` +
            `len=${header.length} SessId=${header.sessionId} SessTime=${header.sessionTime}`,
        );
        onBlock?.(block, current);
      },
    });
    this.#output.line(`Using device: "${this.#source.name}" for reading.`);
    for (const name of volumes) {
      current = name;
      yield* this.#volume(reader, device, name);
    }
    reader.finish();
    this.message("End of all volumes.");
  }

  /** Prints a message as the tools do: they are job 0. */
  message(text: string): void {
    this.#output.line(`${this.#tool} JobId 0: ${text}`);
  }

  *#volume(
    reader: VolumeReader,
    device: Device,
    name: string,
  ): Generator<readonly VolumeRecord[], void> {
    let volume;
    try {
      volume = device.open(name, "read");
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      this.fail(
        `Read open device ${device.printName} Volume "${name}" failed: ERR=${error.reason}`,
      );
      return;
    }
    try {
      this.#checkLabel(volume, name);
      this.message(`Ready to read from volume "${name}" on device ${device.printName}.`);
      const size = volume.size();
      this.#output.debug(50, () => `Volume "${name}" is open, ${size} bytes`);
      for (const records of reader.readBlocks(volume, name)) {
        if (this.#output.hears(200)) {
          for (const record of records) {
            this.#output.debug(
              200,
              () =>
                `record of session ${record.sessionId}: FileIndex=${record.fileIndex} ` +
                `Stream=${record.stream} DataLen=${record.data.length}`,
            );
          }
        }
        yield records;
      }
      this.message(`End of Volume at file 0 on device ${device.printName}, Volume "${name}"`);
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      this.fail(error.message);
    } finally {
      volume.close();
    }
  }

  /** A volume without a good label is read all the same: that is what these tools are for. */
  #checkLabel(volume: Parameters<typeof readVolumeLabel>[0], name: string): void {
    const { devicePrintName } = volume;
    try {
      const { volumeName } = readVolumeLabel(volume).label;
      if (volumeName === name) return;
      this.fail(
        `Wrong Volume mounted on device ${devicePrintName}: Wanted ${name} have ${volumeName}`,
      );
    } catch (error) {
      if (!(error instanceof VolumeError)) throw error;
      this.fail(
        `Requested Volume "${name}" on ${devicePrintName} is not a Bareos labeled Volume, ` +
          `because: ERR=${error.message}`,
      );
    }
  }

  #report({ message, volume }: ReadProblem): void {
    this.fail(`${message.trimEnd()} (Volume "${volume}")`);
  }

  /** Counts a problem and prints it. */
  fail(text: string): void {
    this.problems += 1;
    this.#output.problem(`${this.#tool} JobId 0: Error: ${text}`);
  }
}
