/**
 * Getting a volume into a device for writing (storage-daemon.md 10.3, 10.4).
 *
 * @module
 */
import { DeviceError } from "../../storage/device/mod.ts";
import { classicBlockSize } from "../../storage/volume/mod.ts";
import { AppendVolume } from "./append_volume.ts";
import { loadVolume } from "./load_volume.ts";
import { OperatorTimeoutError, OperatorWait } from "./operator.ts";
import type { StorageDevice } from "./storage_device.ts";
import type { StorageJob } from "./storage_job.ts";
import { type LabelContext, readLabel, type VolumeFormat, writeLabel } from "./volume_file.ts";
import { appendOnlyPeriod, whyProtected } from "./volume_protection.ts";
import type { MediaRecord } from "./media_record.ts";
import { type VolumeSearch, volumeToMount } from "./volume_to_mount.ts";

/** Rounds after which the operator is asked. */
const ROUNDS = 5;

/** What mounting needs to know and to use. */
export interface MountParts extends VolumeSearch {
  readonly job: StorageJob;
  readonly label: LabelContext;
  /** Milliseconds between heartbeats while waiting for an operator, 0 for none. */
  readonly heartbeatMs: number;
  /** UNIX seconds. */
  now(): number;
}

/** No volume could be made ready. The text is that of the job message. */
export class MountError extends Error {
  override readonly name = "MountError";
}

/** What a round found out about one volume. */
type Outcome =
  | { readonly kind: "ready"; readonly volume: AppendVolume }
  /** Try again, without the operator. */
  | { readonly kind: "again" }
  /** The operator has to help. */
  | { readonly kind: "ask"; readonly volumeName: string };

/**
 * Mounts a volume for append on the device the job has reserved, and enters it there. Runs under the
 * device's lock.
 * @throws {MountError} if that is impossible
 * @throws {JobEndedError} if the job ends meanwhile
 */
export async function mountForAppend(
  parts: MountParts,
  previousVolume: string,
): Promise<AppendVolume> {
  return await new AppendMount(parts, previousVolume).mount();
}

class AppendMount {
  readonly #parts: MountParts;
  readonly #previousVolume: string;
  readonly #operator: OperatorWait;
  /** Volumes that the director wanted overwritten and that are append only: not to be offered again. */
  readonly #protected = new Set<string>();

  constructor(parts: MountParts, previousVolume: string) {
    this.#parts = parts;
    this.#previousVolume = previousVolume;
    this.#operator = OperatorWait.of(parts);
  }

  async mount(): Promise<AppendVolume> {
    const { job, device } = this.#parts;
    try {
      for (let round = 0;; round++) {
        job.throwIfOver();
        const record = await volumeToMount(this.#parts, this.#protected);
        if (record === undefined) {
          await this.#ask("create", "");
          round = -1;
          continue;
        }
        const outcome = await this.#try(record);
        if (outcome.kind === "ready") {
          device.appending = outcome.volume;
          return outcome.volume;
        }
        if (outcome.kind === "ask" || round + 1 >= ROUNDS) {
          const name = outcome.kind === "ask" ? outcome.volumeName : record.volumeName;
          await this.#ask("mount for append", name);
          round = -1;
        }
      }
    } catch (error) {
      if (error instanceof OperatorTimeoutError) job.log.fatal(error.message);
      throw error instanceof OperatorTimeoutError
        ? new MountError(`Too many errors trying to mount device ${device.printName}.\n`, {
          cause: error,
        })
        : error;
    }
  }

  /** Opens the volume, labels it if it is blank and may be, checks its label and its size. */
  async #try(record: MediaRecord): Promise<Outcome> {
    const { device, job } = this.#parts;
    const name = record.volumeName;
    if (!await loadVolume(device, record, job)) {
      return { kind: "ask", volumeName: name };
    }
    try {
      await device.volumes.prepare(name);
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      if (device.volumes.attach === undefined || !device.settings.removableMedia) {
        throw new MountError(`${error.message}\n`, { cause: error });
      }
      job.log.warning(
        `Open device ${device.printName} Volume "${name}" failed: ERR=${error.reason}\n`,
      );
      return { kind: "ask", volumeName: name };
    }
    if (device.volumes.isStream) return await this.#tryStream(record);
    const found = readLabel(device.volumes, name);
    switch (found.kind) {
      case "label":
        if (record.status === "Recycle") return await this.#label(record, "recycle");
        if (found.isFresh) return await this.#label(record, "prelabelled");
        return await this.#append(record, found.format);
      case "missing":
      case "blank":
        if (mayLabel(device, record)) return await this.#label(record, "new");
        this.#explainBlank(record, found.problem);
        break;
      case "unreadable":
        if (mayLabel(device, record)) return await this.#label(record, "new");
        job.log.warning(
          `Open device ${device.printName} Volume "${name}" failed: ERR=${found.problem}\n`,
        );
        break;
      case "other":
        job.log.warning(`Volume "${name}" not on device ${device.printName}.\n`);
        break;
      case "foreign":
        if (mayLabel(device, record)) return await this.#label(record, "new");
        job.log.warning(`Could not check volume label: ERR=${found.problem}\n`);
    }
    if (device.settings.removableMedia) {
      return await this.#otherVolume(name) ?? { kind: "ask", volumeName: name };
    }
    await this.#markInError(record);
    return { kind: "again" };
  }

