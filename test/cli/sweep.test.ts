// `spanlab sweep`: a table of all trials; what is finished stays, what was interrupted goes on; wrong files train nothing.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { before } from 'node:test';
import { lockFolder } from '../../src/folder-lock';
import type { RunSummary } from '../../src/training/runs';
import { projectRoot } from '../../src/root';
import { onePassage, question, temporaryFile } from '../squad/files';
import { spanlab } from './run';
import { smallModel } from './small-model';

const context = 'The lighthouse was built in 1874 by Agnes Holm.';
const train = temporaryFile(
  onePassage(context, [
    question('1874', context.indexOf('1874'), 'a'),
    question('Agnes', context.indexOf('Agnes'), 'b'),
  ]),
);
let model: string;

before(async () => {
  model = await smallModel();
});

function sweepFile(search: object, options: object = {}) {
  const out = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-')), 'sweep');
  const shared = { model, train, batchSize: 2, maxLength: 64, docStride: 16, ...options };
  return { out, config: temporaryFile({ out, options: shared, search }) };
}

const read = (...parts: string[]) => JSON.parse(fs.readFileSync(path.join(...parts), 'utf8')) as RunSummary;

test('every trial trains with its options; again, nothing trains twice', async () => {
  const { out, config } = sweepFile({ learningRate: [1e-4, 0.05] }, { steps: 6 });
  const first = await spanlab(['sweep', '--config', config]);
  assert.equal(first.code, 0, first.stderr);
  const [head, ...rows] = first.stdout.trim().split('\n');
  assert.match(head, /^run +status +steps +loss .* learningRate$/);
  // sorted by loss: the higher rate learns two rows by heart
  assert.deepEqual(rows.map((row) => row.split(/ +/).slice(0, 3)), [['trial-1', 'finished', '6'], ['trial-0', 'finished', '6']]); // prettier-ignore
  const before = read(out, 'trial-0', 'run.json');
  const second = await spanlab(['sweep', '--config', config, '--json']);
  assert.equal(second.code, 0, second.stderr);
  assert.deepEqual(read(out, 'trial-0', 'run.json'), before);
  const runs = JSON.parse(second.stdout) as RunSummary[];
  assert.deepEqual(runs.map(({ options }) => options.learningRate), [0.05, 1e-4]); // prettier-ignore
});

test('stopped, it saves the trial in progress and goes on with it', async () => {
  const { out, config } = sweepFile({ seed: [0, 1] }, { steps: 300 });
  const program = path.join(projectRoot(), 'src', 'cli', 'bin.cjs');
  const child = spawn(process.execPath, [program, 'sweep', '--config', config], { stdio: 'ignore' });
  const metrics = path.join(out, 'trial-0', 'metrics.jsonl');
  const timer = setInterval(() => {
    if (!fs.existsSync(metrics) || fs.statSync(metrics).size < 500) return;
    child.kill('SIGTERM'); // once: twice stops at once
    clearInterval(timer);
  }, 50);
  const code = await new Promise((resolve) => child.on('close', resolve));
  assert.equal(code, 1);
  const stopped = read(out, 'trial-0', 'run.json') as unknown as { status: string; result: { steps: number } };
  assert.equal(stopped.status, 'stopped');
  assert.ok(stopped.result.steps < 300);
  assert.ok(!fs.existsSync(path.join(out, 'trial-1')));

  const again = await spanlab(['sweep', '--config', config, '--json']);
  assert.equal(again.code, 0, again.stderr);
  const runs = JSON.parse(again.stdout) as RunSummary[];
  assert.deepEqual(runs.map(({ status, steps }) => [status, steps]), [['finished', 300], ['finished', 300]]); // prettier-ignore
  const { starts } = read(out, 'trial-0', 'run.json') as unknown as { starts: { step: number }[] };
  assert.deepEqual(starts.map(({ step }) => step), [0, stopped.result.steps]); // prettier-ignore
});

