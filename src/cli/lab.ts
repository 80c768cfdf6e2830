// `npm run lab`: JupyterLab at the project's root, with the kernel of this clone; arguments go on to JupyterLab.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../root';
import { jupyterFolder, jupyterProgram, kernelPath } from '../setup/jupyter';

/** What opens when the arguments do not say otherwise. */
const DEFAULTS = [
  '--LabApp.default_url=/lab/tree/notebooks/00-start-here.ipynb',
  '--MultiKernelManager.default_kernel_name=tslab',
];

/**
 * Settings of this JupyterLab, which a person's own go before. The theme stays theirs. Headings have their numbers already,
 * and nothing is asked of the network.
 */
const SETTINGS = {
  '@jupyterlab/apputils-extension:notification': { fetchNews: 'false', checkForUpdates: false },
  '@jupyterlab/toc-extension:registry': { numberHeaders: false, includeOutput: false },
  '@jupyterlab/notebook-extension:tracker': { windowingMode: 'defer' },
};

const python = jupyterProgram('python');
if (fs.existsSync(python)) openLab();
else {
  process.stderr.write('error: E_SETUP_JUPYTER: JupyterLab is not installed; run npm run setup\n');
  process.exitCode = 1;
}

function openLab(): void {
  writeSettings();
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

function writeSettings(): void {
  const folder = path.join(jupyterFolder(), 'share', 'jupyter', 'lab', 'settings');
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'overrides.json'), `${JSON.stringify(SETTINGS, null, 2)}\n`);
}