  /** Somebody may have put in another medium: the first volume on it that the director accepts (10.3). */
  async #otherVolume(wanted: string): Promise<Outcome | undefined> {
    const { device, devices, catalog, job } = this.#parts;
    let refused: { readonly name: string; readonly why: string } | undefined;
    for (const name of labelledVolumes(device, wanted)) {
      if (devices.volumes.holderOf(device.settings.mediaType, name)?.isBusy) continue;
      const answer = await catalog.getVolume(name, true);
      if (answer.refusal !== undefined) refused ??= { name, why: answer.refusal };
      else if (devices.volumes.reserve(device, name)) return await this.#try(answer.record);
    }
    if (refused !== undefined) {
      job.log.warning(
        `Director wanted Volume "${wanted}".\n` +
          `    Current Volume "${refused.name}" not acceptable because:\n    ${refused.why}`,
      );
    }
    return undefined;
  }

  /** What is in a pipe cannot be looked at: the catalog says whether there is a label. */
  async #tryStream(record: MediaRecord): Promise<Outcome> {
    const { device, job } = this.#parts;
    if (record.bytes > 0 && record.status !== "Recycle") {
      return await this.#append(record, this.#parts.label.format);
    }
    if (device.settings.labelMedia) {
      return await this.#label(record, record.status === "Recycle" ? "recycle" : "new");
    }
    job.log.warning(`Device ${device.printName} not configured to autolabel Volumes.\n`);
    return { kind: "ask", volumeName: record.volumeName };
  }

  #explainBlank(record: MediaRecord, problem: string): void {
    const { device, job } = this.#parts;
    if (record.bytes === 0 && !device.settings.labelMedia) {
      job.log.warning(`Device ${device.printName} not configured to autolabel Volumes.\n`);
      return;
    }
    job.log.warning(
      `Open device ${device.printName} Volume "${record.volumeName}" failed: ERR=${problem}\n`,
    );
  }

  /** Writes a label and tells the catalog. */
  async #label(
    record: MediaRecord,
    why: "new" | "recycle" | "prelabelled",
  ): Promise<Outcome> {
    const { device, job, catalog, wish, label, now } = this.#parts;
    const name = record.volumeName;
    const refused = whyProtected(device, name, now());
    if (refused !== undefined) return await this.#refuseOverwriting(record, refused);
    let length: number;
    const began = performance.now();
    try {
      length = writeLabel(device.volumes, {
        ...label,
        volumeName: name,
        previousVolume: this.#previousVolume,
        poolName: wish.poolName,
        poolType: wish.poolType,
        mediaType: device.settings.mediaType,
        isChecked: device.settings.blockChecksum,
        blockSize: device.settings.labelBlockSize,
        sessionId: job.sessionId,
        sessionTime: job.sessionTime,
        appendOnlyPeriod: record.appendOnlyPeriod,
      });
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      job.log.warning(
        `Could not label Volume "${name}" on device ${device.printName}: ERR=${error.reason}\n`,
      );
      // An operator can make room, or put in another medium (10.4).
      if (error.isFull || device.settings.removableMedia) return { kind: "ask", volumeName: name };
      await this.#markInError(record);
      return { kind: "again" };
    }
    record.bytes = length;
    record.blocks = 1;
    record.writes++;
    record.writeTime += Math.round((performance.now() - began) * 1000);
    if (why !== "new") {
      Object.assign(record, { jobs: 0, files: 0, errors: 0, firstWritten: now() });
      record.mounts = why === "recycle" ? record.mounts + 1 : 1;
    }
    await catalog.updateMedia(record, now(), true);
    job.log.info(labelText(why, name, device.printName));
    const answer = await catalog.getVolume(name, true);
    if (answer.refusal !== undefined) return { kind: "again" };
    return await this.#append(answer.record, label.format);
  }

  /** Opens for append where the data ends, after comparing with the catalog. */
  async #append(record: MediaRecord, format: VolumeFormat): Promise<Outcome> {
    const { device, job, catalog, now } = this.#parts;
    const name = record.volumeName;
    let volume: AppendVolume;
    try {
      volume = AppendVolume.open(device.volumes, record, format);
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      job.log.warning(
        `Open device ${device.printName} Volume "${name}" failed: ERR=${error.reason}\n`,
      );
      if (device.settings.removableMedia) return { kind: "ask", volumeName: name };
      await this.#markInError(record);
      return { kind: "again" };
    }
    let isReady = false;
    try {
      job.log.info(`Moving to end of data on volume "${name}"\n`);
      const sizes = `Volume=${volume.position} Catalog=${record.bytes}`;
      if (volume.position < record.bytes) {
        job.log.error(
          `Bareos cannot write on disk Volume "${name}" because: The sizes do not match! ${sizes}\n`,
        );
        await this.#markInError(record);
        return { kind: "again" };
      }
      this.#dropBrokenTail(volume);
      if (volume.position > record.bytes) {
        job.log.warning(
          `For Volume "${name}":\nThe sizes do not match! Volume=${volume.position} ` +
            `Catalog=${record.bytes}\nCorrecting Catalog\n`,
        );
        volume.countFromFile();
        await catalog.updateMedia(record, now());
      } else {
        job.log.info(`Ready to append to end of Volume "${name}" size=${volume.position}\n`);
      }
      record.mounts++;
      await catalog.updateMedia(record, now());
      isReady = true;
      return { kind: "ready", volume };
    } finally {
      if (!isReady) volume.close();
    }
  }

  /** A daemon that died while it wrote may have left a piece of a block behind. */
  #dropBrokenTail(volume: AppendVolume): void {
    const { device } = this.#parts;
    const isAppendOnly = appendOnlyPeriod(device, volume.name) > 0;
    const largest = isAppendOnly ? 0 : device.settings.maximumBlockSize || classicBlockSize;
    const cut = volume.dropBrokenTail(volume.record.bytes, largest);
    if (cut === undefined) return;
    const { log } = this.#parts.job;
    if (cut.keptBlocks > 0) {
      log.warning(
        `Volume "${volume.name}" is damaged at ${cut.at}: ${cut.problem}. The ${cut.keptBlocks} good blocks ` +
          `behind it are kept; ${cut.bytes} bytes behind the last of them were dropped.\n`,
      );
      return;
    }
    log.warning(
      `Volume "${volume.name}" ends in a broken block at ${cut.at}: ${cut.problem}. ` +
        `Dropped ${cut.bytes} bytes that no job refers to.\n`,
    );
  }

  /** The director wants a volume overwritten that may only be appended to: another one is used. */
  async #refuseOverwriting(record: MediaRecord, why: string): Promise<Outcome> {
    const { job, catalog, device, devices, now } = this.#parts;
    job.log.warning(`${why}: it is not overwritten.\n`);
    this.#protected.add(record.volumeName);
    record.status = "Used";
    await catalog.updateMedia(record, now());
    devices.volumes.releaseDevice(device);
    return { kind: "again" };
  }

  async #markInError(record: MediaRecord): Promise<void> {
    const { job, catalog, device, devices, now } = this.#parts;
    job.log.info(`Marking Volume "${record.volumeName}" in Error in Catalog.\n`);
    record.status = "Error";
    record.errors++;
    await catalog.updateMedia(record, now());
    devices.volumes.releaseDevice(device);
  }

  async #ask(kind: "create" | "mount for append", volumeName: string): Promise<void> {
    const { wish, device, devices } = this.#parts;
    await this.#operator.ask({
      kind,
      volumeName,
      poolName: wish.poolName,
      mediaType: wish.mediaType,
    });
    devices.volumes.releaseDevice(device); // after a wait the director picks afresh
  }
}

/** A medium with more volumes than this is searched no further for one to write on. */
const MOST_OTHERS = 100;

/** What there is on the medium besides the volume that was wanted. */
function* labelledVolumes({ volumes }: StorageDevice, wanted: string): Generator<string> {
  let names: string[];
  try {
    names = volumes.list();
  } catch {
    return; // no medium at all; the operator is asked for one
  }
  for (const name of names.filter((each) => each !== wanted).slice(0, MOST_OTHERS)) {
    if (readLabel(volumes, name).kind === "label") yield name;
  }
}

/** Whether a volume may be labelled unasked (storage-daemon.md 10.4). */
function mayLabel(device: StorageDevice, record: MediaRecord): boolean {
  return device.settings.labelMedia && (record.bytes === 0 || record.status === "Recycle");
}

function labelText(why: "new" | "recycle" | "prelabelled", name: string, device: string): string {
  switch (why) {
    case "new":
      return `Labeled new Volume "${name}" on device ${device}.\n`;
    case "recycle":
      return `Recycled volume "${name}" on device ${device}, all previous data lost.\n`;
    case "prelabelled":
      return `Wrote label to prelabeled Volume "${name}" on device ${device}\n`;
  }
}
