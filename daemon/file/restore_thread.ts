/** The thread of a restore: records in, files out. @module */
import { fastDigests } from "../../crypto/mod.ts";
import { JobMessageType } from "../../protocol/mod.ts";
import type { ThreadPort } from "../threads.ts";
import { formatListing } from "./attributes/mod.ts";
import { eraseFile } from "./erase_file.ts";
import { openPlatform, StoppedError } from "./platform/mod.ts";
import { PluginSinks } from "./plugins/mod.ts";
import {
  destinationOf,
  DigestRing,
  PlainMemory,
  replacePolicies,
  RestoreTarget,
} from "./restore/mod.ts";
import type { FromRestoreThread, ToRestoreThread } from "./restore_messages.ts";
import { recordsOf } from "./restore_pieces.ts";

/** Bytes of a file from which its digest is worth a thread of its own. */
const largeFile = 4 << 20;

/** See {@linkcode ThreadModule.serve}. */
export async function serve(port: ThreadPort): Promise<void> {
  const order = await port.receive() as ToRestoreThread;
  if (order.kind !== "start") return;
  const createDigest = fastDigests();
  const ring = order.ring && new DigestRing(order.ring);
  let messages: [JobMessageType, string][] = [];
  let path = "";
  const platform = openPlatform();
  const target = new RestoreTarget({
    platform,
    destination: destinationOf({
      where: order.where,
      ...(order.regexWhere === "" ? {} : { regexWhere: order.regexWhere }),
      prefixLinks: order.prefixLinks,
    }),
    replace: replacePolicies[order.replace] ?? "always",
    keys: order.keys,
    plainMemory: new PlainMemory(ring, order.plain),
    plugins: new PluginSinks({ ...order.plugins, platform, stop: order.stop }),
    report: ({ type, text }) => messages.push([type, text]),
    onRestored({ attributes, target, link }) {
      path = target;
      if (!order.tellsFiles) return;
      const line = formatListing(attributes.stat, target, link, platform);
      messages.push([JobMessageType.RESTORED, line]);
    },
    ...(order.secureEraseCommand === ""
      ? {}
      : { erase: (path: string) => eraseFile(order.secureEraseCommand, path) }),
    // XXH128 takes less time than handing the bytes over. The ring does one digest at a time: that of
    // the file, while that of its signature is made here.
    createDigest: (name, size) =>
      ring !== undefined && size >= largeFile && name !== "XXH128" &&
        !(name === "SHA256" && order.keys?.signers !== undefined)
        ? ring.create(name)
        : createDigest(name),
  });
  const tell = (kind: FromRestoreThread["kind"], slot = -1): void => {
    const { files, bytesRead } = target.counters;
    const counters = { files, bytes: target.bytesWritten, readBytes: bytesRead, path };
    port.post({ kind, slot, messages, counters } satisfies FromRestoreThread);
    messages = [];
  };
  /** A piece that was worked on and that the ring may still read, and how far it is then. */
  let last: { readonly slot: number; readonly mark: number } | undefined;
  const giveBack = (): void => {
    if (last === undefined) return;
    ring?.waitFor(last.mark);
    tell("progress", last.slot);
    last = undefined;
  };
  const giveUp = (): void => {
    target.abandon();
    ring?.end();
    tell("done");
  };
  for (;;) {
    const message = await port.receive() as ToRestoreThread;
    if (message.kind === "end") break;
    if (message.kind === "cancel") return giveUp();
    if (message.kind !== "records") continue;
    try {
      for (const record of recordsOf(order.pieces, message.slot, message.length)) {
        target.accept(record);
      }
    } catch (error) {
      if (error instanceof StoppedError) return giveUp();
      throw error;
    }
    giveBack();
    last = { slot: message.slot, mark: ring?.mark ?? 0 };
    if (ring?.hasPassed(last.mark) ?? true) giveBack();
  }
  giveBack();
  try {
    target.finish();
  } catch (error) {
    if (error instanceof StoppedError) return giveUp();
    throw error;
  }
  ring?.end();
  tell("done");
}
