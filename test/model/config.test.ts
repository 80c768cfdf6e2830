// config.json: both architectures, defaults of the reference, and what is refused.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { describe } from 'node:test';
import { parseConfig, readConfig } from '../../src/model/config';
import { configText, floatFields } from '../../src/model/config-text';
import { weightNames } from '../../src/model/names';
import { TINY, TINY_FAMILIES } from '../reference/tiny-families';

test('BERT and DistilBERT as Python saved them', () => {
  const bert = readConfig(path.join(TINY, 'bert'));
  assert.deepEqual(
    [bert.architecture, bert.layers, bert.hiddenSize, bert.heads, bert.intermediateSize, bert.typeVocabularySize],
    ['bert', 2, 12, 3, 20, 2],
  );
  const distilbert = readConfig(path.join(TINY, 'distilbert'));
  assert.deepEqual(
    [distilbert.architecture, distilbert.layers, distilbert.hiddenSize, distilbert.typeVocabularySize],
    ['distilbert', 2, 12, 0],
  );
});

test('what a file leaves out has the reference’s default', () => {
  const sizes = { vocab_size: 10, hidden_size: 8, num_hidden_layers: 1, num_attention_heads: 2, intermediate_size: 4 };
  const bert = parseConfig({ model_type: 'bert', ...sizes });
  assert.equal(bert.layerNormEpsilon, 1e-12);
  assert.equal(bert.hiddenDropout, 0.1);
  assert.equal(bert.answerDropout, 0);
  assert.equal(parseConfig({ model_type: 'distilbert', vocab_size: 10 }).answerDropout, 0.1);
});

test('embeddings narrower than the layers, positions behind the padding, layers that look far', () => {
  const config = (name: string) => readConfig(path.join(TINY, name)) as unknown as Record<string, unknown>;
  assert.equal(config('electra-small').embeddingSize, 6);
  assert.deepEqual([config('roberta').positionRows, config('roberta').maxPositions], [18, 16]);
  assert.deepEqual(config('modernbert').reach, [
    { rope: 160_000 },
    { rope: 10_000, window: 2 },
    { rope: 10_000, window: 2 },
    { rope: 160_000 },
  ]);
  // as files had it before transformers 5
  const old = { model_type: 'modernbert', num_hidden_layers: 2, global_attn_every_n_layers: 2, local_rope_theta: 7 };
  const { reach } = parseConfig({ ...old, local_attention: 10 }) as unknown as Record<string, unknown>;
  assert.deepEqual(reach, [{ rope: 160_000 }, { rope: 7, window: 5 }]);
});

const DEBERTA = JSON.parse(fs.readFileSync(path.join(TINY, 'deberta-v2', 'config.json'), 'utf8')) as object;

