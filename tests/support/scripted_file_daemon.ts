/**
 * Drives a live file daemon with the recorded director and storage daemon.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { lstatSync } from "node:fs";
import { decodeText } from "../../bytes/mod.ts";
import { listen, type Listener } from "../../daemon/listener.ts";
import { accurateEntry, dial, directorToFile, passwordKey } from "../../protocol/mod.ts";
import { decodeStat, encodeStat } from "../../storage/volume/mod.ts";
import { fixture, join } from "./paths.ts";
import { loadRecording, type RecordedConnection, type Recording } from "./recording.ts";
import { unpack } from "./sample.ts";
import { contentOfFile, savedFiles } from "./saved_files.ts";
import { type Played, type PlayedFrame, ScriptedPeer } from "./scripted_peer.ts";
import { Conversation } from "./conversation.ts";

/** Where the recorded files were. */
export const RECORDED_FOLDER = "/srv/sample";

/** Fields of a file daemon's answers that differ from run to run. */
export const VARYING: readonly string[] = ["information", "fdVersion", "traceFile"];

/** What a played job has said on both connections. */
export interface PlayedFileDaemon {
  readonly director: Played;
  /** Missing if the job has no storage daemon. */
  readonly storage: Played | undefined;
}

/** How to play. */
export interface PlayOptions {
  /** Recording, such as `01`. */
  readonly name: string;
  /** Which of the director's connections to the file daemon, from 0. */
  readonly index?: number;
  /** Port of the file daemon, which knows director `rec-dir` with password `fd-pw`. */
  readonly port: number;
  /** Folder in place of `/srv/sample`. */
  readonly folder: string;
}

/** Plays the director's side, and the storage daemon's if the file daemon is told to connect to it. */
export async function playFileDaemon(options: PlayOptions): Promise<PlayedFileDaemon> {
  const { name, port, folder, index = 0 } = options;
  const recording = loadRecording(name);
  const directorSide = connectionsOf(recording, "to-fd", "Hello Director")[index];
  if (directorSide === undefined) throw new Error(`Cannot play ${name}: no director connection`);
  const [storageSide] = connectionsOf(recording, "to-sd1", "Hello Start Job");
  const storagePlayed = Promise.withResolvers<Played>();
  storagePlayed.promise.catch(() => {}); // it is awaited below if it was wanted
  const key = sessionKey(directorSide);
  const listener = listen({
    addresses: [{ host: "127.0.0.1", port: 0 }],
    onConnection: async (connection) => {
      if (storageSide === undefined) throw new Error("No storage daemon in this recording");
      const peer = new ScriptedPeer(connection, {
        recorded: storageSide,
        side: "<",
        ownName: "R_STORAGE::rec-sd1",
        key,
      });
      await peer.play().then(storagePlayed.resolve, storagePlayed.reject);
    },
    onError: (error) => storagePlayed.reject(error),
  });
  try {
    const peer = new ScriptedPeer(await dial({ address: "127.0.0.1", port, who: "file daemon" }), {
      recorded: directorSide,
      side: ">",
      ownName: "R_DIRECTOR::rec-dir",
      key: passwordKey("fd-pw"),
      rewrite: (frame) => rewrite(frame, folder, listener.ports[0] ?? 0),
    });
    const director = await peer.play();
    const hasStorage = director.recordedSaid.some(({ name }) =>
      name === "fileToDirector.storageOk"
    );
    return { director, storage: hasStorage ? await storagePlayed.promise : undefined };
  } finally {
    await listener.close(0);
  }
}

/** Live values in what the recorded director says. */
function rewrite(frame: PlayedFrame, folder: string, storagePort: number): string | undefined {
  const text = decodeText(frame.payload);
  switch (frame.name) {
    case "directorToFile.storage": {
      const fields = directorToFile.storage.parse(text);
      return fields && directorToFile.storage.format({ ...fields, port: storagePort });
    }
    case "directorToFile.btime":
      return directorToFile.btime.format({ microseconds: Date.now() * 1000 });
    case "directorToFile.since": {
      const fields = directorToFile.since.parse(text);
      const since = Math.floor(Date.now() / 1000) + 1;
      return fields && directorToFile.since.format({ ...fields, since });
    }
    case "accurateEntry":
      return rewriteAccurate(text, folder);
    case "filesetLine":
    case "directorToFile.restoreWhere":
    case "directorToFile.run":
      return text.replaceAll(RECORDED_FOLDER, folder);
    default:
      return undefined;
  }
}

/**
 * An entry of the accurate list with the live file's inode, device and times, if the file is as the
 * list says apart from them; else as recorded, so that it counts as changed.
 */
