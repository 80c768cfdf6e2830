// JupyterLab's extension for our plots and tables: `kernel/view` bundled, next to plotly as npm installed it.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../root';
import { SetupError } from './errors';
import { isComplete, markComplete, markIncomplete } from './folder';
import { jupyterFolder } from './jupyter';
import type { Piece } from './piece';
import { makeFolder } from '../make-folder';

const NAME = 'spanlab-view';

/** Plotly's script, the one for notebooks, still pictures and reports. */
export function plotlyScript(): string {
  return path.join(projectRoot(), 'node_modules', 'plotly.js-dist', 'plotly.js');
}

/** Made again when its sources or plotly's version change. Its `provide` throws SetupError `E_SETUP_VIEW`. */
export function notebookView(): Piece {
  const folder = path.join(jupyterFolder(), 'share', 'jupyter', 'labextensions', NAME);
  return {
    name: 'plots and tables in JupyterLab',
    folder,
    isReady: () => isComplete(folder, key()),
    provide: () => make(folder),
  };
}

function sources(): string[] {
  const folder = path.join(projectRoot(), 'kernel', 'view');
  return fs.readdirSync(folder).map((name) => path.join(folder, name));
}

function key(): string {
  const hash = createHash('sha256');
  const manifest = path.join(path.dirname(plotlyScript()), 'package.json');
  for (const file of [...sources(), manifest, __filename]) hash.update(fs.readFileSync(file));
  return hash.digest('hex');
}

async function make(folder: string): Promise<void> {
  const scripts = path.join(folder, 'static');
  try {
    const { build } = await import('esbuild');
    makeFolder(scripts);
    markIncomplete(folder);
    await build({
      entryPoints: [path.join(projectRoot(), 'kernel', 'view', 'main.ts')],
      outfile: path.join(scripts, 'remoteEntry.js'),
      bundle: true,
      format: 'iife',
      target: 'es2022',
      logLevel: 'silent',
    });
    fs.copyFileSync(plotlyScript(), path.join(scripts, 'plotly.js'));
    const _build = { load: 'static/remoteEntry.js', mimeExtension: './mimeExtension' };
    const manifest = { name: NAME, version: '1.0.0', jupyterlab: { mimeExtension: true, _build } };
    fs.writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    markComplete(folder, key());
  } catch (error) {
    throw new SetupError('E_SETUP_VIEW', `plots in JupyterLab could not be set up: ${(error as Error).message}`);
  }
}
