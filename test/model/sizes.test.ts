// Numbers of config.json that the weights contradict: refused with field, value and what the weights have, in every family.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { describe } from 'node:test';
import { parseConfig } from '../../src/model/config';
import { type TensorData, writeSafetensors } from '../../src/model/safetensors/write';
import { WeightFiles } from '../../src/model/weight-files';
import { loadWeights } from '../../src/model/weights';
import { TINY, TINY_FAMILIES } from '../reference/tiny-families';

type Json = Record<string, unknown>;
const rawOf = (name: string) => JSON.parse(fs.readFileSync(path.join(TINY, name, 'config.json'), 'utf8')) as Json;

/** Fields that no weight of the family shows: they have no table there, or all layers share one. */
const UNSEEN: Record<string, string[]> = {
  albert: ['num_hidden_layers', 'num_attention_heads'],
  'deberta-v2': ['max_position_embeddings', 'num_attention_heads'],
  modernbert: ['max_position_embeddings', 'num_attention_heads'],
  mpnet: ['type_vocab_size'],
};
const SIZES = /^(?:vocab_size|hidden_size|dim|hidden_dim|n_layers|num_hidden_(?:layers|groups)|intermediate_size|embedding_size|input_embedding_size|max_position_embeddings|type_vocab_size|position_buckets)$/; // prettier-ignore

describe('each number, larger and smaller than the weights', () => {
  for (const name of TINY_FAMILIES) {
    test(name, () => {
      const raw = rawOf(name);
      const fields = Object.keys(raw).filter((field) => SIZES.test(field) && !UNSEEN[name]?.includes(field));
      assert.ok(fields.length >= 4, fields.join(' '));
      for (const field of fields) {
        const right = Number(raw[field]);
        const unit = /^(?:hidden_size|dim)$/.test(field) ? 6 : 1; // heads, and for ModernBERT pairs, divide it
        for (const value of [right + unit, right - unit, 0].filter((value) => value >= 0)) {
          if (value === right) continue;
          assert.throws(
            () => loadWeights(path.join(TINY, name), parseConfig({ ...raw, [field]: value })),
            (error: Error & { code: string }) => isRefused(error, field, value, right),
            `${field} ${value}`,
          );
        }
      }
    });
  }
});

/** By the weights, with what they have; 0 may be refused before they are looked at, and padding beyond a vocabulary. */
function isRefused({ code, message }: Error & { code: string }, field: string, value: number, right: number): boolean {
  if (code === 'E_MODEL_CONFIG') return value === 0;
  assert.equal(code, 'E_MODEL_WEIGHTS');
  const layers = /config\.json has (\d+) layers, the weights have (\d+)/.exec(message);
  if (layers) return Number(layers[1]) === value && Number(layers[2]) === right;
  assert.match(message, new RegExp(`config\\.json: ${field} is ${value}, the weights have `));
  if (value > 0) assert.match(message, new RegExp(`the weights have ${right || 'no'}\\b`));
  return true;
}

test('a number that is not there says so', () => {
  const raw = rawOf('electra-small');
  delete raw.embedding_size;
  delete raw.type_vocab_size;
  assert.throws(() => loadWeights(path.join(TINY, 'electra-small'), parseConfig(raw)), {
    code: 'E_MODEL_WEIGHTS',
    message: /hidden_size is 12, the weights have 6 .*shape \[50,6\], config\.json needs \[50,12\]/,
  });
  const types = { ...rawOf('roberta') };
  delete types.type_vocab_size;
  assert.throws(() => loadWeights(path.join(TINY, 'roberta'), parseConfig(types)), {
    code: 'E_MODEL_WEIGHTS',
    message: /type_vocab_size is not there and so 2, the weights have 1 /,
  });
});

/** The tiny model's weights with further tensors. */
function folderWith(name: string, more: Record<string, number[]>): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));
  const files = new WeightFiles(path.join(TINY, name));
  const tensors = new Map<string, TensorData>(files.names.map((one) => [one, { shape: files.shape(one), values: files.read(one) }])); // prettier-ignore
  files.close();
  for (const [one, shape] of Object.entries(more)) {
    tensors.set(one, { shape, values: new Float32Array(shape.reduce((a, b) => a * b, 1)) });
  }
  writeSafetensors(path.join(folder, 'model.safetensors'), tensors);
  return folder;
}

test('tensors that a field leaves out', () => {
  const cases: [name: string, tensor: string, shape: number[], message: RegExp][] = [
    ['deberta-v2', 'deberta.embeddings.token_type_embeddings.weight', [2, 12], /type_vocab_size is 0, the weights have .*\[2,12\]/], // prettier-ignore
    ['deberta-v2', 'deberta.encoder.conv.conv.weight', [12, 12, 3], /conv_kernel_size is not there and so 0/],
    ['modernbert', 'model.layers.1.mlp.Wi.bias', [20], /mlp_bias is false, the weights have "model\.layers\.1\.mlp\.Wi\.bias"/], // prettier-ignore
    ['modernbert', 'layers.0.attn.Wqkv.bias', [36], /attention_bias is false/],
    ['modernbert', 'model.final_norm.bias', [12], /norm_bias is false/],
    ['modernbert', 'head.dense.bias', [12], /classifier_bias is false/],
  ];
  for (const [name, tensor, shape, message] of cases) {
    const folder = folderWith(name, { [tensor]: shape });
    assert.throws(() => loadWeights(folder, parseConfig(rawOf(name))), { code: 'E_MODEL_WEIGHTS', message });
  }
});

test('what files hold beside the model stays no fault', () => {
  const beside: [name: string, more: Record<string, number[]>][] = [
    ['bert', { 'bert.pooler.dense.weight': [12, 12], 'bert.embeddings.position_ids': [1, 16], 'cls.predictions.bias': [50] }], // prettier-ignore
    ['deberta-v2', { 'deberta.embeddings.position_embeddings.weight': [24, 12], 'mask_predictions.LayerNorm.bias': [12] }], // prettier-ignore
    ['modernbert', { 'decoder.bias': [50] }],
  ];
  for (const [name, more] of beside) {
    const [, report] = loadWeights(folderWith(name, more), parseConfig(rawOf(name)));
    assert.deepEqual(report.unexpected.sort(), Object.keys(more).sort());
  }
});
