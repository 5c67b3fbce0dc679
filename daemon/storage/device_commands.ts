/**
 * Commands about devices and the volumes in them (storage-daemon.md 3.8, 3.10 to 3.14).
 *
 * @module
 */
import { messageOf } from "../../bytes/mod.ts";
import { directorToStorage as hear, storageToDirector as say } from "../../protocol/mod.ts";
import type { DirectorCommand, DirectorSession, Verdict } from "./director_session.ts";
import { type Changer, ChangerError } from "./changer.ts";
import { busyText } from "./device_busy.ts";
import type { ChangerListener } from "./drive.ts";
import { labelVolume, relabelVolume } from "./label_command.ts";
import type { StorageDevice } from "./storage_device.ts";
import { readLabel } from "./volume_file.ts";

/** The table of this module. */
export const DEVICE_COMMANDS: readonly DirectorCommand[] = [
  { prefix: "label", run: label },
  { prefix: "relabel", run: relabel },
  { prefix: "readlabel", run: readLabelCommand },
  { prefix: "mount", run: mount },
  { prefix: "unmount", run: unmount },
  { prefix: "release", run: release },
  { prefix: "autochanger", run: autochanger },
  { prefix: "setdevice", run: setDevice },
];

async function label(session: DirectorSession, command: string): Promise<Verdict> {
  const wanted = hear.label.parse(command);
  if (wanted === undefined) {
    return await session.answer(say.scanFailed.format({ command: "label", text: command }));
  }
  const device = session.context.devices.find(wanted.device, wanted.drive);
  if (device === undefined) return await notFound(session, wanted.device);
  const problem = await loadSlot(device, wanted.slot);
  return await session.answer(problem ?? await labelVolume(session, device, wanted));
}

async function relabel(session: DirectorSession, command: string): Promise<Verdict> {
  const wanted = hear.relabel.parse(command);
  if (wanted === undefined) {
    return await session.answer(say.scanFailed.format({ command: "relabel", text: command }));
  }
  const device = session.context.devices.find(wanted.device, wanted.drive);
  if (device === undefined) return await notFound(session, wanted.device);
  const problem = await loadSlot(device, wanted.slot);
  return await session.answer(problem ?? await relabelVolume(session, device, wanted));
}

async function readLabelCommand(session: DirectorSession, command: string): Promise<Verdict> {
  const wanted = hear.readLabel.parse(command);
  if (wanted === undefined) {
    return await session.answer(say.scanFailed3909.format({ command: "readlabel", text: command }));
  }
  const device = session.context.devices.find(wanted.device, wanted.drive);
  if (device === undefined) return await notFound(session, wanted.device);
  const busy = busyText(device);
  if (busy !== undefined) return await session.answer(busy);
  const problem = await loadSlot(device, wanted.slot);
  if (problem !== undefined) return await session.answer(problem);
  const volume = volumeInDrive(device) ?? device.loaded?.name;
  const found = volume === undefined ? undefined : readLabel(device.volumes, volume);
  return await session.answer(
    volume !== undefined && found?.kind === "label"
      ? say.readLabelOk.format({ volume, slot: wanted.slot })
      : say.readLabelFailed.format({
        device: `"${device.printName}"`,
        why: `${found?.problem ?? "no volume is mounted"}\n`,
      }),
  );
}

async function mount(session: DirectorSession, command: string): Promise<Verdict> {
  const wanted = hear.mount.parse(command);
  if (wanted === undefined) {
    return await session.answer(say.scanFailed3909.format({ command: "mount", text: command }));
  }
  const { devices } = session.context;
  const found = devices.find(wanted.device, wanted.drive);
  if (found === undefined) {
    return await session.answer(say.deviceNotFoundPlain.format({ device: wanted.device }));
  }
  const slot = wanted.slot ?? 0;
  let unlabelled: string | undefined;
  if (found.drive?.changer.isReal && slot > 0 && !found.isBusy) {
    const problem = await loadSlot(found, slot, { opensUnmounted: true });
    if (problem !== undefined) return await session.answer(problem);
    const name = volumeInDrive(found);
    const label = name === undefined ? undefined : readLabel(found.volumes, name);
    found.loaded = label?.kind === "label" ? { name: label.volumeName, poolName: "" } : undefined;
    unlabelled = label?.problem;
  }
  const isOpen = ["none", "unmounted"].includes(found.blocked) && !found.isBusy;
  const problem = isOpen ? await attempt(() => found.volumes.attach?.()) : undefined;
  if (problem !== undefined) return await session.answer(say.mountError.format({ text: problem }));
  const open = (): void => {
    found.blocked = "none";
    found.attention.notify();
    devices.released.notify();
  };
  if (unlabelled === undefined || !isOpen) {
    return await session.answer(mountAnswer(found, slot, open));
  }
  const device = found.printName;
  void session.say(
    say.readLabelFailed.format({ device: `"${device}"`, why: `${unlabelled}\n` }),
  );
  if (found.isUnmounted) open();
  return await session.answer(say.mountNoVolume.format({ device }));
}

