// The record of a run: what it says, that Hugging Face's words are used, and that TensorBoard's files hold the numbers.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test, { before } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { nativeBackend } from '../../src/engine/handles';
import { readFeatures } from '../../src/tokens/feature-file';
import { readMetrics } from '../../src/training/metrics-file';
import { hashFeatures, readRunFile } from '../../src/training/run-file';
import { Trainer } from '../../src/training/trainer';
import { startBackend } from '../engine/backend';
import { features, setup, temporary } from './small';

let output: string;

before(async () => {
  await startBackend();
  output = temporary();
  let f1 = 10;
  const evaluate = () => Promise.resolve({ f1: f1++, exact: 5 });
  const options = { evaluateEvery: 5, checkpointEvery: 8, logEvery: 4 };
  const more = { inputs: { train: '/data/train.json' }, data: { train: 'c0ffee' }, evaluate };
  await new Trainer({ ...setup(options, output), ...more }).run();
});

const readJson = (name: string) =>
  JSON.parse(fs.readFileSync(path.join(output, name), 'utf8')) as Record<string, never>;

test('run.json: options, versions, machine, data, model, result', () => {
  const run = readRunFile(output);
  assert.equal(run.status, 'finished');
  assert.deepEqual([run.options.batchSize, run.options.schedule, run.options.train], [8, 'linear', '/data/train.json']);
  assert.match(run.versions.node, /^v\d/);
  assert.equal(typeof run.machine.cores, 'number');
  assert.deepEqual([run.data.rows, run.data.sha256, run.data.train], [64, hashFeatures(features), 'c0ffee']);
  assert.deepEqual([run.model.architecture, run.model.layers], ['bert', 2]);
  assert.deepEqual([run.result?.steps, run.result?.bestStep, run.result?.bestValue], [16, 16, 13]);
});

test('options.json is what a run can be repeated with', () => {
  const { train, ...options } = readJson('options.json');
  assert.equal(train, '/data/train.json');
  assert.deepEqual(new Trainer({ ...setup(), options, evaluate: () => Promise.resolve({}) }).options, options);
});

test('features.bin holds the rows', async () => {
  assert.deepEqual(await readFeatures(path.join(output, 'features.bin')), features);
});

test('metrics.jsonl: a line a step and an evaluation', () => {
  const lines = readMetrics(path.join(output, 'metrics.jsonl'));
  const [steps, evaluations] = [lines.filter((line) => 'loss' in line), lines.filter((line) => 'eval_f1' in line)];
  assert.equal(steps.length, 16);
  const names = ['step', 'epoch', 'loss', 'learning_rate', 'grad_norm', 'tokens_per_second', 'memory', 'seconds'];
  assert.deepEqual(Object.keys(steps[0]), names);
  assert.ok(steps.every((line) => Object.values(line).every(Number.isFinite)));
  assert.deepEqual([steps[7].epoch, steps[11].epoch], [1, 1.5]);
  assert.deepEqual(
    evaluations.map((line) => [line.step, line.eval_f1, line.eval_exact]),
    [5, 10, 15, 16].map((step, i) => [step, 10 + i, 5]),
  );
});

// transformers 5.23.0: the fields of TrainerState, and of the entries that its trainer logs
test('trainer_state.json has the fields of transformers', () => {
  const state = readJson('trainer_state.json') as unknown as Record<string, unknown> & { log_history: object[] };
  assert.deepEqual(Object.keys(state), [
    ...['best_global_step', 'best_metric', 'best_model_checkpoint', 'epoch', 'eval_steps', 'global_step'],
    ...['is_hyper_param_search', 'is_local_process_zero', 'is_world_process_zero', 'log_history', 'logging_steps'],
    ...['max_steps', 'num_input_tokens_seen', 'num_train_epochs', 'save_steps', 'stateful_callbacks', 'total_flos'],
    ...['train_batch_size', 'trial_name', 'trial_params'],
  ]);
  assert.deepEqual([state.epoch, state.global_step, state.max_steps, state.num_train_epochs], [2, 16, 16, 2]);
  assert.deepEqual([state.best_global_step, state.best_metric, state.train_batch_size], [16, 13, 8]);
  assert.match(String(state.best_model_checkpoint), /checkpoint-16$/);
  const logged = state.log_history.filter((entry) => 'loss' in entry);
  assert.deepEqual(Object.keys(logged[0]), ['epoch', 'grad_norm', 'learning_rate', 'loss', 'step']);
  const means = readMetrics(path.join(output, 'metrics.jsonl')).filter((line) => 'loss' in line);
  const mean = means.slice(4, 8).reduce((sum, { loss }) => sum + loss / 4, 0);
  assert.ok(Math.abs((logged[1] as { loss: number }).loss - mean) < 1e-12);
});

