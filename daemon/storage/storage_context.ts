import { messageOf } from "../../bytes/mod.ts";
import { type CertificateSettings, makeSessionKey, type TlsPolicy } from "../../protocol/mod.ts";
import { commandWords } from "../command_words.ts";
import { DebugTrace } from "../debug_trace.ts";
import { JobLog } from "../job_log.ts";
import { limitJob } from "../job_timeout.ts";
import { type LocalDestination, LocalLog } from "../local_log.ts";
import type { AppendSessionParts } from "./append_session.ts";
import { CatalogClient } from "./catalog_client.ts";
import type { DeviceSet } from "./device_set.ts";
import type { DirectorLink } from "./director_link.ts";
import type { DirectorPeer } from "./director_peer.ts";
import { JobRegistry } from "./job_registry.ts";
import type { RecordSourceParts } from "./record_source.ts";
import { Reservations } from "./reservation.ts";
import { SpoolTotals } from "./spool_totals.ts";
import { SpoolingWriter } from "./spooling_writer.ts";
import { Statistics } from "./statistics.ts";
import type { StorageDevice } from "./storage_device.ts";
import { type JobAnnouncement, StorageJob } from "./storage_job.ts";
import type { LabelContext } from "./volume_file.ts";
import { LabelFormat } from "../../storage/volume/mod.ts";

/** The directives of the daemon's own Storage resource that count here. */
export interface StorageSettings {
  /** Name of the daemon. */
  readonly name: string;
  /** Local address of connections that the daemon opens; the system's choice if empty. */
  readonly sourceAddress?: string | undefined;
  /** Folder of spool and trace files. */
  readonly workingDirectory: string;
  /** Policy towards file daemons and other storage daemons; none if not given. */
  readonly tlsPolicy?: TlsPolicy | undefined;
  /** The own certificates. */
  readonly certificates?: CertificateSettings | undefined;
  /** Jobs at once; a director that comes then is turned away. */
  readonly maximumConcurrentJobs: number;
  /** Seconds. */
  readonly clientConnectWait: number;
  /** Seconds to try to reach a passive client. */
  readonly fdConnectTimeout: number;
  /** Seconds to try to reach the storage daemon that writes a copy. */
  readonly sdConnectTimeout: number;
  /** Seconds, 0 for none. */
  readonly heartbeatInterval: number;
  /** Reserve a device only when data arrives. */
  readonly justInTimeReservation: boolean;
  /** Any device of the media type will do, whatever its name. */
  readonly deviceReserveByMediaType: boolean;
  /** Several jobs may read one volume at once. */
  readonly fileDeviceConcurrentRead: boolean;
  /** Bytes per second, 0 for no limit. */
  readonly maximumBandwidthPerJob: number;
  /** Unused bandwidth may be used later; no if not given. */
  readonly allowBandwidthBursting?: boolean | undefined;
  /** Seconds between two checkpoints of a backup, 0 for none. */
  readonly checkpointInterval: number;
  /** Devices compress and decompress what is copied as well. */
  readonly autoXFlateOnReplication?: boolean | undefined;
  /** Where messages of jobs go besides the director. */
  readonly destinations?: readonly LocalDestination[] | undefined;
  /** strftime format of time stamps in log lines. */
  readonly logTimestampFormat?: string | undefined;
  /** Seconds after which a job is ended; 0 or not given for never. */
  readonly absoluteJobTimeout?: number | undefined;
  /** Seconds between samples of statistics; none if 0 or not given. */
  readonly statisticsCollectInterval?: number | undefined;
  /** Whether devices and jobs are sampled; no if not given. */
  readonly collectDeviceStatistics?: boolean | undefined;
  readonly collectJobStatistics?: boolean | undefined;
  /** Write what Bacula and Bareos 13.2 read, whoever the director is (volume.md 5.2). */
  readonly compatible?: boolean | undefined;
  /** Program that erases a file, called in place of removing it. */
  readonly secureEraseCommand?: string | undefined;
}

/** The texts by which the daemon introduces itself. */
export interface StorageIdentity {
  /** `26.0.0`. */
  readonly versionNumbers: string;
  /** `<version> (<date>) <system>`. */
  readonly versionText: string;
  /** What the status header says of the program. */
  readonly binaryInfo: string;
  readonly label: Omit<LabelContext, "format">;
}

/** What all sessions of the daemon share. */
export class StorageContext {
  readonly settings: StorageSettings;
  readonly identity: StorageIdentity;
  readonly devices: DeviceSet;
  readonly jobs: JobRegistry;
  readonly reservations: Reservations;
  readonly dataSpooling: SpoolTotals = new SpoolTotals();
  readonly attributeSpooling: SpoolTotals = new SpoolTotals();
  readonly statistics: Statistics = new Statistics({ context: this, now: () => this.now() });
  /** Where messages go besides the director. */
  readonly local: LocalLog;
  /** What stops the clock of a job. */
  readonly #limits = new Map<StorageJob, () => void>();
  /** Default for new jobs, bytes per second. */
  bandwidth: number;
  /** What `setdebug` sets. */
  readonly debug: DebugTrace;

