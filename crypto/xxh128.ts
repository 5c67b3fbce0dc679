/**
 * XXH3 with 128 bits, seed 0, canonical form (volume.md 12): high half first,
 * big endian. Non-cryptographic, for finding damage.
 *
 * Numbers of 64 bits are BigInts where a few of them decide (short inputs, the
 * end); the loop over stripes is a kernel in WebAssembly (`kernel/`).
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { kernelText } from "./kernel_bytes.ts";

const mask = (1n << 64n) - 1n;
const P32_1 = 0x9e3779b1n;
const P32_2 = 0x85ebca77n;
const P32_3 = 0xc2b2ae3dn;
const P64_1 = 0x9e3779b185ebca87n;
const P64_2 = 0xc2b2ae3d27d4eb4fn;
const P64_3 = 0x165667b19e3779f9n;
const P64_4 = 0x85ebca77c2b2ae63n;
const P64_5 = 0x27d4eb2f165667c5n;
const MX1 = 0x165667919e3779f9n;
const MX2 = 0x9fb21c651e98df25n;

/** The default secret, 192 bytes. */
const secret: Uint8Array = new Uint8Array(
  ("b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221" +
    "b8084674f743248ee03590e6813a264c3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8a8" +
    "fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364eac5ac8334d3ebc3c581a0fffa1363eb17" +
    "0ddd51b7f0da49d316552629d4689e2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e")
    .match(/../g)?.map((byte) => parseInt(byte, 16)) ?? [],
);
const secretView = new DataView(secret.buffer);

const stripeLength = 64;
const bufferLength = 256;
/** Inputs up to this length have formulas of their own. */
const shortLimit = 240;

const s64 = (at: number): bigint => secretView.getBigUint64(at, true);
const rotl32 = (x: bigint, r: bigint): bigint => ((x << r) | (x >> (32n - r))) & 0xffffffffn;
const swap32 = (x: bigint): bigint =>
  ((x & 0xffn) << 24n) | ((x & 0xff00n) << 8n) | ((x >> 8n) & 0xff00n) | (x >> 24n);
const swap64 = (x: bigint): bigint => (swap32(x & 0xffffffffn) << 32n) | swap32(x >> 32n);
const avalanche = (x: bigint): bigint => {
  x ^= x >> 37n;
  x = (x * MX1) & mask;
  return x ^ (x >> 32n);
};
const avalanche64 = (x: bigint): bigint => {
  x ^= x >> 33n;
  x = (x * P64_2) & mask;
  x ^= x >> 29n;
  x = (x * P64_3) & mask;
  return x ^ (x >> 32n);
};
const foldMultiply = (a: bigint, b: bigint): bigint => {
  const product = a * b;
  return (product & mask) ^ (product >> 64n);
};

/** What the kernel exports. */
interface KernelExports {
  readonly memory: WebAssembly.Memory;
  readonly stripesStart: WebAssembly.Global;
  consume(count: number, stripe: number): number;
  accumulate(offset: number): void;
}

/** The loop over stripes; nothing is left in it between calls. */
class Kernel {
  readonly #exports: KernelExports;
  readonly #bytes: Uint8Array;
  readonly #start: number;
  /** Stripes that fit at once. */
  readonly #most: number;

  constructor() {
    const module = new WebAssembly.Module(Buffer.from(kernelText, "base64"));
    this.#exports = new WebAssembly.Instance(module, {}).exports as unknown as KernelExports;
    this.#bytes = new Uint8Array(this.#exports.memory.buffer);
    this.#start = Number(this.#exports.stripesStart.value);
    this.#most = Math.floor((this.#bytes.length - this.#start) / stripeLength);
    this.#bytes.set(secret, 64);
  }

