// spanlab's side of the measurement on a GPU: reads requests, one JSON a line, and answers each with a line that begins with @@.
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import * as tf from '@tensorflow/tfjs';
import { AdamW } from '../../src/engine/adamw';
import { chooseBackend } from '../../src/engine/backend';
import { CompiledStep } from '../../src/model/compiled-step';
import { parseConfig } from '../../src/model/config';
import type { LabelledInputs } from '../../src/model/inputs';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import type { Answer, ModelName, Plan, Request, Rows } from './plan';

const LEARNING_RATE = 2e-4;
/** Bucketed rows are padded to a multiple of it, so that few shapes are compiled. */
const BUCKET = 64;

const [file, name] = process.argv.slice(2) as [string, ModelName];
const plan = JSON.parse(fs.readFileSync(file, 'utf8')) as Plan;

function makeModel(): QuestionAnsweringModel {
  const source = plan.models[name];
  if ('folder' in source) return QuestionAnsweringModel.fromPretrained(path.join(path.dirname(file), source.folder));
  return QuestionAnsweringModel.fromConfig(parseConfig(source.config), { seed: 0 });
}

/** A model with its optimizer, and its steps by either way. */
class Training {
  readonly model = makeModel();
  private readonly optimizer = new AdamW(this.model.parameters, { learningRate: LEARNING_RATE });
  private readonly compiled = new CompiledStep(this.model, this.optimizer);

  async step(inputs: LabelledInputs, isCompiled: boolean, seed?: number): Promise<number> {
    if (isCompiled) return this.compiled.run(inputs, seed).loss;
    const { loss, gradients } = this.model.lossAndGradients(inputs, seed);
    const [value] = loss.dataSync();
    await this.optimizer.step(gradients);
    tf.dispose([loss, gradients]);
    return value;
  }

  dispose(): void {
    this.compiled.dispose();
    this.optimizer.dispose();
    this.model.dispose();
  }
}

/** Tensors of a batch; the caller disposes them. */
function inputsOf({ ids, start, end }: Rows, padding: 'scored' | 'hidden'): LabelledInputs {
  const lengths = ids.map((row) => row.length);
  const longest = Math.max(...lengths);
  const sequence = padding === 'hidden' ? Math.ceil(longest / BUCKET) * BUCKET : longest;
  const matrix = (fill: (values: Int32Array, row: number[], at: number) => void) => {
    const values = new Int32Array(ids.length * sequence);
    ids.forEach((row, i) => fill(values, row, i * sequence));
    return tf.tensor2d(values, [ids.length, sequence], 'int32');
  };
  return {
    inputIds: matrix((values, row, at) => values.set(row, at)),
    startPositions: tf.tensor1d(start, 'int32'),
    endPositions: tf.tensor1d(end, 'int32'),
    ...(padding === 'hidden'
      ? { lengths }
      : { attentionMask: matrix((values, row, at) => values.fill(1, at, at + row.length)) }),
  };
}

const disposeInputs = (inputs: LabelledInputs) =>
  tf.dispose(Object.values(inputs).filter((value) => value instanceof tf.Tensor));

/** Losses without dropout from the model's own weights; padding is scored, as in the reference. */
async function parity({ shape, precision, kind }: Request): Promise<Answer> {
  const training = new Training();
  training.model.compute.precision = precision;
  const losses: number[] = [];
  for (const rows of plan.shapes[shape]) {
    const inputs = inputsOf(rows, 'scored');
    losses.push(await training.step(inputs, kind === 'compiled'));
    disposeInputs(inputs);
  }
  training.dispose();
  return { losses };
}

const current: { training?: Training } = {};

async function run({ shape, precision, kind }: Request, batches: Rows[]): Promise<number[]> {
  current.training ??= new Training();
  current.training.model.compute.precision = precision;
  const seconds: number[] = [];
  for (const [step, rows] of batches.entries()) {
    const began = performance.now();
    const inputs = inputsOf(rows, 'hidden');
    const loss = await current.training.step(inputs, kind === 'compiled', step);
    disposeInputs(inputs);
    seconds.push((performance.now() - began) / 1000);
    if (!Number.isFinite(loss)) throw new Error(`the loss is ${loss} in ${shape} ${precision}`);
  }
  return seconds;
}

/** One batch of each padded length, several times. */
async function prepare(request: Request): Promise<Answer> {
  const began = performance.now();
  const padded = (rows: Rows) => Math.ceil(Math.max(...rows.ids.map((row) => row.length)) / BUCKET);
  const shapes = new Map(plan.shapes[request.shape].map((rows) => [padded(rows), rows]));
  const chosen = [...shapes.values()];
  for (let i = 0; i < plan.warmup; i++) await run(request, chosen);
  return { took: (performance.now() - began) / 1000 };
}

async function answer(request: Request): Promise<Answer> {
  if (request.do === 'parity') return parity(request);
  if (request.do === 'prepare' || request.do === 'memory') return prepare(request);
  return { seconds: await run(request, plan.shapes[request.shape]) };
}

async function main(): Promise<void> {
  const { name: backend } = await chooseBackend();
  console.log(`@@${JSON.stringify({ backend })}`);
  for await (const line of createInterface({ input: process.stdin })) {
    const reply = await answer(JSON.parse(line) as Request).catch((error: Error): Answer => ({ error: error.message }));
    console.log(`@@${JSON.stringify(reply)}`);
  }
}

void main();
