// MurmurHash2 of 32 bits, by which JupyterLab and kernels agree on the names of cells that are debugged.

const M = 0x5bd1e995;

/** @example murmur2('x = 1', 0xc70f6907) */
export function murmur2(text: string, seed: number): number {
  const bytes = Buffer.from(text, 'utf8');
  const whole = bytes.length & ~3;
  let hash = seed ^ bytes.length;
  for (let i = 0; i < whole; i += 4) {
    let word = Math.imul(bytes.readInt32LE(i), M);
    word = Math.imul(word ^ (word >>> 24), M);
    hash = Math.imul(hash, M) ^ word;
  }
  const rest = bytes.subarray(whole);
  if (rest.length > 0) {
    rest.forEach((byte, i) => (hash ^= byte << (8 * i)));
    hash = Math.imul(hash, M);
  }
  hash = Math.imul(hash ^ (hash >>> 13), M);
  return (hash ^ (hash >>> 15)) >>> 0;
}
