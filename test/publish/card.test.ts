// The model card: valid metadata, what was measured and nothing else, no path of this machine, and no card of a person lost.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { afterEach, beforeEach } from 'node:test';
import fc from 'fast-check';
import { DATA_SETS } from '../../src/download/data-sets';
import { modelCard, writeCard } from '../../src/publish/card';
import { type CardFacts, collectFacts } from '../../src/publish/card-facts';
import { cardMetadata } from '../../src/publish/card-metadata';
import { writeOrigin } from '../../src/training/origin';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- it has no types
const { load } = require('js-yaml') as { load(text: string): Record<string, unknown> };

const CONFIG = { model_type: 'distilbert', vocab_size: 30, dim: 8, n_layers: 1, n_heads: 2, hidden_dim: 8 };
const RUN = {
  format: 'spanlab-run-1',
  status: 'finished',
  starts: [{ at: '2026-01-02T03:04:05.678Z', step: 0, host: 'somewhere', pid: 1 }],
  options: { model: 'workshop', train: '/home/ada/secret/train-v2.0.json', dev: 'dev|1.json', epochs: 3, learningRate: 2e-4, schedule: 'linear' },
  data: { rows: 10, sha256: 'ab12', train: DATA_SETS['squad-v2.0'].train[1], dev: 'cd34' },
  versions: {}, machine: {}, model: {}, result: { bestStep: 4 },
}; // prettier-ignore

let folder: string;
beforeEach(() => {
  folder = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-card-')), 'lighthouse');
  fs.mkdirSync(folder);
  write('config.json', { ...CONFIG, max_position_embeddings: 512 });
  write('model.safetensors', 'weights');
});
afterEach(() => fs.rmSync(path.dirname(folder), { recursive: true }));

