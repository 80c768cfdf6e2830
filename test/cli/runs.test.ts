// `spanlab runs`: what it finds, in which order, and what it says when there is nothing.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { before } from 'node:test';
import { main } from '../../src/cli/main';
import { type RunFile, type RunStatus, writeRunFile } from '../../src/training/run-file';
import { hashWeights } from '../../src/model/weights-hash';
import { writeOrigin } from '../../src/training/origin';
import { findRuns, summarizeRuns } from '../../src/training/runs';
import { spanlab } from './run';

const BIN = path.join(__dirname, '..', '..', 'src', 'cli', 'bin.cjs');
const root = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-runs-'));

/** A run folder as `spanlab train` leaves it. */
function makeRun(name: string, status: RunStatus, f1: number | undefined, seed: number, pid = 1): void {
  const folder = path.join(root, name);
  fs.mkdirSync(folder, { recursive: true });
  const starts = [{ at: `2026-01-0${seed + 1}T00:00:00Z`, step: 0, host: os.hostname(), pid }];
  const options = { seed, batchSize: 16 } as unknown as RunFile['options'];
  const empty = { versions: {}, machine: {}, data: {}, model: {} };
  writeRunFile(folder, { format: 'spanlab-run-1', status, starts, options, ...empty });
  const steps = [1, 2].map((step) => ({ step, loss: 3 - step, tokens_per_second: 10, seconds: step }));
  const lines = [...steps, ...(f1 === undefined ? [] : [{ step: 2, eval_exact: f1 / 2, eval_f1: f1 }])];
  fs.writeFileSync(path.join(folder, 'metrics.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

before(() => {
  makeRun('a', 'finished', 40, 0);
  makeRun('deep/er/b', 'stopped', 60, 1);
  const { pid } = spawnSync(process.execPath, ['-e', '']); // a process that is over
  makeRun('c', 'running', undefined, 2, pid);
  makeRun('d', 'running', 20, 3, process.pid);
});

test('a table of all runs below a folder, newest first, with the options that differ', async () => {
  const { code, stdout } = await spanlab(['runs', root]);
  assert.equal(code, 0);
  const [head, ...rows] = stdout.trim().split('\n');
  assert.match(head, /^run +status +steps +loss \(last 20\) +exact +F1 +tokens\/s +time +seed$/);
  assert.deepEqual(rows.map((row) => row.split(/ +/).slice(0, 2)), [['d', 'running'], ['c', 'interrupted'], ['b', 'stopped'], ['a', 'finished']]); // prettier-ignore
});

test('the best first; as JSON', async () => {
  const { stdout } = await spanlab(['runs', root, '--sort', 'f1', '--json']);
  const runs = JSON.parse(stdout) as { name: string; metrics: { f1?: number } }[];
  assert.deepEqual(
    runs.map(({ name, metrics }) => [name, metrics.f1]),
    [['b', 60], ['a', 40], ['d', 20], ['c', undefined]], // prettier-ignore
  );
});

test('one run by its folder', async () => {
  const { stdout } = await spanlab(['runs', path.join(root, 'a')]);
  assert.match(stdout, /^run.*\na +finished +2 +1\.5 +20\.0 % +40\.0 % +10 +2 s\n$/);
});

test("the tutorial's model is a run: its steps and loss, and the metrics of its own weights", async () => {
  const models = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-models-'));
  const folder = path.join(models, 'models', 'workshop-qa');
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'model.safetensors'), 'weights');
  writeOrigin(folder, { model: 'workshop', epochs: 1 }, [9, ...Array.from({ length: 20 }, () => 2)]);
  const results = (weights: string) => ({
    before: { f1: 5 },
    after: { exact: 36.16, f1: 44.75 },
    evaluated: { weights },
  });
  const write = (weights: string) =>
    fs.writeFileSync(path.join(folder, 'eval_results.json'), JSON.stringify(results(weights)));
  write(hashWeights(folder));
  const list = () => spawnSync(process.execPath, [BIN, 'runs'], { cwd: models, encoding: 'utf8' });
  assert.match(list().stdout, /^run +status.*\nworkshop-qa +finished +21 +2 +36\.2 % +44\.8 %\s*\n$/);
  write('of other weights');
  assert.match(list().stdout, /\nworkshop-qa +finished +21 +2\s*\n$/);
  fs.rmSync(path.join(models, 'models'), { recursive: true });
  assert.match(
    list().stderr,
    /^error: E_RUN: models, runs: no runs; npm start or spanlab train --out models.NAME makes one/,
  );
});

test('a damaged record hides no other run: it is named, with what to do', async (context) => {
  const some = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-runs-'));
  fs.cpSync(path.join(root, 'a'), path.join(some, 'good'), { recursive: true });
  const damage = (name: string, file: string, text: string) => {
    fs.mkdirSync(path.join(some, name));
    fs.writeFileSync(path.join(some, name, file), text);
  };
  damage('cut', 'run.json', '{"format": "spanlab-run-1", "sta');
  damage('empty', 'run.json', '');
  damage('origin', 'origin.json', '[]');
  const { code, stdout, stderr } = await spanlab(['runs', some]);
  assert.equal(code, 0);
  assert.match(stdout, /^run +status/);
  assert.deepEqual(
    stdout.match(/^\w+ +(?:damaged|finished)/gm)!.map((row) => row.replace(/ +/, ' ')).sort(),
    ['cut damaged', 'empty damaged', 'good finished', 'origin damaged'],
  );
  const lines = stderr.trim().split('\n');
  assert.equal(lines.length, 3, stderr);
  assert.match(stderr, /warning: .*cut.run\.json: not a run's record \(.*; bring it back from a copy, or delete it/);

  fs.mkdirSync(path.join(some, 'closed'));
  const { readdirSync } = fs;
  context.mock.method(fs, 'readdirSync', ((name: string, options: object) => {
    if (!name.endsWith('closed')) return readdirSync(name, options as { withFileTypes: true });
    throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
  }) as never);
  const closed = summarizeRuns(findRuns(some)).find(({ name }) => name === 'closed');
  assert.match(`${closed?.status} ${closed?.problem}`, /^damaged .*closed: permission denied/);
}); // prettier-ignore

test('nothing there, a damaged record and a wrong order are one line each', async (context) => {
  const empty = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-runs-'));
  const broken = path.join(empty, 'broken');
  const stderr = async (...args: string[]) => {
    let text = '';
    const write = context.mock.method(process.stderr, 'write', (part: string) => (text += part) !== '');
    const code = await main(['runs', ...args]);
    write.mock.restore();
    return `${code} ${text}`;
  };
  assert.match(await stderr(empty), /^1 error: E_RUN: .*no runs; npm start or spanlab train --out/);
  assert.match(await stderr(path.join(empty, 'none')), /^1 error: E_FILE_MISSING: /);
  fs.mkdirSync(broken);
  fs.writeFileSync(path.join(broken, 'run.json'), '{"format": "other"}');
  assert.match(
    await stderr(broken),
    /^1 error: E_RUN: .*run\.json: not a run's record \(\"format\" is "other", where .*; bring it back/,
  );
  assert.match(await stderr(root, '--sort', 'taste'), /^2 error: .*--sort is "taste"/);
});
