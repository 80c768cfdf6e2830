// Checkpoints: whatever happens while one is written, a good one is there and loads; wrong ones are refused by name.
import * as tf from '@tensorflow/tfjs';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test, { before, beforeEach, describe } from 'node:test';
import { AdamW } from '../../src/engine/adamw';
import { parseConfig } from '../../src/model/config';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import {
  type CheckpointContent,
  isWhole,
  readHead,
  restoreMoments,
  restoreWeights,
  writeCheckpoint,
} from '../../src/training/checkpoint';
import {
  checkpointFolder,
  checkpointSteps,
  latestCheckpoint,
  recoverCheckpoints,
  rotateCheckpoints,
} from '../../src/training/checkpoints';
import type { Features } from '../../src/tokens/features';
import type { TrainerOptions } from '../../src/training/options';
import { initialState } from '../../src/training/state';
import { Trainer } from '../../src/training/trainer';
import { startBackend } from '../engine/backend';
import { breakFileSystem, countChanges } from './broken-disk';
import { makeFeatures } from './features';
import { CONFIG, features, noTokenizer, setup, temporary, weightsOf } from './small';

before(startBackend);

const ONE_LAYER = parseConfig({ ...CONFIG.raw, num_hidden_layers: 1 });
const oneLayer = (seed: number) => QuestionAnsweringModel.fromConfig(ONE_LAYER, { seed });

describe('a crash or a full disk at every stage of a save', () => {
  let content: (step: number) => CheckpointContent;
  let output: string;

  before(async () => {
    const model = oneLayer(1);
    const optimizer = new AdamW(model.parameters);
    // as large as the weights, and their own: what the model gave out of a weight goes when the weight changes
    const gradients = Object.fromEntries(
      model.parameters.names.map((name) => [name, model.parameters.get(name).clone()]),
    );
    await optimizer.step(gradients, 1e-3);
    tf.dispose(gradients);
    content = (step) => ({
      ...{ model, tokenizer: noTokenizer, optimizer, identity: { dataHash: 'x', options: {} } },
      state: { ...initialState(), step },
    });
  });

  beforeEach(async () => {
    output = temporary();
    await writeCheckpoint(checkpointFolder(output, 1), content(1));
  });

  /** What a run does when a checkpoint is due. */
  async function save(step: number, keep = 1): Promise<void> {
    await writeCheckpoint(checkpointFolder(output, step), content(step));
    rotateCheckpoints(output, step, keep);
  }

  /** The next process: the newest checkpoint loads into a new model and optimizer. */
  function checkGood(where: string, steps = [1, 2]): void {
    recoverCheckpoints(output);
    const head = latestCheckpoint(output)?.head;
    assert.ok(head, `${where}: no checkpoint is left`);
    assert.ok(steps.includes(head.state.step), where);
    const model = oneLayer(9);
    const optimizer = new AdamW(model.parameters);
    restoreWeights(head.folder, model);
    restoreMoments(head, model, optimizer);
    assert.deepEqual(weightsOf(model), weightsOf(content(1).model), where);
    [model, optimizer].forEach((part) => part.dispose());
    const rest = fs.readdirSync(output).filter((name) => !/^checkpoint-\d+$/.test(name));
    assert.deepEqual(rest, [], where);
  }

  for (const kind of ['kill', 'full disk'] as const) {
    test(`${kind}, at every change of the file system`, async (context) => {
      const first = path.join(temporary(), 'checkpoint-1');
      fs.cpSync(checkpointFolder(output, 1), first, { recursive: true });
      const changes = await countChanges(context, () => save(2));
      context.diagnostic(`${changes} points`);
      assert.ok(changes >= 50, `${changes} points`);
      for (let point = 0; point < changes; point++) {
        fs.rmSync(output, { recursive: true });
        fs.cpSync(first, checkpointFolder(output, 1), { recursive: true });
        const mend = breakFileSystem(context, point, kind);
        const problem = await save(2).then(() => undefined, (error: { code: string }) => error.code); // prettier-ignore
        mend();
        if (kind === 'full disk' && problem !== undefined) assert.equal(problem, 'E_DISK_FULL', `point ${point}`);
        checkGood(`${kind} at ${point} of ${changes}`);
      }
    });
  }

  test('kill while a checkpoint of the same step is replaced, and it is the only one', async (context) => {
    const changes = await countChanges(context, () => save(1));
    for (let point = changes - 12; point < changes; point++) {
      const mend = breakFileSystem(context, point, 'kill');
      await save(1).catch(() => undefined);
      mend();
      checkGood(`replaced, ${point} of ${changes}`, [1]);
    }
  });
});

