/**
 * Which device a job gets (storage-daemon.md 5).
 *
 * A search goes over the candidates that `use storage` named. What it learns from the director it
 * learns before it takes anything; then it checks again and takes in one turn of the event loop, so
 * that no lock is held while a director thinks.
 *
 * @module
 */
import { JobStatus, storageToDirector } from "../../protocol/mod.ts";
import type { CatalogClient } from "./catalog_client.ts";
import type { DeviceSet } from "./device_set.ts";
import type { AppendReservation, Candidate, StorageWish } from "./candidate.ts";
import { presentDevices, suitableDevices } from "./suitable_devices.ts";
import { users, whyNotAppend, whyNotRead } from "./device_reasons.ts";
import { OfferedVolumes } from "./offered_volumes.ts";
import { heartbeat } from "./operator.ts";
import type { StorageDevice } from "./storage_device.ts";
import type { StorageJob } from "./storage_job.ts";
import { type DeviceWait, ringOf } from "./waiting_ring.ts";

/** No device of this daemon can ever serve the job. */
export class NoSuitableDeviceError extends Error {
  override readonly name = "NoSuitableDeviceError";
}

/** Waits between two rounds; the MOUNT message comes with every fifth. */
const WAIT_MS = 60_000;
const WAITS_PER_MESSAGE = 5;

/** Searches devices for jobs. */
export class Reservations {
  readonly #devices: DeviceSet;
  readonly #options: ReservationOptions;
  readonly #waiting = new Map<StorageJob, DeviceWait>();
  /** Jobs that have given back their device for reading until they can have both of theirs. */
  readonly #lenders = new Map<StorageJob, Candidate>();

  /** A search over all devices of the daemon. */
  constructor(devices: DeviceSet, options: ReservationOptions) {
    this.#devices = devices;
    this.#options = options;
  }

  /**
   * Reserves a device for writing, waiting for one if need be.
   * @throws {NoSuitableDeviceError} if there is none to wait for
   * @throws {JobEndedError} if the job ends while it waits
   */
  reserveAppend(job: StorageJob, catalog: CatalogClient): Promise<AppendReservation> {
    const present = presentDevices(this.#devices, job, this.candidates(job.writeWishes, "append"));
    const isFree = (candidate: Candidate) => whyNotAppend(candidate, job) === undefined;
    return this.#search(job, job.writeWishes, { present, isFree }, async (reasons, onRelease) => {
      const lent = this.#lenders.get(job)?.device;
      const candidates = present.filter(({ device }) => device !== lent);
      const busy = lent && whyNotRead(lent, job);
      if (busy !== undefined) {
        reasons.push(busy);
        return undefined;
      }
      assertNotOwn(job, candidates, (device) => device.reader === job, "read from and written to");
      const joinFirst = job.announcement.preferMountedVolumes;
      // who would rather have a drive of his own joins where the fewest are
      const inOrder = () =>
        joinFirst ? candidates : candidates.toSorted((a, b) => users(a) - users(b));
      const join = () => this.#joinVolumeInUse(job, catalog, inOrder(), reasons);
      const found = (joinFirst ? await join() : undefined) ??
        await this.#takeIdle(job, catalog, candidates, reasons) ??
        (joinFirst ? undefined : await join());
      if (found === undefined || this.#takeBack(job)) return found;
      this.release(job, found.device); // both or none
      onRelease();
      return undefined;
    });
  }

