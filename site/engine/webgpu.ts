// WebGPU in the browser that the site is open in.
import * as tf from '@tensorflow/tfjs';
import { findAdapter } from './adapter';

/**
 * Starts TensorFlow.js on WebGPU; a software renderer only where WebGPU `isWanted` by name.
 *
 * @returns what computes
 * @throws Error when the browser has no WebGPU, or no GPU.
 */
export async function startWebGpu(isWanted: boolean): Promise<string> {
  const { name, isSoftware } = await findAdapter();
  if (!isWanted && isSoftware) throw new Error(`only a software renderer (${name})`);
  await import('@tensorflow/tfjs-backend-webgpu');
  if (!(await tf.setBackend('webgpu'))) throw new Error(`WebGPU did not start on ${name}`);
  await tf.ready();
  return name || 'WebGPU';
}
