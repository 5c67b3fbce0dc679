/** What all sessions of a file daemon share. @module */
import { type EndedJob, endedJobFields, EndedJobs } from "../ended_jobs.ts";
import type { CertificateSettings, TlsPolicy } from "../../protocol/mod.ts";
import { CrewPool } from "./backup/crew_pool.ts";
import { WorkPool } from "./work/mod.ts";
import type { PkiSettings } from "./pki_settings.ts";
import { DebugTrace, TraceLevel } from "../debug_trace.ts";
import { limitJob } from "../job_timeout.ts";
import { type LocalDestination, LocalLog } from "../local_log.ts";
import type { FileJob } from "./file_job.ts";

/** The directives of the daemon's own Client resource that count here. */
export interface FileSettings {
  readonly name: string;
  readonly workingDirectory: string;
  /** Restores are refused. */
  readonly backupOnly?: boolean | undefined;
  /** Backups are refused. */
  readonly restoreOnly?: boolean | undefined;
  /** Policy towards storage daemons; none if not given. */
  readonly tlsPolicy?: TlsPolicy | undefined;
  /** Certificates towards storage daemons, and towards directors that begin with TLS. */
  readonly certificates?: CertificateSettings | undefined;
  /** Do as Bareos 13.2 and Bacula do, whoever the director is (director-client.md 22). */
  readonly compatible?: boolean | undefined;
  readonly maximumConcurrentJobs: number;
  /** Seconds. */
  readonly sdConnectTimeout: number;
  /** Local address of connections that the daemon opens; the system's choice if empty. */
  readonly sourceAddress?: string | undefined;
  /** Seconds between signs of life to the director, and of keepalive; 0 for none. */
  readonly heartbeatInterval: number;
  /** Bytes per second, 0 for no limit. */
  readonly maximumBandwidthPerJob: number;
  /** Unused bandwidth may be used later; no if not given. */
  readonly allowBandwidthBursting?: boolean | undefined;
  readonly secureEraseCommand: string;
  /** Seconds after which a job is ended; 0 or not given for never. */
  readonly absoluteJobTimeout?: number | undefined;
  /** Threads of one backup at most; as many as there are cores if 0 or not given. */
  readonly maximumWorkersPerJob?: number | undefined;
  readonly allowedJobCommand: readonly string[];
  readonly allowedScriptDir: readonly string[];
  /** Plugins that somebody wants to be there. */
  readonly pluginNames?: readonly string[] | undefined;
  /** Keys for encryption and signatures; none if absent. */
  readonly pki?: PkiSettings | undefined;
  /** Where messages of jobs go besides the director. */
  readonly destinations?: readonly LocalDestination[] | undefined;
  /** strftime format of time stamps in log lines. */
  readonly logTimestampFormat?: string | undefined;
  /** Types of job messages that the Messages resource routes to the director. */
  readonly messageTypes: ReadonlySet<number>;
}

/** A director that may connect. */
export interface DirectorSettings {
  readonly name: string;
  /** The key made of the password. */
  readonly key: string;
  /** May ask for the status only. */
  readonly isMonitor: boolean;
  /** Where the daemon connects to this director by itself; nowhere if absent. */
  readonly call?: { readonly address: string; readonly port: number } | undefined;
  /** Whether the director may connect to the daemon; it may if not given. */
  readonly mayConnect?: boolean;
  /** Policy towards this director; none if not given. */
  readonly tlsPolicy?: TlsPolicy | undefined;
  /** Certificates for TLS after the challenge. */
  readonly certificates?: CertificateSettings | undefined;
  readonly maximumBandwidthPerJob: number;
  readonly allowedJobCommand: readonly string[];
  readonly allowedScriptDir: readonly string[];
}

/** A job that is over. */
export interface FinishedJob extends EndedJob {
  /** Without date and number. */
  readonly name: string;
}

/** A connection of a director. */
export interface ConnectedDirector {
  readonly name: string;
  /** UNIX seconds. */
  readonly since: number;
  /** Whether it is there for a job, which is listed by itself. */
  hasJob: boolean;
}

/** The shared state of a file daemon. */
export class FileContext {
  readonly settings: FileSettings;
  readonly identity: {
    /** `<version> (<date>) <system>`. */
    readonly versionText: string;
    readonly binaryInfo: string;
  };
  /** UNIX seconds. */
  readonly startTime: number = Math.floor(Date.now() / 1000);
  /** Threads for backups. */
  readonly crews: CrewPool;
  /** Running jobs by their unique name. */
  readonly jobs = new Map<string, FileJob>();
  /** Connected directors. */
  readonly directors = new Set<ConnectedDirector>();
  /** The last jobs, oldest first. */
  readonly finished: EndedJobs<FinishedJob> = new EndedJobs<FinishedJob>({
    ...endedJobFields,
    name: "string",
  });
  /** Threads for restores and verifies. */
  readonly works = new WorkPool();
  /** Jobs begun since the start. */
  jobsRun = 0;
  /** Of jobs without a limit of their own, bytes per second; `setbandwidth` changes it. */
  bandwidth: number;
  /** What the daemon tells of itself. */
  readonly debug: DebugTrace;
  /** Where messages go besides the director. */
  readonly local: LocalLog;
  /** What stops the clock of a job. */
  readonly #limits = new Map<FileJob, () => void>();

  /** The state of a daemon that has just started. */
  constructor(
    settings: FileSettings,
    identity: FileContext["identity"],
    onProblem: (text: string) => void = () => {},
  ) {
    this.local = new LocalLog({
      daemon: settings.name,
      destinations: settings.destinations ?? [],
      timestampFormat: settings.logTimestampFormat || "%d-%b %H:%M",
      onError: ({ message }) => onProblem(message),
    });
    this.debug = new DebugTrace(settings, onProblem);
    this.settings = settings;
    this.identity = identity;
    this.crews = new CrewPool(navigator.hardwareConcurrency, settings.maximumWorkersPerJob);
    this.bandwidth = settings.maximumBandwidthPerJob;
  }

  /** Directors that are connected for something else than a job, as the status shows them. */
  consoles(): ConnectedDirector[] {
    return [...this.directors].filter(({ hasJob }) => !hasJob);
  }

  /** Makes a job known. */
  begin(job: FileJob): void {
    this.jobs.set(job.announcement.name, job);
    this.jobsRun++;
    this.debug.tell(TraceLevel.events, () => `job ${job.announcement.name} begins`);
    this.#limits.set(job, limitJob(this.settings.absoluteJobTimeout ?? 0, job));
  }

  /** Forgets a job but for its line in the status. */
  end(job: FileJob): void {
    const { name, jobId } = job.announcement;
    this.debug.tell(
      TraceLevel.events,
      () => `job ${name} ends: status ${job.status}, ${job.counters.files} files`,
    );
    if (this.jobs.get(name) === job) this.jobs.delete(name);
    this.#limits.get(job)?.();
    this.#limits.delete(job);
    this.finished.add({
      jobId,
      name: name.split(".").slice(0, -3).join(".") || name,
      type: job.type,
      level: job.level,
      status: job.status,
      files: job.counters.files,
      bytes: job.counters.bytes,
      errors: job.errors,
      endTime: Math.floor(Date.now() / 1000),
    });
  }
}
