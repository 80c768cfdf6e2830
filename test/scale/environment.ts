// The Python environment of `npm run test:scale`: that of `npm run reference` where it is there, else one of its own.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { cacheFolder, projectRoot } from '../../src/root';

const reference = cacheFolder('reference');
const folder = fs.existsSync(path.join(reference, '.complete')) ? reference : cacheFolder('scale');
const requirements = path.join(projectRoot(), 'scale', 'requirements.txt');

export const python = path.join(folder, 'bin', 'python');

/** Installs what `scale/requirements.txt` lists; quick when it is there. */
export function provideScale(): void {
  const run = (program: string, args: string[]) => execFileSync(program, args, { stdio: 'inherit' });
  if (!fs.existsSync(python)) run('python3', ['-m', 'venv', folder]);
  run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', requirements]);
}

/** Starts Python; its errors are shown when it fails. */
export function startPython(args: string[], env: Record<string, string> = {}) {
  const quiet = { RAY_USAGE_STATS_ENABLED: '0', CUDA_VISIBLE_DEVICES: '', OMP_NUM_THREADS: '1', NODE_OPTIONS: '' };
  const options = { cwd: projectRoot(), env: { ...process.env, ...quiet, ...env } };
  const child = spawn(python, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ended = new Promise<void>((resolve, reject) => {
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`${args.join(' ')}: ${code}\n${errors}`))));
  });
  return { child, ended };
}

if (require.main === module) provideScale();
