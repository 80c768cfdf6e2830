// Broken checkpoints: what has other bytes than it was written with is refused; what was signed again is refused, or resumed to numbers.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import test, { before } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { verifyCheckpoint } from '../../src/training/checkpoint';
import { Trainer } from '../../src/training/trainer';
import { startBackend } from '../engine/backend';
import { setup, temporary, weightsOf } from '../training/small';
import { type Dice, fuzz, mutate, mutateBytes, withNested } from './fuzz';

const STATE = 'training_state.json';
const SUMS = 'SHA256SUMS';
const OPTIONS = { checkpointEvery: 15 };
let names: string[];
const good = new Map<string, Buffer>();
const folder = temporary();
const checkpoint = path.join(folder, 'checkpoint-15');

before(async () => {
  await startBackend();
  const output = temporary();
  await new Trainer(setup(OPTIONS, output)).run(); // 16 steps: one is left after the checkpoint
  const from = path.join(output, 'checkpoint-15');
  const entries = fs.readdirSync(from, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  names = entries.map((entry) => path.relative(from, path.join(entry.parentPath, entry.name))).sort();
  for (const name of names) good.set(name, fs.readFileSync(path.join(from, name)));
});

function put(name: string, bytes: Buffer | string): void {
  const file = path.join(checkpoint, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, bytes);
}

/** Writes the hashes anew, as a program with a mistake would. */
function sign(): void {
  const line = (name: string) =>
    `${createHash('sha256').update(fs.readFileSync(path.join(checkpoint, name))).digest('hex')}  ${name}\n`; // prettier-ignore
  put(SUMS, names.filter((name) => name !== SUMS && fs.existsSync(path.join(checkpoint, name))).map(line).join('')); // prettier-ignore
}

function mutated(name: string, dice: Dice): Buffer {
  const bytes = good.get(name)!;
  if (!name.endsWith('.json') || dice.below(6) === 0) return mutateBytes(bytes, dice);
  const tree = JSON.parse(bytes.toString()) as unknown;
  for (let count = dice.below(3); count >= 0; count--) mutate(tree, dice);
  const json = JSON.stringify(tree);
  return Buffer.from(dice.below(20) === 0 ? withNested(json, dice.one([10, 100_000])) : json);
}

async function breakAndResume(dice: Dice): Promise<void> {
  fs.rmSync(checkpoint, { recursive: true, force: true });
  for (const name of names) put(name, good.get(name)!);
  // positions and options are what a run obeys
  const name = dice.below(2) === 0 ? STATE : dice.one(names);
  const bytes = mutated(name, dice);
  put(name, bytes);
  const isSigned = name !== SUMS && dice.below(2) === 0;
  if (isSigned) sign();
  verifyCheckpoint(checkpoint);
  if (!isSigned) {
    assert.ok(bytes.equals(good.get(name)!) || name === SUMS, `${name}: other bytes, and nothing is said`);
  }
  const given = setup(OPTIONS, temporary());
  try {
    await new Trainer(given).run({ resume: checkpoint });
    assert.ok(Object.values(weightsOf(given.model)).flat().every(Number.isFinite), 'weights are numbers');
  } finally {
    given.model.dispose();
    fs.rmSync(given.output!, { recursive: true, force: true });
  }
}

test('checkpoints: a coded error, or the end of the run', async () => {
  const { numTensors } = tf.memory();
  const { accepted, refused } = await fuzz('checkpoint', breakAndResume);
  assert.ok(accepted > 5 && refused.E_CHECKPOINT > 20, JSON.stringify(refused));
  assert.equal(tf.memory().numTensors, numTensors);
});
