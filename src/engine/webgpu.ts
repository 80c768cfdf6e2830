// WebGPU in Node through Dawn: any GPU with a Vulkan, Metal or Direct3D 12 driver. It reads back only asynchronously.
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { optionalPackage } from '../optional-package';

/** The parts of Dawn's addon that are used here. */
interface Dawn {
  create(flags: string[]): Gpu;
  globals: object;
}
interface Gpu {
  requestAdapter(): Promise<{ info: { vendor: string; architecture: string; description: string } } | null>;
}

/** Renderers that compute on the processor, and slower than WebAssembly does. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|basic render/i;

/**
 * Starts TensorFlow.js on WebGPU; a software renderer only where WebGPU `isWanted` by name.
 *
 * @returns what computes
 * @throws Error when there is no driver or no GPU.
 */
export async function startWebGpu(isWanted: boolean): Promise<string> {
  const dawn = loadDawn();
  Object.assign(globalThis, dawn.globals);
  const gpu = dawn.create([]);
  const adapter = await gpu.requestAdapter();
  if (!adapter) throw new Error('no GPU with a Vulkan, Metal or Direct3D 12 driver');
  const { vendor, architecture, description } = adapter.info;
  const name = [vendor, architecture, description].filter(Boolean).join(' ');
  if (!isWanted && SOFTWARE.test(name)) throw new Error(`only a software renderer (${name})`);
  offer(gpu);
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- it looks for the GPU when it is loaded
  require('@tensorflow/tfjs-backend-webgpu');
  if (!(await tf.setBackend('webgpu'))) throw new Error(`WebGPU did not start on ${name}`);
  await tf.ready();
  return name;
}

/** Puts Dawn where TensorFlow.js looks for it; Node has a `navigator` from version 21 on. */
function offer(gpu: Gpu): void {
  const scope = globalThis as { navigator?: object };
  if (!scope.navigator) Object.defineProperty(scope, 'navigator', { value: {}, configurable: true });
  Object.defineProperty(scope.navigator, 'gpu', { value: gpu, configurable: true });
}

/** Dawn's addon itself: the package around it is an ES module, which notebooks on Node 20 cannot load. */
function loadDawn(): Dawn {
  const platform = `${process.platform}-${process.platform === 'darwin' ? 'universal' : process.arch}`;
  const folder = path.dirname(optionalPackage('webgpu', 'WebGPU', '/package.json'));
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an addon for this platform
  return require(path.join(folder, 'dist', platform, 'dawn.node')) as Dawn;
}
