// A whole model as one operation: who computes it, that it is what the layers one by one give, and that it follows the weights.
import assert from 'node:assert/strict';
import path from 'node:path';
import test, { before } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { AdamW } from '../../src/engine/adamw';
import {
  type Handle,
  attribute,
  download,
  FLOAT,
  free,
  liveHandles,
  run,
  upload,
} from '../../src/engine/native/binding';
import { loadKernels } from '../../src/engine/native/kernels';
import { operations } from '../../src/engine/operations';
import { chooseAnswers } from '../../src/engine/precision';
import { takeTally } from '../../src/engine/tally';
import type { LabelledInputs } from '../../src/model/inputs';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import { TINY, TINY_FAMILIES } from '../reference/tiny-families';
import { startBackend } from './backend';

/** Families with attention that depends on distance in a way that no step is. */
const LAYERS_ONLY = ['mpnet', 'deberta-v2'];

before(async () => {
  assert.match(await startBackend(), /^tensorflow/, 'these tests need the native library: npm run setup');
  assert.ok(loadKernels(), 'these tests need the compiled kernels: npm run setup');
});

const load = (name: string) => QuestionAnsweringModel.fromPretrained(path.join(TINY, name));

/** Rows of these lengths, with ids that every vocabulary has, and answers that are somewhere. */
function rowsOf(lengths: number[]): LabelledInputs {
  const [batch, sequence] = [lengths.length, Math.max(...lengths)];
  const ids = Int32Array.from({ length: batch * sequence }, (_, i) => 5 + ((i * 31) % 40));
  return {
    inputIds: tf.tensor2d(ids, [batch, sequence], 'int32'),
    tokenTypeIds: tf.tensor2d(
      ids.map((_, i) => Number(i % sequence > 3)),
      [batch, sequence],
      'int32',
    ),
    lengths,
    startPositions: tf.zeros([batch], 'int32'),
    endPositions: tf.ones([batch], 'int32'),
  };
}

const scoresOf = ({ startLogits, endLogits }: ReturnType<QuestionAnsweringModel['forward']>) =>
  [startLogits, endLogits].flatMap((tensor) => Array.from(tensor.dataSync()));

/** The layers one by one: where somebody may want a gradient nothing else is possible. */
function layerScores(model: QuestionAnsweringModel, inputs: LabelledInputs): number[] {
  let scores: number[] = [];
  const watched = tf.grad((x) => {
    scores = scoresOf(model.forward(inputs));
    return tf.square(x);
  });
  watched(tf.scalar(1));
  return scores;
}

function assertSame(actual: number[], expected: number[]): void {
  assert.equal(actual.length, expected.length);
  const most = Math.max(...actual.map((score, i) => Math.abs(score - expected[i])));
  assert.ok(most < 1e-5, `scores differ by ${most}`);
}

for (const name of TINY_FAMILIES) {
  const isWhole = !LAYERS_ONLY.includes(name);
  test(`${name}: ${isWhole ? 'one operation, as the layers one by one' : 'its layers one by one'}`, () => {
    const [model, inputs] = [load(name), rowsOf([9, 4, 1, 12])];
    takeTally();
    const scores = scoresOf(model.forward(inputs));
    const tally = takeTally();
    if (isWhole) assert.deepEqual(tally, { 'fused.whole': 1 });
    else assert.ok(!('fused.whole' in tally) && 'fused.addNorm' in tally, JSON.stringify(tally));
    assertSame(scores, layerScores(model, inputs));
    assert.ok(!('fused.whole' in takeTally()), 'what has a gradient goes layer by layer');
    model.dispose();
  });
}

test('more rows than go through together, and rows without lengths', () => {
  const model = load('bert');
  const inputs = rowsOf(Array.from({ length: 200 }, (_, i) => 1 + ((i * 7) % 16)));
  assertSame(scoresOf(model.forward(inputs)), layerScores(model, inputs));
  const unpacked = { ...inputs, lengths: undefined };
  assertSame(scoresOf(model.forward(unpacked)), layerScores(model, unpacked));
  model.dispose();
});

test('it follows the weights: an optimizer step, a weight that is set', async () => {
  const [model, inputs] = [load('bert'), rowsOf([9, 4])];
  const first = scoresOf(model.forward(inputs));
  const optimizer = new AdamW(model.parameters, { learningRate: 0.01 });
  const { loss, gradients } = model.lossAndGradients(inputs);
  await optimizer.step(gradients);
  optimizer.dispose();
  tf.dispose([loss, ...Object.values(gradients)]);
  const second = scoresOf(model.forward(inputs));
  assert.ok(Math.abs(second[0] - first[0]) > 1e-4, 'the step changed nothing');
  assertSame(second, layerScores(model, inputs));
  const [bias] = model.parameters.names.filter((name) => name.startsWith('answer') && name.includes('bias'));
  model.parameters.set(bias, tf.tensor1d([3, -3]));
  assertSame(scoresOf(model.forward(inputs)), layerScores(model, inputs));
  model.dispose();
});

