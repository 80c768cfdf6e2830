// Node's modules for browsers, which come without types.
declare module '@jspm/core/nodelibs/buffer' {
  export * from 'node:buffer';
}
declare module '@jspm/core/nodelibs/process' {
  const process: NodeJS.Process;
  export default process;
}
declare module '@jspm/core/nodelibs/util' {
  export * from 'node:util';
}
declare module '@jspm/core/nodelibs/assert' {
  import assert from 'node:assert';
  export default assert;
}
declare module '@jspm/core/nodelibs/stream' {
  export { Writable } from 'node:stream';
}
declare module '@jspm/core/nodelibs/path' {
  export const { resolve, relative, dirname, basename, join }: typeof import('node:path');
}
