// One side of bench/train: spanlab trains on batches that were written to a file. Prints one line of JSON.
import fs from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { AdamW } from '../src/engine/adamw';
import { chooseBackend } from '../src/engine/backend';
import { QuestionAnsweringModel } from '../src/model/question-answering';

interface Rows {
  inputIds: number[][];
  attentionMask: number[][];
  lengths: number[];
  start: number[];
  end: number[];
}

async function main([file, precision, recompute]: string[]): Promise<void> {
  const {
    model: folder,
    batches,
    warmup,
  } = JSON.parse(fs.readFileSync(file, 'utf8')) as {
    model: string;
    batches: Rows[];
    warmup: number;
  };
  await chooseBackend();
  const model = QuestionAnsweringModel.fromPretrained(folder);
  Object.assign(model.compute, { precision, recompute: recompute === 'recompute' });
  const optimizer = new AdamW(model.parameters, { learningRate: 2e-4 });
  const seconds: number[] = [];
  let loss = NaN;
  for (const [step, rows] of batches.entries()) {
    const began = performance.now();
    const inputs = {
      inputIds: tf.tensor2d(rows.inputIds, undefined, 'int32'),
      attentionMask: tf.tensor2d(rows.attentionMask, undefined, 'int32'),
      startPositions: tf.tensor1d(rows.start, 'int32'),
      endPositions: tf.tensor1d(rows.end, 'int32'),
      lengths: rows.lengths,
    };
    const result = model.lossAndGradients(inputs, step);
    loss = result.loss.dataSync()[0];
    await optimizer.step(result.gradients);
    tf.dispose([inputs as unknown as tf.TensorContainer, result.loss, result.gradients]);
    if (step >= warmup) seconds.push((performance.now() - began) / 1000);
  }
  const peak = process.resourceUsage().maxRSS / 1e6;
  console.log(JSON.stringify({ seconds, loss, peak }));
}

void main(process.argv.slice(2));
