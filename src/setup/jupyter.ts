// A Python environment of its own for JupyterLab and what runs notebooks.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { hashFiles } from '../file-hash';
import { cacheFolder, codeFile, isInstalled } from '../root';
import { SetupError } from './errors';
import { isComplete, markComplete, markIncomplete } from './folder';
import type { Piece } from './piece';
import { answers, run, say } from '../shell';
import { makeFolder } from '../make-folder';

/** A cache for all projects holds one environment for each list of packages: versions of spanlab differ in it. */
export function jupyterFolder(): string {
  return cacheFolder(isInstalled() ? `jupyter-${hashFiles(REQUIREMENTS).slice(0, 8)}` : 'jupyter');
}

const REQUIREMENTS = codeFile('kernel', 'requirements.txt');

/** A program of the environment, for example `jupyter`. */
export function jupyterProgram(name: string): string {
  return path.join(jupyterFolder(), 'bin', name);
}

/** The folder that JUPYTER_PATH must name for the kernel to be found. */
export function kernelPath(): string {
  return codeFile('kernel', 'jupyter');
}

/**
 * The pinned packages of `kernel/requirements.txt`, installed again when that file has changed or the project was moved
 * (an environment holds its own path). Its `provide` throws SetupError `E_SETUP_JUPYTER`.
 */
export function jupyter(): Piece {
  const folder = jupyterFolder();
  const key = createHash('sha256').update(fs.readFileSync(REQUIREMENTS)).update(folder).digest('hex');
  return {
    name: 'JupyterLab',
    folder,
    isReady: () => isMade(folder, key) && papermillLinks(folder).every((link) => fs.existsSync(link)),
    provide: async () => {
      if (!isMade(folder, key)) await make(folder, key);
      for (const link of papermillLinks(folder)) fs.writeFileSync(link, `${codeFile('kernel', 'papermill')}\n`);
    },
  };
}

function isMade(folder: string, key: string): boolean {
  return isComplete(folder, key) && fs.existsSync(jupyterProgram('python'));
}

/** Where Python is told of the folder in which papermill finds how parameters are written in TypeScript. */
function papermillLinks(folder: string): string[] {
  const library = path.join(folder, 'lib');
  const versions = fs.existsSync(library) ? fs.readdirSync(library).filter((name) => name.startsWith('python')) : [];
  return versions.map((version) => path.join(library, version, 'site-packages', 'spanlab-papermill.pth'));
}

async function make(folder: string, key: string): Promise<void> {
  if (!answers('python3', ['-c', 'import venv, ensurepip, sys; assert sys.version_info >= (3, 10)'])) {
    throw new SetupError(
      'E_SETUP_JUPYTER',
      'notebooks need Python 3.10 or newer with its venv module (on Debian: apt install python3-venv)',
    );
  }
  say('installing JupyterLab into an environment of its own');
  try {
    makeFolder(folder);
    markIncomplete(folder);
    await run('python3', ['-m', 'venv', '--clear', folder]);
    // each file by its hash, and no source whose build could run anything
    const strict = ['--require-hashes', '--only-binary=:all:'];
    const quiet = ['--quiet', '--disable-pip-version-check'];
    const install = ['-m', 'pip', 'install', ...quiet, ...strict, '--requirement', REQUIREMENTS];
    await run(jupyterProgram('python'), [...install, ...bundled()], { PIP_USER: '0' });
    markComplete(folder, key);
  } catch (error) {
    throw new SetupError('E_SETUP_JUPYTER', `JupyterLab could not be installed: ${(error as Error).message}`);
  }
}

/** In an unpacked bundle the packages are next to the project, and nothing comes over the network. */
function bundled(): string[] {
  const wheels = cacheFolder('bundle', 'wheels');
  return fs.existsSync(wheels) ? ['--no-index', '--find-links', wheels] : [];
}
