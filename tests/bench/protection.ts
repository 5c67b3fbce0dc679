/**
 * What TLS costs: the same backup with the daemons' connections under TLS by pre-shared keys, as they
 * are by default, and in the clear, in turns; ratios and processor seconds.
 *
 * @module
 */
import { join } from "../support/paths.ts";
import type { Installation } from "../support/roost.ts";
import { RoostContender, type Setting } from "./contenders.ts";

/** One kind of backup, both ways. */
export interface ProtectionFigure {
  readonly title: string;
  /** Bytes a second under TLS. */
  readonly perSecond: number;
  /** Throughput under TLS by that in the clear: the median of the rounds' ratios. */
  readonly ratio: number;
  /** Processor seconds of file and storage daemon for one backup. */
  readonly processor: { readonly tls: number; readonly clear: number };
}

/** Files of resources that say how one daemon speaks with another. */
const folders = [
  ...["bareos-dir.d/client", "bareos-dir.d/storage", "bareos-fd.d/client", "bareos-fd.d/director"],
  ...["bareos-sd.d/storage", "bareos-sd.d/director"],
];

/** Takes TLS away between the daemons of an installation. */
export async function withoutTls(installation: Installation): Promise<void> {
  for (const folder of folders) {
    for (const { name } of Deno.readDirSync(join(installation.folder, folder))) {
      const path = join(folder, name);
      const text = await Deno.readTextFile(join(installation.folder, path));
      await installation.configure(path, text.replace(/\n\}/, "\n  TLS Enable = no\n}"));
    }
  }
}

/** Measures a backup of `bytes` bytes below `source`. */
export async function measureProtection(
  setting: Setting & { readonly title: string; readonly bytes: number },
  rounds = 5,
): Promise<ProtectionFigure> {
  await using tls = await RoostContender.start(setting);
  await using clear = await RoostContender.start({ ...setting, adapt: withoutTls });
  const ratios: number[] = [];
  const times: number[] = [];
  const processor = { tls: [] as number[], clear: [] as number[] };
  const run = async (name: "tls" | "clear"): Promise<number> => {
    const contender = name === "tls" ? tls : clear;
    const spent = (): number => {
      const { fd, sd } = contender.processorTime();
      return fd + sd;
    };
    const before = spent();
    const time = await contender.backup();
    processor[name].push(spent() - before);
    return time;
  };
  for (const name of ["tls", "clear"] as const) await run(name); // warms files and code
  processor.tls.length = processor.clear.length = 0;
  for (let round = 0; round < rounds; round++) {
    const own = await run("tls");
    times.push(own);
    ratios.push(await run("clear") / own);
  }
  return {
    title: setting.title,
    perSecond: setting.bytes / median(times),
    ratio: median(ratios),
    processor: { tls: median(processor.tls), clear: median(processor.clear) },
  };
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;
}
