/** Types of the mounted file systems, as `/proc/self/mountinfo` tells them (proc(5)). */
export interface MountTable {
  /** By the number of the mount. */
  readonly byId: ReadonlyMap<number, string>;
  /** By device, `major:minor`. */
  readonly byDevice: ReadonlyMap<string, string>;
}

/**
 * Reads a table of mounts: `36 35 98:0 /root /point options [tags] - type source options`, a line a
 * mount. Lines that do not look like that are left out.
 */
export function parseMountTable(text: string): MountTable {
  const byId = new Map<number, string>();
  const byDevice = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [head, tail] = line.split(" - ", 2);
    const [id, , device] = (head ?? "").split(" ");
    const type = tail?.split(" ", 1)[0];
    if (id === undefined || device === undefined || type === undefined) continue;
    byId.set(Number(id), type);
    byDevice.set(device, type);
  }
  return { byId, byDevice };
}