test('a run frees its event file and its tensors, and another run in a folder of that name gets a file of its own', async () => {
  if (!nativeBackend()) return;
  const folder = temporary();
  const { numTensors } = tf.memory();
  for (let run = 0; run < 3; run++) {
    fs.rmSync(folder, { recursive: true });
    const given = setup({ steps: 2 }, folder);
    await new Trainer(given).run();
    given.model.dispose();
    const [file] = fs.readdirSync(path.join(folder, 'tensorboard'));
    assert.equal(readRecords(fs.readFileSync(path.join(folder, 'tensorboard', file))).filter((record) => record.includes('train/loss')).length, 2); // prettier-ignore
  }
  assert.equal(tf.memory().numTensors, numTensors);
  if (process.platform !== 'linux') return;
  const open = fs.readdirSync('/proc/self/fd').flatMap((number) => {
    try {
      return [fs.readlinkSync(`/proc/self/fd/${number}`)];
    } catch {
      return []; // the list itself
    }
  });
  assert.deepEqual(open.filter((file) => file.includes('tfevents')), []); // prettier-ignore
});

test('event files hold loss, rate, norm, speed and metrics by step', () => {
  if (!nativeBackend()) return;
  const folder = path.join(output, 'tensorboard');
  const [file] = fs.readdirSync(folder);
  const records = readRecords(fs.readFileSync(path.join(folder, file)));
  const holds = (tag: string) => records.filter((record) => record.includes(tag)).length;
  assert.deepEqual(['train/loss', 'train/learning_rate', 'train/grad_norm'].map(holds), [16, 16, 16]);
  assert.equal(holds('train/tokens_per_second'), 16);
  assert.deepEqual(['eval/f1', 'eval/exact'].map(holds), [4, 4]);
});

/** What TensorFlow throws where the disk is full. */
const FULL =
  'Invalid TF_Status: 8\nMessage: runs/one/tensorboard/events.out.tfevents.1.host.v2; No space left on device\n\tFailed to flush 11 events\n\tCould not flush events file.';

for (const [what, method] of [
  ['a number', 'writeScalarSummary'],
  ['the last words', 'executeMultipleOutputs'],
]) {
  test(`curves that cannot be written (${what}) are left off, once and with a word, and the run goes on`, async (context) => {
    const backend = nativeBackend() as unknown as Record<string, (...args: unknown[]) => unknown> | undefined;
    if (!backend) return;
    const original = backend[method].bind(backend);
    context.mock.method(backend, method, (...args: unknown[]) => {
      if (method === 'executeMultipleOutputs' && args[0] !== 'CloseSummaryWriter') return original(...args);
      throw new Error(FULL);
    });
    const said: string[] = [];
    const folder = temporary();
    const { numTensors } = tf.memory();
    const given = setup({ steps: 3 }, folder);
    assert.equal((await new Trainer({ ...given, onWarning: (message) => void said.push(message) }).run()).steps, 3);
    given.model.dispose();
    assert.equal(readRunFile(folder).status, 'finished');
    assert.deepEqual(said, [`${path.join(folder, 'tensorboard')}: TensorBoard's curves are left off (No space left on device); metrics.jsonl has the same numbers`]); // prettier-ignore
    assert.equal(tf.memory().numTensors, numTensors);
  });
}

test('no curves are written through a link that leads out of the folder of the run', async () => {
  if (!nativeBackend()) return;
  const [folder, elsewhere] = [temporary(), temporary()];
  fs.symlinkSync(elsewhere, path.join(folder, 'tensorboard'));
  const said: string[] = [];
  await new Trainer({ ...setup({ steps: 2 }, folder), onWarning: (message) => void said.push(message) }).run();
  assert.deepEqual(fs.readdirSync(elsewhere), []);
  assert.match(said.join('\n'), /tensorboard: TensorBoard's curves are left off \(it is a link, and would lead out/);
});

/** The records of a TFRecord file: length in 8 bytes, its checksum in 4, the data, its checksum in 4. */
function readRecords(bytes: Buffer): Buffer[] {
  const records: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = Number(bytes.readBigUInt64LE(at));
    records.push(bytes.subarray(at + 12, at + 12 + length));
    at += 16 + length;
  }
  return records;
}
