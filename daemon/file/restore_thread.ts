/** The thread of a restore: records in, files out. @module */
import type { JobMessageType } from "../../protocol/mod.ts";
import type { ThreadPort } from "../threads.ts";
import { openPlatform } from "./platform/mod.ts";
import { destinationOf, replacePolicies, RestoreTarget } from "./restore/mod.ts";
import type { FromRestoreThread, RestoreOrder, ToRestoreThread } from "./restore_messages.ts";

/** See {@linkcode ThreadModule.serve}. */
export async function serve(port: ThreadPort): Promise<void> {
  const order = await port.receive() as RestoreOrder;
  let messages: [JobMessageType, string][] = [];
  let path = "";
  const target = new RestoreTarget({
    platform: openPlatform(),
    destination: destinationOf({
      where: order.where,
      ...(order.regexWhere === "" ? {} : { regexWhere: order.regexWhere }),
      prefixLinks: order.prefixLinks,
    }),
    replace: replacePolicies[order.replace] ?? "always",
    report: ({ type, text }) => messages.push([type, text]),
    onRestored: (file) => path = file.target,
  });
  const tell = (kind: FromRestoreThread["kind"]): void => {
    const { files, bytesRead, bytesWritten } = target.counters;
    const counters = { files, bytes: bytesWritten, readBytes: bytesRead, path };
    port.post({ kind, messages, counters } satisfies FromRestoreThread);
    messages = [];
  };
  for (;;) {
    const message = await port.receive() as ToRestoreThread;
    if (message.kind === "end") break;
    if (message.kind !== "records") continue;
    const { bytes, records } = message;
    let at = 0;
    for (let n = 0; n < records.length; n += 5) {
      const [fileIndex, stream, length] = records.slice(n + 2, n + 5) as [number, number, number];
      target.accept({ fileIndex, stream, data: bytes.subarray(at, at + length) });
      at += length;
    }
    tell("progress");
  }
  target.finish();
  tell("done");
}
