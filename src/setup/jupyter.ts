// A Python environment of its own for JupyterLab and what runs notebooks.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { cacheFolder, projectRoot } from '../root';
import { SetupError } from './errors';
import { isComplete, markComplete } from './folder';
import { answers, run } from './shell';

export function jupyterFolder(): string {
  return cacheFolder('jupyter');
}

/** A program of the environment, for example `jupyter`. */
export function jupyterProgram(name: string): string {
  return path.join(jupyterFolder(), 'bin', name);
}

/** The folder that JUPYTER_PATH must name for the kernel to be found. */
export function kernelPath(): string {
  return path.join(projectRoot(), 'kernel', 'jupyter');
}

/**
 * Installs the pinned packages of `kernel/requirements.txt`, again when that file has changed.
 *
 * @returns whether there was anything to do
 * @throws SetupError `E_SETUP_JUPYTER`
 */
export async function provideJupyter(): Promise<boolean> {
  const requirements = path.join(projectRoot(), 'kernel', 'requirements.txt');
  const folder = jupyterFolder();
  const key = createHash('sha256').update(fs.readFileSync(requirements)).digest('hex');
  if (isComplete(folder, key)) return false;
  if (!answers('python3', ['-c', 'import venv, ensurepip'])) {
    throw new SetupError(
      'E_SETUP_JUPYTER',
      'notebooks need Python 3 with its venv module (on Debian: apt install python3-venv)',
    );
  }
  process.stderr.write('setup: installing JupyterLab into an environment of its own\n');
  try {
    await run('python3', ['-m', 'venv', folder]);
    const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', requirements];
    await run(jupyterProgram('python'), install);
  } catch (error) {
    throw new SetupError('E_SETUP_JUPYTER', `JupyterLab could not be installed: ${(error as Error).message}`);
  }
  markComplete(folder, key);
  return true;
}
