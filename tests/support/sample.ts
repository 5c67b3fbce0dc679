/** Makes the folders that scenarios back up. @module */
import { fixture, hasFixtures, join } from "./paths.ts";

/** How much {@linkcode makeSample} makes. */
export interface SampleOptions {
  /** Small files, in folders of 500; 20,000 if absent. */
  readonly smallFiles?: number;
  /** Bytes of the file with holes; 2 GiB if absent. */
  readonly sparseBytes?: number;
  /** Bytes of the large file; 300 MB if absent. */
  readonly largeBytes?: number;
}

/**
 * Fills `folder` with the recordings' sample data (every file type, attributes and lists of access
 * rights) where they are at hand, special files of our own, many small files, a file with holes and a
 * large file. The same call makes the same bytes.
 */
export async function makeSample(folder: string, options: SampleOptions = {}): Promise<void> {
  if (hasFixtures) {
    await Deno.mkdir(join(folder, "sample"), { recursive: true });
    await unpack(fixture("sample-data.tar.gz"), join(folder, "sample"));
  }
  await makeSpecialFiles(join(folder, "special"));
  await makeSmallFiles(join(folder, "small"), options.smallFiles ?? 20_000);
  await makeSparseFile(join(folder, "sparse"), options.sparseBytes ?? 2 * 2 ** 30);
  await makeLargeFile(join(folder, "large"), options.largeBytes ?? 300_000_000);
}

/**
 * Makes what is not a plain file, and files with more than content: links, a fifo, a socket, names
 * that are not UTF-8, attributes, lists of access rights; for root devices and other owners, too.
 */
export async function makeSpecialFiles(folder: string): Promise<void> {
  const forRoot = Deno.uid() === 0
    ? "mknod block b 7 0; mknod char c 1 3; chown 1234:5678 empty; chown -h 4321:8765 dangling"
    : ":";
  await shell(
    folder,
    `
    mkdir -p folder/empty many; chmod 1777 folder/empty
    printf one > file; ln file folder/second; ln -s file link; ln -s nowhere/at/all dangling
    : > empty; mkfifo fifo
    printf name > "$(printf 'latin-\\344')"; printf line > "$(printf 'new\\nline')"
    printf x > rights; setfacl -m u:1234:rwx,g:5678:r rights; setfacl -d -m u:1234:rwx folder
    setfattr -n user.text -v hello file; setfattr -n user.bytes -v 0x00ff0a file
    setfattr -n user.of.folder -v yes many; ${forRoot}; chmod 4711 empty
    touch -d @1000000000 file many; touch -h -d @1100000000 link`,
  );
  // The system keeps the name of a socket that is closed.
  Deno.listen({ transport: "unix", path: join(folder, "socket") }).close();
}

/** Runs a script in a folder, which is made. @throws Error if a command of it fails */
export async function shell(folder: string, script: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const { success, stderr } = await new Deno.Command("sh", {
    args: ["-euc", script],
    cwd: folder,
    stdout: "null",
  }).output();
  if (!success) throw new Error(`Cannot run ${script}: ${new TextDecoder().decode(stderr)}`);
}

/** Unpacks an archive with every attribute. Device nodes need root. */
export async function unpack(archive: string, folder: string): Promise<void> {
  const { success, stderr } = await new Deno.Command("tar", {
    args: [
      "-C",
      folder,
      "--xattrs",
      "--xattrs-include=*",
      "--acls",
      "--numeric-owner",
      "-xzf",
      archive,
    ],
  }).output();
  if (!success) throw new Error(`Cannot unpack ${archive}: ${new TextDecoder().decode(stderr)}`);
}

/** Makes `count` files of 0 to 4,095 bytes, half text and half noise. */
export async function makeSmallFiles(folder: string, count: number): Promise<void> {
  const noise = bytesOf(1, 8192);
  for (let number = 0; number < count; number++) {
    const into = join(folder, `d${Math.floor(number / 500)}`);
    if (number % 500 === 0) await Deno.mkdir(into, { recursive: true });
    const length = (number * 7919) % 4096;
    const start = (number * 31) % 4096;
    const content = number % 2 === 0
      ? noise.subarray(start, start + length)
      : new TextEncoder().encode(`line ${number}\n`.repeat(400)).subarray(0, length);
    Deno.writeFileSync(join(into, `f${number}`), content);
  }
}

/** Makes a file of `size` bytes that is a hole but for a mebibyte at its start, middle and end. */
async function makeSparseFile(path: string, size: number): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  const island = bytesOf(2, Math.min(1 << 20, Math.floor(size / 4)));
  for (const at of [0, Math.floor(size / 2), size - island.length]) {
    await file.seek(at, Deno.SeekMode.Start);
    for (let written = 0; written < island.length;) {
      written += await file.write(island.subarray(written));
    }
  }
}

/** Makes a file of `size` bytes, a third of which compresses. */
export async function makeLargeFile(path: string, size: number): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  const noise = bytesOf(3, 2 << 20);
  noise.fill(0x20, 1 << 20, (1 << 20) + (700 << 10));
  for (let at = 0; at < size;) {
    // Every stretch starts elsewhere in the noise, so that no two mebibytes are alike.
    const start = (at / 7) % (1 << 19) | 0;
    at += await file.write(noise.subarray(start, start + Math.min(1 << 20, size - at)));
  }
}

/** Noise that is the same at every run. */
export function bytesOf(seed: number, length: number): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = seed * 2654435761 >>> 0 || 1;
  for (let at = 0; at < words.length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[at] = state >>> 0;
  }
  return new Uint8Array(words.buffer, 0, length);
}
