// A sweep on a Ray cluster of two workers: both work, the results are those of a sweep here, and it is resumable.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { projectRoot } from '../../src/root';
import { latestCheckpoint } from '../../src/training/checkpoints';
import { type RunSummary, summarizeRun } from '../../src/training/runs';
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

test('stopped, the trials on the cluster end their step and save', async () => {
  const options = { model, train, batchSize: 2, maxLength: 64, docStride: 16, steps: 100_000 };
  const out = path.join(root, 'stopped');
  const config = temporaryFile({ out, options, search: { seed: [0, 1] } });
  const args = ['sweep', '--config', config, '--on', 'ray', '--address', address, '--cpus', '1'];
  const env = { ...process.env, SPANLAB_PYTHON: python, NODE_OPTIONS: '' };
  const program = path.join(projectRoot(), 'src', 'cli', 'bin.cjs');
  const child = spawn(process.execPath, [program, ...args], { env, stdio: 'ignore' });
  const folders = ['trial-0', 'trial-1'].map((name) => path.join(out, name));
  const isAtWork = (folder: string) => fs.existsSync(path.join(folder, 'metrics.jsonl'));
  const timer = setInterval(() => {
    if (!folders.every(isAtWork)) return;
    clearInterval(timer);
    child.kill('SIGTERM');
  }, 200);
  const [code] = (await once(child, 'close')) as [number];
  clearInterval(timer);
  assert.equal(code, 1);
  for (const folder of folders) {
    assert.equal(summarizeRun(folder).status, 'stopped');
    assert.equal(latestCheckpoint(folder)?.head.state.step, summarizeRun(folder).steps);
  }
});
