/** `list pools` and what could be pruned of them (console.md 9; recording 32). @module */
import type { JsonValue } from "../../config/mod.ts";
import type { DirectorCatalog } from "../director_catalog.ts";
import { catalogTime } from "../report/formats.ts";
import { CommandFailed } from "./command.ts";
import { filtersOf, jsonRow, type Listing, ListQuery } from "./list_query.ts";
import { poolsTable } from "./list_tables.ts";
import { type PrunableVolume, prunableVolumes } from "./prunable_volumes.ts";
import { cellText, type Row, shownColumns } from "./table.ts";

const now = (): number => Math.floor(Date.now() / 1000);

/** Sums over volumes that could be pruned. */
function totals(volumes: readonly PrunableVolume[]) {
  return {
    prunablevolumes: volumes.length,
    prunablejobs: new Set(volumes.flatMap(({ jobs }) => jobs.map(({ jobId }) => jobId))).size,
    prunablebytes: volumes.reduce((sum, { media }) => sum + media.volBytes, 0),
  };
}

/** `list pools`, `list pool=X`, and the same with `llist`. */
export function listPools(listing: Listing & { readonly catalog: DirectorCatalog }): void {
  const { args, session, isLong, catalog } = listing;
  const [first] = args.all;
  const name = first?.keyword.toLowerCase() === "pool" ? first.value : undefined;
  if (name !== undefined && !session.allows("Pool", name)) {
    throw new CommandFailed(`Pool ${name} doesn't exist.`);
  }
  const query = new ListQuery(listing, poolsTable, filtersOf(args, poolsTable));
  if (isLong) {
    const rows = query.rows().map((row): Row => ({
      ...row,
      ...totals(prunableVolumes(catalog, Number(row.poolid), now())),
    }));
    // Unlike other long lists: neither aligned nor apart.
    for (const row of rows) {
      for (const column of shownColumns([row])) {
        session.print(`${column}: ${cellText(row[column])}\n`);
      }
    }
    session.output.put("pools", rows.map((row) => jsonRow(row)));
    return;
  }
  query.show();
  const poolId = name === undefined ? undefined : catalog.poolIdByName(name);
  if (poolId === undefined) return;
  const row = query.rows()[0];
  const details = prunableVolumes(catalog, poolId, now());
  printDetails(listing, details);
  session.output.put("pools", row === undefined ? [] : [{ ...jsonRow(row), ...jsonOf(details) }]);
}

const reasonOf = (volumes: readonly PrunableVolume[]): string =>
  volumes.length === 0 ? "no volume has passed its retention" : "volume retention expired";

/** How many volumes there are of each status. */
function statusesOf(volumes: readonly PrunableVolume[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { media } of volumes) {
    counts.set(media.volStatus, (counts.get(media.volStatus) ?? 0) + 1);
  }
  return counts;
}

const written = (seconds: number): string => seconds === 0 ? "" : catalogTime(seconds);

function printDetails({ session }: Listing, volumes: readonly PrunableVolume[]): void {
  const { prunablevolumes, prunablejobs, prunablebytes } = totals(volumes);
  const listed = (title: string, lines: readonly string[]): string =>
    `  ${title}:\n${
      lines.length === 0 ? "    none\n" : lines.map((line) => `    - ${line}\n`).join("")
    }`;
  session.output.decorate(
    `\nPrune details:\n  Reason: ${reasonOf(volumes)}\n` +
      `  Prunable volumes: ${prunablevolumes}\n  Prunable jobs: ${prunablejobs}\n` +
      `  Prunable bytes: ${prunablebytes}\n` +
      listed(
        "Affected statuses",
        [...statusesOf(volumes)].map(([status, count]) => `${status} (${count})`),
      ) +
      listed(
        "Prunable volumes",
        volumes.map(({ media, jobs }) =>
          `${media.volumeName} | status=${media.volStatus} | lastwritten=${
            written(media.lastWritten)
          } | jobs=${jobs.length} | bytes=${media.volBytes}`
        ),
      ) +
      listed(
        "Prunable jobs",
        volumes.flatMap(({ jobs }) =>
          jobs.map(({ jobId, name, startTime, bytes }) =>
            `${jobId} | ${name} | ${startTime} | ${bytes}`
          )
        ),
      ),
  );
}

function jsonOf(volumes: readonly PrunableVolume[]): { [key: string]: JsonValue } {
  return {
    ...totals(volumes),
    reason: reasonOf(volumes),
    status_breakdown: [...statusesOf(volumes)].map(([status, count]) => ({
      status,
      volumes: count,
    })),
    volumes: volumes.map(({ media, jobs }) => ({
      name: media.volumeName,
      status: media.volStatus,
      lastwritten: written(media.lastWritten),
      reason: reasonOf(volumes),
      prunablejobs: jobs.length,
      prunablebytes: media.volBytes,
      jobids: jobs.map(({ jobId }) => jobId),
    })),
    jobs: volumes.flatMap(({ jobs }) =>
      jobs.map(({ jobId, name, startTime, bytes }) => ({
        jobid: jobId,
        name,
        bytes,
        starttime: startTime,
      }))
    ),
  };
}
