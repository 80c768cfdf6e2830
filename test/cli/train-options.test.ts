// Options of `spanlab train`: flags over a file over those of the run that goes on, and what is wrong said by name.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { commandOptions, splitOptions } from '../../src/cli/train-options';
import { UsageError } from '../../src/cli/usage';
import { parseOptions } from '../../src/training/options';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-options-'));
const needed = { model: 'm', train: 't.json', out: folder };
const file = (content: unknown) => {
  const name = path.join(fs.mkdtempSync(path.join(folder, 'file-')), 'options.json');
  fs.writeFileSync(name, typeof content === 'string' ? content : JSON.stringify(content));
  return name;
};

test('the defaults are those of the trainer', () => {
  const { trainer, inputs } = splitOptions(commandOptions(needed));
  assert.deepEqual(trainer, parseOptions({}));
  assert.deepEqual(inputs, { model: 'm', train: 't.json', maxLength: 384 });
});

test('a run that goes on keeps its model: another one is refused, unless nothing was trained or the person insists', () => {
  const out = fs.mkdtempSync(path.join(folder, 'model-'));
  fs.writeFileSync(path.join(out, 'options.json'), JSON.stringify({ model: 'm', train: 't.json' }));
  const resume = { out, resume: 'latest' };
  assert.equal(commandOptions({ ...resume, model: 'other' }).model, 'other');
  fs.mkdirSync(path.join(out, 'checkpoint-2'));
  const refused = {
    code: 'E_CHECKPOINT_MODEL',
    message: /began with m, .* not with those of other; leave out --model/,
  };
  assert.throws(() => commandOptions({ ...resume, model: 'other' }), refused);
  assert.throws(() => commandOptions({ ...resume, options: file({ model: 'other' }) }), refused);
  assert.throws(() => commandOptions({ out: folder, resume: path.join(out, 'checkpoint-2'), model: 'other' }), refused);
  assert.equal(commandOptions({ ...resume, model: 'm' }).model, 'm');
  assert.equal(commandOptions(resume).model, 'm');
  assert.equal(commandOptions({ ...resume, model: 'other', 'accept-changes': true }).model, 'other');
});

test('every flag reaches its option', () => {
  const flags = {
    epochs: '5',
    steps: '70',
    teacher: 't',
    augment: '2',
    'teacher-weight': '0.3',
    'teacher-temperature': '4',
    freeze: '2',
    'least-steps': '60',
    batch: '4',
    accumulate: '2',
    lr: '1e-4',
    schedule: 'cosine',
    warmup: '0.2',
    'weight-decay': '0',
    'max-grad-norm': '2',
    seed: '3',
    'evaluate-every': '9',
    patience: '1',
    keep: '5',
    'checkpoint-every': '8',
    'max-length': '64',
    'doc-stride': '16',
    precision: 'auto',
    recompute: true,
    bucket: false,
    'best-metric': 'exact',
    backend: 'cpu',
    dev: 'd.json',
    mix: 'g.json:0.3',
  };
  assert.deepEqual(splitOptions(commandOptions({ ...needed, ...flags })), {
    trainer: {
      ...parseOptions({}),
      epochs: 5,
      steps: 70,
      teacherWeight: 0.3,
      teacherTemperature: 4,
      freeze: 2,
      leastSteps: 60,
      batchSize: 4,
      accumulate: 2,
      learningRate: 1e-4,
      schedule: 'cosine',
      warmup: 0.2,
      weightDecay: 0,
      maxGradientNorm: 2,
      seed: 3,
      evaluateEvery: 9,
      patience: 1,
      keepCheckpoints: 5,
      checkpointEvery: 8,
      precision: 'auto',
      recompute: true,
      bucket: false,
      bestMetric: 'exact',
      mixShare: 0.3,
    },
    inputs: {
      model: 'm',
      train: 't.json',
      dev: 'd.json',
      mix: 'g.json',
      teacher: 't',
      augment: 2,
      maxLength: 64,
      docStride: 16,
      backend: 'cpu',
    },
  });
});