  /** Takes whole stripes into the lanes; returns the number of the next stripe in its block. */
  consume(lanes: Uint8Array, stripes: Uint8Array, stripe: number): number {
    const most = this.#most * stripeLength;
    this.#bytes.set(lanes, 0);
    for (let at = 0; at < stripes.length; at += most) {
      const piece = stripes.subarray(at, at + most);
      this.#bytes.set(piece, this.#start);
      stripe = this.#exports.consume(piece.length / stripeLength, stripe);
    }
    lanes.set(this.#bytes.subarray(0, lanes.length));
    return stripe;
  }

  /** Takes one stripe into the lanes, with the secret from `offset` on. */
  accumulate(lanes: Uint8Array, stripe: Uint8Array, offset: number): void {
    this.#bytes.set(lanes, 0);
    this.#bytes.set(stripe, this.#start);
    this.#exports.accumulate(offset);
    lanes.set(this.#bytes.subarray(0, lanes.length));
  }
}

const kernel = new Kernel();

/** A digest under way. */
export class Xxh128 {
  /** Eight lanes of 64 bits, little endian. */
  readonly #lanes = new Uint8Array(64);
  readonly #lanesView = new DataView(this.#lanes.buffer);
  readonly #buffer = new Uint8Array(bufferLength);
  /** The last stripe that left the buffer, for the end. */
  readonly #lastStripe = new Uint8Array(stripeLength);
  #buffered = 0;
  #total = 0;
  #stripes = 0;

  /** A digest of nothing so far. */
  constructor() {
    [P32_3, P64_1, P64_2, P64_3, P64_4, P32_2, P64_5, P32_1].forEach((value, at) => {
      this.#lanesView.setBigUint64(8 * at, value, true);
    });
  }

  /** See `Digest`. */
  update(bytes: Uint8Array): void {
    this.#total += bytes.length;
    let at = 0;
    if (this.#buffered + bytes.length > bufferLength) {
      if (this.#buffered > 0) {
        at = bufferLength - this.#buffered;
        this.#buffer.set(bytes.subarray(0, at), this.#buffered);
        this.#stripes = kernel.consume(this.#lanes, this.#buffer, this.#stripes);
        this.#lastStripe.set(this.#buffer.subarray(bufferLength - stripeLength));
        this.#buffered = 0;
      }
      // Something always stays behind, so that the end has bytes to work on.
      const count = Math.floor((bytes.length - at - 1) / stripeLength);
      if (bytes.length - at > bufferLength && count > 0) {
        const end = at + count * stripeLength;
        this.#stripes = kernel.consume(this.#lanes, bytes.subarray(at, end), this.#stripes);
        at = end;
        this.#lastStripe.set(bytes.subarray(at - stripeLength, at));
      }
    }
    this.#buffer.set(bytes.subarray(at), this.#buffered);
    this.#buffered += bytes.length - at;
  }

  /** See `Digest`. */
  digest(): Uint8Array {
    const [low, high] = this.#total <= shortLimit
      ? shortDigest(this.#buffer.subarray(0, this.#total))
      : this.#longDigest();
    const result = new Uint8Array(16);
    const view = new DataView(result.buffer);
    view.setBigUint64(0, high);
    view.setBigUint64(8, low);
    return result;
  }

  #longDigest(): [low: bigint, high: bigint] {
    const offset = secret.length - stripeLength - 7;
    if (this.#buffered >= stripeLength) {
      const count = Math.floor((this.#buffered - 1) / stripeLength);
      const whole = this.#buffer.subarray(0, count * stripeLength);
      kernel.consume(this.#lanes, whole, this.#stripes);
      const last = this.#buffer.subarray(this.#buffered - stripeLength, this.#buffered);
      kernel.accumulate(this.#lanes, last, offset);
    } else {
      const last = new Uint8Array(stripeLength);
      last.set(this.#lastStripe.subarray(this.#buffered));
      last.set(this.#buffer.subarray(0, this.#buffered), stripeLength - this.#buffered);
      kernel.accumulate(this.#lanes, last, offset);
    }
    const length = BigInt(this.#total);
    const low = this.#merge(11, (length * P64_1) & mask);
    const high = this.#merge(secret.length - 64 - 11, ~(length * P64_2) & mask);
    return [low, high];
  }

  #merge(at: number, start: bigint): bigint {
    const lane = (n: number): bigint => this.#lanesView.getBigUint64(8 * n, true);
    let sum = start;
    for (let n = 0; n < 4; n++) {
      sum += foldMultiply(lane(2 * n) ^ s64(at + 16 * n), lane(2 * n + 1) ^ s64(at + 16 * n + 8));
    }
    return avalanche(sum & mask);
  }
}

function shortDigest(input: Uint8Array): [low: bigint, high: bigint] {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  const length = input.length;
  const u32 = (at: number): bigint => BigInt(view.getUint32(at, true));
  const u64 = (at: number): bigint => view.getBigUint64(at, true);
  const size = BigInt(length);
  if (length === 0) {
    return [avalanche64(s64(64) ^ s64(72)), avalanche64(s64(80) ^ s64(88))];
  }
  if (length <= 3) {
    const first = BigInt(input[0] as number);
    const middle = BigInt(input[length >> 1] as number);
    const last = BigInt(input[length - 1] as number);
    const low = (first << 16n) | (middle << 24n) | last | (size << 8n);
    const high = rotl32(swap32(low), 13n);
    const k = (at: number): bigint => BigInt(secretView.getUint32(at, true));
    return [avalanche64(low ^ (k(0) ^ k(4))), avalanche64(high ^ (k(8) ^ k(12)))];
  }
  if (length <= 8) {
    const keyed = (u32(0) + (u32(length - 4) << 32n)) ^ (s64(16) ^ s64(24));
    const product = keyed * (P64_1 + (size << 2n));
    let low = product & mask;
    let high = ((product >> 64n) + (low << 1n)) & mask;
    low ^= high >> 3n;
    low ^= low >> 35n;
    low = (low * MX2) & mask;
    low ^= low >> 28n;
    high = avalanche(high);
    return [low, high];
  }
  if (length <= 16) {
    const flipLow = s64(32) ^ s64(40);
    const flipHigh = s64(48) ^ s64(56);
    let high = u64(length - 8);
    const product = (u64(0) ^ high ^ flipLow) * P64_1;
    let m = (product & mask) + ((size - 1n) << 54n);
    m &= mask;
    high ^= flipHigh;
    let mHigh = ((product >> 64n) + high + (high & 0xffffffffn) * (P32_2 - 1n)) & mask;
    m ^= swap64(mHigh);
    const second = m * P64_2;
    const low = second & mask;
    mHigh = ((second >> 64n) + mHigh * P64_2) & mask;
    return [avalanche(low), avalanche(mHigh)];
  }
  const mix16 = (at: number, key: number): bigint =>
    foldMultiply(u64(at) ^ s64(key), u64(at + 8) ^ s64(key + 8));
  let low = (size * P64_1) & mask;
  let high = 0n;
  const mix32 = (a: number, b: number, key: number): void => {
    low = (low + mix16(a, key)) & mask;
    low ^= (u64(b) + u64(b + 8)) & mask;
    high = (high + mix16(b, key + 16)) & mask;
    high ^= (u64(a) + u64(a + 8)) & mask;
  };
  if (length <= 128) {
    for (let n = Math.floor((length - 1) / 32); n >= 0; n--) {
      mix32(16 * n, length - 16 * (n + 1), 32 * n);
    }
  } else {
    for (let at = 32; at < 160; at += 32) mix32(at - 32, at - 16, at - 32);
    low = avalanche(low);
    high = avalanche(high);
    for (let at = 160; at <= length; at += 32) mix32(at - 32, at - 16, 3 + at - 160);
    mix32(length - 16, length - 32, 136 - 17 - 16);
  }
  const sum = (low + high) & mask;
  const mixed = (low * P64_1 + high * P64_4 + (size * P64_2)) & mask;
  return [avalanche(sum), (-avalanche(mixed)) & mask];
}
