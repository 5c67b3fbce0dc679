/**
 * Whole jobs of all contenders in turns, on the same data in the same run: A B C A B C. The figure is
 * the median of the rounds, and the ratio the median of the rounds' ratios.
 *
 * @module
 */
import {
  type Contender,
  openRestic,
  openTar,
  RoostContender,
  type Setting,
  startBacula,
} from "./contenders.ts";
import { withoutTls } from "./protection.ts";

/** What is compared. */
export interface Comparison {
  readonly title: string;
  readonly source: string;
  readonly options: string;
  /** Further directives of both file daemons. */
  readonly fileDaemon?: string;
  /** What Bacula is told where it does not know the same. */
  readonly baculaOptions?: string;
  /** How much there is to save, of which unit. */
  readonly amount: number;
  readonly unit: "MB" | "files";
  readonly hasRestore: boolean;
  /** Whether programs take part that know no options. */
  readonly hasOthers: boolean;
}

/** Figures of one contender: units a second. */
export interface PairFigure {
  readonly title: string;
  readonly name: string;
  readonly unit: string;
  readonly backup: number;
  readonly restore: number | undefined;
  /** Ours by theirs, the larger the better for us. */
  readonly backupRatio: number;
  readonly restoreRatio: number | undefined;
  /** Processor seconds of our daemons for one backup. */
  readonly processor?: string;
}

interface Times {
  readonly backup: number;
  readonly restore: number | undefined;
}

/** Runs the rounds and gives the figures, ours first. */
export async function compare(
  comparison: Comparison,
  folder: string,
  rounds = 3,
): Promise<PairFigure[]> {
  const { source, options, baculaOptions = options, fileDaemon, hasOthers } = comparison;
  const setting: Setting = { source, options, folder, fileDaemon };
  // Bacula's daemons speak in the clear here, and so do ours
  await using roost = await RoostContender.start({ ...setting, adapt: withoutTls });
  await using bacula = await startBacula({ ...setting, options: baculaOptions }) ?? nobody;
  await using restic = hasOthers ? openRestic(setting) ?? nobody : nobody;
  await using tar = hasOthers ? openTar(setting) : nobody;
  const all: readonly (readonly [string, Contender])[] = [
    ["roost", roost],
    ["bacula", bacula],
    ["restic", restic],
    ["tar | md5sum", tar],
  ];
  const taking = all.filter(([, contender]) => contender !== nobody);
  const times = new Map<string, Times[]>(taking.map(([name]) => [name, []]));
  let processor = "";
  for (let round = 0; round < rounds; round++) {
    for (const [name, contender] of taking) {
      await warm(source, folder);
      const before = roost.processorTime();
      const backup = await contender.backup();
      if (contender === roost) {
        const after = roost.processorTime();
        processor = (["fd", "sd", "dir"] as const)
          .map((daemon) => `${daemon} ${(after[daemon] - before[daemon]).toFixed(2)}`).join(", ");
      }
      if (comparison.hasRestore) await warm(source, folder);
      const restore = comparison.hasRestore ? await contender.restore() : undefined;
      times.get(name)?.push({ backup, restore });
    }
  }
  const ours = times.get("roost") ?? [];
  const { title, unit, amount } = comparison;
  return taking.map(([name, contender]) => {
    const theirs = times.get(name) ?? [];
    const restored = theirs.flatMap(({ restore }) => restore ?? []);
    const restoreRatios = theirs.flatMap(({ restore }, round) => {
      const own = ours[round]?.restore;
      return restore === undefined || own === undefined ? [] : [restore / own];
    });
    return {
      ...{ title, name, unit },
      backup: amount / median(theirs.map(({ backup }) => backup)),
      restore: restored.length === 0 ? undefined : amount / median(restored),
      backupRatio: median(
        theirs.map(({ backup }, round) => backup / (ours[round]?.backup ?? Number.NaN)),
      ),
      restoreRatio: restoreRatios.length === 0 ? undefined : median(restoreRatios),
      ...(contender === roost ? { processor } : {}),
    };
  });
}

/** Does not take part. */
const nobody: Contender = {
  backup: () => Promise.resolve(Number.NaN),
  restore: () => Promise.resolve(undefined),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

/**
 * Reads the source, and takes as much memory as the job will need and gives it back: on a virtual
 * machine the first touch of a page costs more than what is measured, and whoever comes first would
 * pay for it.
 */
async function warm(source: string, folder: string): Promise<void> {
  const script = 'tar -C "$1" -cf - . | cat >"$2/warm"; cat "$2/warm" >"$2/warm2"; ' +
    'rm "$2/warm" "$2/warm2"';
  await new Deno.Command("sh", { args: ["-c", script, "sh", source, folder] }).output();
}

/** The middle of some numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
