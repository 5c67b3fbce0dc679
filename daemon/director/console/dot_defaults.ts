/** `.defaults` (console.md 21). @module */
import { JOB_LEVELS, jobTypeText } from "../../../protocol/mod.ts";
import { CommandFailed } from "./command.ts";
import { replaceWord } from "./run_screen.ts";
import { findResource } from "./selectors.ts";
import type { CommandHandler } from "./session.ts";

type Defaults = readonly (readonly [key: string, value: string | number])[];

const none = "*None*";

/** What a resource has set, by the keyword that names it. */
export const defaults: CommandHandler = (session, args) => {
  const { configuration } = session.director;
  const catalogOf = (name: string | undefined): string =>
    name ?? configuration.first("Catalog").name;
  const kinds: Readonly<Record<string, (name: string) => Defaults | undefined>> = {
    job(name) {
      const job = findResource(session, "Job", name);
      if (job === undefined) return undefined;
      const [storage] = job.storage.length > 0 ? job.storage : job.pool.storage;
      return [
        ["job", job.name],
        ["pool", job.pool.name],
        ["messages", job.messages.name],
        ["client", job.client?.name ?? none],
        ["storage", storage?.name ?? none],
        ["where", job.where],
        ...(job.type === "R"
          ? [["replace", replaceWord(job.replace || "a").toLowerCase()] as const]
          : []),
        ["level", JOB_LEVELS[job.level]?.longText ?? ""],
        ["type", jobTypeText(job.type)],
        ["fileset", job.fileSet?.name ?? none],
        ["enabled", Number(job.enabled)],
        ["catalog", catalogOf(job.client?.catalog?.name)],
      ];
    },
    client(name) {
      const client = findResource(session, "Client", name);
      return client && [
        ["client", client.name],
        ["address", client.address],
        ["port", client.port],
        ["file_retention", String(client.fileRetention)],
        ["job_retention", String(client.jobRetention)],
        ["autoprune", Number(client.autoPrune)],
        ["enabled", Number(client.enabled)],
        ["catalog", catalogOf(client.catalog?.name)],
      ];
    },
    storage(name) {
      const storage = findResource(session, "Storage", name);
      return storage && [
        ["storage", storage.name],
        ["address", storage.address],
        ["port", storage.port],
        ["enabled", Number(storage.enabled)],
        ["media_type", storage.mediaType],
        ["device", storage.device.join(",")],
      ];
    },
    pool(name) {
      const pool = findResource(session, "Pool", name);
      return pool && [
        ["pool", pool.name],
        ["pool_type", pool.poolType],
        ["label_format", pool.labelFormat === "" ? "*" : pool.labelFormat],
        // The key ends in an equals sign.
        ["purge_oldest_volume=", Number(pool.purgeOldestVolume)],
        ["recycle_oldest_volume", Number(pool.recycleOldestVolume)],
        ["max_volumes", pool.maximumVolumes],
        ["vol_retention", String(pool.volumeRetention)],
        ["vol_use_duration", String(pool.volumeUseDuration)],
        ["max_vol_jobs", pool.maximumVolumeJobs],
        ["max_vol_files", pool.maximumVolumeFiles],
        ["max_vol_bytes", String(pool.maximumVolumeBytes)],
        ["auto_prune", Number(pool.autoPrune)],
        ["recycle", Number(pool.recycle)],
        ["file_retention", String(pool.fileRetention)],
        ["job_retention", String(pool.jobRetention)],
      ];
    },
  };
  const asked = args.all.find(({ keyword, value }) =>
    value !== undefined && keyword.toLowerCase() in kinds
  );
  if (asked === undefined) throw new CommandFailed(".defaults command requires a parameter.");
  const found = kinds[asked.keyword.toLowerCase()]?.(asked.value ?? "");
  if (found === undefined) return false;
  for (const [key, value] of found) session.print(`${key}=${value}\n`);
  session.output.put("defaults", Object.fromEntries(found));
  return true;
};