describe('rotation', () => {
  /** The checkpoints that are left of those after steps 2, 4, 6 and 8, which are worse and worse. */
  const left = async (options: Partial<TrainerOptions>) => {
    const output = temporary();
    let f1 = 9;
    const evaluate = () => Promise.resolve({ f1: f1-- });
    await new Trainer({ ...setup({ steps: 8, checkpointEvery: 2, ...options }, output), evaluate }).run();
    return checkpointSteps(output);
  };

  test('keeps the newest', async () => {
    assert.deepEqual(await left({ keepCheckpoints: 2 }), [8, 6]);
  });

  test('and the best, however old', async () => {
    assert.deepEqual(await left({ keepCheckpoints: 1, evaluateEvery: 2 }), [8, 2]);
  });

  test('half-written files of a killed run go, all else stays', () => {
    const output = temporary();
    for (const name of ['run.json.123.part', 'notes.part', 'run.json']) fs.writeFileSync(path.join(output, name), '');
    recoverCheckpoints(output);
    assert.deepEqual(fs.readdirSync(output), ['notes.part', 'run.json']);
  });

  test('deletes nothing while the newest is damaged', async () => {
    const output = temporary();
    await new Trainer(setup({ checkpointEvery: 5, keepCheckpoints: 9 }, output)).run();
    assert.deepEqual(checkpointSteps(output), [15, 10, 5]);
    fs.truncateSync(path.join(output, 'checkpoint-15', 'model.safetensors'), 100);
    rotateCheckpoints(output, 15, 1);
    assert.deepEqual(checkpointSteps(output), [15, 10, 5]);
    assert.equal(latestCheckpoint(output)?.head.state.step, 10);
    rotateCheckpoints(output, 10, 1); // what is newer than the one just written is not its business
    assert.deepEqual(checkpointSteps(output), [15, 10]);
  });
});

