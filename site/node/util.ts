// node:util in a browser: values are shown by Node's own code, extracted.
import * as small from '@jspm/core/nodelibs/util';
import assert from '@jspm/core/nodelibs/assert';
import * as shown from 'node-inspect-extracted';

export * from '@jspm/core/nodelibs/util';
export const { inspect, format, formatWithOptions, stripVTControlCharacters } = shown;
export const { promisify } = small;
export function isDeepStrictEqual(one: unknown, other: unknown): boolean {
  try {
    assert.deepStrictEqual(one, other);
    return true;
  } catch {
    return false;
  }
}

export default { ...small, isDeepStrictEqual, inspect, format, formatWithOptions, stripVTControlCharacters };
