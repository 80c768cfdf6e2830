// Broken config.json beside good weights: loading and answering.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { before } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { computeLogits } from '../../src/evaluation/logits';
import { SpanlabError } from '../../src/errors';
import { parseConfig } from '../../src/model/config';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import type { Features } from '../../src/tokens/features';
import { startBackend } from '../engine/backend';
import { type Dice, fuzz, mutate, mutateBytes, withNested } from './fuzz';

const TINY = path.join(__dirname, '..', 'reference', 'tiny');
const NAMES = fs.readdirSync(TINY).filter((name) => fs.existsSync(path.join(TINY, name, 'model.safetensors')));
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-fuzz-'));
const target = path.join(folder, 'config.json');

before(() => startBackend());

function writeConfig(name: string, dice: Dice): void {
  const text = fs.readFileSync(path.join(TINY, name, 'config.json'));
  const how = dice.below(12);
  if (how === 0) return fs.writeFileSync(target, mutateBytes(text, dice));
  const json = JSON.parse(text.toString()) as Record<string, unknown>;
  for (let count = dice.below(3); count >= 0; count--) mutate(json, dice);
  const flat = JSON.stringify(json, null, dice.below(3));
  const plain = how === 1 ? withNested(flat, dice.one([10, 199, 100_000])) : flat;
  const forms = [
    plain,
    `\ufeff${plain}`,
    plain.replaceAll('\n', '\r\n'),
    `// a comment\n${plain}`,
    plain.replace('}', ',}'),
  ];
  fs.writeFileSync(target, dice.one(forms));
}

/** Rows of any tokens. */
function featuresOf(lengths: number[], id: () => number): Features {
  const tokens = lengths[0] + lengths[1];
  const zeros = new Int32Array(2);
  return {
    count: 2,
    rowStart: Int32Array.of(0, lengths[0], tokens),
    inputIds: Int32Array.from({ length: tokens }, id),
    tokenTypeIds: new Uint8Array(tokens),
    offsets: new Int32Array(2 * tokens),
    contextStart: zeros,
    contextEnd: zeros,
    startPositions: zeros,
    endPositions: zeros,
    record: Int32Array.of(0, 1),
    overflow: zeros,
  };
}

async function loadAndAnswer(dice: Dice): Promise<void> {
  const name = dice.one(NAMES);
  writeConfig(name, dice);
  fs.rmSync(path.join(folder, 'model.safetensors'), { force: true });
  fs.symlinkSync(path.join(TINY, name, 'model.safetensors'), path.join(folder, 'model.safetensors'));
  const model = QuestionAnsweringModel.fromPretrained(folder);
  try {
    const lengths = [6, 4].map((length) => Math.min(length, model.config.maxPositions));
    const { startLogits } = await computeLogits(
      model,
      featuresOf(lengths, () => dice.below(model.config.vocabularySize)),
    );
    assert.equal(startLogits.length, lengths[0] + lengths[1]);
    assert.ok(!startLogits.some(Number.isNaN), 'scores are numbers');
  } finally {
    model.dispose();
  }
}

test('config.json: a coded error, or a model that answers', async () => {
  const before = tf.memory().numTensors;
  const { accepted, refused } = await fuzz('config.json', loadAndAnswer);
  assert.ok(accepted > 20 && Object.keys(refused).length > 1, JSON.stringify(refused));
  assert.equal(tf.memory().numTensors, before);
});

test('rotary positions need heads of an even size, and a base above 0', () => {
  const config = JSON.parse(fs.readFileSync(path.join(TINY, 'modernbert', 'config.json'), 'utf8')) as Record<string, unknown>; // prettier-ignore
  const width = Number(config.hidden_size);
  for (const [change, message] of [
    [{ num_attention_heads: width }, /is not even; rotary positions need pairs/],
    [{ rope_parameters: { full_attention: { rope_theta: 'x' } } }, /rope_theta is "x"; a number above 0/],
    [{ rope_parameters: { sliding_attention: { rope_theta: 0 } } }, /rope_theta is 0; a number above 0/],
  ] as [Record<string, unknown>, RegExp][]) {
    assert.throws(() => parseConfig({ ...config, ...change }), { code: 'E_MODEL_CONFIG', message });
  }
});

test('numbers that would take all memory, or crash the engine, are refused at once', () => {
  const config = JSON.parse(fs.readFileSync(path.join(TINY, 'bert', 'config.json'), 'utf8')) as Record<string, unknown>;
  fs.rmSync(path.join(folder, 'model.safetensors'), { force: true });
  fs.symlinkSync(path.join(TINY, 'bert', 'model.safetensors'), path.join(folder, 'model.safetensors'));
  const cases: [Record<string, unknown>, RegExp][] = [
    [{ num_attention_heads: 0.5 }, /heads is 0\.5; a whole number/],
    [{ num_hidden_layers: 1e7 }, /layers is 10000000; at most 1024 is possible/],
    [{ num_hidden_layers: 900 }, /config\.json has 900 layers, the weights have \d+/],
    [{ num_hidden_layers: 1.5 }, /a whole number/],
    [{ hidden_dropout_prob: 5 }, /hidden dropout is 5; it must be at least 0 and below 1/],
    [{ vocab_size: 16_000_000 }, /has the shape|million weights need/],
    [{ pad_token_id: 1e6 }, /padding token id 1000000 is outside the vocabulary/],
    [{ hidden_size: 1e6 }, /at most 65536/],
    [{ type_vocab_size: 300 }, /at most 256/],
  ];
  for (const [change, message] of cases) {
    fs.writeFileSync(target, JSON.stringify({ ...config, ...change }));
    assert.throws(
      () => QuestionAnsweringModel.fromPretrained(folder),
      (error) => error instanceof SpanlabError && message.test(error.message),
      JSON.stringify(change),
    );
  }
});

test(
  'files that are none: devices, pipes, loops, pointers, folders',
  { skip: process.platform !== 'linux' },
  async () => {
    const { execFileSync } = await import('node:child_process');
    const cases: [() => void, RegExp][] = [
    [() => fs.symlinkSync('/dev/zero', target), /E_FILE: .*device or a pipe/],
    [() => execFileSync('mkfifo', [target]), /E_FILE: .*device or a pipe/],
    [() => fs.symlinkSync('config.json', target), /E_FILE: .*circle/],
    [() => fs.mkdirSync(target), /E_FILE: .*folder/],
    [() => fs.writeFileSync(target, 'version https://git-lfs.github.com/spec/v1\noid sha256:0\n'), /E_MODEL_CONFIG: .*git lfs pull/],
    [() => fs.writeFileSync(target, '<!DOCTYPE html>'), /E_MODEL_CONFIG: .*HTML page/],
    [() => fs.writeFileSync(target, ''), /E_MODEL_CONFIG: .*empty/],
    [() => fs.writeFileSync(target, 'null'), /E_MODEL_CONFIG: .*holds null/],
    [() => fs.writeFileSync(target, ' '.repeat((1 << 24) + 1)), /E_FILE_LARGE/],
    [() => fs.writeFileSync(target, Buffer.from([0x7b, 0xff, 0x7d])), /E_FILE_ENCODING/],
  ]; // prettier-ignore
    for (const [make, message] of cases) {
      fs.rmSync(target, { recursive: true, force: true });
      make();
      assert.throws(
        () => QuestionAnsweringModel.fromPretrained(folder),
        (error) => error instanceof SpanlabError && message.test(`${error.code}: ${error.message}`),
        String(message),
      );
    }
    fs.rmSync(target, { recursive: true, force: true });
  },
);
