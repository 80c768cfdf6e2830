// `spanlab doctor`: what this machine has, and what to do about what it lacks.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { defineCommand } from 'citty';
import type { BackendChoice } from '../engine/backend';
import { chooseBackend } from '../engine/backend';
import { cacheFolder } from '../root';
import { folderSize, megabytes } from '../setup/folder';
import { jupyterProgram, kernelPath } from '../setup/jupyter';
import { jsonOption } from './options';
import { printResult } from './result';

export default defineCommand({
  meta: { name: 'doctor', description: 'say what this machine has: backend, TensorFlow, GPU, Node, Jupyter' },
  args: { json: jsonOption },
  async run({ args }) {
    printResult(await examine(), args.json);
  },
});

/** What is there; a piece that is broken is a fact like any other. */
export async function examine(): Promise<Record<string, unknown>> {
  const choice = await chooseBackend().catch((error: Error) => ({ name: 'none', version: error.message, skipped: [] }));
  return {
    backend: choice.name,
    tensorflow: choice.name.startsWith('tensorflow') ? choice.version : `not native (${choice.version})`,
    gpu: choice.name === 'tensorflow-gpu' ? gpuName() : 'none in use',
    node: process.version,
    jupyter: jupyterVersion(),
    kernel: fs.existsSync(path.join(kernelPath(), 'kernels', 'tslab', 'kernel.json')) ? 'tslab' : 'missing',
    disk: fs.existsSync(cacheFolder()) ? megabytes(folderSize(cacheFolder())) : '0 MB',
    skipped: (choice as BackendChoice).skipped.map(({ name, reason }) => `${name}: ${reason}`),
  };
}

function gpuName(): string {
  const query = spawnSync('nvidia-smi', ['--query-gpu=name', '--format=csv,noheader'], { encoding: 'utf8' });
  return query.stdout?.trim() || 'in use, of unknown name';
}

function jupyterVersion(): string {
  const query = spawnSync(jupyterProgram('jupyter'), ['lab', '--version'], { encoding: 'utf8' });
  return query.status === 0 ? `JupyterLab ${query.stdout.trim()}` : 'missing; run npm run setup';
}
