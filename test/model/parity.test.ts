// Logits, loss, gradients and AdamW steps beside PyTorch's, for every family and each interpreter of its operations.
// The expected numbers are those of torch 2.15.0 and transformers 5.23.0, written by test/reference/model.py.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test, { before, describe } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { AdamW } from '../../src/engine/adamw';
import { OPERATIONS, operationsKind } from '../../src/engine/operations';
import { takeTally } from '../../src/engine/tally';
import { CompiledStep } from '../../src/model/compiled-step';
import type { LabelledInputs } from '../../src/model/inputs';
import { weightNames } from '../../src/model/names';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import { exportWeights } from '../../src/model/weights';
import { schedule } from '../../src/training/schedule';
import { relativeDifference, startBackend } from '../engine/backend';
import { TINY, TINY_FAMILIES } from '../reference/tiny-families';

type Lists = Record<string, number[]>;
interface Reference {
  inputs: { input_ids: number[][]; attention_mask: number[][]; token_type_ids?: number[][] };
  /** Whether the scores of padding are left out of loss and gradients, as with `lengths`. */
  hides?: boolean;
  start: number[];
  end: number[];
  startLogits: number[][];
  endLogits: number[][];
  loss: number;
  losses: number[];
  norms: number[];
  gradients: Lists;
  after: Record<string, Lists>;
}

/**
 * Gradients that are zero by construction, since a softmax does not see what is added to all its inputs: biases of keys, of the
 * answer, and of the last norm before it. Not so where keys also meet positions (DeBERTa), and where the last norm is an earlier
 * layer's too (ALBERT). What is computed there is noise.
 */
const ZERO =
  /key\.bias|k_lin\.bias|attn\.k\.bias|qa_outputs\.bias|classifier\.bias|\.1\.(?:output\.LayerNorm|output_layer_norm)\.bias/;

/** Who computes each half of a layer and its end, by the interpreter that was asked for, where it is not that one. */
const ELSEWHERE: Record<string, Partial<Record<(typeof OPERATIONS)[number], Record<string, string>>>> = {
  'xlm-roberta': { kernels: { feedForward: 'plain' } }, // relu
  camembert: { kernels: { feedForward: 'plain' } }, // silu
  albert: { kernels: { feedForward: 'plain' } }, // gelu_new
  mpnet: { kernels: { attend: 'plain' } }, // a bias by distance
  'deberta-v2': { kernels: { attend: 'plain' } }, // disentangled
  modernbert: { kernels: { attend: 'plain', feedForward: 'plain' } }, // rotary, gated
};

function readReference(name: string): Reference {
  return JSON.parse(fs.readFileSync(path.join(TINY, name, 'reference.json'), 'utf8')) as Reference;
}

function toInputs({ inputs, hides, start, end }: Reference): LabelledInputs {
  return {
    inputIds: tf.tensor2d(inputs.input_ids, undefined, 'int32'),
    attentionMask: tf.tensor2d(inputs.attention_mask, undefined, 'int32'),
    ...(hides && { lengths: inputs.attention_mask.map((row) => row.reduce((a, b) => a + b, 0)) }),
    ...(inputs.token_type_ids && { tokenTypeIds: tf.tensor2d(inputs.token_type_ids, undefined, 'int32') }),
    startPositions: tf.tensor1d(start, 'int32'),
    endPositions: tf.tensor1d(end, 'int32'),
  };
}

/** Runs `work` with the operations of that name, and checks that they, and nobody else, computed the layers. */
function withOperations<T>(family: string, kind: (typeof OPERATIONS)[number], work: () => T): T {
  process.env.SPANLAB_OPERATIONS = kind;
  try {
    assert.equal(operationsKind(), kind);
    takeTally();
    const result = work();
    for (const [key, count] of Object.entries(takeTally())) {
      const [who, operation] = key.split('.');
      const interpreter = kind === 'compiled' ? 'kernels' : kind; // which the compiled function is written with
      const expected = ELSEWHERE[family]?.[interpreter]?.[operation] ?? interpreter;
      assert.equal(who, expected, `${operation} was computed ${count} times by ${who}`);
    }
    return result;
  } finally {
    delete process.env.SPANLAB_OPERATIONS;
  }
}

/** Our gradients under PyTorch's names. */
function named(model: QuestionAnsweringModel, tensors: Record<string, tf.Tensor>): Lists {
  const data = exportWeights(model.config, (name) => tensors[name].dataSync() as Float32Array);
  return Object.fromEntries([...data].map(([name, { values }]) => [name, Array.from(values)]));
}

/** The largest difference of scores; what is hidden is hidden in both. */
function scoreDifference(ours: ArrayLike<number>, theirs: number[]): number {
  assert.equal(ours.length, theirs.length);
  return Math.max(...theirs.map((score, i) => (score < -1e29 ? Number(ours[i] > -1e29) : Math.abs(ours[i] - score))));
}

before(async () => {
  process.env.XLA_FLAGS ??= '--xla_backend_optimization_level=0'; // compiles in a third of the time
  assert.match(await startBackend(), /^tensorflow/, 'these tests need the native library: npm run setup');
});

