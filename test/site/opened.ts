// The built site, a copy of it for a test, and notebooks of it in Chromium, with every other host out of reach.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { startBrowser } from '../../kernel/chromium';
import { serveSite } from '../../src/serve/site';
import { cacheFolder } from '../../src/root';
import { shrinkEncoder } from './small-encoder';

const ROOT = path.resolve(__dirname, '..', '..');
/** What the site is made of. */
const SOURCES = ['src', 'kernel', 'site', 'notebooks', 'data/workshop', 'package-lock.json'];
export const MINUTE = 60_000;

/** An output as a notebook's file has it. */
export interface Output {
  output_type: string;
  text?: string | string[];
  data?: Record<string, unknown>;
  ename?: string;
  evalue?: string;
  traceback?: string[];
}

/** A cell that has run. */
export interface Ran {
  source: string;
  outputs: Output[];
  seconds: number;
}

/** The site, served on 127.0.0.1, in a browser. */
export interface Site {
  folder: string;
  url: string;
  context: BrowserContext;
  /** Addresses that somebody asked for elsewhere. */
  strangers: string[];
  close(): Promise<void>;
}

interface SiteOptions {
  /** Whether the encoder is to be a few numbers of MiniLM. */
  small?: boolean;
  /** Whether the server sends the headers for cross-origin isolation. */
  isolated?: boolean;
  /** Changes the files of the site. */
  change?: (folder: string) => void;
  /** Further arguments of Chromium. */
  args?: string[];
}

/** The folder of the site as it is built; built anew where a source is younger. */
export function builtSite(): string {
  const folder = cacheFolder('test-site');
  const built = path.join(folder, 'vm', 'manifest.json');
  if (!fs.existsSync(built) || fs.statSync(built).mtimeMs < youngest()) {
    const build = ['--import', 'tsx', path.join(ROOT, 'site', 'build.ts'), '--out', folder];
    execFileSync(process.execPath, build, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
  }
  return folder;
}

function youngest(): number {
  const times = SOURCES.flatMap((source) => {
    const place = path.join(ROOT, source);
    if (fs.statSync(place).isFile()) return [place];
    return fs.readdirSync(place, { recursive: true, encoding: 'utf8' }).map((name) => path.join(place, name));
  }).map((file) => fs.statSync(file).mtimeMs);
  return Math.max(...times);
}

/** A copy of the site, served. */
export async function serveCopy({ small = true, isolated, change }: SiteOptions = {}) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-site-'));
  fs.cpSync(builtSite(), folder, { recursive: true });
  if (small) shrinkEncoder(path.join(folder, 'encoder'));
  exposeApp(folder);
  change?.(folder);
  const server = await serveSite(folder, { isolated });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const end = () => {
    server.closeAllConnections();
    server.close();
    fs.rmSync(folder, { recursive: true, force: true });
  };
  return { folder, url, end };
}

/** A copy of the site in a browser. */
export async function openSite(options: SiteOptions = {}): Promise<Site> {
  const { folder, url, end } = await serveCopy(options);
  const blocked = '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1';
  const browser = await startBrowser([blocked, ...(options.args ?? [])]);
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const strangers: string[] = [];
  context.on('request', (request) => {
    if (/^(https?|wss?):/.test(request.url()) && !request.url().startsWith(url)) strangers.push(request.url());
  });
  const close = () => browser.close().then(end);
  return { folder, url, context, strangers, close };
}

/** So that a test can ask JupyterLab itself. */
function exposeApp(folder: string): void {
  const file = path.join(folder, 'jupyter-lite.json');
  const settings = JSON.parse(fs.readFileSync(file, 'utf8')) as { 'jupyter-config-data': Record<string, unknown> };
  settings['jupyter-config-data'].exposeAppInBrowser = true;
  fs.writeFileSync(file, JSON.stringify(settings));
}

/** Puts a notebook with these cells into the site's folder. */
export function addNotebook(folder: string, name: string, cells: string[]): void {
  const described = cells.map((source, i) => ({ cell_type: 'code', id: `c${i}`, source, metadata: {}, outputs: [], execution_count: null })); // prettier-ignore
  const metadata = { kernelspec: { name: 'tslab', display_name: 'TypeScript', language: 'typescript' } };
  const text = JSON.stringify({ cells: described, metadata, nbformat: 4, nbformat_minor: 5 });
  fs.writeFileSync(path.join(folder, 'files', name), text);
  const list = path.join(folder, 'api', 'contents', 'all.json');
  const all = JSON.parse(fs.readFileSync(list, 'utf8')) as { content: object[] };
  const entry = { name, path: name, type: 'notebook', format: 'json', mimetype: 'application/json' };
  all.content.push({ ...all.content[0], ...entry });
  fs.writeFileSync(list, JSON.stringify(all));
}

