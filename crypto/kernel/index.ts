// The loop of XXH3 over stripes of 64 bytes (volume.md 12). AssemblyScript: compiled by
// `deno task kernels`.
//
// Memory, in bytes: 0 eight lanes of 64 bits, 64 the secret of 192 bytes, 1024 stripes.

const lanes: usize = 0;
const secret: usize = 64;
const secretLength: usize = 192;
const stripeLength: usize = 64;
const stripesPerBlock: u32 = 16;

/** Where stripes are put. */
export const stripesStart: usize = 1024;

// @ts-ignore: decorator
@inline
function accumulateAt(at: usize, key: usize): void {
  for (let n: usize = 0; n < 64; n += 16) {
    const data = v128.load(at + n);
    const keyed = v128.xor(data, v128.load(key + n));
    const low = v128.shuffle<u32>(keyed, keyed, 0, 2, 0, 2);
    const high = v128.shuffle<u32>(keyed, keyed, 1, 3, 1, 3);
    const product = v128.extmul_low<u32>(low, high);
    const swapped = v128.shuffle<u64>(data, data, 1, 0);
    const sum = v128.add<u64>(v128.load(lanes + n), v128.add<u64>(product, swapped));
    v128.store(lanes + n, sum);
  }
}

function scramble(): void {
  const factor = i64x2.splat(0x9e3779b1);
  for (let n: usize = 0; n < 64; n += 16) {
    let value = v128.load(lanes + n);
    value = v128.xor(value, v128.shr<u64>(value, 47));
    value = v128.xor(value, v128.load(secret + secretLength - stripeLength + n));
    v128.store(lanes + n, v128.mul<u64>(value, factor));
  }
}

/**
 * Takes `count` stripes into the lanes; `stripe` is the number of the first within its block. Returns
 * the number of the next.
 */
export function consume(count: u32, stripe: u32): u32 {
  let at = stripesStart;
  for (let n: u32 = 0; n < count; n++) {
    accumulateAt(at, secret + stripe * 8);
    at += stripeLength;
    if (++stripe == stripesPerBlock) {
      scramble();
      stripe = 0;
    }
  }
  return stripe;
}

/** Takes one stripe into the lanes, with the secret from `offset` on. */
export function accumulate(offset: u32): void {
  accumulateAt(stripesStart, secret + offset);
}
