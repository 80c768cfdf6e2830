// Trainings side by side, read from the records that they leave; the figure of their curves says in words what it shows.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { runsPlot } from '../../src/show/runs-plot';
import { lossesTable } from '../../src/show/training-tables';
import { Trainer } from '../../src/training/trainer';
import { startBackend } from '../engine/backend';
import { setup, temporary } from '../training/small';

const folder = temporary();
const names = ['first', 'second'].map((name) => path.join(folder, name));
after(() => fs.rmSync(folder, { recursive: true }));
before(async () => {
  await startBackend();
  for (const [seed, name] of names.entries()) {
    const evaluate = () => Promise.resolve({ loss: 2.71828, f1: 10.04 + seed });
    await new Trainer({ ...setup({ steps: 2, seed }, name), evaluate }).run();
  }
});

test('seen and held-out loss, and the options that were asked for', () => {
  const table = lossesTable(names, ['seed', 'none']);
  assert.deepEqual(table.columns, ['run', 'seed', 'none', 'steps', 'training loss', 'held-out loss', 'held-out F1']);
  const rows = table.values as unknown[][];
  assert.deepEqual(rows.map((row) => [...row.slice(0, 4), ...row.slice(5)]), [['first', '0', '', 2, 2.718, 10], ['second', '1', '', 2, 2.718, 11]]); // prettier-ignore
  assert.ok(rows.every((row) => Number(row[4]) > 1 && Number(row[4]) < 5)); // log 8 to log 16 before it has learned
});

test('what is no run is refused', () => {
  assert.throws(() => lossesTable([folder], []), { code: 'E_RUN' });
});

test('the figure of runs in words', () => {
  const { alt } = runsPlot(names).layout.meta as { alt: string };
  assert.match(alt, /first: loss \d\.\d\d after 2 steps, F1 10\.0; second: loss \d\.\d\d after 2 steps, F1 11\.0\.$/);
  const empty = runsPlot([{ name: 'begun', lines: [] }]).layout.meta as { alt: string };
  assert.match(empty.alt, /begun: no steps yet\.$/);
});
