// node:buffer in a browser.
import * as buffer from '@jspm/core/nodelibs/buffer';

export * from '@jspm/core/nodelibs/buffer';
export const { Buffer } = buffer;

/** V8's longest string and longest array of bytes. */
export const constants = { MAX_STRING_LENGTH: 2 ** 29 - 24, MAX_LENGTH: 2 ** 32 };

export function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

export default { ...buffer, constants, isUtf8 };
