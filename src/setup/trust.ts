// The course's notebooks as JupyterLab trusts them: signed with this person's key, so that their outputs are shown in full.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../root';
import { SetupError } from './errors';
import { isComplete, markComplete } from './folder';
import { jupyterFolder, jupyterProgram } from './jupyter';
import type { Piece } from './piece';
import { makeFolder } from '../make-folder';

const FOLDERS = ['notebooks', 'notebooks/solutions'];

/** Done again when a notebook has changed. A copy with the same content is trusted, too. `provide` throws `E_SETUP_TRUST`. */
export function trustedCourse(): Piece {
  const folder = path.join(jupyterFolder(), 'trusted');
  return {
    name: "trust in the course's notebooks",
    folder,
    isReady: () => courseNotebooks().length === 0 || isComplete(folder, key()),
    provide: () => trust(folder),
  };
}

function courseNotebooks(): string[] {
  return FOLDERS.map((name) => path.join(projectRoot(), name)).flatMap((folder) =>
    fs
      .readdirSync(folder)
      .filter((name) => name.endsWith('.ipynb'))
      .map((name) => path.join(folder, name)),
  );
}

/** The notebooks, and whose key signed them. */
function key(): string {
  const hash = createHash('sha256').update(process.env.JUPYTER_DATA_DIR ?? process.env.HOME ?? '');
  for (const file of courseNotebooks()) hash.update(fs.readFileSync(file));
  return hash.digest('hex');
}

function trust(folder: string): Promise<void> {
  const { status, stderr } = spawnSync(jupyterProgram('python'), ['-m', 'nbformat.sign', ...courseNotebooks()], {
    encoding: 'utf8',
  });
  if (status !== 0) {
    const reason = stderr.trim().split('\n').at(-1) ?? 'unknown reason';
    return Promise.reject(new SetupError('E_SETUP_TRUST', `the notebooks could not be trusted: ${reason}`));
  }
  makeFolder(folder);
  markComplete(folder, key());
  return Promise.resolve();
}
