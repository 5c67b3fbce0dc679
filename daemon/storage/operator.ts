import type { OperatorRequest, StorageDevice } from "./storage_device.ts";
import type { StorageJob } from "./storage_job.ts";
import type { Connection } from "../../protocol/mod.ts";
import { JobStatus, Signal } from "../../protocol/mod.ts";

/** How long and how often (storage-daemon.md 10.6). */
export interface OperatorPatience {
  /** Milliseconds between two looks for a volume, at least a minute in practice. */
  readonly pollMs: number;
  /** Milliseconds between heartbeats to director and client, 0 for none. */
  readonly heartbeatMs: number;
}

const HOUR = 3_600_000;
const LONGEST_PERIOD = 24 * HOUR;
const MOST_PERIODS = 9;

/** Nobody came. */
export class OperatorTimeoutError extends Error {
  override readonly name = "OperatorTimeoutError";
}

/**
 * A job's wait for an operator. It spans all the rounds of one mount: the message goes out at the
 * first wait and again after 1 h, 2 h, 4 h ..., the ninth time the job gives up.
 */
export class OperatorWait {
  readonly #job: StorageJob;
  readonly #device: StorageDevice;
  readonly #patience: OperatorPatience;
  #periods = 0;
  #nextMessage = 0;

  /** A wait of `job` for a volume on `device`. */
  constructor(job: StorageJob, device: StorageDevice, patience: OperatorPatience) {
    this.#job = job;
    this.#device = device;
    this.#patience = patience;
  }

  /** A wait as patient as the device says; heartbeats every so many milliseconds, 0 for none. */
  static of(
    { job, device, heartbeatMs }: {
      readonly job: StorageJob;
      readonly device: StorageDevice;
      readonly heartbeatMs: number;
    },
  ): OperatorWait {
    const pollMs = Math.max(60, device.settings.volumePollInterval) * 1000;
    return new OperatorWait(job, device, { pollMs, heartbeatMs });
  }

  /**
   * Asks, and waits until something has happened or it is time to look again.
   * @throws {OperatorTimeoutError} after nine periods
   * @throws {JobEndedError} if the job ends
   */
  async ask(request: OperatorRequest): Promise<void> {
    const job = this.#job;
    const device = this.#device;
    if (performance.now() >= this.#nextMessage) this.#announce(request);
    const before = device.blocked;
    device.blocked = "waiting for sysop";
    device.wanted = request;
    try {
      await this.#wait();
    } finally {
      device.wanted = undefined;
      // an operator may have unmounted the device meanwhile: that stays
      if (device.blocked === "waiting for sysop") device.blocked = before;
    }
    if (job.aborted.aborted) {
      job.log.info(
        `Job ${job.name} canceled while waiting for mount on Storage Device ${device.printName}.\n`,
      );
      job.throwIfOver();
    }
  }

  #announce(request: OperatorRequest): void {
    const job = this.#job;
    if (this.#periods++ === MOST_PERIODS) {
      throw new OperatorTimeoutError(
        `Max time exceeded waiting to mount Storage Device ${this.#device.printName} for Job ${job.name}\n`,
      );
    }
    const period = Math.min(LONGEST_PERIOD, HOUR * 2 ** (this.#periods - 1));
    this.#nextMessage = performance.now() + period;
    job.setStatus(this.#periods === 1 ? JobStatus.WaitingForMedia : JobStatus.WaitingForMount);
    job.log.mount(requestText(request, job.name, this.#device.printName));
  }

  async #wait(): Promise<void> {
    const { pollMs, heartbeatMs } = this.#patience;
    const since = this.#device.attention.count;
    const end = performance.now() + pollMs;
    for (let left = pollMs; left > 0; left = end - performance.now()) {
      const step = heartbeatMs > 0 ? Math.min(heartbeatMs, left) : left;
      const reason = await this.#device.attention.wait(step, this.#job.aborted, since);
      if (reason !== "timeout") return;
      await heartbeat(this.#job);
    }
  }
}

/** Tells director and client that the job is alive. */
export async function heartbeat(job: StorageJob): Promise<void> {
  await job.director.heartbeat();
  const client: Connection | undefined = job.client;
  if (client === undefined) return;
  try {
    await client.sendSignal(Signal.HEARTBEAT);
  } catch {
    // a client that is gone is noticed where the job reads from it
  }
}

function requestText(request: OperatorRequest, job: string, device: string): string {
  const { kind, volumeName, poolName, mediaType } = request;
  const where =
    `    Storage:      ${device}\n    Pool:         ${poolName}\n    Media type:   ${mediaType}\n`;
  if (kind === "create") {
    return `Job ${job} is waiting. Cannot find any appendable volumes.\n` +
      `Please use the "label" command to create a new Volume for:\n${where}`;
  }
  const what = kind === "mount for reading"
    ? `Please mount read Volume "${volumeName}" for:\n`
    : `Please mount append Volume "${volumeName}" or label a new one for:\n`;
  return `${what}    Job:          ${job}\n${where}`;
}
