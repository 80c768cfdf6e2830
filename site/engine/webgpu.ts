// WebGPU in the browser that the site is open in.
import * as tf from '@tensorflow/tfjs';

interface Gpu {
  requestAdapter(): Promise<{ info?: { vendor: string; architecture: string; description: string } } | null>;
}

/** Renderers that compute on the processor, and slower than WebAssembly does. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|basic render/i;

/**
 * Starts TensorFlow.js on WebGPU; a software renderer only where WebGPU `isWanted` by name.
 *
 * @returns what computes
 * @throws Error when the browser has no WebGPU, or no GPU.
 */
export async function startWebGpu(isWanted: boolean): Promise<string> {
  const { gpu } = navigator as { gpu?: Gpu };
  if (!gpu) throw new Error('this browser has no WebGPU');
  const adapter = await gpu.requestAdapter();
  if (!adapter) throw new Error('the browser offers no GPU');
  const { vendor = '', architecture = '', description = '' } = adapter.info ?? {};
  const name = [vendor, architecture, description].filter(Boolean).join(' ');
  if (!isWanted && SOFTWARE.test(name)) throw new Error(`only a software renderer (${name})`);
  await import('@tensorflow/tfjs-backend-webgpu');
  if (!(await tf.setBackend('webgpu'))) throw new Error(`WebGPU did not start on ${name}`);
  await tf.ready();
  return name || 'WebGPU';
}
