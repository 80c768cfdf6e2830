// A notebook executed without a browser, in the environment that the set-up made.
import { spawn } from 'node:child_process';
import { codeFile } from '../root';
import { SetupError } from './errors';
import { jupyterProgram, kernelPath } from './jupyter';

/**
 * Executes `notebook` and writes it with its outputs to `output`; which cell runs is shown on stderr.
 *
 * @throws SetupError `E_NOTEBOOK` when a cell fails, `E_NOTEBOOK_KERNEL` when the kernel ended by itself; an `AbortError` when SIGINT
 * or SIGTERM ended it.
 * @example await runNotebook('notebooks/01-tutorial.ipynb', 'runs/tutorial.ipynb')
 */
export async function runNotebook(
  notebook: string,
  output: string,
  environment: NodeJS.ProcessEnv = {},
): Promise<void> {
  const script = codeFile('kernel', 'run_notebook.py');
  const env = { ...process.env, ...environment, JUPYTER_PATH: kernelPath() };
  const child = spawn(jupyterProgram('python'), [script, notebook, output], {
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  // the notebook ends in good order, and its outputs are kept
  const stop = () => void child.kill('SIGTERM');
  for (const signal of SIGNALS) process.on(signal, stop);
  const ended = new Promise<number | NodeJS.Signals>((resolve, reject) =>
    child.on('error', reject).on('exit', (code, signal) => resolve(code ?? signal!)),
  );
  const how = await ended.finally(() => SIGNALS.forEach((signal) => process.off(signal, stop)));
  if (how !== 0) throw failure(how, notebook, output);
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
/** The exit codes of run_notebook.py. */
const [KERNEL_ENDED, STOPPED] = [3, 4];

function failure(how: number | NodeJS.Signals, notebook: string, output: string): Error {
  if (how === STOPPED || SIGNALS.some((signal) => signal === how)) return new DOMException('stopped', 'AbortError');
  if (how === KERNEL_ENDED) {
    const advice = `close other programs, or take a smaller model or batch, and run it again; what it did is in ${output}`;
    const problem = 'the kernel ended by itself, most often because memory ran out';
    return new SetupError('E_NOTEBOOK_KERNEL', `${notebook}: ${problem}; ${advice}`);
  }
  return new SetupError('E_NOTEBOOK', `${notebook}: a cell failed; its error is above and in ${output}`);
}