describe('refused, with a code', () => {
  let output: string;

  before(async () => {
    output = temporary();
    await new Trainer(setup({ checkpointEvery: 8 }, output)).run();
  });

  const resume = (changes: Partial<ReturnType<typeof setup>>, folder = path.join(output, 'checkpoint-8')) =>
    new Trainer({ ...setup({}, temporary()), ...changes }).run({ resume: folder });

  test('a folder that is no checkpoint', async () => {
    await assert.rejects(resume({}, temporary()), { code: 'E_CHECKPOINT', message: /no checkpoint/ });
    await assert.rejects(resume({}, path.join(output, 'nowhere')), { code: 'E_CHECKPOINT', message: /no checkpoint/ });
    await assert.rejects(resume({}, output), { code: 'E_CHECKPOINT', message: /no checkpoint/ });
  });

  test('a damaged one: each file cut in half, or gone', async () => {
    const whole = path.join(output, 'checkpoint-8');
    const moments = ['exp_avg', 'exp_avg_sq'].map((name) => path.join(name, 'model.safetensors'));
    for (const name of ['model.safetensors', 'config.json', 'training_state.json', ...moments]) {
      const folder = path.join(temporary(), 'checkpoint-8');
      fs.cpSync(whole, folder, { recursive: true });
      fs.truncateSync(path.join(folder, name), fs.statSync(path.join(folder, name)).size >> 1);
      await assert.rejects(resume({}, folder), { code: 'E_CHECKPOINT' }, `${name} cut`);
      fs.rmSync(path.join(folder, name));
      await assert.rejects(resume({}, folder), { code: 'E_CHECKPOINT' }, `${name} gone`);
      assert.equal(isWhole(folder), false);
    }
  });

  test('one of another model', async () => {
    await assert.rejects(resume({ model: oneLayer(1) }), {
      code: 'E_CHECKPOINT_MODEL',
      message: /layers 2 there, 1 here/,
    });
  });

  test('one of other data', async () => {
    const other = makeFeatures(Array.from({ length: 64 }, () => 9));
    await assert.rejects(resume({ features: other }), { code: 'E_CHECKPOINT_DATA' });
    const relabelled = { ...features, startPositions: features.startPositions.map(() => 1) };
    await assert.rejects(resume({ features: relabelled }), { code: 'E_CHECKPOINT_DATA' });
  });

  test('one of other data, where the person insists: taken, unless the rows have no such position', async () => {
    const insist = (other: Features) => {
      const given = { ...setup({ checkpointEvery: 8 }, temporary()), features: other };
      return new Trainer(given).run({ resume: path.join(output, 'checkpoint-8'), acceptChanges: true });
    };
    const relabelled = { ...features, startPositions: features.startPositions.map(() => 1) };
    assert.equal((await insist(relabelled)).steps, 16);
    const message =
      /the changed training data has no such position \(step 8, epoch 1, batch 0 of 9\); bring the old data/;
    await assert.rejects(insist(makeFeatures(Array.from({ length: 72 }, () => 9))), {
      code: 'E_CHECKPOINT_DATA',
      message,
    });
  });

  test('one whose questions to evaluate on have changed, where they choose the best weights', async () => {
    const folder = temporary();
    const run = (dev: string, evaluateEvery: number, acceptChanges = false) => {
      const given = { ...setup({ checkpointEvery: 4, evaluateEvery }, folder), data: { dev } };
      const evaluate = () => Promise.resolve({ f1: 1 });
      return new Trainer({ ...given, evaluate }).run({ resume: 'latest', acceptChanges });
    };
    await run('hash of one', 4);
    fs.rmSync(path.join(folder, 'checkpoint-16'), { recursive: true });
    const message = /the questions to evaluate on, .* have changed since; .*--accept-changes/;
    await assert.rejects(run('hash of another', 4), { code: 'E_CHECKPOINT_DATA', message });
    await run('hash of one', 4);
    fs.rmSync(path.join(folder, 'checkpoint-16'), { recursive: true });
    await run('hash of another', 4, true);
    fs.rmSync(folder, { recursive: true });
    await run('hash of one', 0);
    await run('hash of another', 0); // they choose nothing
  });

  test('a copy of an older one under a later name is no latest: named, passed over, and kept', async () => {
    const folder = temporary();
    await new Trainer(setup({ checkpointEvery: 4 }, folder)).run(); // 12 and 16
    const copy = path.join(folder, 'checkpoint-100');
    fs.cpSync(path.join(folder, 'checkpoint-12'), copy, { recursive: true });
    const said =
      /checkpoint-100: its name says step 100, and its training_state.json says step 12: if it was renamed, call it checkpoint-12 again/;
    const { head, passedOver } = latestCheckpoint(folder)!;
    assert.equal(head.state.step, 16);
    assert.match(passedOver.join(), said);
    await assert.rejects(resume({}, copy), { code: 'E_CHECKPOINT', message: said });
    for (const step of [12, 16]) fs.rmSync(path.join(folder, `checkpoint-${step}`), { recursive: true });
    assert.throws(() => latestCheckpoint(folder), { code: 'E_CHECKPOINT', message: said });
    fs.renameSync(copy, path.join(folder, 'my-copy')); // any other name says nothing
    assert.equal((await resume({}, path.join(folder, 'my-copy'))).steps, 16);
  });

  test('another batch size or seed', async () => {
    const message = /batchSize 8 there, 4 here; seed 0 there, 1 here/;
    const options = { batchSize: 4, seed: 1 };
    await assert.rejects(resume({ options }), { code: 'E_CHECKPOINT_OPTIONS', message });
  });

  test('a new run over an old one', async () => {
    const again = new Trainer(setup({}, output)).run();
    await assert.rejects(again, { code: 'E_TRAIN_OUTPUT', message: /resume latest/ });
  });

  test('a disk that is too full for the checkpoints, before the first step', async (context) => {
    const bytes = fs.statSync(path.join(output, 'model.safetensors')).size;
    context.mock.method(fs, 'statfsSync', () => ({ bavail: 6 * bytes, bsize: 1 }));
    const run = (options: Partial<TrainerOptions>) => new Trainer(setup({ steps: 4, ...options }, temporary())).run();
    await assert.rejects(run({ checkpointEvery: 2 }), { code: 'E_DISK_FULL', message: /with checkpoints needs/ });
    await run({ checkpointEvery: 4 });
  });

  test('resuming without an output folder', async () => {
    const run = new Trainer(setup()).run({ resume: 'latest' });
    await assert.rejects(run, { code: 'E_TRAIN_OPTION', message: /output folder/ });
  });
});

test('a checkpoint is a model folder: it opens as one, with the position beside it', async () => {
  const output = temporary();
  await new Trainer(setup({ checkpointEvery: 8 }, output)).run();
  const head = readHead(path.join(output, 'checkpoint-16'));
  assert.deepEqual([head.state.step, head.state.epoch, head.state.batch], [16, 2, 0]);
  const model = QuestionAnsweringModel.fromPretrained(head.folder);
  assert.deepEqual(model.report, { missing: [], unexpected: [] });
});
