/**
 * `roost btape`: tries a device out, as `btape` of Bareos does, as far as a device of files goes. Commands
 * are read from standard input. What it writes goes onto volumes of its own, which it removes.
 *
 * @module
 */
import { createInterface } from "node:readline";
import { hostname } from "node:os";
import { Buffer } from "node:buffer";
import process from "node:process";
import { VERSION, VERSION_DATE } from "../daemon/version.ts";
import {
  type Device,
  DeviceError,
  isVolumeName,
  type MountedVolume,
} from "../storage/device/mod.ts";
import { BlockReader, readVolumeLabel, VolumeReader } from "../storage/mod.ts";
import {
  BlockBuilder,
  encodeVolumeLabel,
  formatAddress,
  LabelFormat,
  LabelType,
  VolumeError,
} from "../storage/volume/mod.ts";
import { describeStatuses, toolStatuses } from "./exit_statuses.ts";
import type { Manual } from "./manual.ts";
import {
  configuredDevices,
  describeVolumeLabel,
  openDeviceWord,
  runTool,
  toolOptionsOf,
} from "./volume_tools/mod.ts";

/** What there is to say of it. */
export const manual: Manual = {
  synopsis: ["[options] [DEVICE]"],
  about: "Tries a device of a storage daemon out, by commands that it reads from standard input; " +
    "help tells them. What it writes goes onto volumes of its own, which it removes.",
  options: toolOptionsOf("btape"),
  statuses: describeStatuses(toolStatuses),
};

/** Runs `btape` with the words of its command line; the result is the exit status. */
export function main(args: readonly string[]): Promise<number> {
  return runTool("btape", args, async (options, output) => {
    const [word] = options.words;
    const device = openDeviceWord(word, configuredDevices(options));
    output.line(`Using device: "${word}" for writing.`);
    const bench = new Bench(device, (text) => output.line(text));
    return await bench.serve(lines(), () => output.flush());
  });
}

type Lines = AsyncIterator<string, undefined>;

function lines(): Lines {
  return createInterface({ input: process.stdin })[Symbol.asyncIterator]() as Lines;
}

interface Command {
  readonly summary: string;
  run(bench: Bench, words: readonly string[], input: Lines): Promise<void> | void;
}

/** Commands that move or write a tape, and mean nothing for files. */
const TAPE_ONLY: ReadonlySet<string> = new Set(
  ("autochanger bsf bsr clear eod eom fill unfill fsf fsr load rawfill rewind weof wfill rb wb")
    .split(" "),
);

const COMMANDS: Readonly<Record<string, Command>> = {
  cap: { summary: "list device capabilities", run: (bench) => bench.capabilities() },
  help: { summary: "print this command", run: (bench) => bench.help() },
  label: {
    summary: "write a label to a new volume",
    run: (bench, w, input) => bench.label(w, input),
  },
  quit: { summary: "quit btape", run: () => {} },
  readlabel: {
    summary: "read and print the volume's label",
    run: (bench, w) => bench.readLabel(w),
  },
  rectest: { summary: "test record handling", run: (bench) => bench.recordTest() },
  scan: { summary: "read the volume block by block and report", run: (bench, w) => bench.scan(w) },
  scanblocks: {
    summary: "the same with every record",
    run: (bench, w) => bench.scanRecords(w),
  },
  speed: { summary: "report the device's speed", run: (bench, w) => bench.speed(w) },
  status: { summary: "print the device's volumes", run: (bench) => bench.status() },
  test: { summary: "general test: write, append, read again", run: (bench) => bench.test() },
};

/** A device on the bench. */
class Bench {
  readonly #device: Device;
  readonly #say: (text: string) => void;
  #failures = 0;

  constructor(device: Device, say: (text: string) => void) {
    this.#device = device;
    this.#say = say;
  }

  /** Serves commands to `quit` or the end of the input. The exit status. */
  async serve(input: Lines, flush: () => void): Promise<number> {
    for (let next = await input.next(); !next.done; next = await input.next()) {
      const [word = "", ...words] = next.value.trim().split(/\s+/);
      if (word === "") continue;
      if (word === "quit") break;
      const command = COMMANDS[word];
      if (command === undefined) this.#fail(unknown(word));
      else {
        try {
          await command.run(this, words, input);
        } catch (error) {
          if (!(error instanceof DeviceError || error instanceof VolumeError)) throw error;
          this.#fail(error.message.trimEnd());
        }
      }
      flush();
    }
    return this.#failures === 0 ? 0 : 1;
  }

