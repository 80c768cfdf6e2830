// tslab's own copy of the TypeScript compiler, and the one seam through which we change what tslab does with it.
/* eslint-disable @typescript-eslint/no-require-imports -- a pinned package without types */
import type typescript from 'typescript';

export type Ts = typeof typescript;

const ID = require.resolve('@tslab/typescript-for-tslab');

export const ts = require('@tslab/typescript-for-tslab') as Ts;

/** What tslab's converter finds in place of the compiler's own functions. It must be called before tslab is loaded. */
export function mendCompiler(changes: Record<string, unknown>): void {
  require.cache[ID]!.exports = { ...ts, ...changes };
}
