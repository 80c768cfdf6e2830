// Other programs, run with their progress on our stderr.
import { spawn, spawnSync } from 'node:child_process';
import { say as sayLine } from './terminal';

/** One line of progress. */
export function say(message: string): void {
  sayLine(`setup: ${message}`);
}

/** A program that failed: what it complained about last, and all that it wrote to stderr. */
export class ProgramError extends Error {
  constructor(
    message: string,
    readonly output: string,
  ) {
    super(message);
  }
}

/**
 * Runs a program with `env` added to its environment. What it writes to stdout is shown; its errors only with
 * `SPANLAB_DEBUG=1`, and the last of them in the message.
 *
 * @throws ProgramError with the program's name and what it complained about; the system's error when it cannot be started.
 */
export async function run(program: string, args: string[], env: Record<string, string> = {}): Promise<void> {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', process.stderr, 'pipe'] });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (process.env.SPANLAB_DEBUG === '1') sayLine(text.trimEnd());
    errors += text;
  });
  const status = await new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (code, signal) => resolve(signal ?? code));
  });
  if (status !== 0) throw new ProgramError(`${program}: ${lastError(errors) ?? `ended with ${status}`}`, errors);
}

/** The line that says why; a trace or an explanation may stand around it. */
function lastError(text: string): string | undefined {
  const lines = text.split('\n').filter((line) => /error/i.test(line));
  return lines.at(-1)?.trim().replace(/\.$/, '').slice(0, 200);
}

/** Whether a program is there and answers. */
export function answers(program: string, args: string[] = ['--version']): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}