  /**
   * Reserves a device for reading, waiting for one if need be.
   * @throws as {@linkcode reserveAppend}
   */
  reserveRead(job: StorageJob): Promise<Candidate> {
    const candidates = presentDevices(this.#devices, job, this.candidates(job.readWishes, "read"));
    const isFree = ({ device }: Candidate) => whyNotRead(device, job) === undefined;
    const writes = ({ reservations, writers }: StorageDevice): boolean =>
      reservations.has(job) || writers.has(job);
    return this.#search(job, job.readWishes, { present: candidates, isFree }, (reasons) => {
      assertNotOwn(job, candidates, writes, "written to and read from");
      for (const candidate of candidates) {
        const { device } = candidate;
        const reason = whyNotRead(device, job);
        if (reason === undefined) {
          device.reader = job;
          return Promise.resolve(candidate);
        }
        reasons.push(reason);
      }
      return Promise.resolve(undefined);
    });
  }

  /** Checks that there is a device to wait for. @throws {NoSuitableDeviceError} */
  assertSuitable(wishes: readonly StorageWish[], direction: "append" | "read"): void {
    assertAny(wishes, this.candidates(wishes, direction));
  }

  /** Gives back a reservation that was never used, or the device at the end of reading. */
  release(job: StorageJob, device: StorageDevice): void {
    device.reservations.delete(job);
    device.writers.delete(job);
    if (device.reader === job) device.reader = undefined;
    // the next job may have another volume: none is left open that nobody has asked for
    if (!device.isWriting && device.reader === undefined) device.unload();
    if (!device.isBusy) this.#devices.volumes.releaseDevice(device);
    for (const each of this.#devices.devices) {
      if (each.blocked === "waiting for sysop") each.attention.notify();
    }
    this.#devices.released.notify();
  }

  /** The devices that suit the wishes, in the order of storage-daemon.md 5.1. */
  candidates(wishes: readonly StorageWish[], direction: "append" | "read"): Candidate[] {
    return suitableDevices(this.#devices, wishes, {
      direction,
      byMediaType: this.#options.byMediaType,
    });
  }

  async #search<T>(
    job: StorageJob,
    wishes: readonly StorageWish[],
    { present, isFree }: Search,
    round: (reasons: string[], onRelease: () => void) => Promise<T | undefined>,
  ): Promise<T> {
    assertAny(wishes, present);
    const before = job.status;
    const wait: DeviceWait = {
      devices: present.map(({ device }) => device),
      isFree: (device) => present.some((each) => each.device === device && isFree(each)),
    };
    try {
      for (let waits = 1;; waits++) {
        job.throwIfOver();
        const reasons: string[] = [];
        let since = this.#devices.released.count; // what others release during the round counts
        const found = await round(reasons, () => since++);
        if (found !== undefined) return found;
        job.throwIfOver();
        job.waitReasons = reasons;
        this.#waiting.set(job, wait);
        job.setStatus(JobStatus.WaitingForDevice);
        await heartbeat(job);
        if (since === this.#devices.released.count) this.#breakRing(job);
        if (await this.#wait(job, since) !== "timeout") waits--;
        else if (waits % WAITS_PER_MESSAGE === 0) {
          job.log.mount(`JobId=${job.jobId}, Job ${job.name} waiting to reserve a device.\n`);
        }
        this.#waiting.delete(job);
      }
    } finally {
      this.#waiting.delete(job);
      this.#lenders.delete(job);
      if (job.status === JobStatus.WaitingForDevice) job.setStatus(before);
      job.waitReasons = [];
    }
  }

  /**
   * Where jobs wait for each other's devices, one gives back the device that it was to read from and has not
   * begun to; it gets both of its devices when others have left them.
   * @throws {NoSuitableDeviceError} if none of them can
   */
  #breakRing(job: StorageJob): void {
    const ring = ringOf(job, this.#waiting);
    if (ring.size === 0) return;
    const others = [...this.#waiting.keys()].filter((each) => each !== job && ring.has(each));
    const isWanted = (device: StorageDevice, by: StorageJob): boolean =>
      [job, ...others].some((each) =>
        each !== by && this.#waiting.get(each)?.devices.includes(device)
      );
    const lender = [job, ...others].find((each) => {
      const device = each.readReservation?.device;
      return device !== undefined && device.reader === each && device.reading === undefined &&
        isWanted(device, each);
    });
    const lent = lender?.readReservation;
    if (lender === undefined || lent === undefined) {
      const ids = others.map(({ jobId }) => jobId).join(", ");
      job.log.warning(
        `This job and JobId ${ids} wait for each other's devices, and none can do without its own.\n`,
      );
      const [wish] = [...job.writeWishes, ...job.readWishes];
      const device = wish?.devices.at(-1) ?? "";
      throw new NoSuitableDeviceError(storageToDirector.useDeviceRefused.format({ device }));
    }
    const waiters = [job, ...others].filter((each) => each !== lender).map(({ jobId }) => jobId);
    lender.log.info(
      `Giving back device ${lent.device.printName}, to read from it later: JobId ${
        waiters.join(", ")
      } would wait for it, and this job for them.\n`,
    );
    this.#lenders.set(lender, lent);
    lender.readReservation = undefined;
    this.release(lender, lent.device);
  }

  /** Takes the device for reading again, if it was given back; false if somebody else has it. */
  #takeBack(job: StorageJob): boolean {
    const lent = this.#lenders.get(job);
    if (lent === undefined) return true;
    if (whyNotRead(lent.device, job) !== undefined) return false;
    lent.device.reader = job;
    job.readReservation = lent;
    this.#lenders.delete(job);
    return true;
  }

  #wait(job: StorageJob, since: number): Promise<"notified" | "timeout" | "aborted"> {
    return this.#devices.released.wait(this.#options.waitMs ?? WAIT_MS, job.aborted, since);
  }

  /** Joins the jobs on a volume that is in use, if the director approves of the volume. */
  async #joinVolumeInUse(
    job: StorageJob,
    catalog: CatalogClient,
    candidates: readonly Candidate[],
    reasons: string[],
  ): Promise<AppendReservation | undefined> {
    for (const candidate of candidates) {
      const { device } = candidate;
      const volumeName = this.#devices.volumes.heldBy(device);
      if (!device.isWriting) continue;
      const reason = whyNotAppend(candidate, job);
      if (reason !== undefined) {
        reasons.push(reason);
        continue;
      }
      if (volumeName !== undefined) {
        const answer = await catalog.getVolume(volumeName, true);
        if (answer.refusal !== undefined) continue;
        const { maximumJobs, jobs, status } = answer.record;
        if (
          maximumJobs > 0 && status !== "Recycle" &&
          jobs + device.reservations.size >= maximumJobs
        ) {
          reasons.push(
            `3610 JobId=${job.jobId} Volume max jobs exceeded on drive ${device.printName}.`,
          );
          continue;
        }
        const isStillThere = this.#devices.volumes.heldBy(device) === volumeName;
        if (!isStillThere || whyNotAppend(candidate, job) !== undefined) continue;
      }
      return this.#take(job, candidate, volumeName);
    }
    return undefined;
  }

  /** Takes a device that nobody uses, and a volume for it. */
  async #takeIdle(
    job: StorageJob,
    catalog: CatalogClient,
    candidates: readonly Candidate[],
    reasons: string[],
  ): Promise<AppendReservation | undefined> {
    const idle = () =>
      candidates.filter(({ device, wish }) =>
        !device.isBusy && whyNotAppend({ device, wish }, job) === undefined
      );
    for (const { device, wish } of candidates) {
      if (device.isBusy || !idle().some((each) => each.wish === wish)) {
        const reason = whyNotAppend({ device, wish }, job);
        if (reason !== undefined) reasons.push(reason);
        else if (!job.announcement.preferMountedVolumes) {
          reasons.push(
            `3605 JobId=${job.jobId} wants free drive but device ${device.printName} is busy.`,
          );
        }
      }
    }
    const asked = new Set<StorageWish>();
    for (const { wish } of idle()) {
      if (asked.has(wish)) continue;
      asked.add(wish);
      const { volumes } = this.#devices;
      const offered = new OfferedVolumes({
        find: (index, unwanted) => catalog.findMedia(index, wish, unwanted),
        most: Math.ceil(this.#devices.devices.length * 9 / 8) + 1,
        isTaken: (name) => volumes.isTaken(wish.mediaType, name),
      });
      const free = () => idle().filter((each) => each.wish === wish);
      // Not asked in vain: while a device is idle, so is a volume, and the director makes no other.
      while (free().length > 0) {
        const found = await offered.next();
        if (found === "over") break;
        const name = found === "none" ? undefined : found.volumeName;
        const candidate = this.#bestFor(name, free());
        if (candidate === undefined) break;
        if (name === undefined) return this.#take(job, candidate, undefined);
        const { device } = candidate;
        if (volumes.reserve(device, name)) return this.#take(job, candidate, name);
        reasons.push(
          `3607 JobId=${job.jobId} wants Vol="${name}" drive has ` +
            `Vol="${volumes.heldBy(device) ?? ""}" on drive ${device.printName}.`,
        );
        offered.passOver(name);
      }
    }
    return undefined;
  }

  /** Exact match, then a drive with any volume, then any drive (storage-daemon.md 5.2). */
  #bestFor(volumeName: string | undefined, free: readonly Candidate[]): Candidate | undefined {
    const held = (device: StorageDevice) =>
      device.appending?.name ?? this.#devices.volumes.heldBy(device);
    return free.find(({ device }) => volumeName !== undefined && held(device) === volumeName) ??
      free.find(({ device }) => held(device) !== undefined) ?? free[0];
  }

  #take(
    job: StorageJob,
    candidate: Candidate,
    volumeName: string | undefined,
  ): AppendReservation {
    const { device, wish } = candidate;
    if (!device.isWriting) {
      device.poolName = wish.poolName;
      device.poolType = wish.poolType;
    }
    device.reservations.add(job);
    return { device, wish, volumeName };
  }
}