for (const name of TINY_FAMILIES) {
  test(`${name}, compiled steps: losses, norms and weights of 20 steps, and dropout`, () => {
    const reference = readReference(name);
    withOperations(name, 'compiled', () => checkCompiled(name, reference));
  });

  for (const kind of OPERATIONS.filter((each) => each !== 'compiled')) {
    describe(`${name}, ${kind} operations`, () => {
      const reference = readReference(name);
      const load = () => QuestionAnsweringModel.fromPretrained(path.join(TINY, name));

      test('nothing is missing, nothing is left over', () => {
        assert.deepEqual(load().report, { missing: [], unexpected: [] });
      });

      test('logits within 1e-4', () => {
        const model = load();
        const { startLogits, endLogits } = withOperations(name, kind, () => model.forward(toInputs(reference)));
        assert.ok(scoreDifference(startLogits.dataSync(), reference.startLogits.flat()) < 1e-4);
        assert.ok(scoreDifference(endLogits.dataSync(), reference.endLogits.flat()) < 1e-4);
      });

      test('loss within 1e-5, a label beyond the row ignored', () => {
        const loss = withOperations(name, kind, () => load().loss(toInputs(reference)));
        assert.ok(Math.abs(loss.dataSync()[0] - reference.loss) < 1e-5);
      });

      test('every gradient within 1e-4, relative, and what must be zero is', () => {
        const model = load();
        const { gradients } = withOperations(name, kind, () => model.lossAndGradients(toInputs(reference)));
        const ours = named(model, gradients);
        assert.deepEqual(Object.keys(ours).sort(), Object.keys(reference.gradients).sort());
        for (const [weight, expected] of Object.entries(reference.gradients)) {
          if (ZERO.test(weight)) assertZero(weight, ours[weight], expected);
          else {
            const difference = relativeDifference(ours[weight], expected);
            assert.ok(difference < 1e-4, `${weight}: ${difference}`);
          }
        }
      });

      test('computing again what was not kept changes no bit of the gradients', () => {
        const model = load();
        const gradients = (recompute: boolean) => {
          Object.assign(model.compute, { recompute });
          const result = withOperations(name, kind, () => model.lossAndGradients(toInputs(reference), 5));
          return named(model, result.gradients);
        };
        assert.deepEqual(gradients(true), gradients(false));
      });

      test('weights after 1, 5 and 20 AdamW steps with decay, clipping and warm-up', async () => {
        const model = load();
        const optimizer = withOperations(name, kind, () => new AdamW(model.parameters, { learningRate: 1e-3 }));
        const rate = schedule('linear', 20, 4);
        const inputs = toInputs(reference);
        for (let step = 1; step <= 20; step++) {
          const { loss, gradients } = withOperations(name, kind, () => model.lossAndGradients(inputs));
          const norm = await optimizer.step(gradients, 1e-3 * rate(step - 1));
          const difference = Math.abs(loss.dataSync()[0] - reference.losses[step - 1]);
          assert.ok(difference < 1e-4, `loss of step ${step}: ${difference}`);
          assert.ok(Math.abs(norm / reference.norms[step - 1] - 1) < 1e-3, `norm of step ${step}`);
          tf.dispose([loss, gradients]);
          if (reference.after[step]) compareWeights(model, reference.after[step], step);
        }
      });
    });
  }
}

/** The same as the last test of the other kinds, each step being one function that XLA compiled. */
function checkCompiled(name: string, reference: Reference): void {
  const model = QuestionAnsweringModel.fromPretrained(path.join(TINY, name));
  const optimizer = new AdamW(model.parameters, { learningRate: 1e-3 });
  const compiled = new CompiledStep(model, optimizer);
  const rate = schedule('linear', 20, 4);
  const inputs = toInputs(reference);
  for (let step = 1; step <= 20; step++) {
    const { loss, gradientNorm } = compiled.run(inputs, undefined, 1e-3 * rate(step - 1));
    const difference = Math.abs(loss - reference.losses[step - 1]);
    assert.ok(difference < 1e-4, `loss of step ${step}: ${difference}`);
    assert.ok(Math.abs(gradientNorm / reference.norms[step - 1] - 1) < 1e-3, `norm of step ${step}`);
    if (reference.after[step]) compareWeights(model, reference.after[step], step);
  }
  const [first, second, again] = [1, 2, 1].map((seed) => compiled.run(inputs, seed, 0).loss);
  assert.equal(again, first);
  assert.ok(Number.isFinite(second));
  compiled.dispose();
}

function assertZero(weight: string, ...lists: number[][]): void {
  for (const values of lists) {
    const largest = Math.max(...values.map(Math.abs));
    assert.ok(largest < 1e-6, `${weight} should have no gradient, and has ${largest}`);
  }
}

function compareWeights(model: QuestionAnsweringModel, expected: Lists, step: number): void {
  const values = Object.fromEntries(weightNames(model.config).map(({ name }) => [name, model.parameters.get(name)]));
  const ours = named(model, values);
  for (const [weight, list] of Object.entries(expected)) {
    if (ZERO.test(weight)) continue; // Adam makes steps of full size out of noise
    const difference = relativeDifference(ours[weight], list);
    assert.ok(difference < 1e-4, `${weight} after ${step} steps: ${difference}`);
  }
}