  /** The shared state of a daemon that starts at `startTime`, UNIX seconds. */
  constructor(
    settings: StorageSettings,
    identity: StorageIdentity,
    devices: DeviceSet,
    startTime: number,
    onProblem: (text: string) => void = () => {},
  ) {
    this.settings = settings;
    this.debug = new DebugTrace(settings, onProblem);
    this.local = new LocalLog({
      daemon: settings.name,
      destinations: settings.destinations ?? [],
      timestampFormat: settings.logTimestampFormat || "%d-%b %H:%M",
      onError: ({ message }) => onProblem(message),
    });
    this.identity = identity;
    this.devices = devices;
    this.bandwidth = settings.maximumBandwidthPerJob;
    this.jobs = new JobRegistry(startTime);
    this.reservations = new Reservations(devices, {
      byMediaType: settings.deviceReserveByMediaType,
    });
  }

  /** What labels say about us, in the form that this director's site reads. */
  labelFor({ isBacula }: Pick<DirectorPeer, "isBacula">): LabelContext {
    const isCompatible = isBacula || this.settings.compatible === true;
    const format = isCompatible ? LabelFormat.bacula : LabelFormat.bareos;
    return { ...this.identity.label, format };
  }

  /** UNIX seconds. */
  now(): number {
    return Math.floor(Date.now() / 1000);
  }

  /** Takes in a job; undefined if one of that name is at work. */
  addJob(
    announcement: JobAnnouncement,
    director: DirectorLink,
    peer?: Pick<DirectorPeer, "maximumBandwidthPerJob">,
  ): StorageJob | undefined {
    const session = this.jobs.admit(announcement);
    if (session === undefined) return undefined;
    const log = new JobLog({
      daemon: this.settings.name,
      jobId: announcement.jobId,
      get job(): string {
        return job.spokenName;
      },
      isForBacula: announcement.isForBacula,
      send: (line) => void director.send(line),
      local: (type, text, seconds) => this.local.write(type, text, seconds),
    });
    const key = announcement.key ?? makeSessionKey();
    const job: StorageJob = new StorageJob(announcement, { ...session, key }, director, log);
    job.bandwidth = peer?.maximumBandwidthPerJob || this.bandwidth;
    job.allowsBursting = this.settings.allowBandwidthBursting === true;
    this.jobs.add(job);
    this.#limits.set(job, limitJob(this.settings.absoluteJobTimeout ?? 0, job));
    return job;
  }

  /** The job is done: it goes to the list of those that ended. */
  finishJob(job: StorageJob): void {
    this.#limits.get(job)?.();
    this.jobs.remove(job, true, this.now());
  }

  /** The director's session is over: nothing of the job may remain. */
  endJob(job: StorageJob): void {
    this.#limits.get(job)?.();
    this.#limits.delete(job);
    this.jobs.remove(job, false, this.now());
    job.abandon();
    job.endClient();
    const { reservation, readReservation } = job;
    if (reservation !== undefined) this.reservations.release(job, reservation.device);
    if (readReservation !== undefined) this.reservations.release(job, readReservation.device);
  }

  /** The job's way to the catalog. */
  catalogOf(job: StorageJob): CatalogClient {
    return new CatalogClient(job, job.director);
  }

  /** What writing needs. */
  appendParts(job: StorageJob, peer: DirectorPeer, isCopy = false): AppendSessionParts {
    const { workingDirectory, name } = this.settings;
    return {
      ...this.#common(job, isCopy),
      label: this.labelFor(peer),
      reservation: job.reservation,
      // a director that announces a version knows how to remove placeholders
      hasPlaceholders: peer.version !== undefined,
      spoolPath: `${workingDirectory}/${name}.attr.${fileSafe(job.name)}.${job.sessionId}.spool`,
      checkpointMs: this.settings.checkpointInterval * 1000,
      attributeTotals: this.attributeSpooling,
      openSpool: (appender) => {
        if (!job.announcement.spoolData) return undefined;
        const { name: device, settings: { spoolDirectory } } = appender.device;
        const file = `${name}.data.${job.jobId}.${fileSafe(job.name)}.${fileSafe(device)}.spool`;
        const path = `${spoolDirectory || workingDirectory}/${file}`;
        return new SpoolingWriter({ job, appender, path, totals: this.dataSpooling });
      },
    };
  }

  /** What reading needs. */
  readParts(job: StorageJob, isCopy = false): RecordSourceParts {
    return {
      ...this.#common(job, isCopy),
      reservation: job.readReservation,
      isSharedReadAllowed: this.settings.fileDeviceConcurrentRead,
    };
  }

  /**
   * Erases a volume's file, with the configured command if there is one. What went wrong, if
   * something did.
   */
  async erase(
    device: StorageDevice,
    volume: string,
    isReused: boolean,
  ): Promise<string | undefined> {
    const command = this.settings.secureEraseCommand;
    try {
      const path = device.pathOf(volume);
      if (command !== undefined) {
        const [program = "", ...args] = commandWords(command);
        const { success, code } = await new Deno.Command(program, { args: [...args, path] })
          .output();
        if (!success) return `"${command}" ended with status ${code}`;
      }
      // one that is labelled anew is emptied when its label is written
      if (!isReused) await device.volumes.remove(volume);
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  }

  #common(job: StorageJob, isCopy: boolean) {
    const heartbeatMs = this.settings.heartbeatInterval * 1000;
    return {
      devices: this.devices,
      reservations: this.reservations,
      catalog: this.catalogOf(job),
      heartbeatMs,
      mayFlate: !isCopy || this.settings.autoXFlateOnReplication === true,
      now: () => this.now(),
    };
  }
}

/** A name that stays within its folder, whatever a director says. */
function fileSafe(name: string): string {
  return name.replaceAll(/[/\\\0]/g, "_");
}
