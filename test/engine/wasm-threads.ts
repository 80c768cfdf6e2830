// A child of wasm.test.ts: some steps with dropout on as many threads as TF_NUM_INTRAOP_THREADS says, and the hash of all weights of models
// whose attention sums its gradients in different ways.
import { createHash } from 'node:crypto';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { AdamW } from '../../src/engine/adamw';
import { chooseBackend } from '../../src/engine/backend';
import { QuestionAnsweringModel } from '../../src/model/question-answering';

async function main(): Promise<void> {
  const { version } = await chooseBackend('wasm');
  const ids = Int32Array.from({ length: 40 * 16 }, (_, i) => 1 + ((i * 7) % 49));
  const labels = tf.tensor1d(Int32Array.from({ length: 40 }, (_, i) => i % 16), 'int32'); // prettier-ignore
  const inputs = { inputIds: tf.tensor2d(ids, [40, 16], 'int32'), startPositions: labels, endPositions: labels };
  const hash = createHash('sha256');
  for (const family of ['distilbert', 'mpnet', 'deberta-v2']) {
    const model = QuestionAnsweringModel.fromPretrained(path.join(__dirname, '..', 'reference', 'tiny', family));
    const optimizer = new AdamW(model.parameters, { learningRate: 1e-3 });
    for (let step = 0; step < 3; step++) await optimizer.step(model.lossAndGradients(inputs, step).gradients);
    for (const name of model.parameters.names) hash.update(model.parameters.get(name).dataSync() as Float32Array);
  }
  process.stdout.write(`${version}\n${hash.digest('hex')}\n`);
}

void main();
