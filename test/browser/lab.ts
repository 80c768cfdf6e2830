// JupyterLab as a person has it, for tests: the server, a page with a notebook, and the buttons that are pressed.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { expect } from './expect';

const ROOT = path.resolve(__dirname, '..', '..');

export interface Lab {
  /** Notebooks in it can be opened. */
  folder: string;
  url: string;
  stop(): Promise<void>;
}

/** Settings that keep messages which are not ours off the screen. */
const SETTINGS = { '@jupyterlab/apputils-extension:notification': { fetchNews: 'false', checkForUpdates: false } };

/** Starts JupyterLab with our kernel on `folder`, with settings of its own. */
export async function startLab(folder: string): Promise<Lab> {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'lab-home-'));
  for (const [name, values] of Object.entries(SETTINGS)) {
    const file = path.join(home, 'settings', `${name.replace(':', '/')}.jupyterlab-settings`);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, JSON.stringify(values));
  }
  const server = spawn(
    path.join(ROOT, '.spanlab', 'jupyter', 'bin', 'jupyter-lab'),
    [
      '--no-browser',
      '--allow-root',
      '--ServerApp.port=0',
      '--IdentityProvider.token=',
      `--ServerApp.root_dir=${folder}`,
    ],
    {
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        HOME: home,
        JUPYTER_PATH: path.join(ROOT, 'kernel', 'jupyter'),
        // what a notebook of a test trains must not replace what a person trained
        SPANLAB_MODELS: path.join(home, 'models'),
        JUPYTER_CONFIG_DIR: path.join(home, 'config'),
        JUPYTERLAB_SETTINGS_DIR: path.join(home, 'settings'),
        JUPYTER_RUNTIME_DIR: path.join(home, 'runtime'),
        JUPYTERLAB_WORKSPACES_DIR: path.join(home, 'workspaces'),
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const exited = new Promise((resolve) => server.on('exit', resolve));
  let log = '';
  const url = await new Promise<string>((resolve, reject) => {
    server.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text;
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(log);
      if (found) resolve(found[0]);
    });
    server.on('exit', () => reject(new Error(`JupyterLab did not start: ${log}`)));
  });
  const stop = async () => {
    server.kill(); // it ends its kernels
    await exited;
    fs.rmSync(home, { recursive: true, force: true });
  };
  return { folder, url, stop };
}

/** An empty notebook of these cells for our kernel. */
export function notebook(cells: string[]): string {
  return JSON.stringify({
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { kernelspec: { name: 'tslab', display_name: 'TypeScript (tslab)', language: 'typescript' } },
    cells: cells.map((source, i) => ({
      cell_type: 'code',
      id: `cell-${i}`,
      metadata: {},
      execution_count: null,
      outputs: [],
      source,
    })),
  });
}

/** A notebook on the screen. */
export class NotebookPage {
  private constructor(readonly page: Page) {}

  /** Opens a notebook of the lab's folder and waits for its kernel. */
  static async open(browser: Browser, lab: Lab, name: string, viewport = { width: 1280, height: 1400 }) {
    const page = await browser.newPage({ viewport });
    await page.goto(`${lab.url}/lab/tree/${name}?reset`);
    const opened = new NotebookPage(page);
    // the indicator in the notebook is idle before there is a kernel
    await page.locator('#jp-main-statusbar', { hasText: /tslab\) \| Idle/ }).waitFor({ timeout: 60_000 });
    await opened.idle();
    return opened;
  }

  /** Waits until the kernel has nothing to do. */
  async idle(timeout = 60_000): Promise<void> {
    await this.page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').waitFor({ timeout });
  }

  cell(number: number): Locator {
    return this.page.locator('.jp-Notebook .jp-Cell').nth(number);
  }

  outputs(number: number): Locator {
    return this.cell(number).locator('.jp-OutputArea-output');
  }

  /** `[*]` while it waits or runs, `[3]` when it ran third, `[ ]` before. */
  prompt(number: number): Locator {
    return this.cell(number).locator('.jp-InputPrompt');
  }

  async runAll(): Promise<void> {
    for (let attempt = 0; attempt < 3; attempt++) {
      await this.menu('Run', 'Run All Cells');
      if (await this.hasBegun()) return;
    }
    throw new Error('no cell runs');
  }

  /** Whether the first cell was sent within some seconds; on a busy machine the menu may come before its command. */
  private async hasBegun(): Promise<boolean> {
    const isNew = async (): Promise<[boolean, string]> => [(await this.prompt(0).innerText()) !== '[ ]:', 'not begun'];
    return expect(isNew, 5000).then(
      () => true,
      () => false,
    );
  }

  /** A cell and all below it. */
  async runFrom(number: number): Promise<void> {
    await this.cell(number).locator('.cm-content').click();
    await this.menu('Run', 'Run Selected Cell and All Below');
  }

  async runCell(number: number): Promise<void> {
    await this.cell(number).locator('.cm-content').click();
    await this.page.keyboard.press('Control+Enter');
  }

  /** The toolbar's stop button. */
  async stop(): Promise<void> {
    await this.page.locator('[data-jp-item-name="interrupt"] jp-button').click();
  }

  /** The toolbar's button that restarts the kernel and runs all cells. */
  async restartAndRunAll(): Promise<void> {
    await this.page.locator('[data-jp-item-name="restart-and-run"] jp-button').click();
    await this.page.locator('.jp-Dialog button.jp-mod-accept').click();
  }

  async shows(number: number, text: string | RegExp, timeout?: number): Promise<void> {
    await expect(async () => {
      const shown = (await this.outputs(number).allInnerTexts()).join('\n');
      return [typeof text === 'string' ? shown.includes(text) : text.test(shown), `cell ${number} shows ${shown}`];
    }, timeout);
  }

  private async menu(name: string, item: string): Promise<void> {
    await this.page.locator('.lm-MenuBar-itemLabel', { hasText: new RegExp(`^${name}$`) }).click();
    await this.page.locator('.lm-Menu-itemLabel', { hasText: new RegExp(`^${item}$`) }).click();
  }
}