function rewriteAccurate(text: string, folder: string): string | undefined {
  const entry = accurateEntry.full.parse(text);
  if (entry === undefined) return undefined;
  const path = entry.path.replaceAll(RECORDED_FOLDER, folder);
  const recorded = decodeStat(entry.stat);
  const live = lstatSync(path.replace(/\/$/, ""), { throwIfNoEntry: false });
  const isFolder = path.endsWith("/");
  const isSame = live !== undefined && live.mode === recorded.mode && live.uid === recorded.uid &&
    (isFolder || live.size === recorded.size) && isSameContent(path, entry.digest, live.isFile()) &&
    // The folder from which files were taken and to which they came before the recording.
    (!path.endsWith("/data/many/") || Math.floor(live.mtimeMs / 1000) === recorded.mtime);
  if (!isSame) return accurateEntry.full.format({ ...entry, path });
  const { dev, ino, mode, nlink, uid, gid, rdev, size, blksize, blocks } = live;
  const times = {
    atime: Math.floor(live.atimeMs / 1000),
    mtime: Math.floor(live.mtimeMs / 1000),
    ctime: Math.floor(live.ctimeMs / 1000),
  };
  const stat = encodeStat(
    { dev, ino, mode, nlink, uid, gid, rdev, size, blksize, blocks, ...times },
    { linkFileIndex: recorded.linkFileIndex, dataStream: recorded.dataStream },
  );
  return accurateEntry.full.format({ ...entry, path, stat });
}

function isSameContent(path: string, digest: string, isFile: boolean): boolean {
  if (!isFile || digest === "") return true;
  const md5 = createHash("md5").update(Deno.readFileSync(path)).digest("base64");
  return md5.replace(/=+$/, "") === digest;
}

/** Connections of `link` that begin with `hello`, in order. */
function connectionsOf(recording: Recording, link: string, hello: string): RecordedConnection[] {
  return recording.connections.filter(({ frames: [first], link: own }) =>
    own === link && first?.kind === "message" &&
    decodeText(first.payload ?? new Uint8Array()).startsWith(hello)
  );
}

/** The session key in the recorded director's `JobId=` or `storage`. */
function sessionKey(connection: RecordedConnection): string {
  for (const frame of connection.frames) {
    if (frame.kind !== "message" || frame.payload === undefined || frame.side !== ">") continue;
    const key = directorToFile.jobId.parse(frame.payload)?.authorization;
    if (key !== undefined) return key;
  }
  return "";
}

/** Frames of the recorded file daemon's data connection of `name`. */
function recordedBackup(name: string): PlayedFrame[] {
  const [connection] = connectionsOf(loadRecording(name), "to-sd1", "Hello Start Job");
  if (connection === undefined) return [];
  const conversation = new Conversation(connection);
  return connection.frames.flatMap((frame) => {
    const placement = conversation.place(frame);
    if (placement === undefined || frame.side !== ">") return [];
    const payload = frame.kind === "message" ? frame.payload : undefined;
    return [{
      name: placement.name,
      fields: placement.fields,
      payload: payload ?? new Uint8Array(0),
    }];
  });
}

/** Unpacks the recorded files below `folder`, as they were from recording 03 on. Needs root. */
export async function unpackSample(folder: string): Promise<void> {
  await unpack(fixture("sample-data.tar.gz"), folder);
}

/**
 * Makes the files below `folder` what recording `name`, an earlier full backup, saw: names and
 * contents that have changed since come from the recording itself. Returns the paths it touched.
 */
export function turnBack(folder: string, name: string): ReadonlySet<string> {
  const touched = new Set<string>();
  const saved = savedFiles(recordedBackup(name));
  const known = new Set<string>();
  for (const file of saved) {
    const { name: path, stat, type } = file.attributes;
    known.add(path);
    if (type !== 3) continue;
    const live = path.replace(RECORDED_FOLDER, folder);
    const content = contentOfFile(file);
    if (content === undefined || isContent(live, content)) continue;
    Deno.writeFileSync(live, content);
    Deno.chownSync(live, stat.uid, stat.gid);
    Deno.chmodSync(live, stat.mode & 0o7777);
    Deno.utimeSync(live, stat.atime, stat.mtime);
    touched.add(path);
  }
  const many = join(folder, "data/many");
  for (const { name: entry } of [...Deno.readDirSync(many)]) {
    if (!known.has(`${RECORDED_FOLDER}/data/many/${entry}`)) Deno.removeSync(join(many, entry));
  }
  return touched;
}

function isContent(path: string, content: Uint8Array): boolean {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return false;
  return Deno.readFileSync(path).every((byte, i) => byte === content[i]);
}

/** Plays the recorded file daemon, to try the director's and storage daemon's scripts against. */
export function startRecordedFileDaemon(name: string, index = 0): Listener {
  const recording = loadRecording(name);
  const directorSide = connectionsOf(recording, "to-fd", "Hello Director")[index];
  const [storageSide] = connectionsOf(recording, "to-sd1", "Hello Start Job");
  if (directorSide === undefined) throw new Error(`Cannot play ${name}: no director connection`);
  return listen({
    addresses: [{ host: "127.0.0.1", port: 0 }],
    onConnection: async (connection) => {
      const storagePort = Promise.withResolvers<number>();
      const director = new ScriptedPeer(connection, {
        recorded: directorSide,
        side: "<",
        ownName: "R_CLIENT::rec-fd",
        key: passwordKey("fd-pw"),
        onFrame: ({ name, fields }) => {
          if (name === "directorToFile.storage") storagePort.resolve(Number(fields?.port));
        },
      }).play();
      if (storageSide === undefined) return void await director;
      const port = await storagePort.promise;
      const file = new ScriptedPeer(await dial({ address: "127.0.0.1", port, who: "storage" }), {
        recorded: storageSide,
        side: ">",
        ownName: "R_CLIENT::rec-fd",
        key: sessionKey(directorSide),
      }).play();
      await Promise.all([director, file]);
    },
    onError: (error) => {
      throw error;
    },
  });
}
