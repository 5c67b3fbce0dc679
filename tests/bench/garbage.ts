/**
 * What garbage does to the daemons: connections of every kind of nonsense in sequence, then ten thousand silent
 * ones at once, while real backups and consoles want to be served.
 *
 * @module
 */
import { GarbageFlood } from "../support/garbage_flood.ts";
import { join } from "../support/paths.ts";
import { type DaemonName, Installation } from "../support/roost.ts";
import { makeSample } from "../support/sample.ts";

/** How large an attack is. */
export interface Attack {
  /** Connections to each daemon. */
  readonly count: number;
  /** Connections a second to each daemon, at most. */
  readonly rate: number;
  /** Silent connections to each daemon. */
  readonly silent: number;
  /** Told what is measured, line by line. */
  readonly tell: (line: string) => void;
}

const daemons: readonly DaemonName[] = ["dir", "sd", "fd"];
/** Milliseconds between two samples, and the rest between two backups. */
const SAMPLE_MS = 5_000;
const REST_MS = 10_000;

/** Attacks the three daemons of an installation below `folder`. @throws if a backup or a console fails meanwhile */
export async function attack(folder: string, { count, rate, silent, tell }: Attack): Promise<void> {
  const source = join(folder, "source");
  await Deno.mkdir(source);
  await makeSample(source, { smallFiles: 100, sparseBytes: 2 ** 20, largeBytes: 2_000_000 });
  await using installation = await Installation.create({
    backup: source,
    parent: folder,
    env: { DENO_V8_FLAGS: "--max-semi-space-size=2" },
  });
  await installation.start();
  const ports = daemons.map((name) => installation.port(name));
  const backup = async (): Promise<number> => {
    const began = performance.now();
    const text = await installation.console(
      ...["run job=Backup level=Full yes", "wait", "messages", "status all"],
    );
    for (const wanted of [/Backup OK/, /roost-sd Version/, /roost-fd Version/]) {
      if (!wanted.test(text)) throw new Error(`Not served, no ${wanted}: ${text}`);
    }
    return (performance.now() - began) / 1000;
  };
  const alone: number[] = [];
  for (let i = 0; i < 3; i++) alone.push(await backup());
  tell(`three backups, each with a console, before: ${secondsText(alone)}`);
  tell(await sampleText(installation, "before"));

  using flood = await GarbageFlood.create();
  let isOver = false;
  const times: number[] = [];
  const failures: string[] = [];
  const began = performance.now();
  // First the worst comes from an address of its own, then from that of the real peers, who wait with it.
  flood.worst = [127, 0, 0, 9];
  const attacks = flood.run(ports, count / 2, rate).then(() => {
    tell(`until here ${times.length} backups, each with a console: ${secondsText(times)}`);
    times.splice(0);
    flood.worst = [127, 0, 0, 1];
    return flood.run(ports, count / 2, rate);
  }).finally(() => isOver = true);
  const watching = watch(installation, flood, () => isOver, count, tell);
  const serve = async (): Promise<void> => {
    do {
      try {
        times.push(await backup());
      } catch (error) {
        failures.push(error instanceof Error ? error.message : String(error));
        tell(`not served: ${failures.at(-1)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, isOver ? 0 : REST_MS));
    } while (!isOver);
  };
  await Promise.all([attacks, watching, serve()]);
  const seconds = Math.round((performance.now() - began) / 1000);
  tell(`${flood.opened} connections in ${seconds} s, ${flood.failed} did not come about`);
  tell(`${times.length} backups, each with a console, since then: ${secondsText(times)}`);
  tell(`${failures.length} times a backup or a console was not served`);
  flood.closeAll();
  tell(await sampleText(installation, "after it"));
  await backup();

  for (const [at, port] of ports.entries()) {
    await flood.stare(port, silent);
    tell(await sampleText(installation, `${silent} silent ones at ${daemons[at]}`));
    tell(`a backup and a console meanwhile: ${secondsText([await backup()])}`);
    flood.closeAll();
  }
  tell(await sampleText(installation, "in the end"));
  for (const name of daemons) {
    const { status, stderr } = await installation.end(name);
    if (status !== 0) throw new Error(`roost ${name} ended with ${status}: ${stderr}`);
    tell(`roost ${name} told ${stderr.split("\n").length} lines`);
  }
  if (failures.length > 0) throw new Error(failures.join("\n"));
}

async function watch(
  installation: Installation,
  flood: GarbageFlood,
  isOver: () => boolean,
  count: number,
  tell: (line: string) => void,
): Promise<void> {
  const most = new Map<DaemonName, Sample>();
  let share = 0;
  while (!isOver()) {
    await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
    for (const name of daemons) {
      const now = await sample(installation, name);
      const before = most.get(name) ?? now;
      most.set(name, {
        resident: Math.max(now.resident, before.resident),
        descriptors: Math.max(now.descriptors, before.descriptors),
        cpuSeconds: now.cpuSeconds,
      });
    }
    const done = flood.opened / daemons.length / count;
    if (done < share && !isOver()) continue;
    share += 0.1;
    tell(await sampleText(installation, `${Math.floor(flood.opened / daemons.length)} each`));
  }
  tell(`most at once: ${[...most].map(([name, one]) => oneText(name, one)).join("; ")}`);
}

interface Sample {
  /** MB. */
  readonly resident: number;
  readonly descriptors: number;
  readonly cpuSeconds: number;
}

async function sample(installation: Installation, name: DaemonName): Promise<Sample> {
  const place = `/proc/${installation.pid(name)}`;
  const status = await Deno.readTextFile(`${place}/status`);
  const stat = (await Deno.readTextFile(`${place}/stat`)).replace(/^.*\) /, "").split(" ");
  return {
    resident: Math.round(Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1000),
    descriptors: [...Deno.readDirSync(`${place}/fd`)].length,
    cpuSeconds: Math.round((Number(stat[11]) + Number(stat[12])) / 100),
  };
}

async function sampleText(installation: Installation, when: string): Promise<string> {
  const texts: string[] = [];
  for (const name of daemons) texts.push(oneText(name, await sample(installation, name)));
  return `${when}: ${texts.join("; ")}`;
}

function oneText(name: DaemonName, { resident, descriptors, cpuSeconds }: Sample): string {
  return `${name} ${resident} MB, ${descriptors} descriptors, ${cpuSeconds} s`;
}

function secondsText(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(1);
  return `${at(0)} to ${at(1)} s, ${at(0.5)} s in the middle`;
}
