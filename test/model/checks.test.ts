// Model folders that contradict themselves: said at once, in one line, before memory is taken or the engine is asked.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { before } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { askAll } from '../../src/evaluation/answer';
import { askScorer } from '../../src/evaluation/ask';
import { crossEntropy, softmax } from '../../src/evaluation/softmax';
import { earlyExits } from '../../src/inspect/early-exit';
import { occlude } from '../../src/inspect/occlusion';
import { readInside } from '../../src/inspect/reading';
import { PageModel } from '../../src/publish/web/scores';
import { tokenScores } from '../../src/serve/scores';
import { readPointers } from '../../src/show/pointers';
import { computeLogits } from '../../src/evaluation/logits';
import { SpanlabError } from '../../src/errors';
import { parseConfig, readConfig } from '../../src/model/config';
import { availableMemory, checkMemory } from '../../src/model/memory';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import { SafetensorsFile } from '../../src/model/safetensors/file';
import { writeSafetensors } from '../../src/model/safetensors/write';
import { savePretrained } from '../../src/model/save';
import { checkIds } from '../../src/tokens/id-checks';
import { Tokenizer } from '../../src/tokens/tokenizer';
import { startBackend } from '../engine/backend';

const WORDS = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'the', 'mill', 'who', '?', '.', 'a', '##b'];
const SIZES = {
  hidden_size: 8,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  intermediate_size: 8,
  max_position_embeddings: 64,
};
const root = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-checks-'));

before(() => startBackend());

/** A folder of a tiny BERT. @param more Changes of config.json; the vocabulary has 12 tokens unless they say otherwise. */
async function makeFolder(name: string, more: Record<string, unknown> = {}): Promise<string> {
  const [folder, words] = [path.join(root, name), path.join(root, `${name}-words`)];
  fs.mkdirSync(words);
  fs.writeFileSync(path.join(words, 'vocab.txt'), WORDS.join('\n'));
  const model = QuestionAnsweringModel.fromConfig(parseConfig({ model_type: 'bert', vocab_size: WORDS.length, ...SIZES, ...more })); // prettier-ignore
  await savePretrained(model, await Tokenizer.fromFolder(words), folder);
  model.dispose();
  return folder;
}

async function ask(folder: string, context: string) {
  const model = QuestionAnsweringModel.fromPretrained(folder);
  try {
    return await askAll(model, await Tokenizer.fromFolder(folder), ['who?'], context);
  } finally {
    model.dispose();
  }
}

test('a model that was disposed says so, and not TensorFlow', async () => {
  const folder = await makeFolder('disposed');
  const model = QuestionAnsweringModel.fromPretrained(folder);
  const tokenizer = await Tokenizer.fromFolder(folder);
  await askAll(model, tokenizer, ['who?'], 'ada won'); // what an answer leaves behind is let go, too
  model.dispose();
  await assert.rejects(askAll(model, tokenizer, ['who?'], 'ada won'), { code: 'E_MODEL_DISPOSED' });
  const output = path.join(root, 'disposed-again');
  await assert.rejects(savePretrained(model, tokenizer, output), { code: 'E_MODEL_DISPOSED' });
});

test('a token beyond the embeddings, and a type beyond its table', async () => {
  const folder = await makeFolder('small', { vocab_size: 9 });
  assert.equal((await ask(folder, 'the mill')).length, 1);
  await assert.rejects(ask(folder, 'the mill.'), {
    code: 'E_TOKENS_ID',
    message: /^token 9 \(\.\) is outside the model's 9 tokens \(vocab_size/,
  });
  const types = await makeFolder('types', { type_vocab_size: 1 });
  await assert.rejects(ask(types, 'the mill'), {
    code: 'E_TOKENS_ID',
    message: /^token type 1 is outside the model's 1 /,
  });
  const rows = { inputIds: Int32Array.of(2, -1), tokenTypeIds: Uint8Array.of(0, 0) };
  assert.throws(() => checkIds(rows, { vocabularySize: 3, typeVocabularySize: 2 }), {
    code: 'E_TOKENS_ID',
    message: /token -1/,
  });
});

