// Weights by name: prefixes, old names, shards, what is missing, what does not fit.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { readConfig, type ModelConfig } from '../../src/model/config';
import { WeightFiles } from '../../src/model/weight-files';
import { exportWeights, loadWeights } from '../../src/model/weights';
import { type TensorData, writeSafetensors } from '../../src/model/safetensors/write';

const TINY = path.join(__dirname, '..', 'reference', 'tiny', 'bert');
const config: ModelConfig = readConfig(TINY);

function tensorsOf(folder: string): Map<string, TensorData> {
  const files = new WeightFiles(folder);
  const tensors = new Map(files.names.map((name) => [name, { shape: files.shape(name), values: files.read(name) }]));
  files.close();
  return tensors;
}

/** A folder with the tiny model's tensors, changed. */
function folderWith(change: (tensors: Map<string, TensorData>) => Map<string, TensorData>): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));
  writeSafetensors(path.join(folder, 'model.safetensors'), change(tensorsOf(TINY)));
  return folder;
}

const rename = (by: (name: string) => string) => (tensors: Map<string, TensorData>) =>
  new Map([...tensors].map(([name, data]) => [by(name), data]));

const values = (folder: string) =>
  new Map([...loadWeights(folder, config)[0]].map(([name, data]) => [name, data.values]));

test('loading and exporting gives the file again, query, key and value apart', () => {
  const [data, report] = loadWeights(TINY, config);
  assert.deepEqual(report, { missing: [], unexpected: [] });
  const exported = exportWeights(config, (name) => data.get(name)!.values);
  assert.deepEqual(new Map([...exported].sort()), new Map([...tensorsOf(TINY)].sort()));
});

test('as DataParallel names them, it is the same model', () => {
  const expected = values(TINY);
  assert.deepEqual(values(folderWith(rename((name) => `module.${name}`))), expected);
  assert.deepEqual(values(folderWith(rename((name) => `module.${name.replace(/^bert\./, '')}`))), expected);
});

test('without the prefix, and with gamma and beta, it is the same model', () => {
  const expected = values(TINY);
  assert.deepEqual(values(folderWith(rename((name) => name.replace(/^bert\./, '')))), expected);
  const old = (name: string) =>
    name.replace('LayerNorm.weight', 'LayerNorm.gamma').replace('LayerNorm.bias', 'LayerNorm.beta');
  assert.deepEqual(values(folderWith(rename(old))), expected);
});

test('shards by their index', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));
  const tensors = [...tensorsOf(TINY)];
  const parts = { 'a.safetensors': tensors.slice(0, 10), 'b.safetensors': tensors.slice(10) };
  const map: Record<string, string> = {};
  for (const [file, part] of Object.entries(parts)) {
    writeSafetensors(path.join(folder, file), new Map(part));
    for (const [name] of part) map[name] = file;
  }
  fs.writeFileSync(path.join(folder, 'model.safetensors.index.json'), JSON.stringify({ weight_map: map }));
  assert.deepEqual(values(folder), values(TINY));
});

test('a missing head is drawn from the seed and reported; unused tensors are named', () => {
  const folder = folderWith((tensors) => {
    tensors.set('pooler.weight', tensors.get('qa_outputs.weight')!);
    tensors.delete('qa_outputs.weight');
    tensors.delete('qa_outputs.bias');
    return tensors;
  });
  const [data, report] = loadWeights(folder, config, 1);
  assert.deepEqual(report, { missing: ['qa_outputs.weight', 'qa_outputs.bias'], unexpected: ['pooler.weight'] });
  const head = (seed: number) => loadWeights(folder, config, seed)[0].get('answer.weight')!.values;
  assert.deepEqual(head(1), data.get('answer.weight')!.values);
  assert.notDeepEqual(head(2), head(1));
  const spread = Math.sqrt(head(3).reduce((sum, value) => sum + value * value, 0) / head(3).length);
  assert.ok(spread > 0.15 && spread < 0.5, `${spread}`); // initializer_range 0.3 of the tiny model
  assert.deepEqual(Array.from(data.get('answer.bias')!.values), [0, 0]);
});

test('a wrong shape, a folder of something else, and no file are coded errors', () => {
  const wrong = folderWith((tensors) =>
    tensors.set('qa_outputs.weight', { shape: [3, 12], values: new Float32Array(36) }),
  );
  assert.throws(() => loadWeights(wrong, config), { code: 'E_MODEL_WEIGHTS', message: /\[3,12\].*\[2,12\]/ });
  const other = folderWith(() => new Map([['conv.weight', { shape: [1], values: new Float32Array(1) }]]));
  assert.throws(() => loadWeights(other, config), { code: 'E_MODEL_WEIGHTS', message: /no weight of a bert model/ });
  const empty = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));
  assert.throws(() => loadWeights(empty, config), { code: 'E_FILE_MISSING', message: /model\.safetensors/ });
});
