// `spanlab lab`, `npm run lab`: JupyterLab at the project's root, with spanlab's kernel; arguments go on to JupyterLab.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { defineCommand } from 'citty';
import { isInstalled, projectRoot } from '../root';
import { SetupError } from '../setup/errors';
import { jupyterFolder, jupyterProgram, kernelPath } from '../setup/jupyter';

/** What opens when the arguments do not say otherwise. */
const COURSE = ['--LabApp.default_url=/lab/tree/notebooks/00-start-here.ipynb'];
const DEFAULTS = [...(isInstalled() ? [] : COURSE), '--MultiKernelManager.default_kernel_name=tslab'];

/**
 * Settings of this JupyterLab, which a person's own go before. The theme stays theirs. Headings have their numbers already,
 * and nothing is asked of the network.
 */
const SETTINGS = {
  '@jupyterlab/apputils-extension:notification': { fetchNews: 'false', checkForUpdates: false },
  '@jupyterlab/toc-extension:registry': { numberHeaders: false, includeOutput: false },
  '@jupyterlab/notebook-extension:tracker': { windowingMode: 'defer' },
};

export default defineCommand({
  meta: { name: 'lab', description: "open JupyterLab with spanlab's kernel; arguments go on to JupyterLab" },
  run: ({ rawArgs }) => openLab(rawArgs),
});

/** @throws SetupError `E_SETUP_JUPYTER` where it is not installed */
async function openLab(args: string[]): Promise<void> {
  const python = jupyterProgram('python');
  if (!fs.existsSync(python)) {
    throw new SetupError('E_SETUP_JUPYTER', 'JupyterLab is not installed; run npx spanlab setup');
  }
  writeSettings();
  const child = spawn(python, ['-m', 'jupyterlab', ...DEFAULTS, ...args], {
    cwd: projectRoot(),
    env: { ...process.env, JUPYTER_PATH: [kernelPath(), process.env.JUPYTER_PATH].filter(Boolean).join(':') },
    stdio: 'inherit',
  });
  // JupyterLab itself asks before it stops
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill());
  process.exitCode = await new Promise<number>((resolve) => child.on('exit', (code) => resolve(code ?? 1)));
}

function writeSettings(): void {
  const folder = path.join(jupyterFolder(), 'share', 'jupyter', 'lab', 'settings');
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'overrides.json'), `${JSON.stringify(SETTINGS, null, 2)}\n`);
}
