import { encodeText } from "../../bytes/mod.ts";
import type { CatalogQueries, SqlRow } from "./rows.ts";

/** What a plugin of a file daemon wants back before a restore (volume.md 15.2). */
export interface RestoreObject {
  readonly name: string;
  readonly plugin: string;
  /** Number of the file in its job. */
  readonly fileIndex: number;
  /** Number of the object in its job. */
  readonly index: number;
  /** 25 restore first, 27 configuration, 28 configuration filled in by the director. */
  readonly type: number;
  /** 0 none, 1 zlib. */
  readonly compression: number;
  /** Bytes after decompression. */
  readonly fullLength: number;
  /** The object as it is stored. */
  readonly data: Uint8Array;
}

/** Enters an object of a job. */
export function addRestoreObject(
  catalog: CatalogQueries,
  jobId: number,
  object: RestoreObject,
): void {
  catalog.run(
    `INSERT INTO RestoreObject (ObjectName, RestoreObject, PluginName, ObjectLength,
       ObjectFullLength, ObjectIndex, ObjectType, FileIndex, JobId, ObjectCompression)
     VALUES (CAST(? AS TEXT), ?, CAST(? AS TEXT), ?, ?, ?, ?, ?, ?, ?)`,
    encodeText(object.name),
    object.data,
    encodeText(object.plugin),
    ...[object.data.length, object.fullLength, object.index, object.type],
    ...[object.fileIndex, jobId, object.compression],
  );
}

/** The objects of a type of some jobs, in the order in which they came, one at a time. */
export function* restoreObjects(
  catalog: CatalogQueries,
  jobIds: readonly number[],
  type: number,
): Generator<RestoreObject & { readonly jobId: number }> {
  const ids = catalog.all(
    `SELECT RestoreObjectId AS id FROM RestoreObject
     WHERE JobId IN (${jobIds.join(", ") || "0"}) AND ObjectType = ? ORDER BY RestoreObjectId`,
    type,
  );
  for (const { id } of ids) {
    const row = catalog.one("SELECT * FROM RestoreObject WHERE RestoreObjectId = ?", Number(id));
    if (row !== undefined) yield objectOf(row);
  }
}

function objectOf(row: SqlRow): RestoreObject & { readonly jobId: number } {
  const data = row.RestoreObject;
  return {
    jobId: Number(row.JobId),
    name: String(row.ObjectName),
    plugin: String(row.PluginName),
    fileIndex: Number(row.FileIndex),
    index: Number(row.ObjectIndex),
    type: Number(row.ObjectType),
    compression: Number(row.ObjectCompression),
    fullLength: Number(row.ObjectFullLength),
    data: data instanceof Uint8Array ? data : encodeText(String(data ?? "")),
  };
}

/** The jobs of sessions of storage daemons, as volumes and bootstraps know them. */
export function jobsOfSessions(
  catalog: CatalogQueries,
  sessions: readonly { readonly id: number; readonly time: number }[],
): number[] {
  return sessions.flatMap(({ id, time }) =>
    catalog.all(
      "SELECT JobId FROM Job WHERE VolSessionId = ? AND VolSessionTime = ? ORDER BY JobId",
      id,
      time,
    ).map(({ JobId }) => Number(JobId))
  );
}