/** Where a job searches. */
interface Search {
  /** The devices that are there. */
  readonly present: readonly Candidate[];
  /** Whether nobody has taken one in a way that keeps the job from it. */
  isFree(candidate: Candidate): boolean;
}

function assertAny(wishes: readonly StorageWish[], candidates: readonly Candidate[]): void {
  if (candidates.length > 0) return;
  const device = wishes.at(-1)?.devices.at(-1) ?? "";
  throw new NoSuitableDeviceError(storageToDirector.useDeviceRefused.format({ device }));
}

/**
 * A job that waits for a device which it holds itself, as a virtual full on a single device, would
 * wait for ever. @throws {NoSuitableDeviceError}
 */
function assertNotOwn(
  job: StorageJob,
  candidates: readonly Candidate[],
  isOwn: (device: StorageDevice) => boolean,
  both: string,
): void {
  if (!candidates.every(({ device }) => isOwn(device))) return;
  const [{ device }] = candidates as [Candidate];
  job.log.warning(
    `Device ${device.printName} cannot be ${both} by one job, and no other has the Media Type ` +
      `"${device.settings.mediaType}": add a Device, or give this one Count = 2.\n`,
  );
  throw new NoSuitableDeviceError(
    storageToDirector.useDeviceRefused.format({ device: device.name }),
  );
}

/** What the daemon's configuration says about reservations. */
export interface ReservationOptions {
  /** `Device Reserve By Media Type`: any device of the media type will do. */
  readonly byMediaType: boolean;
  /** Milliseconds between two rounds in which nothing happened; a minute if not given. */
  readonly waitMs?: number;
}
