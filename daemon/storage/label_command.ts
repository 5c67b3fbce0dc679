import { storageToDirector as say } from "../../protocol/mod.ts";
import { DeviceError, isVolumeName } from "../../storage/device/mod.ts";
import { busyText } from "./device_busy.ts";
import { FILE_VOLUME } from "./catalog_client.ts";
import type { DirectorPeer } from "./director_peer.ts";
import type { StorageContext } from "./storage_context.ts";
import type { StorageDevice } from "./storage_device.ts";
import { readLabel, writeLabel } from "./volume_file.ts";
import { whyProtected } from "./volume_protection.ts";

/** Who asks for a label. */
export interface LabelSession {
  /** The daemon. */
  readonly context: StorageContext;
  /** The director: its site reads the label. */
  readonly peer: Pick<DirectorPeer, "isBacula">;
}

/** What `label` asks for. */
export interface LabelWish {
  readonly volume: string;
  readonly pool: string;
  readonly mediaType: string;
  /** Seconds in which the volume is not to be overwritten. */
  readonly appendOnly?: number | undefined;
}

/** `label`: writes a label where there is none (storage-daemon.md 3.10). The answer. */
export function labelVolume(
  session: LabelSession,
  device: StorageDevice,
  wish: LabelWish,
): Promise<string> {
  const { context } = session;
  return underLabelling(device, async () => {
    await device.volumes.prepare(wish.volume);
    const found = readLabel(device.volumes, wish.volume);
    if (found.kind === "label" || found.kind === "other") {
      return say.labelExists.format({ volume: found.volumeName });
    }
    return refusal(context, device, wish.volume) ?? await write(session, device, wish);
  });
}

/** The answer if the volume may only be appended to. */
function refusal(
  context: StorageContext,
  device: StorageDevice,
  volume: string,
): string | undefined {
  const why = whyProtected(device, volume, context.now());
  return why === undefined ? undefined : say.labelFailed.format({ why });
}

/** `relabel`: replaces a label, which also truncates the volume. The answer. */
export function relabelVolume(
  session: LabelSession,
  device: StorageDevice,
  wish: LabelWish & { readonly oldVolume: string },
): Promise<string> {
  const { context } = session;
  return underLabelling(device, async () => {
    const { oldVolume, volume } = wish;
    await device.volumes.prepare(oldVolume);
    await device.volumes.prepare(volume);
    const found = readLabel(device.volumes, oldVolume);
    if (found.kind === "other") return say.labelWrongVolume.format({});
    if (isInUse(context, device, oldVolume) || isInUse(context, device, volume)) {
      return say.busyReading.format({ device: `"${device.printName}"` });
    }
    const refused = refusal(context, device, oldVolume) ?? refusal(context, device, volume);
    if (refused !== undefined) return refused;
    if (volume !== oldVolume) {
      const target = readLabel(device.volumes, volume);
      if (target.kind === "label" || target.kind === "other") {
        return say.labelExists.format({ volume: target.volumeName });
      }
    }
    if (found.kind === "label") {
      const problem = await context.erase(device, oldVolume, volume === oldVolume);
      if (problem !== undefined) return say.labelFailed.format({ why: problem });
    }
    return await write(session, device, wish);
  });
}

async function underLabelling(
  device: StorageDevice,
  work: () => string | Promise<string>,
): Promise<string> {
  const before = device.blocked;
  // a job that waits for a volume is waiting for just this
  const busy = before === "waiting for sysop" ? undefined : busyText(device);
  if (busy !== undefined) return busy;
  device.blocked = "labelling";
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    return say.labelFailed.format({ why: error.message });
  } finally {
    device.blocked = before;
    device.attention.notify();
  }
}

function isInUse(context: StorageContext, device: StorageDevice, volume: string): boolean {
  const { mediaType } = device.settings;
  const { volumes } = context.devices;
  const holder = volumes.holderOf(mediaType, volume);
  return volumes.isRead(mediaType, volume) || (holder !== undefined && holder.isBusy);
}

async function write(
  { context, peer }: LabelSession,
  device: StorageDevice,
  wish: LabelWish,
): Promise<string> {
  if (!isVolumeName(wish.volume)) {
    return say.labelFailed.format({ why: `Illegal volume name "${wish.volume}"` });
  }
  try {
    const bytes = writeLabel(device.volumes, {
      ...context.labelFor(peer),
      volumeName: wish.volume,
      previousVolume: "",
      poolName: wish.pool,
      poolType: "Backup",
      mediaType: wish.mediaType,
      isChecked: device.settings.blockChecksum,
      blockSize: device.settings.labelBlockSize,
      sessionId: 0,
      sessionTime: 0,
      appendOnlyPeriod: wish.appendOnly ?? 0,
    });
    await device.volumes.settle(wish.volume);
    context.devices.released.notify();
    return say.labelOk.format({
      ...(peer.isBacula ? { adataBytes: 0, volumeType: FILE_VOLUME } : { files: 0 }),
      bytes,
      volume: wish.volume,
      device: device.printName,
    });
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    return error.offset === undefined
      ? say.labelOpenFailed.format({ device: `"${device.printName}"`, why: error.reason })
      : say.labelFailed.format({ why: error.reason });
  }
}
