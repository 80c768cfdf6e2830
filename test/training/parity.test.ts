// The loss of 100 steps equals PyTorch's on the same batches (torch 2.15.0, transformers 5.23.0, by test/reference/training.py).
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test, { before } from 'node:test';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import type { Features } from '../../src/tokens/features';
import type { TrainerOptions } from '../../src/training/options';
import { Trainer } from '../../src/training/trainer';
import { largestDifference, startBackend } from '../engine/backend';
import { makeFeatures } from './features';

interface Reference {
  options: Partial<TrainerOptions>;
  padTo: number;
  rows: { ids: number[]; start: number; end: number }[];
  losses: number[];
  paddedLosses: number[];
}
const folder = path.join(__dirname, '..', 'reference');
const reference = JSON.parse(fs.readFileSync(path.join(folder, 'training.json'), 'utf8')) as Reference;

before(startBackend);

function toFeatures({ rows }: Reference): Features {
  return {
    ...makeFeatures(rows.map(({ ids }) => ids.length)),
    inputIds: Int32Array.from(rows.flatMap(({ ids }) => ids)),
    startPositions: Int32Array.from(rows, ({ start }) => start),
    endPositions: Int32Array.from(rows, ({ end }) => end),
  };
}

async function train(options: Partial<TrainerOptions>): Promise<number[]> {
  const losses: number[] = [];
  const model = QuestionAnsweringModel.fromPretrained(path.join(folder, 'tiny', 'bert'));
  const order = { shuffle: false, bucket: false };
  await new Trainer({
    model,
    features: toFeatures(reference),
    options: { ...reference.options, ...order, ...options },
    onStep: ({ loss }) => void losses.push(loss),
  }).run();
  return losses;
}

for (const [title, options, expected] of [
  ['batches of one length', {}, reference.losses],
  ['the lesson’s padded rows', { padTo: reference.padTo }, reference.paddedLosses],
  ['batches in two halves, accumulated', { batchSize: 2, accumulate: 2 }, reference.losses],
] as [string, Partial<TrainerOptions>, number[]][]) {
  test(title, async () => {
    const losses = await train(options);
    assert.ok(expected[99] < expected[0] - 1, 'the reference learned');
    const difference = largestDifference(losses, expected);
    assert.ok(difference < 1e-3, `largest difference ${difference}`);
  });
}
