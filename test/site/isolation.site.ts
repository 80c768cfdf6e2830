// A host that sends no headers: the service worker isolates the page, so that threads compute, by whatever address people come. Where
// there may be no service worker, one thread does.
import assert from 'node:assert';
import { after, before, test } from 'node:test';
import { type Site, addNotebook, errorsOf, openNotebook, openSite, runCell, textOf } from './opened';

const CHOOSE = `import { chooseBackend } from './src/engine/backend';
const { name, version } = await chooseBackend();
\`\${name}: \${version}\``;

let site: Site;

before(async () => {
  site = await openSite({
    isolated: false,
    change: (folder) => addNotebook(folder, 'try.ipynb', [CHOOSE, 'prompt("?")']),
  });
});

after(() => site?.close());

test('who opens a notebook first has threads', async () => {
  const page = await openNotebook(site, 'try.ipynb');
  assert.equal(await page.evaluate(() => crossOriginIsolated), true);
  assert.match(textOf(await runCell(page, 0)), /wasm: .*SIMD on \d+ threads/);
  assert.deepEqual(site.strangers, []);
  await page.close();
});

test('who comes by the front page has threads', async () => {
  const page = await site.context.newPage();
  await page.goto(site.url);
  await page.waitForSelector('#machine dd');
  assert.equal(await page.evaluate(() => crossOriginIsolated), true);
  assert.match((await page.textContent('#machine'))!, /threads\d+room|threads\d+memory/);
  await page.close();
});

test('without a service worker one thread computes, and nobody can be asked', async () => {
  const context = await site.context.browser()!.newContext({ serviceWorkers: 'block' });
  const page = await openNotebook({ ...site, context }, 'try.ipynb');
  assert.equal(await page.evaluate(() => crossOriginIsolated), false);
  assert.match(textOf(await runCell(page, 0)), /wasm: .*SIMD on one thread/);
  assert.match(errorsOf(await runCell(page, 1)).join(), /E_BROWSER: nobody can be asked/);
  await context.close();
});
