// The bytes of an image file as the image.
import type { Bundle } from './forms';

/** The first bytes of the formats that browsers show. */
const SIGNATURES: [type: string, bytes: number[]][] = [
  ['image/png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['image/jpeg', [0xff, 0xd8, 0xff]],
  ['image/gif', [0x47, 0x49, 0x46, 0x38]],
];

export function isImage(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && imageType(value) !== undefined;
}

export function renderImage(bytes: Uint8Array): Bundle {
  const type = imageType(bytes)!;
  return { [type]: bytes, 'text/plain': `${type}, ${bytes.length} bytes` };
}

/** The MIME type that the bytes begin like. */
export function imageType(bytes: Uint8Array): string | undefined {
  return SIGNATURES.find(([, signature]) => signature.every((byte, i) => bytes[i] === byte))?.[0];
}