  capabilities(): void {
    this.#say(`Device ${this.#device.printName}: RANDOM ACCESS, volumes are files.`);
  }

  help(): void {
    this.#say("Commands:\n  Command    Description\n  =======    ===========");
    for (const [name, { summary }] of Object.entries(COMMANDS)) {
      this.#say(`  ${name.padEnd(10)} ${summary}`);
    }
  }

  async label(words: readonly string[], input: Lines): Promise<void> {
    let [name] = words;
    if (name === undefined) {
      this.#say("Enter Volume Name: ");
      name = ((await input.next()).value ?? "").trim();
    }
    if (!isVolumeName(name)) return this.#fail(`Illegal Volume name "${name}"`);
    if (this.#device.list().includes(name)) {
      return this.#fail(`Cannot label Volume because it is already there: "${name}"`);
    }
    this.#write(name, (volume) => volume.writeAt(labelBlock(name), 0));
    this.#say(`Wrote Volume label for volume "${name}".`);
  }

  readLabel([name]: readonly string[]): void {
    this.#read(name, (volume) => {
      describeVolumeLabel(readVolumeLabel(volume)).forEach((line) => this.#say(line));
    });
  }

  status(): void {
    for (const name of this.#device.list()) {
      this.#read(name, (volume) => this.#say(`${name}: ${volume.size()} bytes`));
    }
  }

  scan([name]: readonly string[]): void {
    this.#read(name, (volume) => {
      const reader = new BlockReader(volume, {
        onDamage: ({ message }) => this.#fail(message.trimEnd()),
      });
      let blocks = 0;
      let bytes = 0;
      for (let block = reader.next(); block !== undefined; block = reader.next()) {
        blocks++;
        bytes += block.header.length;
      }
      this.#say(`End of volume at ${formatAddress(volume.size())}.`);
      this.#say(`Total blocks=${blocks}, bytes=${bytes}`);
    });
  }

  scanRecords([name]: readonly string[]): void {
    this.#read(name, (volume) => {
      let blocks = 0;
      let records = 0;
      const reader = new VolumeReader({
        withLabels: true,
        onProblem: ({ message }) => this.#fail(message.trimEnd()),
        onBlock: ({ header, offset }) => {
          blocks++;
          this.#say(
            `Block: ${blocks} blen=${header.length} at ${formatAddress(offset)} ` +
              `SessId=${header.sessionId} SessTime=${header.sessionTime}`,
          );
        },
      });
      for (const _ of reader.read(volume)) records++;
      reader.finish();
      this.#say(`Total blocks=${blocks}, records=${records}`);
    });
  }

  /** Records of many lengths come back as they were, whatever the size of blocks. */
  async recordTest(): Promise<void> {
    await this.#onScratch("rectest", (name) => {
      for (const size of [1024, 64_512, 1_048_576]) {
        const lengths = [0, 1, 100, size - 37, size - 36, size - 35, 3 * size, 17];
        this.#write(name, (volume) => {
          volume.truncate(0);
          const builder = new BlockBuilder({ sessionId: 1, sessionTime: 1 }, size);
          let at = 0;
          const flush = (): void => {
            const block = builder.seal();
            volume.writeAt(block, at);
            at += block.length;
            builder.reset();
          };
          lengths.forEach((length, index) => {
            builder.begin(index + 1, 2, pattern(length, index));
            while (!builder.fill()) flush();
          });
          flush();
        });
        this.#read(name, (volume) => {
          const found = [...new VolumeReader().read(volume)].length;
          let index = 0;
          for (const { data } of new VolumeReader().read(volume)) {
            if (Buffer.compare(data, pattern(lengths[index] ?? 0, index)) !== 0) {
              this.#fail(`Record ${index + 1} of ${lengths[index]} bytes has changed.`);
            }
            index++;
          }
          if (found !== lengths.length) this.#fail(`${found} records of ${lengths.length}.`);
        });
        this.#say(`Blocks of ${size} bytes: ${lengths.length} records written and read again.`);
      }
    });
  }

  /** Writes blocks, closes, appends, cuts a broken end off, reads all of it again. */
  async test(): Promise<void> {
    this.#say("=== Write, append, and read again test ===");
    await this.#onScratch("test", (name) => {
      const block = pattern(64_512, 7);
      const sizes = (): number => {
        let size = 0;
        this.#read(name, (volume) => size = volume.size());
        return size;
      };
      const expect = (what: string, isTrue: boolean): void =>
        isTrue ? this.#say(`${what}: OK`) : this.#fail(`${what}: FAILED`);
      this.#write(name, (volume) => {
        for (let at = 0; at < 100; at++) volume.writeAt(block, at * block.length);
      });
      expect("100 blocks written", sizes() === 100 * block.length);
      this.#write(name, (volume) => volume.writeAt(block.subarray(0, 1000), volume.size()));
      expect("appended after opening again", sizes() === 100 * block.length + 1000);
      this.#write(name, (volume) => volume.truncate(100 * block.length));
      expect("cut back to the end of a block", sizes() === 100 * block.length);
      this.#read(name, (volume) => {
        const into = new Uint8Array(block.length);
        let good = 0;
        for (let at = 99; at >= 0; at--) {
          volume.readAt(into, at * block.length);
          if (Buffer.compare(into, block) === 0) good++;
        }
        expect("100 blocks read again, from the last to the first", good === 100);
      });
    });
  }

  /** How fast blocks are written and synchronised, and read. */
  async speed([mebibytes = "256"]: readonly string[]): Promise<void> {
    const count = Math.min(65_536, Math.max(1, Number(mebibytes) || 256));
    const block = pattern(1 << 20, 3);
    await this.#onScratch("speed", (name) => {
      let began = performance.now();
      const rate = (): string =>
        `${(count / ((performance.now() - began) / 1000)).toFixed(1)} MiB/s`;
      this.#write(name, (volume) => {
        for (let at = 0; at < count; at++) volume.writeAt(block, at * block.length);
      });
      this.#say(`Wrote ${count} MiB, synchronised: ${rate()}`);
      began = performance.now();
      this.#read(name, (volume) => {
        for (let at = 0; at < count; at++) volume.readAt(block, at * block.length);
      });
      this.#say(`Read ${count} MiB: ${rate()}`);
    });
  }

  #fail(text: string): void {
    this.#failures++;
    this.#say(text);
  }

  #write(name: string, action: (volume: MountedVolume) => void): void {
    const volume = this.#device.open(name, "create");
    try {
      action(volume);
      volume.sync();
    } finally {
      volume.close();
    }
  }

  #read(name: string | undefined, action: (volume: MountedVolume) => void): void {
    const [only, ...more] = this.#device.list();
    const meant = name ?? (more.length === 0 ? only : undefined);
    if (meant === undefined) return this.#fail("Which volume? Put its name behind the command.");
    const volume = this.#device.open(meant, "read");
    try {
      action(volume);
    } finally {
      volume.close();
    }
  }

  /** Lends a volume that nobody has, and removes it. */
  async #onScratch(what: string, action: (name: string) => void): Promise<void> {
    const name = `btape-${what}-${crypto.randomUUID()}`;
    try {
      action(name);
    } finally {
      await this.#device.remove(name);
    }
  }
}

function unknown(word: string): string {
  return TAPE_ONLY.has(word)
    ? `"${word}" is for tapes; this is a device of files.`
    : `"${word}" is an invalid command; try help.`;
}

/** Bytes that differ from place to place. */
function pattern(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 31 + (at >> 8) + seed) & 255);
}

function labelBlock(volumeName: string): Uint8Array {
  const now = Date.now() * 1000;
  const builder = new BlockBuilder({ sessionId: 0, sessionTime: 0 }, 64_512);
  builder.begin(
    LabelType.volume,
    0,
    encodeVolumeLabel({
      ...LabelFormat.bareos,
      labelTimeMicros: now,
      writeTimeMicros: now,
      volumeName,
      previousVolumeName: "",
      poolName: "Default",
      poolType: "Backup",
      mediaType: "File",
      hostName: hostname(),
      program: "btape",
      programVersion: `Ver. ${VERSION} ${VERSION_DATE}`,
      programDate: `Build ${VERSION_DATE}`,
    }),
  );
  builder.fill();
  return builder.seal();
}
