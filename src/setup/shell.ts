// Other programs, run with their output on ours.
import { spawn, spawnSync } from 'node:child_process';

/** One line of progress. */
export function say(message: string): void {
  process.stderr.write(`setup: ${message}\n`);
}

interface RunOptions {
  /** Added to the environment. */
  env?: Record<string, string>;
}

/** Runs a program with its messages on our stderr. @throws Error with the program's name and exit code. */
export function run(program: string, args: string[], { env }: RunOptions = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    const stdio = ['ignore', process.stderr, process.stderr] as const;
    const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: [...stdio] });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`${program} ended with ${signal ?? `exit code ${code}`}`));
    });
  });
}

/** Whether a program is there and answers. */
export function answers(program: string, args: string[] = ['--version']): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}
