/**
 * What the director's jobs have of the devices of its storage daemons, and which they wait for: jobs that
 * copy between daemons can wait for each other in a ring that none of the daemons sees.
 *
 * @module
 */
import { isSameDaemon } from "../volumes/next_pool.ts";
import type { StorageResource } from "../resources.ts";
import type { Job } from "./job.ts";

/** How long a ring has to stand before it is broken, in milliseconds: what a daemon has said may be on its way. */
const SETTLE_MS = 2_000;

/** A device of a storage that a job has, or waits for. */
export interface DeviceClaim {
  /** Says whether the job waits for it. */
  isWaiting: boolean;
  /** The job does not want it any more. */
  end(): void;
}

/** How a job can be made to leave its devices to others. */
export interface GivingWay {
  /** Whether the job begins anew afterwards; one that does not has failed. */
  readonly canBeginAnew: boolean;
  /** Lets the job leave its devices; `others` wait for them, directly or in turn. */
  giveWay(others: readonly Job[]): void;
}

/** Whose claim it is, on a device of which storage. */
export interface Claimed<J> {
  readonly job: J;
  readonly storage: StorageResource;
  isWaiting: boolean;
}

/** All claims of the director's jobs. */
export class DeviceClaims {
  readonly #claims = new Set<Claimed<Job>>();
  readonly #ways = new Map<Job, GivingWay>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Enters that `job` wants a device of `storage`, and waits for it. */
  enter(job: Job, storage: StorageResource): DeviceClaim {
    const claim: Claimed<Job> = { job, storage, isWaiting: true };
    this.#claims.add(claim);
    this.#changed();
    const changed = (): void => this.#changed();
    const end = (): void => {
      if (this.#claims.delete(claim)) this.#changed();
    };
    return {
      get isWaiting() {
        return claim.isWaiting;
      },
      set isWaiting(isWaiting) {
        if (claim.isWaiting === isWaiting) return;
        claim.isWaiting = isWaiting;
        changed();
      },
      end,
    };
  }

  /** Enters how `job` gives way while it works; the result ends that. */
  mayGiveWay(job: Job, way: GivingWay): () => void {
    this.#ways.set(job, way);
    return () => {
      if (this.#ways.get(job) === way) this.#ways.delete(job);
    };
  }

  /** Drops what `job` has and waits for, and its way to give way: it is over. */
  drop(job: Job): void {
    this.#ways.delete(job);
    let isChanged = false;
    for (const claim of this.#claims) {
      if (claim.job === job) isChanged = this.#claims.delete(claim);
    }
    if (isChanged) this.#changed();
  }

  /** Looks for rings when nothing has changed for a while. */
  #changed(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#ways.size === 0 || ![...this.#claims].some(({ isWaiting }) => isWaiting)) return;
    this.#timer = setTimeout(() => this.#breakRing(), SETTLE_MS);
    Deno.unrefTimer(this.#timer);
  }

  /** Makes one job of a ring give way: the last one that can begin anew, else the last that can end. */
  #breakRing(): void {
    for (const job of new Set([...this.#claims].map((claim) => claim.job))) {
      const ring = ringOf(job, this.#claims).sort((a, b) => b.jobId - a.jobId);
      const can = ring.filter((each) => this.#ways.has(each));
      const chosen = can.find((each) => this.#ways.get(each)?.canBeginAnew) ?? can[0];
      const way = chosen && this.#ways.get(chosen);
      if (chosen === undefined || way === undefined) continue;
      this.#ways.delete(chosen); // once
      way.giveWay(ring.filter((each) => each !== chosen));
      return; // what it leaves changes the claims
    }
  }
}

/**
 * The jobs that wait for each other, if `job` is one of them or waits for them, and none of them can go on;
 * none if one can, if somebody else has what they wait for, or if all of it is within one daemon, which
 * sees it itself. A job that only waits for a ring is no part of it: nobody gains if it ends.
 */
export function ringOf<J>(job: J, claims: Iterable<Claimed<J>>): J[] {
  const all = [...claims];
  const stuck = stuckWith(job, all);
  const each = [...stuck.keys()].map((other) => stuckWith(other, all));
  const ring = [...stuck].filter(([member]) => each.every((others) => others.has(member)));
  const [first] = ring;
  if (first === undefined || ring.every(([, place]) => isSameDaemon(place, first[1]))) return [];
  return ring.map(([member]) => member);
}

/** `job` and those for which it waits, directly or in turn, and where; nobody if one of them can go on. */
function stuckWith<J>(job: J, all: readonly Claimed<J>[]): Map<J, StorageResource> {
  const stuck = new Map<J, StorageResource>();
  const reached = new Set([job]);
  for (const each of reached) { // which grows meanwhile
    const wait = all.find((claim) => claim.job === each && claim.isWaiting);
    if (wait === undefined) return new Map();
    const holders = all.filter((claim) =>
      claim.job !== each && !claim.isWaiting && isSamePlace(claim.storage, wait.storage)
    );
    if (holders.length === 0) return new Map();
    stuck.set(each, wait.storage);
    for (const holder of holders) reached.add(holder.job);
  }
  return stuck;
}

/** Whether a device of the one may be one of the other. */
function isSamePlace(a: StorageResource, b: StorageResource): boolean {
  return a.mediaType === b.mediaType && isSameDaemon(a, b);
}