test('a text of nothing that the tokenizer keeps has no answer, and no score', async () => {
  const folder = await makeFolder('zero-width');
  const unseen = ['\u200b', '\u200b\u200d\ufeff', '\u0000'].map(
    (context) => [context, /the context is empty/] as const,
  );
  const dropped = ['\ue000', '\ufffd'].map((context) => [context, /only characters that the tokenizer drops/] as const);
  for (const [context, message] of [...unseen, ...dropped]) {
    await assert.rejects(ask(folder, context), { code: 'E_ASK_CONTEXT', message });
  }
});

test('weights that are no numbers are refused, and scores that are none', async () => {
  const folder = await makeFolder('nan');
  const file = path.join(folder, 'model.safetensors');
  const read = new SafetensorsFile(file);
  const tensors = new Map([...read.tensors].map(([name, { shape }]) => [name, { shape, values: Float32Array.from(read.readFloat32(name)) }])); // prettier-ignore
  read.close();
  const spoil = (value: number) => {
    tensors.get('bert.encoder.layer.1.output.dense.weight')!.values[5] = value;
    writeSafetensors(file, tensors);
  };
  for (const value of [NaN, Infinity, -Infinity]) {
    spoil(value);
    assert.throws(() => QuestionAnsweringModel.fromPretrained(folder), {
      code: 'E_MODEL_WEIGHTS',
      message: new RegExp(`1 of 64 values are no finite numbers \\(the first, value 5, is ${value}\\)`),
    });
  }
  spoil(3e38);
  const model = QuestionAnsweringModel.fromPretrained(folder);
  const rows = await (await Tokenizer.fromFolder(folder)).encodeBatch(['who?'], ['the mill']);
  const { count, rowStart, inputIds, tokenTypeIds, offsets, sample, overflow } = rows.rows;
  const zeros = new Int32Array(count);
  const features = { count, rowStart, inputIds, tokenTypeIds, offsets, contextStart: zeros, contextEnd: zeros, startPositions: zeros, endPositions: zeros, record: sample, overflow }; // prettier-ignore
  const outcome = await computeLogits(model, features).catch((error: unknown) => error);
  assert.ok(!(outcome instanceof Error) || (outcome as SpanlabError).code === 'E_SCORES');

  const last = model.parameters.names.at(-1)!;
  model.parameters.set(last, tf.fill(model.parameters.get(last).shape, NaN));
  const fails = () => assert.rejects(computeLogits(model, features), { code: 'E_SCORES' });
  await fails(); // the first look at a weight that was set keeps its tensor
  const { numTensors } = tf.memory();
  await fails();
  assert.equal(tf.memory().numTensors, numTensors);
  model.dispose();
});

test('scores that are too large for probabilities are refused by whoever makes probabilities of them', async () => {
  const folder = await makeFolder('large');
  const tokenizer = await Tokenizer.fromFolder(folder);
  const [question, context] = ['who?', 'the mill a'];
  for (const size of [3e38, 1e20, -1e20]) {
    const model = QuestionAnsweringModel.fromPretrained(folder);
    const readings = [await readInside(model, tokenizer, question, context)];
    for (const name of model.parameters.names.slice(-2)) {
      model.parameters.set(name, tf.fill(model.parameters.get(name).shape, size));
    }
    const refused = {
      code: 'E_SCORES',
      message: /^the model gives a score of \S+, of which no probability can be made/,
    };
    await assert.rejects(askAll(model, tokenizer, [question], context), refused);
    await assert.rejects(tokenScores(model, tokenizer, question, context), refused);
    await assert.rejects(readInside(model, tokenizer, question, context), refused);
    await assert.rejects(earlyExits(model, readings[0]), refused);
    await assert.rejects(occlude(model, tokenizer, readings[0]), refused);
    await assert.rejects(readPointers(model, tokenizer, question, context), refused);
    model.dispose();
  }
});

