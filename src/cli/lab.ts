// `npm run lab`: JupyterLab at the project's root, with the kernel of this clone; arguments go on to JupyterLab.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { projectRoot } from '../root';
import { jupyterProgram, kernelPath } from '../setup/jupyter';

/** What opens when the arguments do not say otherwise. */
const DEFAULTS = [
  '--LabApp.default_url=/lab/tree/notebooks/01-tutorial.ipynb',
  '--MultiKernelManager.default_kernel_name=tslab',
];

const python = jupyterProgram('python');
if (fs.existsSync(python)) openLab();
else {
  process.stderr.write('error: E_SETUP_JUPYTER: JupyterLab is not installed; run npm run setup\n');
  process.exitCode = 1;
}

function openLab(): void {
  const child = spawn(python, ['-m', 'jupyterlab', ...DEFAULTS, ...process.argv.slice(2)], {
    cwd: projectRoot(),
    env: { ...process.env, JUPYTER_PATH: [kernelPath(), process.env.JUPYTER_PATH].filter(Boolean).join(':') },
    stdio: 'inherit',
  });
  // JupyterLab itself asks before it stops
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill());
  child.on('exit', (code) => (process.exitCode = code ?? 1));
}
