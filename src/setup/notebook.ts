// A notebook executed without a browser, in the environment that the set-up made.
import { spawn } from 'node:child_process';
import { codeFile } from '../root';
import { SetupError } from './errors';
import { jupyterProgram, kernelPath } from './jupyter';

/**
 * Executes `notebook` and writes it with its outputs to `output`; which cell runs is shown on stderr.
 *
 * @throws SetupError `E_NOTEBOOK` when a cell fails.
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
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('exit', resolve));
  if (code !== 0) throw new SetupError('E_NOTEBOOK', `${notebook}: a cell failed; its error is above and in ${output}`);
}