test('a trial that fails is named and the others are trained', async () => {
  const { config } = sweepFile({ train: [temporaryFile('{'), train] }, { steps: 2 });
  const { code, stderr, stdout } = await spanlab(['sweep', '--config', config, '--json']);
  assert.equal(code, 1);
  assert.match(stderr, /E_SWEEP: not finished: trial-0; the same command goes on with them/);
  assert.deepEqual((JSON.parse(stdout) as RunSummary[]).map(({ name }) => name), ['trial-1']); // prettier-ignore
});

test('a wrong option, other trials in the same folder and a wrong place train nothing', async () => {
  const bad = sweepFile({ learningRate: [1e-4, -1] });
  const wrong = await spanlab(['sweep', '--config', bad.config]);
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /^error: E_TRAIN_OPTION: .*trial-1: learningRate is -1/);
  assert.ok(!fs.existsSync(bad.out));

  const { out, config } = sweepFile({ seed: [0] }, { steps: 1 });
  assert.equal((await spanlab(['sweep', '--config', config])).code, 0);
  const shared = { model, train, batchSize: 2, maxLength: 64, docStride: 16, steps: 1 };
  const other = temporaryFile({ out, options: shared, search: { seed: [5] } });
  assert.match((await spanlab(['sweep', '--config', other])).stderr, /^error: E_SWEEP: .*other trials/);
  assert.equal((await spanlab(['sweep', '--config', config, '--on', 'mars'])).code, 2);
});

test('a run of other options or other data in the folder of a trial is refused, and stays as it is', async () => {
  const { out, config } = sweepFile({ seed: [0, 1] }, { steps: 2 });
  const foreign = path.join(out, 'trial-1');
  const flags = ['--batch', '2', '--max-length', '64', '--doc-stride', '16', '--steps', '2', '--lr', '0.01'];
  const trained = await spanlab(['train', '--model', model, '--train', train, '--out', foreign, ...flags]);
  assert.equal(trained.code, 0, trained.stderr);
  const kept = read(foreign, 'run.json');
  const refused = await spanlab(['sweep', '--config', config]);
  assert.equal(refused.code, 1);
  assert.match(
    refused.stderr,
    /^error: E_SWEEP: .*trial-1: the run in it is not this trial \(learningRate 0.01 there, /,
  );
  assert.match(refused.stderr, /seed 0 there, 1 in the sweep\); move that folder away/);
  assert.deepEqual(fs.readdirSync(out), ['trial-1']);
  assert.deepEqual(read(foreign, 'run.json'), kept);
});

test('a finished trial whose questions have changed since is not taken for the trial of today', async () => {
  const copy = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-')), 'train.json');
  fs.copyFileSync(train, copy);
  const { config } = sweepFile({ seed: [0] }, { steps: 1, train: copy });
  assert.equal((await spanlab(['sweep', '--config', config])).code, 0);
  fs.appendFileSync(copy, '\n');
  const { code, stderr } = await spanlab(['sweep', '--config', config]);
  assert.equal(code, 1);
  assert.match(stderr, /^error: E_SWEEP: .*trial-0: .*train\.json has changed since\)/);
});

test('while a sweep holds its folder, another training into the folder of a trial is refused', async () => {
  const out = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));
  const lock = lockFolder(out, 'a sweep');
  const args = [
    'train',
    '--model',
    model,
    '--train',
    train,
    '--steps',
    '1',
    '--max-length',
    '64',
    '--doc-stride',
    '16',
  ];
  const into = (folder: string, env = {}) => spanlab([...args, '--out', path.join(out, folder)], env);
  const refused = await into('trial-3');
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /^error: E_FOLDER_BUSY: .* in use \(a sweep, process/);
  assert.ok(!fs.existsSync(path.join(out, 'trial-3')));
  const own = await into('trial-3', { SPANLAB_SWEEP: lock.id });
  assert.equal(own.code, 0, own.stderr);
  lock.release();
});

test('a flag where the name of an option is meant is answered with that name', async () => {
  for (const [flag, option] of [
    ['lr', 'learningRate'],
    ['batch', 'batchSize'],
  ]) {
    const { config } = sweepFile({ [flag]: [1] });
    const { stderr } = await spanlab(['sweep', '--config', config]);
    assert.match(stderr, new RegExp(`E_TRAIN_OPTION: .*unknown option "${flag}"; in a file its name is ${option}`));
  }
});
