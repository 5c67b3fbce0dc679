/**
 * The last jobs that ended, as the status of a daemon lists them; with a file they outlive the daemon.
 *
 * @module
 */
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { messageOf } from "../bytes/mod.ts";

/** How many are remembered. */
const most = 10;
/** A file that is larger was not written by us, in bytes. */
const largestFile = 65536;

/** What every daemon remembers of a job. */
export interface EndedJob {
  readonly jobId: number;
  /** Letter of its type. */
  readonly type: string;
  /** Letter of its level. */
  readonly level: string;
  /** Letter of its status. */
  readonly status: string;
  readonly files: number;
  readonly bytes: number;
  readonly errors: number;
  /** UNIX seconds. */
  readonly endTime: number;
}

/** The fields of what is remembered of a job, and their types. */
export type EndedJobFields<T> = { readonly [K in keyof T]: "number" | "string" };

/** Those of {@linkcode EndedJob}. */
export const endedJobFields: EndedJobFields<EndedJob> = {
  ...{ jobId: "number", type: "string", level: "string", status: "string" },
  ...{ files: "number", bytes: "number", errors: "number", endTime: "number" },
};

/** What is remembered of the last jobs, oldest first. */
export class EndedJobs<T extends object> {
  readonly #fields: EndedJobFields<T>;
  #jobs: T[] = [];
  #path: string | undefined;
  #onProblem: (text: string) => void = () => {};

  /** No jobs yet; `fields` tells what of a file is believed. */
  constructor(fields: EndedJobFields<T>) {
    this.#fields = fields;
  }

  /** The jobs, oldest first. */
  get all(): readonly T[] {
    return this.#jobs;
  }

  /** Takes up what a former daemon has left in a file, and keeps it there from now on. */
  keepIn(path: string, onProblem: (text: string) => void = () => {}): void {
    this.#path = path;
    this.#onProblem = onProblem;
    if (!existsSync(path)) return;
    try {
      const isOurs = statSync(path).size <= largestFile;
      const values: unknown = isOurs ? JSON.parse(readFileSync(path, "utf8")) : undefined;
      if (!Array.isArray(values) || !values.every((value) => this.#isJob(value))) {
        throw new Error("it holds something else");
      }
      this.#jobs = values.slice(-most);
    } catch (cause) {
      onProblem(
        `Cannot read the last jobs from ${path}: ${messageOf(cause)}; it is written anew`,
      );
    }
  }

  /** Remembers a job; the oldest one is forgotten. */
  add(job: T): void {
    this.#jobs = [...this.#jobs, job].slice(-most);
    if (this.#path === undefined) return;
    try {
      writeFileSync(`${this.#path}.new`, JSON.stringify(this.#jobs), { mode: 0o640 });
      renameSync(`${this.#path}.new`, this.#path);
    } catch (cause) {
      this.#onProblem(`Cannot write the last jobs to ${this.#path}: ${messageOf(cause)}`);
    }
  }

  #isJob(value: unknown): value is T {
    if (typeof value !== "object" || value === null) return false;
    const has = new Map<string, unknown>(Object.entries(value));
    return Object.entries(this.#fields).every(([name, type]) => {
      const found: string = typeof has.get(name);
      return found === type;
    });
  }
}