type Ask = (content: object) => Promise<{ content: unknown }>;

/** The parts of JupyterLab's application that are used here. */
interface App {
  commands: { execute(name: string): Promise<unknown> };
  serviceManager: { contents: { save(path: string, model: object): Promise<unknown> } };
  shell: { currentWidget: Panel };
}
interface Panel {
  context: { ready: Promise<void> };
  sessionContext: { ready: Promise<void>; session: { kernel: Record<string, Ask> } };
  content: { activeCellIndex: number; widgets: { model: CellModel }[] };
}
interface CellModel {
  type: string;
  sharedModel: { getSource(): string; setSource(text: string): void };
  toJSON(): { outputs: Output[] };
}
declare const jupyterapp: App;

/** Opens a notebook; its kernel is there when this returns. @example await openNotebook(site, 'notebooks/00-start-here.ipynb') */
export async function openNotebook({ context, url }: Site, file: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${url}notebooks/index.html?path=${file}`);
  await ready(page);
  return page;
}

/** When the notebook and its kernel are there. */
export async function ready(page: Page): Promise<void> {
  await page.waitForFunction(
    () => typeof jupyterapp === 'object' && jupyterapp.shell.currentWidget?.content?.widgets?.length > 0,
    undefined,
    { timeout: MINUTE },
  );
  await page.evaluate(async () => {
    const { context, sessionContext } = jupyterapp.shell.currentWidget;
    await context.ready;
    await sessionContext.ready;
  });
}

/** The places of the cells of code. */
export function codeCells(page: Page): Promise<number[]> {
  return page.evaluate(() => {
    const cells = jupyterapp.shell.currentWidget.content.widgets;
    return cells.flatMap(({ model }, i) => (model.type === 'code' ? [i] : []));
  });
}

/** Begins a cell and does not wait. */
export async function beginCell(page: Page, place: number): Promise<void> {
  await page.evaluate((index) => {
    jupyterapp.shell.currentWidget.content.activeCellIndex = index;
    void jupyterapp.commands.execute('notebook:run-cell');
  }, place);
}

/** Runs a cell to its end. */
export async function runCell(page: Page, place: number): Promise<Ran> {
  const began = performance.now();
  const ran = await page.evaluate(async (index) => {
    const { content } = jupyterapp.shell.currentWidget;
    content.activeCellIndex = index;
    await jupyterapp.commands.execute('notebook:run-cell');
    const { model } = content.widgets[index];
    return { source: model.sharedModel.getSource(), outputs: model.toJSON().outputs };
  }, place);
  return { ...ran, seconds: (performance.now() - began) / 1000 };
}

/** What the stop button does. */
export async function stopKernel(page: Page): Promise<void> {
  await page.evaluate(() => jupyterapp.commands.execute('notebook:interrupt-kernel'));
}

/** What the file browser's upload does. */
export async function uploadFile(page: Page, name: string, content: Buffer): Promise<void> {
  await page.evaluate(
    ([file, text]) =>
      jupyterapp.serviceManager.contents.save(file, { type: 'file', format: 'base64', name: file, content: text }),
    [name, content.toString('base64')] as const,
  );
  await page.waitForTimeout(1000); // the kernel is told at once, and does not say so
}

/** Changes the text of a cell. */
export async function setSource(page: Page, place: number, source: string): Promise<void> {
  await page.evaluate(
    ([index, text]) => jupyterapp.shell.currentWidget.content.widgets[index].model.sharedModel.setSource(text),
    [place, source] as const,
  );
}

/** Asks the kernel for something that is no cell. @example await askKernel(page, 'requestComplete', { code, cursor_pos: 3 }) */
export async function askKernel<T>(page: Page, request: string, content: object): Promise<T> {
  const answer = await page.evaluate(
    async ([name, asked]) => (await jupyterapp.shell.currentWidget.sessionContext.session.kernel[name](asked)).content,
    [request, content] as const,
  );
  return answer as T;
}

/** The errors of a cell, in a line each. */
export function errorsOf({ outputs }: Ran): string[] {
  return outputs.filter(({ output_type: type }) => type === 'error').map(({ ename, evalue }) => `${ename}: ${evalue}`);
}

/** All that a cell shows, as plain text; of errors what JupyterLab shows. */
export function textOf({ outputs }: Ran): string {
  const join = (text: unknown) => (Array.isArray(text) ? text.join('') : String(text ?? ''));
  return outputs
    .map((output) => {
      if (output.output_type === 'error') return [output.evalue, ...(output.traceback ?? [])].join('\n');
      const data = output.data ?? {};
      return join(output.text ?? data['text/plain'] ?? data['text/html']);
    })
    .join('\n');
}
