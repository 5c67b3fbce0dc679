/** `status storage=X slots` (console.md 14.6). @module */
import type { JsonValue } from "../../config/mod.ts";
import type { StorageResource } from "../resources.ts";
import type { Arguments } from "./arguments.ts";
import { readSlots } from "./changer.ts";
import { CommandFailed } from "./command.ts";
import type { ConsoleSession } from "./session.ts";

const head =
  " Slot |   Volume Name    |   Status  |  Media Type    |         Pool             |\n" +
  "------+------------------+-----------+----------------+--------------------------|\n";

/** Shows every slot beside what the catalog knows of its volume. */
export async function statusSlots(
  session: ConsoleSession,
  args: Arguments,
  storage: StorageResource,
): Promise<boolean> {
  const catalog = await session.catalog(args, "list");
  const slots = await readSlots(session, storage);
  if (slots === undefined) return false;
  if (slots.length === 0) throw new CommandFailed("No Volumes found, or no barcodes.", "warning");
  const { output } = session;
  const storageId = catalog.storage(storage);
  const contents: JsonValue[] = [];
  output.decorate(head);
  const loaded = new Map(
    slots.filter(({ kind }) => kind === "drive").map((drive) => [drive.loadedFrom, drive.volume]),
  );
  for (const { kind, slot, volume: own, loadedFrom } of slots) {
    if (kind === "drive") {
      if (output.api === 1) {
        output.print(own === "" ? `D|${slot}||\n` : `D|${slot}|${loadedFrom}|${own}\n`);
      }
      contents.push({
        type: "drive",
        slotnr: slot,
        content: own === "" ? "empty" : "full",
        ...(own !== "" && { loaded: loadedFrom, volname: own }),
      });
      continue;
    }
    const volume = own || loaded.get(slot) || "";
    const row = volume === "" ? undefined : catalog.one(
      `SELECT Slot AS slot, InChanger AS inChanger, VolBytes AS bytes, VolStatus AS status, MediaType AS mediatype,
         Pool.Name AS pool, LastWritten AS lastwritten,
         coalesce(strftime('%s', LastWritten), 0) + Media.VolRetention AS expire
       FROM Media LEFT JOIN Pool ON Pool.PoolId = Media.PoolId WHERE VolumeName = ?`,
      volume,
    );
    const agrees = volume === ""
      ? catalog.one(
        "SELECT 1 AS n FROM Media WHERE Slot = ? AND InChanger = 1 AND StorageId = ?",
        slot,
        storageId,
      ) === undefined
      : row !== undefined && Number(row.slot) === slot && Number(row.inChanger) === 1;
    const flag = kind === "import" ? "@" : loaded.has(slot) ? "%" : agrees ? " " : "*";
    const text = (value: unknown): string =>
      value === undefined || value === null ? "?" : String(value);
    if (output.api === 1) {
      const letter = kind === "import" ? "I" : "S";
      output.print(
        volume === ""
          ? `${letter}|${slot}||||||||\n`
          : row === undefined
          ? `${letter}|${slot}|0|${volume}|?|?|?|?|0|0\n`
          : `${letter}|${slot}|${row.slot}|${volume}|${row.bytes}|${row.status}|${row.mediatype}|${row.pool}|${
            row.lastwritten ?? ""
          }|${row.expire}\n`,
      );
    } else if (volume !== "") {
      output.print(
        ` ${String(slot).padStart(4)}${flag}| ${volume.padStart(16)} | ${
          text(row?.status).padStart(9)
        } | ${text(row?.mediatype).padStart(14)} | ${text(row?.pool).padStart(24)} |\n`,
      );
    } else {
      output.print(
        ` ${String(slot).padStart(4)}${flag}| ${"?".padStart(16)} | ${"?".padStart(9)} | ${
          "?".padStart(14)
        } | ${"?".padStart(24)} |\n`,
      );
    }
    contents.push({
      type: kind === "import" ? "import_slot" : "slot",
      slotnr: slot,
      content: volume === "" ? "empty" : "full",
      ...(volume !== "" && {
        mr_slotnr: Number(row?.slot ?? 0),
        mr_volname: volume,
        mr_volbytes: Number(row?.bytes ?? 0),
        mr_volstatus: text(row?.status),
        mr_mediatype: text(row?.mediatype),
        pr_name: text(row?.pool),
        mr_lastwritten: row === undefined ? "?" : String(row.lastwritten ?? ""),
        mr_expire: Number(row?.expire ?? 0),
      }),
    });
  }
  output.put("contents", contents);
  return true;
}
