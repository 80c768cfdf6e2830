// Five hundred steps: neither tensors nor the memory of the process grow.
import assert from 'node:assert/strict';
import v8 from 'node:v8';
import vm from 'node:vm';
import test, { before } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { AdamW } from '../../src/engine/adamw';
import { liveHandles } from '../../src/engine/native/binding';
import { parseConfig } from '../../src/model/config';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import { DataLoader } from '../../src/training/loader';
import { startBackend } from '../engine/backend';
import { makeFeatures } from './features';

before(startBackend);

const STEPS = 500;
/** A step of this model makes some 4 MB of intermediate results: a leak of a fiftieth of it would show. */
const CONFIG = parseConfig({
  model_type: 'bert',
  vocab_size: 50,
  hidden_size: 32,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  intermediate_size: 128,
  max_position_embeddings: 64,
});

/** What waits to be freed is not held. */
function collectGarbage(): void {
  v8.setFlagsFromString('--expose-gc');
  (vm.runInNewContext('gc') as () => void)();
}

/** Bytes that the process holds: resident ones, and of V8's heap, which grows as V8 likes (100 MB more in Node 24), those in use. */
function heldBytes(): number {
  collectGarbage();
  const { rss, heapTotal, heapUsed } = process.memoryUsage();
  return rss - heapTotal + heapUsed;
}

test('500 steps leave tensors, handles and memory as they were after the first 100', async () => {
  const model = QuestionAnsweringModel.fromConfig(CONFIG);
  const optimizer = new AdamW(model.parameters);
  const features = makeFeatures(Array.from({ length: 64 }, (_, i) => 20 + (i % 40)));
  const loader = new DataLoader(features, { batchSize: 16, shuffle: true });
  const seen: { counts: string; held: number }[] = [];
  for (let step = 0; step < STEPS;) {
    for (const batch of loader.epoch(step)) {
      const { loss, gradients } = model.lossAndGradients(batch, step);
      await optimizer.step(gradients);
      tf.dispose([loss, gradients]);
      batch.dispose();
      step++;
    }
    seen.push({ counts: `${tf.memory().numTensors} ${liveHandles()}`, held: heldBytes() });
  }
  assert.equal(new Set(seen.map(({ counts }) => counts)).size, 1, 'tensors or handles');
  const early = Math.max(...seen.slice(0, seen.length / 5).map(({ held }) => held));
  const late = seen.at(-1)!.held;
  assert.ok(late - early < 30e6, `grew from ${early} to ${late} bytes`);
});

test('a model and its optimizer leave nothing behind, not even inside TensorFlow', async () => {
  const batch = makeFeatures(Array.from({ length: 4 }, () => 8));
  const once = async () => {
    const model = QuestionAnsweringModel.fromConfig(CONFIG);
    const optimizer = new AdamW(model.parameters);
    for (const rows of new DataLoader(batch, { batchSize: 4 }).epoch(0)) {
      const { loss, gradients } = model.lossAndGradients(rows, 1);
      await optimizer.step(gradients);
      tf.dispose([loss, gradients]);
      rows.dispose();
    }
    optimizer.dispose();
    model.dispose();
  };
  for (let i = 0; i < 50; i++) await once();
  const [early, counts] = [heldBytes(), `${tf.memory().numTensors} ${liveHandles()}`];
  for (let i = 0; i < 200; i++) await once();
  assert.equal(`${tf.memory().numTensors} ${liveHandles()}`, counts);
  const grown = heldBytes() - early;
  // a kernel that TensorFlow kept for every variable came to 60 MB
  assert.ok(grown < 20e6, `grew by ${grown} bytes`);
});
