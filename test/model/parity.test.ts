// Logits, loss, gradients and AdamW steps beside PyTorch's, for BERT and DistilBERT, plain and fast operations.
// The expected numbers are those of torch 2.15.0 and transformers 5.23.0, written by test/reference/model.py.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test, { before, describe } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { AdamW } from '../../src/engine/adamw';
import { weightNames } from '../../src/model/names';
import type { LabelledInputs } from '../../src/model/inputs';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import { exportWeights } from '../../src/model/weights';
import { schedule } from '../../src/training/schedule';
import { largestDifference, relativeDifference, startBackend } from '../engine/backend';

type Lists = Record<string, number[]>;
interface Reference {
  inputs: { input_ids: number[][]; attention_mask: number[][]; token_type_ids?: number[][] };
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

const TINY = path.join(__dirname, '..', 'reference', 'tiny');

/** Zero by construction (a softmax does not see what is added to all its inputs): what is computed there is noise. */
const NOISE = /key\.bias|k_lin\.bias|qa_outputs\.bias|1\.(?:output\.LayerNorm|output_layer_norm)\.bias/;

function readReference(name: string): Reference {
  return JSON.parse(fs.readFileSync(path.join(TINY, name, 'reference.json'), 'utf8')) as Reference;
}

function toInputs({ inputs, start, end }: Reference): LabelledInputs {
  return {
    inputIds: tf.tensor2d(inputs.input_ids, undefined, 'int32'),
    attentionMask: tf.tensor2d(inputs.attention_mask, undefined, 'int32'),
    ...(inputs.token_type_ids && { tokenTypeIds: tf.tensor2d(inputs.token_type_ids, undefined, 'int32') }),
    startPositions: tf.tensor1d(start, 'int32'),
    endPositions: tf.tensor1d(end, 'int32'),
  };
}

function withOperations<T>(kind: string, work: () => T): T {
  process.env.SPANLAB_OPERATIONS = kind;
  try {
    return work();
  } finally {
    delete process.env.SPANLAB_OPERATIONS;
  }
}

/** Our gradients under PyTorch's names. */
function named(model: QuestionAnsweringModel, tensors: Record<string, tf.Tensor>): Lists {
  const data = exportWeights(model.config, (name) => tensors[name].dataSync() as Float32Array);
  return Object.fromEntries([...data].map(([name, { values }]) => [name, Array.from(values)]));
}

before(startBackend);

for (const name of ['bert', 'distilbert', 'electra']) {
  for (const kind of ['plain', 'kernels', 'fused']) {
    describe(`${name}, ${kind} operations`, () => {
      const reference = readReference(name);
      const load = () => QuestionAnsweringModel.fromPretrained(path.join(TINY, name));

      test('logits within 1e-4', () => {
        const model = load();
        const { startLogits, endLogits } = withOperations(kind, () => model.forward(toInputs(reference)));
        assert.ok(largestDifference(startLogits.dataSync(), reference.startLogits.flat()) < 1e-4);
        assert.ok(largestDifference(endLogits.dataSync(), reference.endLogits.flat()) < 1e-4);
      });

      test('loss within 1e-5, a label beyond the row ignored', () => {
        const loss = withOperations(kind, () => load().loss(toInputs(reference)));
        assert.ok(Math.abs(loss.dataSync()[0] - reference.loss) < 1e-5);
      });

      test('every gradient within 1e-4, relative', () => {
        const model = load();
        const { gradients } = withOperations(kind, () => model.lossAndGradients(toInputs(reference)));
        const ours = named(model, gradients);
        assert.deepEqual(Object.keys(ours).sort(), Object.keys(reference.gradients).sort());
        for (const [weight, expected] of Object.entries(reference.gradients)) {
          if (NOISE.test(weight)) continue;
          const difference = relativeDifference(ours[weight], expected);
          assert.ok(difference < 1e-4, `${weight}: ${difference}`);
        }
      });

      test('weights after 1, 5 and 20 AdamW steps with decay, clipping and warm-up', async () => {
        const model = load();
        const optimizer = withOperations(kind, () => new AdamW(model.parameters, { learningRate: 1e-3 }));
        const rate = schedule('linear', 20, 4);
        const inputs = toInputs(reference);
        for (let step = 1; step <= 20; step++) {
          const { loss, gradients } = withOperations(kind, () => model.lossAndGradients(inputs));
          const norm = await optimizer.step(gradients, 1e-3 * rate(step - 1));
          assert.ok(Math.abs(loss.dataSync()[0] - reference.losses[step - 1]) < 1e-4, `loss of step ${step}`);
          assert.ok(Math.abs(norm / reference.norms[step - 1] - 1) < 1e-3, `norm of step ${step}`);
          tf.dispose([loss, gradients]);
          if (reference.after[step]) compareWeights(model, reference.after[step], step);
        }
      });
    });
  }
}

function compareWeights(model: QuestionAnsweringModel, expected: Lists, step: number): void {
  const values = Object.fromEntries(weightNames(model.config).map(({ name }) => [name, model.parameters.get(name)]));
  const ours = named(model, values);
  for (const [weight, list] of Object.entries(expected)) {
    if (NOISE.test(weight)) continue; // Adam makes steps of full size out of noise
    const difference = relativeDifference(ours[weight], list);
    assert.ok(difference < 1e-4, `${weight} after ${step} steps: ${difference}`);
  }
}
