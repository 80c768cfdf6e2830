// Everything beyond `npm install` that training and notebooks need, provided once.
import fs from 'node:fs';
import { lock } from 'proper-lockfile';
import { cacheFolder } from '../root';
import { SetupError } from './errors';
import { folderSize, megabytes } from './folder';
import { jupyterFolder, provideJupyter } from './jupyter';
import { answers } from './shell';
import { provideTensorflow, tensorflowFolder } from './tensorflow';
import type { Flavour } from './wheels';

/** `SPANLAB_GPU=1` or `0` decides; without it, whether an NVIDIA GPU answers. */
export function wantedFlavour(environment = process.env, hasGpu = () => answers('nvidia-smi', ['-L'])): Flavour {
  if (environment.SPANLAB_GPU !== undefined) return environment.SPANLAB_GPU === '1' ? 'gpu' : 'cpu';
  return fs.existsSync('/dev/nvidia0') || hasGpu() ? 'gpu' : 'cpu';
}

/**
 * Provides what is missing and says what it did. A piece that this machine cannot have is named in one sentence; the rest
 * goes on without it (TensorFlow.js then computes with WebAssembly).
 */
export async function setUp(): Promise<void> {
  fs.mkdirSync(cacheFolder(), { recursive: true });
  // two set-ups at once: the second waits, then finds everything there
  const release = await lock(cacheFolder(), { retries: { forever: true, maxTimeout: 2000 }, stale: 30_000 });
  try {
    const flavour = wantedFlavour();
    const noTensorflow = 'training goes on with the slower WebAssembly backend';
    await provide('native TensorFlow', () => provideTensorflow(flavour), tensorflowFolder(flavour), noTensorflow);
    await provide('JupyterLab', provideJupyter, jupyterFolder(), 'notebooks cannot run');
  } finally {
    await release();
  }
}

async function provide(name: string, piece: () => Promise<boolean>, folder: string, without: string): Promise<void> {
  const began = performance.now();
  try {
    if (!(await piece())) return;
    const seconds = Math.round((performance.now() - began) / 1000);
    process.stderr.write(`setup: ${name} is ready (${megabytes(folderSize(folder))} in ${folder}, ${seconds} s)\n`);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`setup: ${error.message}; ${without}.\n`);
  }
}
