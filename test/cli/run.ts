// The command line as people call it: a process with its exit code and its two streams.
import { spawn } from 'node:child_process';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '..', '..');

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs `spanlab` with `args`, from `root` when it is another project than this one. */
export function spanlab(args: string[], env: Record<string, string> = {}, root = ROOT): Promise<Outcome> {
  const child = spawn(process.execPath, [path.join(root, 'src', 'cli', 'bin.cjs'), ...args], {
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...output })));
}
