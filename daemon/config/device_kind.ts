/** Which kind of device a Device resource is (configuration.md 5.9, volume.md 16). @module */

/** The kinds of devices there are. */
export type DeviceKind = "file" | "dedupable" | "s3" | "fifo" | "null";

/** `Device Type`s by their kind; those without one are known to Bareos and not here. */
const KINDS: Readonly<Record<string, DeviceKind | undefined>> = {
  file: "file",
  dedupable: "dedupable",
  s3: "s3",
  fifo: "fifo",
  null: "null",
};

const TAPES: ReadonlySet<string> = new Set(["tape", "vtape", "vtl"]);

/**
 * The kind of a device, or why there is none. Without a type its path tells: a folder, or nothing yet,
 * is `file`, a pipe is `fifo`, `/dev/null` is `null` whatever else is said.
 */
export function deviceKindOf(
  { name, deviceType, archiveDevice }: {
    readonly name: string;
    readonly deviceType: string;
    readonly archiveDevice: string;
  },
): DeviceKind | { readonly why: string } {
  const type = deviceType.toLowerCase();
  if (archiveDevice === "/dev/null" && ["", "file", "fifo", "null"].includes(type)) return "null";
  const kind = type === "" ? guess(archiveDevice) : TAPES.has(type) ? "tape" : KINDS[type];
  if (kind === "tape") {
    return {
      why: `Device "${name}" (${archiveDevice}) is a tape, and tapes are not supported. ` +
        "Use a folder of a disk (Device Type = file), an object store (s3), a pipe (fifo) or null.",
    };
  }
  if (kind !== undefined) return kind;
  return {
    why: `Device "${name}": Device Type = ${deviceType} is not supported. ` +
      `There are ${Object.keys(KINDS).join(", ")}.`,
  };
}

function guess(path: string): DeviceKind | "tape" {
  try {
    const { isFifo, isCharDevice } = Deno.statSync(path);
    return isFifo ? "fifo" : isCharDevice ? "tape" : "file";
  } catch {
    return "file"; // it need not be there yet; opening it will tell
  }
}
