// A frozen lower part, in every family and each interpreter: the upper part's loss and gradients are PyTorch's all the same, the
// lower part has none, and what it gives may come from elsewhere.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test, { before, describe } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { OPERATIONS, operationsKind } from '../../src/engine/operations';
import { trainableNames } from '../../src/model/frozen';
import type { LabelledInputs } from '../../src/model/inputs';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import { exportWeights } from '../../src/model/weights';
import { relativeDifference, startBackend } from '../engine/backend';
import { TINY, TINY_FAMILIES } from '../reference/tiny-families';

type Lists = Record<string, number[]>;
interface Reference {
  inputs: { input_ids: number[][]; attention_mask: number[][]; token_type_ids?: number[][] };
  hides?: boolean;
  start: number[];
  end: number[];
  loss: number;
  gradients: Lists;
}

/** Zero by construction, and noise when computed; see parity.test.ts. */
const ZERO =
  /key\.bias|k_lin\.bias|attn\.k\.bias|qa_outputs\.bias|classifier\.bias|\.1\.(?:output\.LayerNorm|output_layer_norm)\.bias/;

before(async () => {
  assert.match(await startBackend(), /^tensorflow/, 'these tests need the native library: npm run setup');
});

const referenceOf = (name: string) =>
  JSON.parse(fs.readFileSync(path.join(TINY, name, 'reference.json'), 'utf8')) as Reference;

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

const load = (name: string, frozen: number) => {
  const model = QuestionAnsweringModel.fromPretrained(path.join(TINY, name));
  return Object.assign(model, { compute: Object.assign(model.compute, { frozen }) });
};

const sharesLayers = (name: string) => name === 'albert';

for (const name of TINY_FAMILIES.filter((family) => !sharesLayers(family))) {
  for (const kind of OPERATIONS) {
    test(`${name}, ${kind} operations`, () => {
      process.env.SPANLAB_OPERATIONS = kind;
      try {
        assert.equal(operationsKind(), kind);
        const reference = referenceOf(name);
        const inputs = toInputs(reference);
        for (let frozen = 1; frozen <= load(name, 0).config.layers; frozen++)
          compare(load(name, frozen), inputs, reference);
      } finally {
        delete process.env.SPANLAB_OPERATIONS;
      }
    });
  }
}

function compare(model: QuestionAnsweringModel, inputs: LabelledInputs, reference: Reference): void {
  const lower = model.lowerStates(inputs);
  assert.deepEqual(lower.shape, [...inputs.inputIds.shape, model.config.hiddenSize]);
  for (const given of [inputs, { ...inputs, lower }]) {
    const { loss, gradients } = model.lossAndGradients(given);
    assert.ok(Math.abs(loss.dataSync()[0] - reference.loss) < 1e-5);
    assert.deepEqual(Object.keys(gradients), trainableNames(model.config, model.compute.frozen));
    const named = exportWeights(model.config, (weight) => gradients[weight]?.dataSync() as Float32Array | undefined);
    assert.ok(named.size > 0 && named.size < Object.keys(reference.gradients).length);
    for (const [tensor, { values }] of named) {
      if (ZERO.test(tensor)) continue;
      assert.ok(
        relativeDifference(values, reference.gradients[tensor]) < 1e-4,
        `${tensor}, ${model.compute.frozen} frozen`,
      );
    }
    tf.dispose([loss, gradients as tf.TensorContainer]);
  }
  lower.dispose();
  model.dispose();
}

describe('dropout', () => {
  test('drops nothing in the frozen part: what it gives is the same, whatever the seed of the others', () => {
    const model = load('bert', 1);
    const inputs = toInputs(referenceOf('bert'));
    const lower = model.lowerStates(inputs);
    const loss = (given: LabelledInputs, seed: number) => model.loss(given, seed).dataSync()[0];
    assert.equal(loss(inputs, 5), loss({ ...inputs, lower }, 5));
    if (model.config.hiddenDropout > 0) assert.notEqual(loss(inputs, 5), loss(inputs, 6));
  });
});

describe('refused', () => {
  test('more layers than there are', () => {
    const { config } = load('bert', 0);
    assert.throws(() => trainableNames(config, config.layers + 1), { code: 'E_MODEL_FREEZE', message: /give at most/ });
  });

  test('layers that share their weights', () => {
    assert.throws(() => trainableNames(load('albert', 0).config, 1), { code: 'E_MODEL_FREEZE', message: /share/ });
  });
});

test('everything but upper layers and what is above them is frozen', () => {
  const { config } = load('modernbert', 0);
  const parts = new Set(trainableNames(config, config.layers).map((name) => name.split('.')[0]));
  assert.deepEqual(parts, new Set(['finalNorm', 'head', 'answer']));
  assert.equal(trainableNames(config, 0).length, load('modernbert', 0).parameters.names.length);
  const deberta = trainableNames(load('deberta-v2', 0).config, 1);
  assert.ok(!deberta.some((name) => /^(distances|distanceNorm|embeddings)/.test(name)));
});