test('bfloat16 and dropout go layer by layer', () => {
  const [model, inputs] = [load('bert'), rowsOf([9, 4])];
  takeTally();
  model.forward(inputs, 3);
  model.compute.precision = 'bf16';
  model.forward(inputs);
  assert.ok(!('fused.whole' in takeTally()));
  model.dispose();
});

test('an id that the table lacks is an error, and nothing is left behind', () => {
  const before = liveHandles();
  const model = load('bert');
  const inputs = rowsOf([3]);
  const wrong = { ...inputs, inputIds: tf.tensor2d([5, 100_000, 6], [1, 3], 'int32') };
  assert.throws(() => model.forward(wrong), /100000.*not one of the/s);
  model.forward(inputs);
  model.dispose();
  assert.equal(liveHandles(), before);
});

const HAS_BYTES = () => operations().answers === 'whole or int8';

test('int8: near the scores in float32, and computed so', (t) => {
  if (!HAS_BYTES()) return t.skip('this processor does not multiply bytes');
  for (const name of TINY_FAMILIES.filter((each) => !LAYERS_ONLY.includes(each))) {
    const [model, inputs] = [load(name), rowsOf([9, 4, 1, 12])];
    const exact = scoresOf(model.forward(inputs));
    takeTally();
    model.compute.answers = 'int8';
    const rounded = scoresOf(model.forward(inputs));
    assert.deepEqual(takeTally(), { 'fused.whole in bytes': 1 });
    const real = exact.flatMap((score, i) => (score > -1e29 ? [[score, rounded[i]]] : []));
    const size = Math.sqrt(real.reduce((sum, [score]) => sum + score ** 2, 0));
    const error = Math.sqrt(real.reduce((sum, [score, other]) => sum + (score - other) ** 2, 0)) / size;
    assert.ok(error > 0 && error < 0.05, `${name}: ${error}`);
    model.dispose();
  }
});

test('int8: whole numbers of 8 bits are multiplied exactly', (t) => {
  if (!HAS_BYTES()) return t.skip('this processor does not multiply bytes');
  const [tokens, inner, columns] = [13, 9, 50];
  // every row of the table goes from 0 or less to 255 more, every row of the matrix to 127: both scales are 1
  const table = Float32Array.from({ length: tokens * inner }, (_, i) => {
    const least = -Math.floor(i / inner);
    return i % inner === 0 ? least : i % inner === 1 ? least + 255 : (i * 37) % 200;
  });
  const matrix = Float32Array.from({ length: columns * inner }, (_, i) =>
    i % inner === 4 ? -127 : ((i * 53) % 255) - 127,
  );
  const last = Float32Array.from({ length: 2 * columns }, (_, i) => Number(i === 3 || i === columns + 49));
  const inputs = [
    upload(Int32Array.from([EMBED, [1, 1, 0, -1, 1, -1, -1, -1], [1, 2, 1, -1, 2, -1, -1, -1]].flat()), [3, 8]),
    upload(new Float32Array(3), [3]),
    upload(table, [tokens, inner]),
    upload(matrix, [columns, inner]),
    upload(last, [2, columns]),
  ];
  const attributes = [attribute.type('T', FLOAT), attribute.int('N', 3), attribute.int('flag', 1)];
  const [number] = run('SpanlabPrepare', attributes, inputs);
  const ids = Int32Array.from({ length: tokens }, (_, i) => i);
  const rows = [upload(ids, [1, tokens]), upload(new Int32Array(0), [0]), upload(Int32Array.of(0, tokens), [2]), upload(Int32Array.of(tokens), [1])]; // prettier-ignore
  const [start, end] = run('SpanlabWhole', attributes.slice(0, 1), [number, ...rows], 2);
  const product = (token: number, column: number) =>
    Array.from({ length: inner }, (_, k) => table[token * inner + k] * matrix[column * inner + k]).reduce(
      (a, b) => a + b,
    );
  assert.deepEqual(
    Array.from(download(start)),
    Array.from(ids, (token) => product(token, 3)),
  );
  assert.deepEqual(
    Array.from(download(end)),
    Array.from(ids, (token) => product(token, 49)),
  );
  free(...run('SpanlabForget', attributes.slice(0, 1), [number]), number, start, end, ...inputs, ...rows);
});