test('flags count more than the file, the file more than the run that goes on', () => {
  const run = file({ model: 'm', train: 't.json', epochs: 1, batchSize: 1, seed: 1 });
  const args = { out: path.dirname(run), resume: 'latest', options: file({ epochs: 2, batchSize: 2 }), epochs: '3' };
  const { epochs, batchSize, seed, model } = commandOptions(args);
  assert.deepEqual([epochs, batchSize, seed, model], [3, 2, 1, 'm']);
  const checkpoint = path.join(path.dirname(run), 'checkpoint-5');
  assert.equal(commandOptions({ out: folder, resume: checkpoint }).seed, 1);
});

test('a run that is not there, or whose options are gone, is told by what is missing', () => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));
  const at = (name: string) => path.join(home, name);
  fs.mkdirSync(at('empty'));
  fs.mkdirSync(at('run/checkpoint-3'), { recursive: true });
  fs.writeFileSync(at('file'), '');
  const cases: [args: { out: string; resume: string; model?: string }, message: RegExp][] = [
    [{ out: at('nope'), resume: 'latest' }, /nope: no such folder, so there is nothing to resume; .*begin a run/],
    [{ out: at('file'), resume: 'latest' }, /file: no such folder, so there is nothing to resume/],
    [
      { out: at('empty'), resume: 'latest' },
      /empty: no run in it \(no checkpoint, no options\.json\), so there is nothing/,
    ],
    [{ out: at('x'), resume: at('run/checkpoint-9') }, /checkpoint-9: no such folder, so there is nothing to resume/],
    [
      { out: at('run'), resume: 'latest' },
      /run: options\.json is gone, .*; bring it back from a copy, or give --model, --train/,
    ],
    [{ out: at('run'), resume: at('run/checkpoint-3'), model: 'm' }, /run: options\.json is gone/],
  ];
  for (const [args, message] of cases) assert.throws(() => commandOptions(args), { code: 'E_CHECKPOINT', message });
  // what is given need not be left by a run
  assert.equal(commandOptions({ ...needed, out: at('run'), resume: 'latest' }).model, needed.model);
});

test('files are noted by absolute paths, names on the hub as they are', () => {
  const relative = path.relative(process.cwd(), file({}));
  const { inputs } = splitOptions(commandOptions({ ...needed, model: 'some/name', train: relative }));
  assert.deepEqual([inputs.model, inputs.train], ['some/name', path.resolve(relative)]);
});

for (const [title, args, message] of [
  ['no model', { model: undefined }, /--model is missing/],
  ['no data', { train: undefined }, /--train is missing/],
  ['text for a number', { epochs: 'two' }, /--epochs is "two"; it takes a whole number from 1/],
  ['too few epochs', { epochs: '0' }, /--epochs is "0"/],
  ['a negative rate', { lr: '-1' }, /--lr is "-1"; it takes a number from 0 up/],
  ['a share that leaves no own rows', { mix: 'g.json:1' }, /--mix is "1"; it takes a number from 0 to 0.95/],
  ['too short windows', { 'max-length': '4' }, /--max-length is "4"; .* from 8 to 512/],
  ['an overlap as long as the window', { 'max-length': '64', 'doc-stride': '64' }, /--doc-stride is "64"; .*below 64/],
] as [string, Record<string, string | undefined>, RegExp][]) {
  test(`${title} is wrong usage`, () => {
    const given = Object.entries({ ...needed, ...args }).filter(([, value]) => value !== undefined);
    const parse = () => commandOptions(Object.fromEntries(given) as { out: string });
    assert.throws(parse, (error: Error) => error instanceof UsageError && message.test(error.message));
  });
}

for (const [title, content, code, message] of [
  ['an unknown option', { epoch: 3 }, 'E_TRAIN_OPTION', /options\.json: unknown option "epoch"/],
  ['a wrong value', { batchSize: '16' }, 'E_TRAIN_OPTION', /options\.json: batchSize is "16"; it takes number/],
  ['a list', [1], 'E_TRAIN_OPTION', /options\.json: an object of options is needed/],
  ['broken JSON', '{"epochs": ', 'E_TRAIN_OPTION', /options\.json: not valid JSON/],
] as [string, unknown, string, RegExp][]) {
  test(`${title} in the file is named`, () => {
    assert.throws(() => commandOptions({ ...needed, options: file(content) }), { code, message });
  });
}

test('a file of options that is not there', () => {
  const options = path.join(folder, 'none.json');
  assert.throws(() => commandOptions({ ...needed, options }), { code: 'E_FILE_MISSING', message: /none\.json/ });
});
