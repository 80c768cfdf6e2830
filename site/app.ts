// JupyterLite itself: fetched once with its hash, without what the course does not need, and told of our extensions.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { escapeHtml } from '../src/escape-html';
import { cacheFolder, codeFile, version } from '../src/root';
import { fetchWheel } from '../src/setup/fetch-wheel';
import { hasStamp, stamp, withScratch } from '../src/setup/folder';
import type { Wheel } from '../src/download/wheel';

const VERSION = '0.8.6';
const WHEEL: Wheel = {
  requirement: `jupyterlite-core==${VERSION}`,
  sha256: '2c77f7ca2a667e5404800632abedbc83d3edb9cc73303aa357016138e94e7aaa',
};

/** Parts of JupyterLite without which it works: other front ends, source maps. */
const LEFT_OUT = /\.map$|^(repl|consoles|doc)(\/|$)|^(jupyter-lite\.ipynb|rspack\.config.*|package\.json)$/;

/** Puts JupyterLite into `out`. */
export async function writeApp(out: string): Promise<void> {
  const app = await ensureApp();
  const filter = (file: string) => !LEFT_OUT.test(path.relative(app, file));
  fs.cpSync(app, out, { recursive: true, filter });
  configure(out);
  for (const name of ASKED_FOR) writeNothing(path.join(out, name));
  writePages(out);
}

/** The folder that the wheel's archive was unpacked in. */
async function ensureApp(): Promise<string> {
  const folder = cacheFolder('jupyterlite');
  const app = path.join(folder, 'package');
  if (hasStamp(folder, '.complete', WHEEL.sha256)) return app;
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  await withScratch(folder, (scratch) => fetchWheel(folder, WHEEL, 'any', scratch));
  const archive = path.join(folder, `jupyterlite-app-${VERSION}.tgz`);
  execFileSync('tar', ['xzf', archive, '-C', folder]);
  fs.rmSync(archive);
  stamp(folder, '.complete', WHEEL.sha256);
  return app;
}

/** What JupyterLite asks every site for, and few have. */
const ASKED_FOR = ['build/schemas/all_federated.json', 'api/translations/all.json', 'api/translations/en.json'];

function writeNothing(file: string): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, file.includes('schemas') ? '[]' : '{"data":{},"message":""}');
}

/** The front page with a link to each notebook, the playground, their design, and our part of the service worker. */
function writePages(out: string): void {
  const own = (name: string) => fs.readFileSync(path.join(__dirname, 'page', name), 'utf8');
  for (const name of ['playground.html', 'site.css']) fs.writeFileSync(path.join(out, name), own(name));
  fs.copyFileSync(codeFile('src', 'page', 'style.css'), path.join(out, 'style.css'));
  const folder = path.join(__dirname, '..', 'notebooks');
  const names = fs.readdirSync(folder).filter((name) => /^\d\d-.*\.ipynb$/.test(name));
  const links = names.sort().map((name) => {
    const { cells } = JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8')) as { cells: { source: string[] }[] };
    const title = cells[0].source[0].replace(/^# |\n$/g, '');
    return `<li><a href="notebooks/index.html?path=notebooks/${name}">${name.slice(0, 2)} · ${escapeHtml(title)}</a></li>`;
  });
  fs.writeFileSync(path.join(out, 'index.html'), own('index.html').replace('<!-- notebooks -->', links.join('\n')));
  const worker = path.join(out, 'service-worker.js');
  fs.writeFileSync(worker, `${own('service-worker.js')}\n${fs.readFileSync(worker, 'utf8')}`);
}

interface Settings {
  'jupyter-config-data': Record<string, unknown>;
}

function configure(out: string): void {
  const file = path.join(out, 'jupyter-lite.json');
  const settings = JSON.parse(fs.readFileSync(file, 'utf8')) as Settings;
  Object.assign(settings['jupyter-config-data'], {
    appName: 'spanlab',
    appVersion: version,
    defaultKernelName: 'tslab',
    contentsAllJsonFile: 'all.json',
    federated_extensions: [
      { name: 'spanlab-kernel', load: 'remoteEntry.js', extension: './extension' },
      { name: 'spanlab-view', load: 'remoteEntry.js', mimeExtension: './mimeExtension' },
    ],
  });
  fs.writeFileSync(file, `${JSON.stringify(settings, null, 2)}\n`);
}
