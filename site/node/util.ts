// node:util in a browser: values are shown by Node's own code, extracted.
import * as small from '@jspm/core/nodelibs/util';
import * as shown from 'node-inspect-extracted';

export * from '@jspm/core/nodelibs/util';
export const { inspect, format, formatWithOptions, stripVTControlCharacters } = shown;
export const { promisify } = small;
export default { ...small, inspect, format, formatWithOptions, stripVTControlCharacters };
