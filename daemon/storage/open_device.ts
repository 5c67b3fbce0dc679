import { messageOf } from "../../bytes/mod.ts";
import {
  DedupableDevice,
  defaultDedupableBlockSize,
  type Device,
  FileDevice,
  MountedDevice,
  ObjectDevice,
  S3Store,
  StreamDevice,
} from "../../storage/device/mod.ts";
import { CommandMounter } from "./mount_commands.ts";
import { deviceKindOf } from "../config/mod.ts";

/** What is needed of a Device resource to open it. */
export interface DeviceWish {
  readonly name: string;
  readonly archiveDevice: string;
  readonly deviceType: string;
  readonly deviceOptions: string;
  /** Seconds to wait for the other end of a pipe, or for a command that mounts. */
  readonly maximumOpenWait: number;
  /** Whether the Archive Device is mounted on a folder by commands. */
  readonly requiresMount: boolean;
  readonly mountPoint: string;
  readonly mountCommand: string;
  readonly unmountCommand: string;
  /** Folder for what is read from a pipe. */
  readonly spoolDirectory: string;
}

/** A Device resource cannot be used as it is configured. */
export class DeviceConfigurationError extends Error {
  override readonly name = "DeviceConfigurationError";
}

/**
 * The device of a resource: a folder of files, or of folders whose data is aligned (`dedupable`), a pipe, nothing (`/dev/null`), or with `Device Type = s3` an object store, whose Archive
 * Device is the folder of its cache and whose options are `endpoint`, `bucket`, `region`, `prefix`,
 * `accesskey`, `secretkeyfile` (a file that holds the secret key), `chunksize` and `cachesize` (bytes).
 * @throws {DeviceConfigurationError} if the kind is not known or the options are not complete
 */
export function openDevice(wish: DeviceWish): Device {
  const { name, archiveDevice, deviceOptions } = wish;
  const kind = deviceKindOf(wish);
  if (typeof kind === "object") throw new DeviceConfigurationError(kind.why);
  if (kind === "file" && wish.requiresMount && wish.mountPoint !== "") {
    const { mountPoint, mountCommand, unmountCommand, maximumOpenWait } = wish;
    const mounter = new CommandMounter({
      source: archiveDevice,
      mountPoint,
      mountCommand,
      unmountCommand,
      timeoutMs: maximumOpenWait * 1000,
    });
    return new MountedDevice({ name, source: archiveDevice, mountPoint, mounter });
  }
  if (kind === "file") return new FileDevice(archiveDevice, name);
  if (kind === "dedupable") {
    return new DedupableDevice(archiveDevice, name, dedupableBlockSize(wish));
  }
  if (kind === "null" || kind === "fifo") {
    return new StreamDevice({
      name,
      folder: wish.spoolDirectory,
      openWaitMs: wish.maximumOpenWait * 1000,
      ...(kind === "fifo" ? { pipe: archiveDevice } : {}),
    });
  }
  const options = optionsOf(deviceOptions);
  const needed = (key: string): string => {
    const value = options.get(key);
    if (value !== undefined && value !== "") return value;
    throw new DeviceConfigurationError(
      `Cannot use Device "${name}": its Device Options lack ${key}=`,
    );
  };
  const chunkSize = Number(options.get("chunksize") ?? 10_000_000);
  if (!Number.isSafeInteger(chunkSize) || chunkSize < 1_000_000) {
    throw new DeviceConfigurationError(
      `Cannot use Device "${name}": chunksize is to be a number of bytes, at least 1000000`,
    );
  }
  const cacheSize = Number(options.get("cachesize") ?? 0);
  if (!Number.isSafeInteger(cacheSize) || cacheSize < 0) {
    throw new DeviceConfigurationError(
      `Cannot use Device "${name}": cachesize is to be a number of bytes`,
    );
  }
  const store = new S3Store({
    endpoint: needed("endpoint"),
    bucket: needed("bucket"),
    region: options.get("region") ?? "us-east-1",
    accessKey: needed("accesskey"),
    secretKey: readSecret(name, needed("secretkeyfile")),
  });
  const prefix = options.get("prefix") ?? "";
  return new ObjectDevice({ store, cache: archiveDevice, name, prefix, chunkSize, cacheSize });
}

/** The pairs of `Device Options`, their keys in lower case. */
function optionsOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split(",").map((pair): [string, string] => {
      const at = pair.indexOf("=");
      return [pair.slice(0, at).trim().toLowerCase(), pair.slice(at + 1).trim()];
    }),
  );
}

/** `BlockSize=4k` of the options: a power of two between 512 bytes and 1 MiB. */
function dedupableBlockSize({ name, deviceOptions }: DeviceWish): number {
  const text = optionsOf(deviceOptions).get("blocksize");
  if (text === undefined) return defaultDedupableBlockSize;
  const [, digits, unit] = /^(\d{1,7}) *([km]?)b?$/i.exec(text) ?? [];
  const size = Number(digits) * ({ k: 1024, m: 1024 ** 2 }[unit?.toLowerCase() ?? ""] ?? 1);
  if (size >= 512 && size <= 1024 ** 2 && Number.isInteger(Math.log2(size))) return size;
  throw new DeviceConfigurationError(
    `Cannot use Device "${name}": BlockSize=${text} is to be a power of two from 512 to 1m`,
  );
}

function readSecret(name: string, path: string): string {
  try {
    return Deno.readTextFileSync(path).trim();
  } catch (cause) {
    const why = messageOf(cause);
    throw new DeviceConfigurationError(
      `Cannot use Device "${name}": cannot read its secret key: ${why}`,
      { cause },
    );
  }
}
