import type { FoundVolumeLabel } from "../../storage/mod.ts";
import { LabelType, type SessionLabel } from "../../storage/volume/mod.ts";
import { formatLabelTime } from "./listing.ts";

/** Names of label types as records are shown. */
export const labelNames: ReadonlyMap<number, string> = new Map([
  [LabelType.preLabel, "PRE_LABEL"],
  [LabelType.volume, "VOL_LABEL"],
  [LabelType.endOfMedium, "EOM_LABEL"],
  [LabelType.startOfSession, "SOS_LABEL"],
  [LabelType.endOfSession, "EOS_LABEL"],
  [LabelType.endOfTape, "EOT_LABEL"],
  [LabelType.startOfObject, "SOB_LABEL"],
  [LabelType.endOfObject, "EOB_LABEL"],
]);

/** Names of label types in lists of jobs. */
export const jobLabelNames: ReadonlyMap<number, string> = new Map([
  [LabelType.preLabel, "Fresh Volume"],
  [LabelType.volume, "Volume"],
  [LabelType.endOfMedium, "End of Media"],
  [LabelType.startOfSession, "Begin Job Session"],
  [LabelType.endOfSession, "End Job Session"],
]);

/** The lines of `bls -L` (storage-daemon.md 12). */
export function describeVolumeLabel(
  { label, labelType, recordLength }: Omit<FoundVolumeLabel, "blockLength">,
): string[] {
  return ["", "Volume Label:"].concat(table([
    ["Id", label.id.trimEnd()],
    ["VerNo", label.version],
    ["VolName", label.volumeName],
    ["PrevVolName", label.previousVolumeName],
    ["VolFile", 0],
    ["LabelType", labelNames.get(labelType) ?? labelType],
    ["LabelSize", recordLength],
    ["PoolName", label.poolName],
    ["MediaType", label.mediaType],
    ["PoolType", label.poolType],
    ["HostName", label.hostName],
    ["Date label written", formatLabelTime(label.labelTimeMicros)],
    ...(label.appendOnlyPeriod === undefined
      ? []
      : [["AppendOnly", `${label.appendOnlyPeriod} s`] as const]),
  ]));
}

/** The lines of a session's label with `bls -jv`. */
export function describeSessionLabel(labelType: number, label: SessionLabel): string[] {
  const { end } = label;
  return ["", `${jobLabelNames.get(labelType) ?? labelType} Record:`].concat(table([
    ["JobId", label.jobId],
    ["VerNum", label.version],
    ["PoolName", label.poolName],
    ["PoolType", label.poolType],
    ["JobName", label.jobName],
    ["ClientName", label.clientName],
    ["Job (unique name)", label.job],
    ["FileSet", label.fileSetName],
    ["JobType", label.jobType],
    ["JobLevel", label.jobLevel],
    ...(end === undefined ? [] : [
      ["JobFiles", end.jobFiles],
      ["JobBytes", end.jobBytes],
      ["StartBlock", end.startBlock],
      ["EndBlock", end.endBlock],
      ["StartFile", end.startFile],
      ["EndFile", end.endFile],
      ["JobErrors", end.jobErrors],
      ["JobStatus", end.jobStatus],
    ] as const),
    ["Date written", formatLabelTime(label.writeTimeMicros)],
  ]));
}

function table(rows: readonly (readonly [string, string | number])[]): string[] {
  return rows.map(([name, value]) => `${name.padEnd(18)}: ${value}`);
}
