// A sweep on a Ray cluster of two workers: both work, the results are those of a sweep here, and it is resumable.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import type { RunSummary } from '../../src/training/runs';
import { spanlab } from '../cli/run';
import { smallModel } from '../cli/small-model';
import { onePassage, question, temporaryFile } from '../squad/files';
import { python, startPython } from './environment';

const context = 'The lighthouse was built in 1874 by Agnes Holm.';
const train = temporaryFile(
  onePassage(context, [
    question('1874', context.indexOf('1874'), 'a'),
    question('Agnes', context.indexOf('Agnes'), 'b'),
  ]),
);
const root = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-ray-'));
const cluster = startPython([path.join(__dirname, 'ray_cluster.py')]);
let address = '';
let model = '';

before(async () => {
  const [first] = await Promise.race([once(cluster.child.stdout, 'data'), cluster.ended.then(() => [''])]);
  address = String(first).trim();
  model = await smallModel();
});

after(async () => {
  cluster.child.stdin.end();
  await cluster.ended;
});

async function sweep(name: string, ...more: string[]) {
  const options = { model, train, batchSize: 2, maxLength: 64, docStride: 16, steps: 20, backend: 'tensorflow' };
  const search = { learningRate: [1e-3, 1e-2], seed: [0, 1] };
  const config = temporaryFile({ out: path.join(root, name), options, search });
  const env = { SPANLAB_PYTHON: python, RAY_USAGE_STATS_ENABLED: '0' };
  const { code, stdout, stderr } = await spanlab(['sweep', '--config', config, '--json', ...more], env);
  assert.equal(code, 0, stderr);
  return { runs: JSON.parse(stdout) as RunSummary[], stderr };
}

const losses = (runs: RunSummary[]) => runs.map(({ name, status, steps, loss }) => [name, status, steps, loss]);

test('both workers take trials, and the losses are those of a sweep here', async () => {
  const ray = ['--on', 'ray', '--address', address, '--cpus', '1'];
  const there = await sweep('there', ...ray);
  const nodes = [...there.stderr.matchAll(/^(trial-\d) on node (\w+): finished$/gm)];
  assert.deepEqual(nodes.map(([, name]) => name).sort(), ['trial-0', 'trial-1', 'trial-2', 'trial-3']);
  assert.equal(new Set(nodes.map(([, , node]) => node)).size, 2);
  console.log(there.stderr);
  const here = await sweep('here');
  assert.deepEqual(losses(there.runs), losses(here.runs));

  // one trial is lost: only it is trained again
  fs.rmSync(path.join(root, 'there', 'trial-2'), { recursive: true });
  const again = await sweep('there', ...ray);
  assert.match(again.stderr, /trial-2 on node \w+: finished/);
  assert.doesNotMatch(again.stderr, /trial-[013]/);
  assert.deepEqual(losses(again.runs), losses(here.runs));
});
