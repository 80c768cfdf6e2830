// AdamW steps on WebGPU, in a process of its own: how far they are from the reference's numbers, as JSON.
// Those are of torch 2.15.0 and transformers 5.23.0, written by test/reference/model.py.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { AdamW } from '../../src/engine/adamw';
import { chooseBackend } from '../../src/engine/backend';
import type { LabelledInputs } from '../../src/model/inputs';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import { WeightFiles } from '../../src/model/weight-files';
import { exportWeights } from '../../src/model/weights';
import { savePretrained } from '../../src/model/save';
import { schedule } from '../../src/training/schedule';
import { noTokenizer } from '../training/small';
import { relativeDifference } from './backend';

type Lists = Record<string, number[]>;
interface Reference {
  inputs: { input_ids: number[][]; attention_mask: number[][]; token_type_ids?: number[][] };
  start: number[];
  end: number[];
  losses: number[];
  norms: number[];
  gradients: Lists;
  after: Record<string, Lists>;
}

/** The rate of the first step of the warm-up is 0: the second is the first that changes weights. */
const STEPS = 5;

/** Zero by construction, and so noise: see test/model/parity.test.ts. */
const NOISE = /key\.bias|k_lin\.bias|qa_outputs\.bias|1\.(?:output\.LayerNorm|output_layer_norm)\.bias/;

function makeInputs({ inputs, start, end }: Reference): LabelledInputs {
  const table = (rows: number[][]) => tf.tensor2d(rows, undefined, 'int32');
  return {
    inputIds: table(inputs.input_ids),
    attentionMask: table(inputs.attention_mask),
    ...(inputs.token_type_ids && { tokenTypeIds: table(inputs.token_type_ids) }),
    startPositions: tf.tensor1d(start, 'int32'),
    endPositions: tf.tensor1d(end, 'int32'),
  };
}

/** Relative differences of all weights that are not noise; NaN where one is missing. */
function differences(read: (name: string) => ArrayLike<number>, expected: Lists): Record<string, number> {
  const names = Object.keys(expected).filter((name) => !NOISE.test(name));
  return Object.fromEntries(names.map((name) => [name, relativeDifference(read(name), expected[name])]));
}

async function gradientDifferences(model: QuestionAnsweringModel, gradients: tf.NamedTensorMap, expected: Lists) {
  const values = new Map<string, Float32Array>();
  for (const [name, gradient] of Object.entries(gradients)) values.set(name, (await gradient.data()) as Float32Array);
  const ours = exportWeights(model.config, (name) => values.get(name)!);
  return differences((name) => ours.get(name)!.values, expected);
}

/** The weights as they are saved. */
async function savedDifferences(model: QuestionAnsweringModel, expected: Lists) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-webgpu-'));
  await savePretrained(model, noTokenizer, folder);
  const files = new WeightFiles(folder);
  const result = differences((name) => files.read(name), expected);
  files.close();
  fs.rmSync(folder, { recursive: true });
  return result;
}

async function train(architecture: string) {
  const folder = path.join(__dirname, '..', 'reference', 'tiny', architecture);
  const reference = JSON.parse(fs.readFileSync(path.join(folder, 'reference.json'), 'utf8')) as Reference;
  const model = QuestionAnsweringModel.fromPretrained(folder);
  const optimizer = new AdamW(model.parameters);
  const inputs = makeInputs(reference);
  const rate = schedule('linear', 20, 4);
  const result = { losses: [] as number[], norms: [] as number[], tensors: [] as number[], gradients: {}, weights: {} };
  for (let step = 0; step < STEPS; step++) {
    const { loss, gradients } = model.lossAndGradients(inputs);
    if (step === 0) result.gradients = await gradientDifferences(model, gradients, reference.gradients);
    const norm = await optimizer.step(gradients, 1e-3 * rate(step));
    result.losses.push(Math.abs((await loss.data())[0] - reference.losses[step]));
    result.norms.push(Math.abs(norm / reference.norms[step] - 1));
    tf.dispose([loss, gradients]);
    result.tensors.push(tf.memory().numTensors);
  }
  return { ...result, weights: await savedDifferences(model, reference.after[STEPS]) };
}

async function main(): Promise<void> {
  await chooseBackend('webgpu');
  tf.env().set('WEBGPU_CPU_FORWARD', false); // else small tensors are computed in JavaScript
  const results: Record<string, unknown> = { backend: tf.getBackend() };
  for (const architecture of process.argv.slice(2)) results[architecture] = await train(architecture);
  process.stdout.write(`RESULT${JSON.stringify(results)}`);
}

void main();
