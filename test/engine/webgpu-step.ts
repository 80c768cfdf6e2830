// One training step on WebGPU, in a process of its own: how far loss, gradients and weights are from the reference's, as JSON.
import fs from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { AdamW } from '../../src/engine/adamw';
import { chooseBackend } from '../../src/engine/backend';
import type { LabelledInputs } from '../../src/model/question-answering';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import { relativeDifference } from './backend';

type Table = number[][];
interface Reference {
  inputs: { input_ids: Table; attention_mask: Table; token_type_ids?: Table };
  start: number[];
  end: number[];
  loss: number;
}

const read = async (tensors: Record<string, tf.Tensor>) =>
  new Map(await Promise.all(Object.entries(tensors).map(async ([name, t]) => [name, await t.data()] as const)));

function makeInputs({ inputs, start, end }: Reference): LabelledInputs {
  const table = (rows: Table) => tf.tensor2d(rows, undefined, 'int32');
  return {
    inputIds: table(inputs.input_ids),
    attentionMask: table(inputs.attention_mask),
    ...(inputs.token_type_ids && { tokenTypeIds: table(inputs.token_type_ids) }),
    startPositions: tf.tensor1d(start, 'int32'),
    endPositions: tf.tensor1d(end, 'int32'),
  };
}

/** Loss, gradients and the weights after one step on the backend in use. */
async function step(folder: string, reference: Reference) {
  const model = QuestionAnsweringModel.fromPretrained(folder);
  const { loss, gradients } = model.lossAndGradients(makeInputs(reference));
  const optimizer = new AdamW(model.parameters, { learningRate: 1e-3 });
  const norm = await optimizer.step(gradients);
  const weights = Object.fromEntries(model.parameters.names.map((name) => [name, model.parameters.get(name)]));
  return { loss: (await loss.data())[0], norm, gradients: await read(gradients), weights: await read(weights) };
}

/** Zero by construction, see test/model/parity.test.ts; the third that is not keys is compared natively there. */
const NOISE = /qkvBias|answer\.bias|1\.outputNormBias/;

/** The largest relative difference over all tensors that are not noise. */
function furthest(actual: Map<string, ArrayLike<number>>, expected: Map<string, ArrayLike<number>>): number {
  const names = [...expected.keys()].filter((name) => !NOISE.test(name));
  return Math.max(...names.map((name) => relativeDifference(actual.get(name)!, expected.get(name)!)));
}

async function main(): Promise<void> {
  const results: Record<string, unknown> = {};
  for (const architecture of ['bert', 'distilbert']) {
    const folder = path.join(__dirname, '..', 'reference', 'tiny', architecture);
    const reference = JSON.parse(fs.readFileSync(path.join(folder, 'reference.json'), 'utf8')) as Reference;
    await chooseBackend('webgpu');
    const gpu = await step(folder, reference);
    await chooseBackend('cpu');
    const plain = await step(folder, reference);
    results[architecture] = {
      loss: Math.abs(gpu.loss - reference.loss),
      norm: Math.abs(gpu.norm / plain.norm - 1),
      gradients: furthest(gpu.gradients, plain.gradients),
      weights: furthest(gpu.weights, plain.weights),
    };
  }
  process.stdout.write(JSON.stringify(results));
  process.exit(0); // Dawn's threads would keep the process
}

void main();
