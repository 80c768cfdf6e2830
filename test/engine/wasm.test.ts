// Training in WebAssembly, by our own kernels: losses, gradients and steps of PyTorch (torch 2.15.0 and transformers 5.23.0, written by
// test/reference/model.py), the same bits with any number of threads, no memory kept.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test, { before, describe } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { AdamW } from '../../src/engine/adamw';
import { chooseBackend } from '../../src/engine/backend';
import { liveHandles } from '../../src/engine/native/binding';
import { operations, operationsKind } from '../../src/engine/operations';
import { takeTally } from '../../src/engine/tally';
import { SOURCES } from '../../src/engine/wasm/binary';
import { sourcesHash } from '../../package/wasm';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import { exportWeights } from '../../src/model/weights';
import { relativeDifference } from './backend';

const TINY = path.join(__dirname, '..', 'reference', 'tiny');

/** Who computed the parts of the layers. */
const FAMILIES: Record<string, string[]> = {
  bert: ['fused.addNorm', 'fused.attend', 'fused.feedForward'],
  'xlm-roberta': ['fused.addNorm', 'fused.attend', 'fused.feedForward'], // relu
  albert: ['fused.addNorm', 'fused.attend', 'fused.feedForward'], // gelu_new
  mpnet: ['fused.addNorm', 'fused.attend', 'fused.feedForward'], // a bias by distance
  'deberta-v2': ['fused.addNorm', 'fused.attend', 'fused.feedForward'], // disentangled
  modernbert: ['fused.attend', 'fused.feedForward'], // rotary, gated, norms before the halves
};

/** Zero by construction: see test/model/parity.test.ts. */
const ZERO =
  /key\.bias|k_lin\.bias|attn\.k\.bias|qa_outputs\.bias|classifier\.bias|\.1\.(?:output\.LayerNorm|output_layer_norm)\.bias/;

const ANSWER = /qa_outputs\.bias|1\.output\.LayerNorm\.bias/;
const KEYS = /key\.bias|qa_outputs\.bias/;

function read(family: string) {
  const folder = path.join(TINY, family);
  const reference = JSON.parse(fs.readFileSync(path.join(folder, 'reference.json'), 'utf8'));
  const mask = reference.inputs.attention_mask as number[][];
  const types = reference.inputs.token_type_ids as number[][] | undefined;
  const inputs = {
    inputIds: tf.tensor2d(reference.inputs.input_ids as number[][], undefined, 'int32'),
    attentionMask: tf.tensor2d(mask, undefined, 'int32'),
    ...(reference.hides && { lengths: mask.map((row) => row.reduce((a, b) => a + b, 0)) }),
    ...(types && { tokenTypeIds: tf.tensor2d(types, undefined, 'int32') }),
    startPositions: tf.tensor1d(reference.start as number[], 'int32'),
    endPositions: tf.tensor1d(reference.end as number[], 'int32'),
  };
  return { model: QuestionAnsweringModel.fromPretrained(folder), inputs, reference };
}

before(async () => {
  const { name, version } = await chooseBackend('wasm');
  assert.equal(name, 'wasm');
  assert.match(version, /^(relaxed )?SIMD on (one thread|\d+ threads)$/);
});

for (const [family, expected] of Object.entries(FAMILIES)) {
  test(`${family}: loss and gradients of the reference, by our kernels`, () => {
    const { model, inputs, reference } = read(family);
    assert.equal(operationsKind(), 'fused');
    takeTally();
    const { loss, gradients } = model.lossAndGradients(inputs);
    assert.deepEqual(Object.keys(takeTally()), expected);
    const [first] = loss.dataSync();
    assert.ok(Math.abs(first - reference.loss) < 1e-5, `${first} ${reference.loss}`);
    const zero = { 'deberta-v2': ANSWER, albert: KEYS }[family] ?? ZERO;
    const ours = exportWeights(model.config, (weight) => gradients[weight].dataSync() as Float32Array);
    for (const [weight, values] of Object.entries(reference.gradients as Record<string, number[]>)) {
      if (zero.test(weight)) continue;
      const difference = relativeDifference(ours.get(weight)!.values, values);
      assert.ok(difference < 1e-4, `${weight}: ${difference}`);
    }
    model.dispose();
  });
}