test('a precision of answers that is unknown is refused', () => {
  assert.throws(() => chooseAnswers('int4'), /E_PRECISION|unknown precision of answers/);
  assert.equal(chooseAnswers('fp32'), 'fp32');
});

// One step is [kind, to, from, other, weight, bias, a, b]; the weights are a table [4, 8], a matrix [2, 8] and a vector [2].
const EMBED = [0, 0, -1, 0, 0, -1, 0, -1];
const SCORE = [1, 1, 0, -1, 1, 2, -1, -1];

function prepare(steps: number[][], fields = 8): Handle {
  const inputs = [
    upload(Int32Array.from(steps.flat()), [steps.length, fields]),
    upload(new Float32Array(steps.length), [steps.length]),
    upload(new Float32Array(32), [4, 8]),
    upload(new Float32Array(16), [2, 8]),
    upload(new Float32Array(2), [2]),
  ];
  try {
    return run('SpanlabPrepare', [attribute.type('T', FLOAT), attribute.int('N', 3)], inputs)[0];
  } finally {
    free(...inputs);
  }
}

test('steps that do not fit are refused', () => {
  free(prepare([EMBED, SCORE]));
  const wrong: Record<string, number[][]> = {
    'no step': [],
    'no kind': [EMBED, [7, ...SCORE.slice(1)]],
    'a slot that nothing was written to': [[1, 1, 5, -1, 1, 2, -1, -1]],
    'a slot far away': [[0, 1000, -1, 0, 0, -1, 0, -1]],
    'a negative slot': [[0, -1, -1, 0, 0, -1, 0, -1]],
    'in place': [EMBED, [1, 0, 0, -1, 1, 2, -1, -1]],
    'a weight that is not there': [EMBED, [1, 1, 0, -1, 3, 2, -1, -1]],
    'a matrix of another width': [EMBED, SCORE, [1, 0, 1, -1, 1, 2, -1, -1]],
    'a bias of another width': [EMBED, [1, 1, 0, -1, 1, 1, -1, -1]],
    'an activation that is none': [EMBED, [1, 1, 0, -1, 1, 2, 4, -1]],
    'a norm of another width': [EMBED, [3, 1, 0, -1, 2, -1, -1, -1], SCORE],
    'a sum of two widths': [EMBED, SCORE, [4, 2, 0, 1, -1, -1, -1, -1]],
    'heads that do not divide': [EMBED, [5, 1, 0, -1, -1, -1, 3, -1]],
    'no heads': [EMBED, [5, 1, 0, -1, -1, -1, 0, -1]],
    'angles that are none': [EMBED, [6, 0, 0, -1, 0, 0, 1, -1]],
    'a last value that is no pair of scores': [EMBED],
  };
  for (const [what, steps] of Object.entries(wrong)) {
    assert.throws(() => prepare(steps), /cannot be computed|two scores|shape/, what);
  }
  assert.throws(() => prepare([EMBED.slice(0, 7)], 7), /shape/);
});

test('rows that do not fit, and a model that was let go, are refused', () => {
  const type = attribute.type('T', FLOAT);
  const number = prepare([EMBED, SCORE]);
  const call = (offsets: number[], keys: number[], ids = [1, 2, 3, 1, 2, 3], shape = [2, 3]) => {
    const integers = (values: number[], shape: number[]) => upload(Int32Array.from(values), shape);
    const inputs = [integers(ids, shape), integers([], [0]), integers(offsets, [offsets.length]), integers(keys, [keys.length])]; // prettier-ignore
    try {
      free(...run('SpanlabWhole', [type], [number, ...inputs], 2));
    } finally {
      free(...inputs);
    }
  };
  call([0, 3, 5], [3, 2]);
  assert.throws(() => call([0, 4, 5], [3, 1]), /more than its 3 tokens/);
  assert.throws(() => call([0, 3, 2], [3, 1]), /do not describe rows/);
  assert.throws(() => call([0, 3, 5], [3, 3]), /do not describe rows/);
  assert.throws(() => call([0, 3], [3]), /shape/);
  assert.throws(() => call([0, 3, 5], [3, 2], [1, 2, 4, 1, 2, 3]), /number 4 of row 0/);
  assert.throws(() => call([0, 3, 5], [3, 2], [1, 2, -1, 1, 2, 3]), /number -1 of row 0/);
  free(...run('SpanlabForget', [type], [number]));
  assert.throws(() => call([0, 3, 5], [3, 2]), /no model has the number/);
  free(number);
});
