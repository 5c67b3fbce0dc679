/**
 * The live line that a terminal shows while `wait` waits: files, bytes, rate, current file and
 * estimated end of a running job, asked for on a connection of its own.
 *
 * @module
 */
import type { ConsoleSession } from "../../protocol/mod.ts";

/** What is known of a running job. */
export interface JobProgress {
  /** Number in the catalog. */
  readonly jobId: number;
  /** Unique name. */
  readonly job: string;
  /** Files saved so far. */
  readonly files: number;
  /** Bytes saved so far. */
  readonly bytes: number;
  /** Average since the job began. */
  readonly bytesPerSecond: number;
  /** The file at work; empty if none. */
  readonly currentFile: string;
}

/** Finds the running jobs in a file daemon's status. */
export function parseProgress(status: string): JobProgress[] {
  const jobs: JobProgress[] = [];
  for (const block of status.split(/^(?=JobId \d+ Job )/m)) {
    const head = /^JobId (\d+) Job (\S+) is running\./.exec(block);
    if (head === null) continue;
    jobs.push({
      jobId: Number(head[1]),
      job: head[2] ?? "",
      files: numberAfter("Files=", block),
      bytes: numberAfter("Bytes=", block),
      bytesPerSecond: numberAfter("Bytes/sec=", block),
      currentFile: /^ *Processing file: (.*)$/m.exec(block)?.[1] ?? "",
    });
  }
  return jobs;
}

/** The client that a job of a job list ran on, and the bytes it is expected to save. */
function parseJobRow(list: string): { client: string; name: string } | undefined {
  const rows = list.split("\n").filter((line) => line.startsWith("|"))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
  const [head, row] = rows;
  const cell = (name: string) => row?.[head?.indexOf(name) ?? -1];
  const client = cell("client");
  return client === undefined ? undefined : { client, name: cell("name") ?? "" };
}

/** Bytes of the last finished job of a job list, for the estimated end. */
function parseLastBytes(list: string): number | undefined {
  const rows = list.split("\n").filter((line) => line.startsWith("|"))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
  const column = rows[0]?.indexOf("jobbytes") ?? -1;
  const last = rows.at(-1)?.[column];
  const bytes = Number(last?.replaceAll(",", ""));
  return rows.length > 1 && Number.isFinite(bytes) && bytes > 0 ? bytes : undefined;
}

/** One line for a terminal `width` characters wide. */
export function formatProgress(
  progress: JobProgress,
  expectedBytes: number | undefined,
  width: number,
): string {
  const { jobId, files, bytes, bytesPerSecond, currentFile } = progress;
  let line = `JobId ${jobId}: ${files.toLocaleString("en")} files, ${formatBytes(bytes)}, ` +
    `${formatBytes(bytesPerSecond)}/s`;
  if (expectedBytes !== undefined && expectedBytes > bytes && bytesPerSecond > 0) {
    line += `, about ${formatSeconds((expectedBytes - bytes) / bytesPerSecond)} left`;
  }
  if (currentFile !== "") line += `  ${currentFile}`;
  const characters = [...line];
  return characters.length < width ? line : characters.slice(0, width - 2).join("") + "…";
}

/** Bytes with a unit, such as `1.23 GB`. */
function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let value = bytes;
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return `${unit === 0 ? value : value.toFixed(2)} ${units[unit]}`;
}

function formatSeconds(seconds: number): string {
  const whole = Math.ceil(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number) => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

function numberAfter(word: string, text: string): number {
  const digits = new RegExp(`(?:^|\\s)${word}([\\d,]+)`).exec(text)?.[1] ?? "0";
  return Number(digits.replaceAll(",", ""));
}

/** What a {@linkcode ProgressLine} works with. */
export interface ProgressOptions {
  /** Opens a connection of its own to the director. */
  readonly connect: () => Promise<ConsoleSession>;
  /** Writes to the terminal. */
  readonly write: (text: string) => void;
  /** Width of the terminal in characters. */
  readonly width: () => number;
  /** Milliseconds between two looks; 1 s if not given. */
  readonly intervalMs?: number;
}

/** Shows the progress of the running job until it is stopped. */
export class ProgressLine {
  readonly #options: ProgressOptions;
  readonly #wanted: number | undefined;
  readonly #stop = Promise.withResolvers<void>();
  readonly #done: Promise<void>;
  #isStopped = false;
  #known: { jobId: number; client: string; expected: number | undefined } | undefined;

  /** Shows job `jobId`, or the first running one. */
  constructor(options: ProgressOptions, jobId?: number) {
    this.#options = options;
    this.#wanted = jobId;
    this.#done = this.#run();
  }

  /** Clears the line and closes the connection. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#stop.resolve();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { intervalMs = 1000, connect, write, width } = this.#options;
    await this.#pause(intervalMs); // what is over at once needs no second connection
    if (this.#isStopped) return;
    let session: ConsoleSession | undefined;
    let isShown = false;
    try {
      session = await connect();
      while (!this.#isStopped) {
        const line = await this.#look(session, width());
        if (this.#isStopped) break;
        if (line !== undefined) {
          write(`\r\x1b[K${line}`);
          isShown = true;
        }
        await this.#pause(intervalMs);
      }
    } catch {
      // A progress line that cannot be had is no reason to disturb the wait for the job.
    } finally {
      if (isShown) write("\r\x1b[K");
      await session?.close();
    }
  }

  async #look(session: ConsoleSession, width: number): Promise<string | undefined> {
    const jobId = this.#wanted ?? await firstRunning(session);
    if (jobId === undefined) return undefined;
    if (this.#known?.jobId !== jobId) {
      const row = parseJobRow(await session.call(`list jobid=${jobId}`));
      if (row === undefined) return undefined;
      const before = await session.call(`list jobs job="${row.name}" jobstatus=T last`);
      this.#known = { jobId, client: row.client, expected: parseLastBytes(before) };
    }
    const { client, expected } = this.#known;
    const status = await session.call(`status client="${client}"`);
    const progress = parseProgress(status).find((job) => job.jobId === jobId);
    return progress && formatProgress(progress, expected, width);
  }

  async #pause(milliseconds: number): Promise<void> {
    const timer = Promise.withResolvers<void>();
    const id = setTimeout(timer.resolve, milliseconds);
    await Promise.race([timer.promise, this.#stop.promise]);
    clearTimeout(id);
  }
}

async function firstRunning(session: ConsoleSession): Promise<number | undefined> {
  const answer = await session.call(".status dir current");
  const [, jobId] = /^JobId=(\d+) JobStatus=R/m.exec(answer) ?? [];
  return jobId === undefined ? undefined : Number(jobId);
}
