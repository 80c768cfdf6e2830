// What the site does in Firefox and in WebKit, as the system has them, by hand: `xvfb-run node --import tsx
// --experimental-websocket test/site/other-browsers.ts`, with a name for only one (from Node 22 on without the flag). It is no part of the tests, since few machines have them; docs/site.md has what was seen.
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { addNotebook, serveCopy } from './opened';
import { TRAIN, trainTiny } from './tiny';

const MINIBROWSER = '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser';
const PORT = 4477;
const CELLS = [
  `import { chooseBackend } from './src/engine/backend';\nconst { name, version } = await chooseBackend();\n\`\${name}: \${version}\``,
  `${TRAIN}\nawait (${trainTiny.toString()})({ chooseBackend, AdamW, parseConfig, QuestionAnsweringModel, tf })`,
  "import { resolveModel } from './src/model/resolve';\nawait resolveModel('workshop')",
  "import fs from 'node:fs';\nfs.mkdirSync('runs', { recursive: true });\nfs.writeFileSync('runs/a.txt', 'kept');",
  "import fs from 'node:fs';\nfs.readFileSync('runs/a.txt', 'utf8')",
];

/** A browser with one page. */
interface Driver {
  open(url: string): Promise<void>;
  /** The value of an expression, awaited, as text. */
  evaluate(expression: string): Promise<string>;
  close(): Promise<void>;
}

/** Through WebDriver BiDi (w3.org/TR/webdriver-bidi). */
async function startFirefox(): Promise<Driver> {
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-firefox-'));
  const args = ['--headless', '--no-remote', '--profile', profile, `--remote-debugging-port=${PORT}`, 'about:blank'];
  const program = spawn('firefox-esr', args, { stdio: 'ignore' });
  const socket = await connect(`ws://127.0.0.1:${PORT}/session`);
  const waiting = new Map<number, (answer: Record<string, unknown>) => void>();
  socket.addEventListener('message', ({ data }: MessageEvent<string>) => {
    const answer = JSON.parse(data) as { id: number } & Record<string, unknown>;
    waiting.get(answer.id)?.(answer);
  });
  let last = 0;
  const send = async (method: string, params: object) => {
    const answer = await new Promise<Record<string, unknown>>((resolve) => {
      waiting.set(++last, resolve);
      socket.send(JSON.stringify({ id: last, method, params }));
    });
    if (answer.error) throw new Error(`${method}: ${String(answer.message)}`);
    return answer.result;
  };
  await send('session.new', { capabilities: {} });
  const { contexts } = (await send('browsingContext.getTree', {})) as { contexts: { context: string }[] };
  const [{ context }] = contexts;
  return {
    open: async (url) => void (await send('browsingContext.navigate', { context, url, wait: 'complete' })),
    evaluate: async (expression) => {
      const asked = {
        expression: `(async () => String(await ${expression}))()`,
        target: { context },
        awaitPromise: true,
      };
      const { result, exceptionDetails } = (await send('script.evaluate', asked)) as { result?: { value: string }; exceptionDetails?: { text: string } }; // prettier-ignore
      if (!result) throw new Error(exceptionDetails?.text);
      return result.value;
    },
    close: () => end(program, profile),
  };
}

async function connect(address: string): Promise<WebSocket> {
  for (let tries = 0; tries < 60; tries++) {
    const socket = new WebSocket(address);
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.addEventListener('open', () => resolve(true));
      socket.addEventListener('error', () => resolve(false));
    });
    if (isOpen) return socket;
    await sleep(500);
  }
  throw new Error(`nobody answers at ${address}`);
}

/** Through WebDriver (w3.org/TR/webdriver2). */
async function startWebKit(): Promise<Driver> {
  const program = spawn('WebKitWebDriver', [`--port=${PORT}`], { stdio: 'ignore' });
  await sleep(2000);
  const send = async <T>(place: string, body: object): Promise<T> => {
    const response = await fetch(`http://127.0.0.1:${PORT}${place}`, { method: 'POST', body: JSON.stringify(body) });
    const { value } = (await response.json()) as { value: T & { message?: string } };
    if (!response.ok) throw new Error(`${place}: ${value.message}`);
    return value;
  };
  const options = { 'webkitgtk:browserOptions': { binary: MINIBROWSER, args: ['--automation'] } };
  const { sessionId } = await send<{ sessionId: string }>('/session', { capabilities: { alwaysMatch: options } });
  const session = `/session/${sessionId}`;
  await send(`${session}/timeouts`, { script: 240_000, pageLoad: 60_000 });
  return {
    open: async (url) => void (await send(`${session}/url`, { url })),
    evaluate: (expression) => {
      const script = `const done = arguments[0]; (async () => String(await ${expression}))().then(done, (error) => done('failed: ' + error));`;
      return send(`${session}/execute/async`, { script, args: [] });
    },
    close: async () => {
      await fetch(`http://127.0.0.1:${PORT}${session}`, { method: 'DELETE' });
      await end(program);
    },
  };
}

async function end(program: ChildProcess, profile?: string): Promise<void> {
  program.kill();
  await sleep(2000);
  if (profile) fs.rmSync(profile, { recursive: true, force: true });
}

async function waitFor(driver: Driver, expression: string): Promise<void> {
  for (let second = 0; second < 90; second++) {
    // while a page loads, there is nobody to ask
    if ((await driver.evaluate(expression).catch(() => '')) === 'true') return;
    await sleep(1000);
  }
  throw new Error(`never true: ${expression}`);
}

const runCell = (place: number) => `(async () => {
  const { content } = jupyterapp.shell.currentWidget;
  content.activeCellIndex = ${place};
  await jupyterapp.commands.execute('notebook:run-cell');
  return JSON.stringify(content.widgets[${place}].model.toJSON().outputs.map(({ data, text, evalue }) => evalue ?? text ?? data['text/plain'])).slice(0, 400);
})()`;

async function tryIn(driver: Driver, url: string): Promise<void> {
  await driver.open(url);
  await waitFor(driver, "document.querySelector('#machine dd') !== null");
  console.log(await driver.evaluate('navigator.userAgent'));
  console.log('machine:', JSON.stringify(await driver.evaluate("document.querySelector('#machine').innerText")));
  console.log('isolated:', await driver.evaluate('crossOriginIsolated'));
  for (const places of [[...CELLS.keys()], [CELLS.length - 1]]) {
    await driver.open(`${url}notebooks/index.html?path=try.ipynb`);
    await sleep(5000);
    await waitFor(
      driver,
      "typeof jupyterapp === 'object' && jupyterapp.shell.currentWidget?.content?.widgets?.length > 0",
    );
    await driver.evaluate('(async () => { const { context, sessionContext } = jupyterapp.shell.currentWidget; await context.ready; await sessionContext.ready; })()'); // prettier-ignore
    for (const place of places) {
      const began = performance.now();
      const shown = await driver.evaluate(runCell(place));
      console.log(place, `${((performance.now() - began) / 1000).toFixed(1)} s`, shown);
    }
  }
}

async function main(wanted?: string): Promise<void> {
  for (const [name, start] of Object.entries({ firefox: startFirefox, webkit: startWebKit })) {
    if (wanted && wanted !== name) continue;
    for (const isolated of [true, false]) {
      const { url, end: endSite } = await serveCopy({
        isolated,
        change: (folder) => addNotebook(folder, 'try.ipynb', CELLS),
      });
      console.log(`== ${name}, headers for isolation: ${isolated}`);
      const driver = await start();
      await tryIn(driver, url).catch((error: unknown) => console.log(error));
      await driver.close();
      endSite();
    }
  }
}

void main(process.argv[2]);