test('AdamW with clipping lowers the loss; nothing is kept from step to step', async () => {
  const { model, inputs } = read('bert');
  const optimizer = new AdamW(model.parameters, { learningRate: 1e-3 });
  const losses: number[] = [];
  const kept: string[] = [];
  for (let step = 0; step < 4; step++) {
    const { loss, gradients } = model.lossAndGradients(inputs, step);
    losses.push(loss.dataSync()[0]);
    await optimizer.step(gradients);
    tf.dispose([loss, gradients] as unknown as tf.TensorContainer);
    kept.push(`${tf.memory().numTensors} ${liveHandles()}`);
  }
  assert.ok(losses[3] < losses[0], String(losses));
  assert.equal(new Set(kept.slice(1)).size, 1, kept.join(', '));
});

test('WebAssembly knows no bfloat16', () => {
  assert.deepEqual(operations(), { packs: true, narrows: false, answers: 'layers' });
});

test('an id beyond the table is an error and no foreign memory', () => {
  const { model, inputs } = read('bert');
  const inputIds = tf.fill(inputs.inputIds.shape, 30522, 'int32') as tf.Tensor2D;
  assert.throws(() => model.loss({ ...inputs, inputIds }), /the id 30522 is none of the \d+ rows/);
});

test('values that were read do not change when their memory is given to another tensor', () => {
  const [a, b] = [tf.ones([64, 64]) as tf.Tensor2D, tf.ones([64, 64]) as tf.Tensor2D];
  const product = tf.matMul(a, b);
  const values = product.dataSync();
  product.dispose();
  tf.matMul(a, tf.zeros([64, 64]));
  assert.ok(values.every((value) => value === 64));
});

describe('products', () => {
  for (const [transposeA, transposeB] of [
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ]) {
    test(`of odd sizes, ${transposeA ? 'transposed' : 'plain'} by ${transposeB ? 'transposed' : 'plain'}, batched`, () => {
      const [rows, inner, columns] = [37, 301, 29];
      const a = tf.randomNormal(transposeA ? [3, inner, rows] : [3, rows, inner], 0, 1, 'float32', 1);
      const b = tf.randomNormal(transposeB ? [3, columns, inner] : [3, inner, columns], 0, 1, 'float32', 2);
      const [left, right, ours] = [a, b, tf.matMul(a, b, transposeA, transposeB)].map((x) => x.dataSync());
      const expected = Float64Array.from({ length: 3 * rows * columns }, (_, at) => {
        const [batch, i, j] = [Math.floor(at / rows / columns), Math.floor(at / columns) % rows, at % columns];
        let sum = 0;
        for (let k = 0; k < inner; k++) {
          const x = left[batch * rows * inner + (transposeA ? k * rows + i : i * inner + k)];
          sum += x * right[batch * inner * columns + (transposeB ? j * inner + k : k * columns + j)];
        }
        return sum;
      });
      assert.ok(relativeDifference(ours, expected) < 1e-6);
    });
  }
});

test('steps are the same bits with one thread, two and three', () => {
  const program = path.join(__dirname, 'wasm-threads.ts');
  const results = ['1', '2', '3'].map((threads) => {
    const env = { ...process.env, TF_NUM_INTRAOP_THREADS: threads };
    const { stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', program], { env, encoding: 'utf8' });
    assert.match(stdout, new RegExp(`on ${threads === '1' ? 'one thread' : `${threads} threads`}`), stderr);
    return stdout.split('\n')[1];
  });
  assert.match(results[0], /^[0-9a-f]{64}$/);
  assert.deepEqual(new Set(results).size, 1, String(results));
});

test(
  'a machine without 128-bit vectors: one sentence with a code',
  { skip: process.arch !== 'x64' && 'only on x64 can V8 be told to do without' },
  () => {
    const backend = path.join(__dirname, '..', '..', 'src', 'engine', 'backend');
    const script = `require(${JSON.stringify(backend)}).chooseBackend('wasm').then(
      ({ version }) => console.log(version),
      ({ code, message }) => console.log(code + ': ' + message))`;
    const flags = ['--no-enable-sse3', '--no-enable-ssse3', '--no-enable-sse4-1'];
    const { stdout, stderr } = spawnSync(process.execPath, [...flags, '--import', 'tsx', '-e', script], {
      encoding: 'utf8',
    });
    assert.match(
      stdout,
      /^E_BACKEND_UNAVAILABLE: backend wasm: this WebAssembly has no 128-bit vectors [^\n]*; the backend cpu needs neither\n$/,
      stderr,
    );
  },
);

test('the binary in the repository was made of the sources that are there', () => {
  assert.equal(SOURCES, sourcesHash(), 'npm run wasm makes src/engine/wasm/binary.ts again');
});
