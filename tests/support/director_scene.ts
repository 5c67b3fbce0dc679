/** What tests of the director's parts stand on: a configuration, and a real catalog in a folder. @module */
import { ClientProbes } from "../../daemon/director/peers/client_probes.ts";
import { DeviceClaims } from "../../daemon/director/jobs/device_claims.ts";
import { StorageProbes } from "../../daemon/director/peers/storage_probes.ts";
import { parseConfiguration, resourceText } from "../../daemon/config/mod.ts";
import { Counters } from "../../daemon/director/volumes/counters.ts";
import { type Job, JobNames } from "../../daemon/director/jobs/job.ts";
import type { JobSettings } from "../../daemon/director/jobs/job_control.ts";
import { jobCodes } from "../../daemon/director/report/job_facts.ts";
import { createJob } from "../../daemon/director/jobs/job_preparation.ts";
import type { JobRequest } from "../../daemon/director/jobs/job_request.ts";
import { MessageRouter } from "../../daemon/director/messages/message_router.ts";
import type { DirectorConfiguration, JobResource } from "../../daemon/director/resources.ts";
import { Catalog } from "../../storage/catalog/mod.ts";

/** Resources that every director needs; a test adds its own. */
function basics(folder: string): string {
  return `
Director { Name = dir; Password = secret; Messages = Standard; Working Directory = "${folder}"
  Maximum Concurrent Jobs = 10 }
Catalog { Name = Main; DbName = catalog; DbUser = x }
Messages { Name = Standard; Console = all, !skipped; Catalog = all }
Client { Name = fd; Address = 127.0.0.1; Password = x; Maximum Concurrent Jobs = 10 }
Storage { Name = Disk; Address = 127.0.0.1; Password = x; Device = Dev; Media Type = File
  Maximum Concurrent Jobs = 10 }
FileSet { Name = Set; Include { Options { Signature = MD5 } File = /data } }
Pool { Name = None; Pool Type = Backup }
Job { Name = Nothing; Type = Admin; Pool = None; Messages = Standard; Client = fd; FileSet = Set
  Storage = Disk }
`;
}

/** A Pool named Full, with the directives of the test. */
export function poolText(directives: string, name = "Full"): string {
  return `Pool { Name = ${name}; Pool Type = Backup; ${directives} }\n`;
}

/** A backup job named Backup, with the directives of the test. */
export function jobText(directives = "", name = "Backup"): string {
  return `Job { Name = ${name}; Type = Backup; Client = fd; FileSet = Set; Storage = Disk
  Pool = Full; Messages = Standard; ${directives}\n}\n`;
}

/** A configuration and its catalog. */
export class DirectorScene implements Disposable {
  readonly folder: string = Deno.makeTempDirSync({ prefix: "roost-director-" });
  readonly configuration: DirectorConfiguration;
  readonly catalog: Catalog;
  readonly messages: MessageRouter;
  /** Console commands that scripts have run. */
  readonly commands: string[] = [];
  /** What a console command of a script prints. */
  answer: (command: string) => string = () => "";
  /** The time, UNIX seconds; stands still unless a test moves it. */
  now = 1_800_000_000;
  readonly #names = new JobNames();
  readonly #channels: { flush(): void }[] = [];

  /** The basic resources and those of `text`; their pools, client and storage are in the catalog. */
  constructor(text: string) {
    this.configuration = parseConfiguration("director", basics(this.folder) + text);
    this.catalog = Catalog.open(`${this.folder}/catalog.db`);
    this.messages = new MessageRouter({
      daemon: "dir",
      workingDirectory: this.folder,
      now: () => this.now,
      print: () => {},
      onError: (error) => {
        throw error;
      },
    });
    for (const pool of this.configuration.all("Pool")) this.catalog.pool(pool);
    for (const pool of this.configuration.all("Pool")) this.catalog.linkPool(pool);
    for (const client of this.configuration.all("Client")) this.catalog.client(client);
    for (const storage of this.configuration.all("Storage")) this.catalog.storage(storage);
  }

  /** The Job resource of a name. */
  resource(name: string): JobResource {
    const resource = this.configuration.get("Job", name);
    if (resource === undefined) throw new Error(`There is no Job ${name}`);
    return resource;
  }

  #run(command: string): Promise<string> {
    this.commands.push(command);
    return Promise.resolve(this.answer(command));
  }

  /** What jobs take from the configuration. */
  get settings(): JobSettings {
    const director = this.configuration.first("Director");
    const counters = new Counters(() => this.catalog);
    counters.configure(this.configuration.all("Counter"));
    const now = () => this.now;
    return {
      environment: {
        director,
        probes: new ClientProbes(),
        storageProbes: new StorageProbes(),
        counters,
        deviceClaims: new DeviceClaims(),
        now,
        codes: (job) => jobCodes(job, director),
        runConsole: (command) => this.#run(command),
        runClone: (command) => this.#run(command),
      },
      maker: {
        names: this.#names,
        firstCatalog: this.configuration.first("Catalog"),
        catalogOf: () => this.catalog,
        fileSetText: (fileSet) =>
          resourceText(this.configuration, "FileSet", fileSet, { asShown: true }),
        now,
      },
      findStorage: (name) => this.configuration.get("Storage", name),
      findJob: (name) => this.configuration.get("Job", name),
      allJobs: this.configuration.all("Job"),
      channelOf: (job) => {
        const channel = this.messages.channel({
          jobId: job.jobId,
          destinations: job.messages.destinations,
          codes: jobCodes(job, director),
          logToCatalog: (rows) => {
            for (const { jobId, seconds, text } of rows) this.catalog.log(jobId, seconds, text);
          },
        });
        this.#channels.push(channel);
        return channel;
      },
    };
  }

  /** Makes a job, with its row and its log, that nothing runs. */
  job(name: string, request: Partial<JobRequest> = {}): Job {
    const { settings } = this;
    const job = createJob(
      { job: this.resource(name), trigger: "User", ...request },
      settings.maker,
    );
    job.log = settings.channelOf(job);
    return job;
  }

  /** The lines that consoles would see, without date and daemon; they are gone then. */
  said(): string[] {
    return this.messages.takePending().map((line) => line.trimEnd().replace(/^.*JobId \d+: /, ""));
  }

  [Symbol.dispose](): void {
    for (const channel of this.#channels) channel.flush(); // messages are handed on a turn later
    this.catalog.close();
    Deno.removeSync(this.folder, { recursive: true });
  }
}
