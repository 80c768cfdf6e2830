// What code for Node finds without an import, in a worker of a browser. To be imported before everything else.
import { Buffer } from '@jspm/core/nodelibs/buffer';
import process from '@jspm/core/nodelibs/process';
import { PROJECT } from '../project';
import { setImmediate } from './timers';

const memory = Object.assign(() => ({ rss: usedMemory() }), { rss: usedMemory });

Object.assign(process, {
  browser: true, // the TypeScript compiler and TensorFlow.js take this for a browser, as it is
  version: 'v20.0.0', // which JavaScript tslab may give to it
  versions: {},
  platform: 'browser',
  arch: 'wasm32',
  argv: ['browser', 'worker'],
  env: {},
  pid: 1,
  cwd: () => PROJECT,
  memoryUsage: memory,
  getActiveResourcesInfo: () => [],
  report: { getReport: () => ({ header: {} }) },
});

/**
 * What stands in for `require`: the bundler has resolved all packages, and asks it only for places.
 *
 * @throws Error for a package that the bundle does not have
 */
const require = Object.assign(
  (name: string): never => {
    throw new Error(`the package ${name} is not there in a browser`);
  },
  {
    resolve: (name: string) => `${PROJECT}/node_modules/${name}`,
    cache: {} as Record<string, unknown>,
  },
);

Object.assign(globalThis, { Buffer, process, global: globalThis, require, setImmediate });

/** Of JavaScript, where the browser says it (bytes). */
function usedMemory(): number {
  const { memory: heap } = performance as unknown as { memory?: { usedJSHeapSize: number } };
  return heap?.usedJSHeapSize ?? 0;
}