const write = (name: string, content: unknown) =>
  fs.writeFileSync(path.join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
const card = (options = {}) => {
  assert.ok(writeCard(folder, options));
  return fs.readFileSync(path.join(folder, 'README.md'), 'utf8');
};
/** Of the weights that lie in the folder. */
const evaluated = { data: 'dev|1.json', sha256: 'cd34', weights: createHash('sha256').update('weights').digest('hex') };
const metadata = (text: string) => load(/^---\n([^]*?)\n---\n/.exec(text)![1]);

test('metadata of a trained model, as the hub reads it', () => {
  write('run.json', RUN);
  write('eval_results.json', { eval_exact: 30.00004, eval_f1: 42.5, eval_total: 200, evaluated });
  const index = {
    name: 'lighthouse',
    results: [
      {
        task: { type: 'question-answering', name: 'Question Answering' },
        dataset: { type: 'dev-1-json', name: 'dev|1.json' },
        metrics: [
          { type: 'exact_match', name: 'Exact Match', value: 30 },
          { type: 'f1', name: 'F1', value: 42.5 },
        ],
      },
    ],
  };
  assert.deepEqual(metadata(card({ name: 'ada/lighthouse', license: 'apache-2.0' })), {
    language: ['en'],
    license: 'apache-2.0',
    library_name: 'transformers',
    pipeline_tag: 'question-answering',
    tags: ['question-answering', 'extractive-qa', 'spanlab', 'safetensors'],
    datasets: ['squad_v2'],
    metrics: ['exact_match', 'f1'],
    base_model: 'sentence-transformers/all-MiniLM-L6-v2',
    'model-index': [index],
  });
});

test('training, data and marks are in the text; places of this machine are not', () => {
  write('run.json', RUN);
  const after = { exact: 30, f1: 42.5, total: 200, NoAns_f1: 70 };
  write('eval_results.json', { before: { exact: 1, f1: 2 }, after, evaluated });
  const text = card();
  for (const part of ['`epochs` | `3`', '`learningRate` | `0.0002`', 'F1 | 42.5 %', 'none | 70.0 %', '200 questions']) {
    assert.ok(text.includes(part), part);
  }
  for (const hash of ['ab12', 'cd34', RUN.data.train]) assert.ok(text.includes(`\`${hash}\``), hash);
  assert.ok(text.includes('dev\\|1.json'), 'a bar in a table');
  assert.doesNotMatch(text, /home|secret|somewhere/);
});

test('a folder that says nothing of itself: no marks, no training, still a valid card', () => {
  const text = card();
  const { 'model-index': index, datasets, base_model: base, language } = metadata(text);
  assert.deepEqual([index, datasets, base, language], [undefined, undefined, undefined, ['en']]);
  assert.match(text, /It has not been measured/);
  assert.doesNotMatch(text, /undefined|NaN|How it was trained/);
});

test('without an evaluation of its own: the metrics of the run’s best step', () => {
  write('run.json', RUN);
  const lines = [2, 4, 6].map((step) => JSON.stringify({ step, eval_exact: step, eval_f1: 10 * step }));
  write('metrics.jsonl', lines.join('\n'));
  assert.deepEqual(collectFacts(folder).metrics, { exact: 4, f1: 40 });
});

test('metrics belong to the data that was measured, not to that of the run', () => {
  write('run.json', RUN);
  write('eval_results.json', { eval_f1: 31, evaluated: { ...evaluated, data: '/x/other.json', sha256: 'ef56' } });
  const { metrics, evaluatedOn } = collectFacts(folder);
  assert.deepEqual([metrics, evaluatedOn?.name, evaluatedOn?.sha256], [{ f1: 31 }, 'other.json', 'ef56']);
  write('eval_results.json', { eval_f1: 31 }); // of a program that does not say
  assert.deepEqual(collectFacts(folder).evaluatedOn, undefined);
});

test('metrics of weights that are gone are not used', () => {
  write('run.json', RUN);
  write('metrics.jsonl', JSON.stringify({ step: 4, eval_exact: 25, eval_f1: 26 }));
  write('eval_results.json', { eval_exact: 31, eval_f1: 34, evaluated });
  assert.equal(collectFacts(folder).metrics.f1, 34);
  write('model.safetensors', 'weights of another training');
  const { metrics, evaluatedOn } = collectFacts(folder);
  assert.deepEqual([metrics, evaluatedOn?.name], [{ exact: 25, f1: 26 }, 'dev|1.json']);
  fs.rmSync(path.join(folder, 'run.json'));
  assert.match(card(), /It has not been measured/);
});

test('a model of the lesson’s own loop: encoder, settings and data from origin.json', () => {
  const train = path.join(folder, 'train.json');
  write('train.json', 'questions');
  writeOrigin(folder, { model: 'workshop', train, epochs: 3, learningRate: 2e-4 });
  const text = card();
  const hash = createHash('sha256').update('questions').digest('hex');
  for (const part of ['`epochs` | `3`', '`learningRate` | `0.0002`', `\`train.json\` | \`${hash}\``]) {
    assert.ok(text.includes(part), part);
  }
  assert.equal(metadata(text).base_model, 'sentence-transformers/all-MiniLM-L6-v2');
  assert.ok(!text.includes(os.tmpdir()));
  write('origin.json', '{');
  assert.throws(() => collectFacts(folder), { code: 'E_RUN', message: /origin\.json/ });
});

test('the program for Python opens the folder, not a model of that name on the hub', () => {
  assert.match(card(), /from_pretrained\("\.\/lighthouse"\)/);
  assert.match(card({ name: 'ada/lighthouse' }), /from_pretrained\("ada\/lighthouse"\)/);
});

test('an encoder is named only where it is one of the hub', () => {
  for (const [model, expected] of [
    ['distilbert-base-uncased', 'distilbert-base-uncased'],
    ['google/electra-small-discriminator', 'google/electra-small-discriminator'],
    ['google/electra-small-discriminator@main', 'google/electra-small-discriminator'],
    ['distilbert-base-uncased@refs/pr/3', 'distilbert-base-uncased'],
    ['/home/ada/encoder', undefined],
    [folder, undefined],
  ]) {
    write('run.json', { ...RUN, options: { ...RUN.options, model } });
    assert.equal(collectFacts(folder).baseModel, expected);
  }
  assert.equal(collectFacts(folder, { baseModel: 'a/b' }).baseModel, 'a/b');
});

test('a README.md of a person stays; ours is written anew', () => {
  assert.match(card(), /^# lighthouse$/m);
  assert.match(card({ name: 'ada/second' }), /^# second$/m);
  write('README.md', '# Mine\n');
  assert.equal(writeCard(folder), false);
  assert.equal(fs.readFileSync(path.join(folder, 'README.md'), 'utf8'), '# Mine\n');
});

test('what cannot be read is named', () => {
  write('run.json', '{');
  assert.throws(() => collectFacts(folder), { code: 'E_RUN' });
  fs.rmSync(path.join(folder, 'run.json'));
  write('eval_results.json', '{');
  assert.throws(() => collectFacts(folder), { code: 'E_RUN', message: /eval_results\.json/ });
});

const facts: CardFacts = {
  name: 'x',
  language: 'en',
  architecture: 'bert',
  maxPositions: 512,
  metrics: { exact: 1, f1: 2 },
  training: {},
  onnx: [],
};

test('any text in the metadata comes back as it was', () => {
  const text = fc.string({ unit: 'binary', minLength: 1 });
  fc.assert(
    fc.property(text, text, text, (license, language, data) => {
      const evaluatedOn = { name: data };
      const parsed = load(cardMetadata({ ...facts, license, language, evaluatedOn }));
      const [{ results }] = parsed['model-index'] as { results: { dataset: { name: string } }[] }[];
      assert.deepEqual([parsed.license, parsed.language, results[0].dataset.name], [license, [language], data]);
    }),
    { numRuns: 60 },
  );
});

test('with ONNX files: how to use them in Node and in a browser', () => {
  assert.doesNotMatch(modelCard(facts), /```(js|html)/);
  const text = modelCard({ ...facts, name: 'ada/x', nullThreshold: -1.25, onnx: [{ name: 'onnx/model.onnx', bytes: 9e7 }] });
  for (const part of ['```python', '```js', '```html', '"ada/x"', 'onnx/model.onnx` | 90.0 MB', 'threshold -1.250']) {
    assert.ok(text.includes(part), part);
  }
  assert.ok((metadata(text).tags as string[]).includes('transformers.js'));
}); // prettier-ignore