/** What `mount` says of a device without a volume. */
function emptyMounted({ printName: device, volumes }: StorageDevice): string {
  return volumes.attach === undefined
    ? say.mountFile.format({ device })
    : say.mountDone.format({ device });
}

/** Runs what may fail for a medium; why it did, as a line of an answer. */
async function attempt(action: () => Promise<void> | undefined): Promise<string | undefined> {
  try {
    await action();
    return undefined;
  } catch (error) {
    return `${messageOf(error)}\n`;
  }
}

/** What `mount` says, by the state of the device; `open` makes an unmounted device usable again. */
function mountAnswer(found: StorageDevice, slot: number, open: () => void): string {
  const device = found.printName;
  switch (found.blocked) {
    case "waiting for sysop":
      found.attention.notify();
      return slot > 0 && !found.drive?.changer.isReal
        ? say.mountRequestedNoSlot.format({ device })
        : say.mountRequested.format({ device });
    case "unmounted":
    case "unmounted while waiting for sysop": {
      open();
      const volume = found.appending?.name ?? found.loaded?.name;
      return volume === undefined ? emptyMounted(found) : say.mounted.format({ device, volume });
    }
    case "acquiring":
      return say.mountAcquiring.format({ device });
    case "labelling":
      return say.mountLabeling.format({ device });
    case "none": {
      const volume = found.appending?.name ?? found.reading?.name ?? found.loaded?.name;
      return volume === undefined ? emptyMounted(found) : say.mounted.format({ device, volume });
    }
  }
}

async function unmount(session: DirectorSession, command: string): Promise<Verdict> {
  const wanted = hear.unmount.parse(command);
  if (wanted === undefined) {
    return await session.answer(`3907 Error scanning unmount command: ${command}\n`);
  }
  const found = session.context.devices.find(wanted.device, wanted.drive);
  if (found === undefined) return await notFound(session, wanted.device);
  const isIdle = found.blocked === "none";
  if (isIdle && busyText(found) === undefined) {
    const problem = await attempt(() => found.volumes.detach?.());
    if (problem !== undefined) {
      return await session.answer(say.mountError.format({ text: problem }));
    }
  }
  const answer = unmountAnswer(found);
  if (isIdle && found.isUnmounted) await found.drive?.unload(UNHEARD);
  return await session.answer(answer);
}

function unmountAnswer(found: StorageDevice): string {
  const device = `"${found.printName}"`;
  switch (found.blocked) {
    case "waiting for sysop":
      found.blocked = "unmounted while waiting for sysop";
      return say.unmountWaiting.format({ device });
    case "unmounted":
    case "unmounted while waiting for sysop":
      return say.unmountedAlready.format({ device });
    case "acquiring":
      return say.unmountAcquiring.format({ device });
    case "labelling":
      return say.mountLabeling.format({ device });
    case "none":
  }
  const busy = busyText(found);
  if (busy !== undefined) return busy;
  found.loaded = undefined;
  found.blocked = "unmounted";
  return say.unmountDone.format({ device });
}

async function release(session: DirectorSession, command: string): Promise<Verdict> {
  const wanted = hear.release.parse(command);
  if (wanted === undefined) {
    return await session.answer(say.scanFailed3927.format({ command: "release", text: command }));
  }
  const found = session.context.devices.find(wanted.device, wanted.drive);
  if (found === undefined) return await notFound(session, wanted.device);
  const refusal = whyNotReleased(found);
  if (refusal !== undefined) return await session.answer(refusal);
  let isLoaded = found.loaded !== undefined;
  found.loaded = undefined;
  if (found.drive?.changer.isReal) {
    // A changer takes the volume back to its slot, with a label or without: it is to be moved, or another
    // one to come.
    const { heard, listener } = listening();
    const slot = await found.drive.unload(listener);
    if (slot === undefined) return await session.answer(changerFailed(heard));
    isLoaded = slot > 0;
  }
  const problem = await attempt(() => found.volumes.detach?.());
  if (problem !== undefined) return await session.answer(say.mountError.format({ text: problem }));
  const device = `"${found.printName}"`;
  return await session.answer(say[isLoaded ? "releaseDone" : "releasedAlready"].format({ device }));
}

/** Why a device cannot be released; nothing if it can. */
function whyNotReleased(found: StorageDevice): string | undefined {
  const device = `"${found.printName}"`;
  switch (found.blocked) {
    case "waiting for sysop":
      return say.releaseWaiting.format({ device, what: "sysop" });
    case "unmounted while waiting for sysop":
      return say.releaseWaiting.format({ device, what: "mount" });
    case "unmounted":
      return say.releasedAlready.format({ device });
    case "acquiring":
      return say.releaseAcquiring.format({ device });
    case "labelling":
      return say.releaseLabeling.format({ device });
    case "none":
  }
  return busyText(found);
}

