/**
 * Getting a volume into a device for reading (storage-daemon.md 10.7).
 *
 * @module
 */
import { DeviceError } from "../../storage/device/mod.ts";
import type { CatalogClient } from "./catalog_client.ts";
import type { Candidate } from "./candidate.ts";
import type { DeviceSet } from "./device_set.ts";
import { loadVolume } from "./load_volume.ts";
import type { MediaRecord } from "./media_record.ts";
import { heartbeat, OperatorTimeoutError, OperatorWait } from "./operator.ts";
import type { Reservations } from "./reservation.ts";
import type { StorageDevice } from "./storage_device.ts";
import type { StorageJob } from "./storage_job.ts";
import { readLabel } from "./volume_file.ts";
import type { VolumeBeingRead } from "./volumes_in_use.ts";

/** Rounds after which the job gives up. */
const ROUNDS = 10;

/** How long to wait for a volume that another job uses before telling the peers that we live. */
const WAIT_MS = 60_000;

const NOT_IN_CHANGER = { kind: "missing", problem: "it is in no slot of the changer" } as const;

/** What mounting needs to know and to use. */
export interface ReadMountParts {
  readonly job: StorageJob;
  readonly catalog: CatalogClient;
  readonly devices: DeviceSet;
  readonly reservations: Reservations;
  /** Several jobs may read one volume (`File Device Concurrent Read`). */
  readonly isSharedReadAllowed: boolean;
  /** Milliseconds between heartbeats while waiting for an operator, 0 for none. */
  readonly heartbeatMs: number;
}

/** A volume ready to be read. */
export interface MountedForReading {
  readonly use: VolumeBeingRead;
  readonly record: MediaRecord | undefined;
}

/** No volume could be made ready. The text is that of the job message. */
export class ReadMountError extends Error {
  override readonly name = "ReadMountError";
}

/**
 * Makes a volume ready for the job on the device it has; waits while others use the volume.
 * @throws {ReadMountError} {@linkcode JobEndedError} and errors of the catalog
 */
export async function mountForReading(
  parts: ReadMountParts,
  { device, wish }: Candidate,
  volumeName: string,
): Promise<MountedForReading> {
  const { job, heartbeatMs } = parts;
  const operator = OperatorWait.of({ job, device, heartbeatMs });
  for (let round = 0; round < ROUNDS; round++) {
    job.throwIfOver();
    const use = await beginRead(parts, { name: volumeName, device, job });
    const mounted = await tryMount(parts, use);
    if (mounted !== undefined) return mounted;
    try {
      await operator.ask({
        kind: "mount for reading",
        volumeName,
        poolName: wish.poolName,
        mediaType: wish.mediaType,
      });
    } catch (error) {
      if (!(error instanceof OperatorTimeoutError)) throw error;
      throw new ReadMountError(error.message, { cause: error });
    }
  }
  throw new ReadMountError(
    `Too many errors trying to mount device ${device.printName} for reading.\n`,
  );
}

/**
 * One attempt with a volume that is entered as being read, which it is no longer if that fails. What the
 * catalog knows is asked after the wait for who wrote the volume: it goes back there in the end.
 */
async function tryMount(
  { job, catalog, devices }: ReadMountParts,
  use: VolumeBeingRead,
): Promise<MountedForReading | undefined> {
  const { device, name: volumeName } = use;
  let isReady = false;
  try {
    const answer = await catalog.getVolume(volumeName, false);
    if (answer.refusal !== undefined) job.log.warning(`Read acquire: ${answer.refusal}`);
    const record = answer.refusal === undefined ? answer.record : undefined;
    const isThere = record === undefined || await loadVolume(device, record, job);
    const problem = isThere ? await prepare(device, volumeName, job.aborted) : undefined;
    const found = problem !== undefined
      ? { kind: "missing", problem } as const
      : isThere
      ? readLabel(device.volumes, volumeName)
      : NOT_IN_CHANGER;
    if (found.kind === "label") {
      job.log.info(
        `Ready to read from volume "${volumeName}" on device ${device.printName}.\n`,
      );
      isReady = true;
      return { use, record };
    }
    job.log.warning(
      found.kind === "missing" || found.kind === "unreadable"
        ? `Read open device ${device.printName} Volume "${volumeName}" failed: ` +
          `ERR=${found.problem}\n`
        : `Read acquire: ${found.problem}\n`,
    );
    return undefined;
  } finally {
    if (!isReady) {
      devices.volumes.endRead(use);
      devices.released.notify();
    }
  }
}

/** Enters the volume as being read as soon as nobody writes it. */
async function beginRead(parts: ReadMountParts, use: VolumeBeingRead): Promise<VolumeBeingRead> {
  const { job, devices, isSharedReadAllowed } = parts;
  while (!devices.volumes.beginRead(use, isSharedReadAllowed)) {
    const since = devices.released.count;
    await heartbeat(job);
    await devices.released.wait(WAIT_MS, job.aborted, since);
    job.throwIfOver();
  }
  return use;
}

/**
 * Fetches the volume if it is kept elsewhere; why its medium cannot be mounted, if that is so.
 * @throws {ReadMountError}
 */
async function prepare(
  { volumes }: StorageDevice,
  volumeName: string,
  aborted: AbortSignal,
): Promise<string | undefined> {
  try {
    await volumes.prepare(volumeName);
    await volumes.fetch?.(volumeName, aborted);
  } catch (error) {
    aborted.throwIfAborted();
    if (!(error instanceof DeviceError)) throw error;
    if (volumes.attach !== undefined) return error.reason; // an operator may put it in
    throw new ReadMountError(`${error.message}\n`, { cause: error });
  }
  return undefined;
}
