// Ten notebooks as a university course on logic writes them: what runs in tslab as it comes runs here, and as deep.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import test, { after, before } from 'node:test';
import { Client } from './client';
import { asyncDepth, courseFolder, DEPTH, NOTEBOOKS } from './course-notebooks';

let folder: string;
let ours: Client;
let stock: Client;
before(async () => {
  folder = courseFolder();
  ours = await Client.start({ folder });
  stock = await Client.start({ folder, isStock: true });
});
after(async () => {
  await ours.stop();
  stock.process.kill('SIGKILL');
  stock.close();
  fs.rmSync(folder, { recursive: true });
});
const options = { timeout: 120_000 };

/** What a notebook's last cell shows, or prints as tslab does. */
async function outcome(kernel: Client, cells: string[]): Promise<string> {
  let shown = '';
  for (const cell of cells) {
    const { reply, result, stdout } = await kernel.run(cell);
    if (reply.status !== 'ok') return `failed: ${cell.slice(0, 40)}`;
    shown = (result ?? stdout).trim();
  }
  return shown;
}

for (const [name, cells] of Object.entries(NOTEBOOKS)) {
  test(`${name}: no cell fails that runs in tslab`, options, async () => {
    const [here, there] = [await outcome(ours, cells), await outcome(stock, cells)];
    assert.doesNotMatch(here, /^failed/);
    if (!there.startsWith('failed')) assert.equal(here.replace(/'/g, ''), there.replace(/'/g, ''));
  });
}

test('the depth of recursion is not less than in tslab', options, async () => {
  const [here, there] = [Number(await outcome(ours, [DEPTH])), Number(await outcome(stock, [DEPTH]))];
  assert.ok(here >= 0.99 * there, `${here} beside ${there}`);
});

test('nor is that of asynchronous functions, and what ends it is told by nobody', options, async () => {
  const there = Number(await outcome(stock, [asyncDepth(0)]));
  for (let values = 0; values < 20; values++) {
    const here = Number(await outcome(ours, [asyncDepth(values)]));
    assert.ok(here >= 0.99 * there, `${here} beside ${there}`);
  }
});