const AUTOCHANGER =
  /^autochanger\s+(drives|slots|list|listall|transfer)\s+(\S+)(?:\s+(\d+)\s+(\d+))?/;

async function autochanger(session: DirectorSession, command: string): Promise<Verdict> {
  const [, what, name, source = "0", destination = "0"] = AUTOCHANGER.exec(command) ?? [];
  if (what === undefined || name === undefined) {
    return await session.answer(
      say.scanFailed3908.format({ command: "autochanger drives/list/slots", text: command }),
    );
  }
  const { devices } = session.context;
  const deviceName = name.replaceAll("\x01", " ");
  const members = devices.changer(deviceName);
  const device = members?.[0] ?? devices.device(deviceName);
  if (device === undefined) return await notFound(session, deviceName);
  if (what === "drives") {
    void session.say(say.autochangerDrives.format({ drives: members?.length ?? 1 }));
    if (members !== undefined) {
      await session.link.endOfData();
      return "go on";
    }
  }
  const changer = device.drive?.changer;
  if (changer === undefined || members === undefined) {
    return await session.answer(
      members === undefined
        ? say.autochangerNone.format({ device: device.printName })
        : say.autochangerNotPart.format({ device: `"${device.printName}"` }),
    );
  }
  try {
    return await serveChanger(session, changer, what, Number(source), Number(destination));
  } catch (error) {
    if (!(error instanceof ChangerError)) throw error;
    return await session.answer(say.autochangerError.format({ why: error.message }));
  }
}

/** @throws {ChangerError} */
async function serveChanger(
  session: DirectorSession,
  changer: Changer,
  what: string,
  source: number,
  destination: number,
): Promise<Verdict> {
  if (what === "slots") {
    return await session.answer(say.autochangerSlots.format({ slots: await changer.slots() }));
  }
  if (what === "transfer") {
    void session.say(say.autochangerTransferring.format({}));
    for (const line of await changer.transfer(source, destination)) void session.say(`${line}\n`);
    return await session.answer(say.autochangerTransferred.format({ source, destination }));
  }
  void session.say(say.autochangerListing.format({ what }));
  for (const line of await changer.listing(what === "list" ? "list" : "listall")) {
    void session.say(`${line}\n`);
  }
  await session.link.endOfData();
  return "go on";
}

/** Nobody waits for what a changer says while a command of the console moves it. */
const UNHEARD: ChangerListener = { info: () => {}, warning: () => {}, fatal: () => {} };

/** Keeps what a changer says, for the answer if it fails. */
function listening(): { readonly heard: readonly string[]; readonly listener: ChangerListener } {
  const heard: string[] = [];
  const hear = (text: string): void => void heard.push(text);
  return { heard, listener: { info: hear, warning: hear, fatal: hear } };
}

/** The answer if a changer has failed, by what it said last. */
function changerFailed(heard: readonly string[]): string {
  return say.autochangerError.format({ why: (heard.at(-1) ?? "").trimEnd() });
}

/**
 * Loads a slot for a command; the answer if that fails. An unmounted device is left alone, except by
 * the command that ends this (`opensUnmounted`).
 */
async function loadSlot(
  device: StorageDevice,
  slot: number,
  { opensUnmounted = false }: { readonly opensUnmounted?: boolean } = {},
): Promise<string | undefined> {
  const { drive } = device;
  if (drive === undefined || slot <= 0) return undefined;
  const busy = busyText(device);
  const isFree = device.blocked === "waiting for sysop" ||
    (opensUnmounted && device.blocked.startsWith("unmounted"));
  if (busy !== undefined && !isFree) return busy;
  const { heard, listener } = listening();
  return await drive.load(slot, listener) ? undefined : changerFailed(heard);
}

/** The volume in a drive of a changer that moves volumes. */
function volumeInDrive({ drive, volumes }: StorageDevice): string | undefined {
  if (!drive?.changer.isReal) return undefined;
  try {
    return volumes.list()[0];
  } catch {
    return undefined; // nothing is loaded: the folder is not there
  }
}

async function setDevice(session: DirectorSession, command: string): Promise<Verdict> {
  const wanted = hear.setDevice.parse(command);
  const device = wanted && session.context.devices.device(wanted.device);
  if (wanted === undefined || device === undefined) {
    await session.say(say.setDeviceBad.format({ device: wanted?.device ?? command }));
    return "go on";
  }
  device.autoSelect = wanted.autoSelect !== 0;
  await session.say(
    say.setDeviceOk.format({ device: wanted.device, autoSelect: wanted.autoSelect }),
  );
  return "go on";
}

function notFound(session: DirectorSession, device: string): Promise<Verdict> {
  return session.answer(say.deviceNotFound.format({ device }));
}