test('a published page refuses them too', async () => {
  const tokenizer = await Tokenizer.fromFolder(await makeFolder('page'));
  const session = (score: number) => ({
    inputNames: ['input_ids'],
    run: ({ input_ids: { size } }: { input_ids: { size: number } }) => {
      const data = new Float32Array(size).fill(score);
      return Promise.resolve({ start_logits: { data }, end_logits: { data } });
    },
  });
  const config = { maxPositions: 64, vocabularySize: WORDS.length, typeVocabularySize: 2 };
  const asked = (score: number) =>
    askScorer(new PageModel(config, session(score) as never), tokenizer, ['who?'], 'the mill');
  assert.equal((await asked(1))[0].length, 1);
  for (const score of [NaN, Infinity, 1e20]) await assert.rejects(asked(score), { code: 'E_SCORES' });
});

test('a temperature of next to nothing gives shares all the same, and nothing is no number', () => {
  assert.deepEqual([...softmax([1e7, 0], 1e-300)], [1, 0]);
  assert.equal(crossEntropy(Float32Array.of(1e6, 0), 1), 1e6);
});

test('layers that the files lack, and other sizes than theirs', async () => {
  const folder = await makeFolder('layers');
  const file = path.join(folder, 'config.json');
  const config = JSON.parse(fs.readFileSync(file, 'utf8')) as Record<string, unknown>;
  const cases: [Record<string, unknown>, RegExp][] = [
    [{ num_hidden_layers: 3 }, /config\.json has 3 layers, the weights have 2 \(layer 2, from 0, is missing\)/],
    [
      { intermediate_size: 16 },
      /config\.json: intermediate_size is 16, the weights have 8 \(.*config\.json needs \[16,8\]/,
    ],
    [{ vocab_size: 13 }, /config\.json: vocab_size is 13, the weights have 12 /],
  ];
  for (const [change, message] of cases) {
    fs.writeFileSync(file, JSON.stringify({ ...config, ...change }));
    assert.throws(() => QuestionAnsweringModel.fromPretrained(folder), { code: 'E_MODEL_WEIGHTS', message });
  }
});

test('memory that is not there is said, with how much is', () => {
  assert.ok(availableMemory() > 2 ** 26);
  assert.throws(() => checkMemory(1e9, 'models/huge', 4e9), {
    code: 'E_MODEL_MEMORY',
    message: /^models\/huge: 1000 million weights need 8\.0 GB of memory while they are loaded, and 4\.0 GB are free/,
  });
  checkMemory(1e8, 'models/base', 4e9);
});

test('old files: no model_type, gamma and beta, a mark, comments', async () => {
  const folder = await makeFolder('old');
  const file = path.join(folder, 'config.json');
  const config = JSON.parse(fs.readFileSync(file, 'utf8')) as Record<string, unknown>;
  delete config.model_type;
  fs.writeFileSync(file, `\ufeff// saved in 2019\r\n${JSON.stringify(config, null, 2).replaceAll('\n', '\r\n')}`);
  assert.equal(readConfig(folder).architecture, 'bert');
  const read = new SafetensorsFile(path.join(folder, 'model.safetensors'));
  const old = (name: string) =>
    name.replace('LayerNorm.weight', 'LayerNorm.gamma').replace('LayerNorm.bias', 'LayerNorm.beta');
  const tensors = [...read.tensors].map(
    ([name, { shape }]) => [old(name), { shape, values: read.readFloat32(name) }] as const,
  );
  read.close();
  writeSafetensors(path.join(folder, 'model.safetensors'), new Map(tensors));
  const model = QuestionAnsweringModel.fromPretrained(folder);
  assert.deepEqual(model.report, { missing: [], unexpected: [] });
  model.dispose();
});