describe('refused with the field', () => {
  const bert = { model_type: 'bert', vocab_size: 10, hidden_size: 8, num_hidden_layers: 1, intermediate_size: 4 };
  const cases: [string, Record<string, unknown>, RegExp][] = [
    ['another architecture', { model_type: 't5' }, /model_type is "t5".*bert, distilbert.*modernbert/],
    ['no architecture', {}, /model_type is undefined/],
    ['a missing size', { ...bert }, /num_attention_heads is not there; a number is needed/],
    ['a size that is null', { ...bert, num_attention_heads: null }, /num_attention_heads is null; a number is needed/],
    ['a size below 0', { ...bert, vocab_size: -1 }, /vocab_size is -1; at least 1 is needed/],
    ['a size of 0', { ...bert, num_attention_heads: 2, hidden_size: 0 }, /hidden_size is 0; at least 1 is needed/],
    ['no layers', { ...bert, num_attention_heads: 2, num_hidden_layers: 0 }, /num_hidden_layers is 0; at least 1/],
    ['types below 0', { ...bert, num_attention_heads: 2, type_vocab_size: -1 }, /type_vocab_size is -1; at least 0/],
    ['a rate below 0', { ...bert, num_attention_heads: 2, hidden_dropout_prob: -0.1 }, /hidden_dropout_prob is -0\.1; it must be at least 0/], // prettier-ignore
    [
      'a rate that is none',
      { ...bert, num_attention_heads: 2, layer_norm_eps: NaN },
      /layer_norm_eps is NaN; a number/,
    ],
    ['a size that is no number', { ...bert, num_attention_heads: '2' }, /num_attention_heads is "2"/],
    ['heads that do not divide', { ...bert, num_attention_heads: 3 }, /8 is no multiple of 3/],
    ['DeBERTa with convolutions', { ...DEBERTA, conv_kernel_size: 3 }, /conv_kernel_size/],
    ['DeBERTa with keys of its own for positions', { ...DEBERTA, share_att_key: false }, /share_att_key/],
    ['DeBERTa with half of its attention', { ...DEBERTA, pos_att_type: ['c2p'] }, /pos_att_type \["c2p"\]/],
    ['a decoder', { ...bert, is_decoder: true }, /is_decoder true is not supported: a decoder.*take an encoder/],
    ['a decoder, said in a word', { ...bert, is_decoder: 'true' }, /is_decoder "true" is not supported/],
    ['a decoder behind an encoder', { ...bert, is_encoder_decoder: true }, /is_encoder_decoder true/],
    ['two texts', { ...bert, add_cross_attention: true }, /add_cross_attention true/],
    ['packed weights', { ...bert, quantization_config: { load_in_4bit: true } }, /quantization_config .*load_in_4bit.*: weights that are packed; take the folder/], // prettier-ignore
    ['heads that were cut off', { ...DEBERTA, pruned_heads: { 0: [1] } }, /pruned_heads/],
    ['positions of another kind', { ...bert, position_embedding_type: 'relative_key' }, /position_embedding_type/],
    [
      'an activation that is not there',
      { ...bert, num_attention_heads: 2, hidden_act: 'tanh' },
      /hidden_act "tanh".*gelu_new/,
    ],
  ];
  for (const [title, raw, message] of cases) {
    test(title, () => assert.throws(() => parseConfig(raw), { code: 'E_MODEL_CONFIG', message }));
  }

  test('what says nothing is no fault', () => {
    const sizes = { ...bert, num_attention_heads: 2 };
    const nothing = { is_decoder: false, add_cross_attention: null, quantization_config: null, pruned_heads: {} };
    assert.equal(parseConfig({ ...sizes, ...nothing }).layers, 1);
  });

  test('broken JSON and a missing file', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));
    assert.throws(() => readConfig(folder), { code: 'E_FILE_MISSING' });
    fs.writeFileSync(path.join(folder, 'config.json'), '{"model_type": "be');
    assert.throws(() => readConfig(folder), { code: 'E_MODEL_CONFIG', message: /not valid JSON/ });
  });

  test('what Python writes for no number is refused where a number is read, and nowhere else', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));
    const text = JSON.stringify({ ...bert, num_attention_heads: 2, layer_norm_eps: 77, other: 88 });
    for (const number of ['NaN', 'Infinity', '-Infinity']) {
      fs.writeFileSync(path.join(folder, 'config.json'), text.replace('77', number));
      const message = new RegExp(`^[^\\n]*: layer_norm_eps is ${number}; [^\\n]*$`);
      assert.throws(() => readConfig(folder), { code: 'E_MODEL_CONFIG', message });
    }
    fs.writeFileSync(path.join(folder, 'config.json'), text.replace('77', '1e-12').replace('88', 'NaN'));
    assert.equal(readConfig(folder).layerNormEpsilon, 1e-12);
  });
});

test('the table names each weight once, and every tensor of Python’s file', () => {
  for (const name of TINY_FAMILIES) {
    const names = weightNames(readConfig(path.join(TINY, name)));
    assert.equal(new Set(names.map((entry) => entry.name)).size, names.length);
    const reference = JSON.parse(fs.readFileSync(path.join(TINY, name, 'reference.json'), 'utf8'));
    const sources = names.flatMap((entry) => entry.sources);
    assert.deepEqual(sources.sort(), Object.keys(reference.gradients as object).sort());
  }
});

test('whole numbers that are floats stay floats, as Python wants them', () => {
  const text = fs.readFileSync(path.join(TINY, 'modernbert', 'config.json'), 'utf8');
  const fields = floatFields(text);
  assert.ok(fields.includes('initializer_cutoff_factor') && fields.includes('rope_theta'));
  assert.ok(!fields.includes('num_hidden_layers') && !fields.includes('initializer_range'));
  assert.deepEqual(floatFields('{"a": 1.0, "b": -2.00, "c": 1e3, "d": 1.5, "e": 3, "f": "g\\": 4.0"}'), [
    'a',
    'b',
    'c',
  ]);
  const written = configText(JSON.parse(text) as Record<string, unknown>, fields);
  assert.equal(written, `${text.trimEnd()}\n`.replace('1e-05', '0.00001')); // one number, written in two ways
});
