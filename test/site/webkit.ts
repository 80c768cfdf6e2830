// What the site does in WebKit, by hand, through the system's WebDriver: `xvfb-run node --import tsx test/site/webkit.ts`. It is no part of
// the tests, since few machines have one; docs/site.md has what was seen.
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { addNotebook, openSite } from './opened';
import { TRAIN, trainTiny } from './tiny';

const DRIVER = 'http://127.0.0.1:4477';
const PROGRAM = process.argv[2] ?? '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser';
const CELLS = [
  `import { chooseBackend } from './src/engine/backend';\nconst { name, version } = await chooseBackend();\n\`\${name}: \${version}\``,
  `${TRAIN}\nawait (${trainTiny.toString()})({ chooseBackend, AdamW, parseConfig, QuestionAnsweringModel, tf })`,
  "import { resolveModel } from './src/model/resolve';\nawait resolveModel('workshop')",
  "import fs from 'node:fs';\nfs.mkdirSync('runs', { recursive: true });\nfs.writeFileSync('runs/a.txt', 'kept');",
  "import fs from 'node:fs';\nfs.readFileSync('runs/a.txt', 'utf8')",
];

/** Runs the cell `arguments[0]`, and gives what it shows to `arguments[1]`. */
const RUN = `const [place, done] = arguments;
const { content } = jupyterapp.shell.currentWidget;
content.activeCellIndex = place;
jupyterapp.commands.execute('notebook:run-cell').then(
  () => done(JSON.stringify(content.widgets[place].model.toJSON().outputs).slice(0, 1200)),
  (error) => done(String(error)),
);`;

async function ask<T>(path: string, body?: object): Promise<T> {
  const method = body ? 'POST' : 'GET';
  const response = await fetch(DRIVER + path, { method, body: body && JSON.stringify(body) });
  const { value } = (await response.json()) as { value: T & { error?: string; message?: string } };
  if (!response.ok) throw new Error(`${path}: ${value.error}: ${value.message}`);
  return value;
}

async function waitFor(session: string, script: string, seconds = 90): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    if (await ask<boolean>(`${session}/execute/sync`, { script: `return ${script}`, args: [] })) return;
    await sleep(1000);
  }
  throw new Error(`not within ${seconds} s: ${script}`);
}

async function tryIn(session: string, url: string): Promise<void> {
  const get = <T>(script: string) => ask<T>(`${session}/execute/sync`, { script: `return ${script}`, args: [] });
  await ask(`${session}/timeouts`, { script: 240_000, pageLoad: 60_000 });
  await ask(`${session}/url`, { url });
  await waitFor(session, "document.querySelector('#machine dd') !== null");
  console.log('machine:', await get("document.querySelector('#machine').innerText"));
  const isThere = "typeof jupyterapp === 'object' && jupyterapp.shell.currentWidget?.content?.widgets?.length > 0";
  for (const places of [[...CELLS.keys()], [CELLS.length - 1]]) {
    await ask(`${session}/url`, { url: `${url}notebooks/index.html?path=try.ipynb` });
    await waitFor(session, isThere);
    await sleep(5000);
    for (const place of places)
      console.log(place, await ask(`${session}/execute/async`, { script: RUN, args: [place] }));
  }
}

async function main(): Promise<void> {
  const driver = spawn('WebKitWebDriver', [`--port=${new URL(DRIVER).port}`], { stdio: 'ignore' });
  await sleep(1000);
  const options = { 'webkitgtk:browserOptions': { binary: PROGRAM, args: ['--automation'] } };
  try {
    for (const isolated of [true, false]) {
      const site = await openSite({ isolated, change: (folder) => addNotebook(folder, 'try.ipynb', CELLS) });
      const { sessionId } = await ask<{ sessionId: string }>('/session', { capabilities: { alwaysMatch: options } });
      console.log({ isolated });
      await tryIn(`/session/${sessionId}`, site.url).catch(console.log);
      await fetch(`${DRIVER}/session/${sessionId}`, { method: 'DELETE' });
      await site.close();
    }
  } finally {
    driver.kill();
  }
}

void main();
