// node:crypto in a browser, as far as it is used: hashes that answer at once, which a browser's own do not.
import { hmac } from '@noble/hashes/hmac.js';
import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';

const ALGORITHMS = { md5, sha1, sha256, sha384, sha512 };
type Algorithm = keyof typeof ALGORITHMS;
type Bytes = string | ArrayBufferView;

interface Hashing {
  update(bytes: Uint8Array): unknown;
  digest(): Uint8Array;
}

class Hash {
  constructor(private readonly state: Hashing) {}

  update(data: Bytes, encoding?: BufferEncoding): this {
    this.state.update(bytesOf(data, encoding));
    return this;
  }

  digest(): Buffer;
  digest(encoding: BufferEncoding): string;
  digest(encoding?: BufferEncoding): Buffer | string {
    const bytes = Buffer.from(this.state.digest());
    return encoding ? bytes.toString(encoding) : bytes;
  }
}

export function createHash(name: Algorithm): Hash {
  return new Hash(find(name).create());
}

export function createHmac(name: Algorithm, key: Bytes): Hash {
  return new Hash(hmac.create(find(name), bytesOf(key)));
}

export function hash(name: Algorithm, data: Bytes, encoding: BufferEncoding = 'hex'): string {
  return createHash(name).update(data).digest(encoding);
}

export const randomUUID = (): string => globalThis.crypto.randomUUID?.() ?? uuidOf(randomBytes(16));
export const randomBytes = (count: number): Buffer =>
  Buffer.from(globalThis.crypto.getRandomValues(new Uint8Array(count)));
export const timingSafeEqual = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && one.every((byte, i) => byte === other[i]);
export const webcrypto = globalThis.crypto;
export default { createHash, createHmac, hash, randomUUID, randomBytes, timingSafeEqual, webcrypto };

function find(name: Algorithm) {
  const found = ALGORITHMS[name.toLowerCase().replace('-', '') as Algorithm];
  if (!found) throw new Error(`no hash ${name} in a browser; there are ${Object.keys(ALGORITHMS).join(', ')}`);
  return found;
}

function bytesOf(data: Bytes, encoding?: BufferEncoding): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data, encoding);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** A page without https has no randomUUID. */
function uuidOf(bytes: Buffer): string {
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
