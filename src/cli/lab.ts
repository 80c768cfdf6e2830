// `spanlab lab [--reset NAME]`, `npm run lab`: JupyterLab with spanlab's kernel; in the clone on a person's own copy of the course.
// Other arguments go on to JupyterLab.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { defineCommand } from 'citty';
import { isInstalled, projectRoot } from '../root';
import { SetupError } from '../setup/errors';
import { jupyterFolder, jupyterProgram, kernelPath } from '../setup/jupyter';
import { copyCourse, describeReset, resetNotebook } from './course-copy';
import { LabLog, wantsLog } from './lab-log';
import { makeFolder } from '../make-folder';
import { say, tell } from '../terminal';

/** The person's copy of the course, next to the course. */
const OWN = 'my-notebooks';

/** What opens when nothing was reset. */
const FIRST = '00-start-here.ipynb';
const DEFAULTS = ['--MultiKernelManager.default_kernel_name=tslab'];

/**
 * Settings of this JupyterLab, which a person's own go before. The theme stays theirs. Headings have their numbers already,
 * and nothing is asked of the network.
 */
const SETTINGS = {
  '@jupyterlab/apputils-extension:notification': { fetchNews: 'false', checkForUpdates: false },
  '@jupyterlab/toc-extension:registry': { numberHeaders: false, includeOutput: false },
  // links to pages show the page
  '@jupyterlab/docmanager-extension:plugin': { defaultViewers: { markdown: 'Markdown Preview' } },
  '@jupyterlab/notebook-extension:tracker': { windowingMode: 'defer' },
  // the names of the notebooks need its place
  '@jupyterlab/filebrowser-extension:browser': { showLastModifiedColumn: false },
};

export default defineCommand({
  args: {
    reset: {
      type: 'string',
      description: 'put a notebook of the course back as it was, such as 01-tutorial; yours is kept under another name',
    },
  },
  run: ({ rawArgs }) => openLab(isInstalled() ? rawArgs : prepareCopy(rawArgs)),
});

/** Copies what is new and resets what was named. @returns the arguments for JupyterLab, which opens what was reset, or the first notebook */
function prepareCopy(given: string[]): string[] {
  const { reset, others } = readArguments(given);
  const [course, own] = ['notebooks', OWN].map((name) => path.join(projectRoot(), name));
  const done = reset.map((name) => resetNotebook(course, own, name));
  for (const one of done) say(`lab: ${describeReset(one)}`);
  const kept = copyCourse(course, own);
  if (kept.length > 0) {
    const names = kept.map((name) => path.parse(name).name).join(', ');
    say(`lab: there are newer versions of ${names}; yours are kept (--reset NAME takes the new one)`);
  }
  say(`lab: your copy of the course is in ${own}`);
  // a person's own --LabApp.default_url comes later, and counts
  return [`--LabApp.default_url=/lab/tree/${OWN}/${done[0]?.file ?? FIRST}`, ...others];
}

/** `--reset NAME` and `--reset=NAME` are ours, all else is JupyterLab's. */
export function readArguments(given: string[]): { reset: string[]; others: string[] } {
  const reset: string[] = [];
  const others: string[] = [];
  for (let i = 0; i < given.length; i++) {
    const [name, value] = given[i].split('=');
    if (name !== '--reset') others.push(given[i]);
    else if (value !== undefined) reset.push(value);
    else reset.push(given[i + 1]?.startsWith('-') ? '' : (given[++i] ?? ''));
  }
  return { reset, others };
}

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
    stdio: ['inherit', 'inherit', wantsLog(args) ? 'inherit' : 'pipe'],
  });
  if (child.stderr) showLog(child.stderr);
  // JupyterLab itself asks before it stops
  process.on('SIGINT', () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill());
  process.exitCode = await new Promise<number>((resolve) => child.on('exit', (code) => resolve(code ?? 1)));
}

/** The address stands last and alone, to be copied where no browser opened. */
function showLog(stream: Readable): void {
  const log = new LabLog();
  createInterface({ input: stream }).on('line', (line) => {
    const { text, address } = log.take(line);
    if (text !== undefined) say(text);
    if (address === undefined) return;
    say('lab: JupyterLab is running until Ctrl-C; if no browser opens, open this address:');
    tell(`${address}\n`);
  });
}

function writeSettings(): void {
  const folder = path.join(jupyterFolder(), 'share', 'jupyter', 'lab', 'settings');
  makeFolder(folder);
  fs.writeFileSync(path.join(folder, 'overrides.json'), `${JSON.stringify(SETTINGS, null, 2)}\n`);
}
