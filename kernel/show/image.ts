// The bytes of an image file as the image.
import type { Bundle } from './forms';

/** How the formats that browsers show begin; `WEBP` stands behind the length of the file. */
const SIGNATURES: [type: string, begins: RegExp][] = [
  ['image/png', /^\x89PNG\r\n\x1a\n/],
  ['image/jpeg', /^\xff\xd8\xff/],
  ['image/gif', /^GIF8[79]a/],
  ['image/webp', /^RIFF[^]{4}WEBP/],
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
  const begin = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  return SIGNATURES.find(([, begins]) => begins.test(begin))?.[0];
}
