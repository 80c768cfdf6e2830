// A run that is stopped at any step and resumed ends with the weights of one that was not, bit for bit.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test, { before, describe } from 'node:test';
import { Random } from '../../src/engine/random';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import { projectRoot } from '../../src/root';
import { checkpointSteps } from '../../src/training/checkpoints';
import { readMetrics } from '../../src/training/metrics-file';
import type { TrainerOptions } from '../../src/training/options';
import { readRunFile } from '../../src/training/run-file';
import type { StepReport } from '../../src/training/state';
import type { TrainerSetup } from '../../src/training/setup';
import { Trainer } from '../../src/training/trainer';
import { startBackend } from '../engine/backend';
import { makeFeatures } from './features';
import { HARD } from './killed-run';
import { features, setup, smallModel, temporary, weightsOf } from './small';

before(startBackend);

/** The weights after all steps of a run in one go. */
async function uninterrupted(options: Partial<TrainerOptions>) {
  const given = setup(options);
  await new Trainer(given).run();
  return weightsOf(given.model);
}

/** Runs up to `stop`, with a new model as a new process has it. */
async function runUntil(
  output: string,
  options: Partial<TrainerOptions>,
  stop = Infinity,
  resume = 'latest',
  acceptChanges = false,
) {
  const controller = new AbortController();
  const onStep = ({ step }: StepReport) => void (step === stop && controller.abort());
  const given = { ...setup(options, output), onStep };
  const result = await new Trainer(given).run({ signal: controller.signal, resume, acceptChanges });
  return { result, weights: weightsOf(given.model) };
}

describe('in one process', () => {
  // 11 batches and 6 updates an epoch, 30 in all; warm-up until step 9, dropout 0.1, shuffled buckets
  const options = { ...HARD, checkpointEvery: 5 };

  test('stopped at 20 random steps, in 5 runs of four stops each', async () => {
    const short = { ...options, epochs: 3 }; // 18 steps
    const expected = await uninterrupted(short);
    const random = new Random(7);
    for (let run = 0; run < 5; run++) {
      const output = temporary();
      const stops = [0, 1, 2, 3].map((part) => 1 + 4 * part + random.integer(4));
      for (const [i, stop] of stops.entries()) {
        const { result } = await runUntil(output, short, stop);
        assert.deepEqual([result.steps, result.stopped], [stop, true]);
        // as after kill -9, every other time: what was saved at the stop is gone, an older checkpoint must do
        if (i % 2 === 1) fs.rmSync(path.join(output, `checkpoint-${stop}`), { recursive: true });
      }
      assert.deepEqual((await runUntil(output, short)).weights, expected, `stopped at ${stops.join(', ')}`);
      fs.rmSync(output, { recursive: true });
    }
  });

  describe('with options for few examples', () => {
    const mix = {
      features: makeFeatures(
        Array.from({ length: 40 }, (_, i) => 6 + (i % 5)),
        50,
        9,
      ),
    };
    const random = new Random(3);
    const scores = () => new Float32Array(features.inputIds.length).map(() => 3 * random.normal());
    const teacher = { startLogits: scores(), endLogits: scores() };
    const short = { ...options, epochs: 3, mixShare: 0.4 };
    const ways: Record<string, { more: Partial<TrainerSetup>; options: Partial<TrainerOptions>; refusal: string }> = {
      'mixed data': { more: { mix }, options: short, refusal: 'E_CHECKPOINT_DATA' },
      'a frozen layer': { more: {}, options: { ...short, freeze: 1 }, refusal: 'E_CHECKPOINT_OPTIONS' },
      'a teacher': { more: { teacher }, options: short, refusal: 'E_CHECKPOINT_DATA' },
      'both, all layers frozen': { more: { mix }, options: { ...short, freeze: 2 }, refusal: 'E_CHECKPOINT_DATA' },
    };
    for (const [title, { more, options, refusal }] of Object.entries(ways)) {
      test(`${title}: stopped three times, ends the same; what differs is refused`, async () => {
        const whole = { ...setup(options), ...more };
        await new Trainer(whole).run();
        const expected = weightsOf(whole.model);
        const output = temporary();
        for (const stop of [4, 9, 17, Infinity]) {
          const controller = new AbortController();
          const onStep = ({ step }: StepReport) => void (step === stop && controller.abort());
          const given = { ...setup(options, output), ...more, onStep };
          await new Trainer(given).run({ signal: controller.signal, resume: 'latest' });
          if (stop === Infinity) assert.deepEqual(weightsOf(given.model), expected);
        }
        await assert.rejects(new Trainer(setup(short, output)).run({ resume: 'latest' }), { code: refusal });
      });
    }

    test('layers thawed halfway, where the person insists: their moments begin at nothing', async () => {
      const output = temporary();
      await runUntil(output, { ...short, freeze: 1 }, 6);
      const before = weightsOf(smallModel());
      const { weights, result } = await runUntil(output, short, Infinity, 'latest', true);
      assert.equal(result.stopped, false);
      assert.notDeepEqual(weights['layers.0.feedForward.up.weight'], before['layers.0.feedForward.up.weight']);
    });
  });

  test('mixed data and frozen layers are not handed over to PyTorch', async () => {
    const mixed = { ...setup(options, temporary()), mix: { features: makeFeatures([8, 9]) } };
    await assert.rejects(new Trainer(mixed).prepare(), { code: 'E_TRAIN_OPTION', message: /leave out mix/ });
    const frozen = setup({ ...options, freeze: 1 }, temporary());
    await assert.rejects(new Trainer(frozen).prepare(), { code: 'E_TRAIN_OPTION', message: /leave out freeze/ });
  });

  test('evaluations, best model and patience go on as if nothing had happened', async () => {
    const metrics = [1, 5, 4, 3, 2, 9];
    const run = async (stops: number[]) => {
      const output = temporary();
      const evaluated: number[] = [];
      for (const stop of [...stops, Infinity]) {
        const controller = new AbortController();
        const given = {
          ...setup({ ...options, evaluateEvery: 4, patience: 3 }, output),
          evaluate: () => Promise.resolve({ f1: metrics[evaluated.length] }),
          onEvaluation: (step: number) => void evaluated.push(step),
          onStep: ({ step }: StepReport) => void (step === stop && controller.abort()),
        };
        const result = await new Trainer(given).run({ signal: controller.signal, resume: 'latest' });
        if (stop === Infinity)
          return {
            evaluated,
            result: { ...result, seconds: 0, examplesPerSecond: 0 },
            weights: weightsOf(given.model),
          };
      }
      return undefined;
    };
    const expected = await run([]);
    assert.deepEqual(expected!.evaluated, [4, 8, 12, 16, 20]);
    assert.equal(expected!.result.bestStep, 8);
    assert.deepEqual(await run([8, 13]), expected); // 8: stopped where an evaluation is due
  });

  test('the sums and the record go on too', async () => {
    const output = temporary();
    await runUntil(output, options, 7);
    fs.appendFileSync(path.join(output, 'metrics.jsonl'), '{"step":8,"loss":1}\n{"step":9,"lo'); // killed while writing
    const { result } = await runUntil(output, options);
    assert.equal(result.epochLosses.length, 5);
    const losses = readMetrics(path.join(output, 'metrics.jsonl'));
    assert.deepEqual(losses.map(({ step }) => step), Array.from({ length: 30 }, (_, i) => i + 1)); // prettier-ignore
    const { starts, status } = readRunFile(output);
    assert.deepEqual([status, ...starts.map(({ step }) => step)], ['finished', 0, 7]);
  });

  test('a checkpoint by its folder, into another output; latest without one begins', async () => {
    const expected = await uninterrupted(options);
    const [first, second] = [temporary(), temporary()];
    await runUntil(first, options, 12);
    assert.deepEqual((await runUntil(second, options, Infinity, path.join(first, 'checkpoint-10'))).weights, expected);
    assert.deepEqual((await runUntil(temporary(), options)).weights, expected);
  });

  test('an older checkpoint of the same folder: newer ones are replaced when their step comes', async () => {
    const output = temporary();
    await runUntil(output, { ...options, keepCheckpoints: 9 });
    assert.deepEqual(checkpointSteps(output), [30, 25, 20, 15, 10, 5]);
    const changed = { ...options, learningRate: 1e-4, keepCheckpoints: 9 };
    const { weights } = await runUntil(output, changed, Infinity, path.join(output, 'checkpoint-10'), true);
    const again = await runUntil(output, changed); // from the new checkpoint-30
    assert.deepEqual(again.weights, weights);
  });

  test('prepared, then trained elsewhere', async () => {
    const output = temporary();
    await new Trainer(setup(options, output)).prepare();
    assert.deepEqual(checkpointSteps(output), [0]);
    for (const name of ['options.json', 'features.bin', 'run.json', 'checkpoint-0/model.safetensors']) {
      assert.ok(fs.existsSync(path.join(output, name)), name);
    }
    const model = smallModel(99); // the weights are those of the folder
    await new Trainer({ ...setup(options, output), model }).run({ resume: 'latest' });
    assert.deepEqual(weightsOf(model), await uninterrupted(options));
  });
});

describe('in processes that are ended', () => {
  // SPANLAB_KILLS=20 ends twenty; SIGINT, SIGTERM and SIGHUP save, SIGKILL does not
  const SIGNALS = ['SIGKILL', 'SIGINT', 'SIGTERM', 'SIGHUP'];
  const kills = Number(process.env.SPANLAB_KILLS ?? SIGNALS.length);

  const killedRun = (...args: string[]) => [
    '--import',
    require.resolve('tsx'),
    path.join(__dirname, 'killed-run.ts'),
    ...args,
  ];

  const execute = (output: string, step: number, signal: string): Promise<number | string | null> => {
    const args = [
      '--import',
      require.resolve('tsx'),
      path.join(__dirname, 'killed-run.ts'),
      output,
      String(step),
      signal,
    ];
    const child = spawn(process.execPath, args, { cwd: projectRoot(), stdio: ['ignore', 'ignore', 'inherit'] });
    return new Promise((resolve) => child.on('exit', (code, by) => resolve(by ?? code)));
  };

  test(`one run, ended ${kills} times at random steps`, async () => {
    const output = temporary();
    const all = Array.from({ length: 29 }, (_, i) => i + 1);
    const steps = new Random(3).shuffle(all).slice(0, kills).sort((a, b) => a - b); // prettier-ignore
    for (const [i, step] of steps.entries()) {
      const signal = SIGNALS[i % SIGNALS.length];
      assert.equal(await execute(output, step, signal), signal === 'SIGKILL' ? 'SIGKILL' : 0, `${signal} at ${step}`);
      assert.equal(readRunFile(output).status, signal === 'SIGKILL' ? 'running' : 'stopped');
    }
    assert.equal(await execute(output, 0, ''), 0);
    const trained = QuestionAnsweringModel.fromPretrained(output);
    assert.deepEqual(weightsOf(trained), await uninterrupted(HARD));
  });

  test('a second Ctrl-C ends it at once', async () => {
    const output = temporary();
    const child = spawn(process.execPath, killedRun(output, '3', 'wait'), { stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr.on('data', () => child.kill('SIGINT')); // it says where it waits, then that it stops
    assert.equal(await new Promise((resolve) => child.on('exit', resolve)), 130);
    assert.deepEqual(checkpointSteps(output), [2]);
  });

  test('a terminal that closes: what it says twice, or after SIGTERM, ends nothing at once', async () => {
    const output = temporary();
    assert.equal(await execute(output, 3, 'SIGTERM+SIGHUP+SIGHUP'), 0);
    assert.equal(readRunFile(output).status, 'stopped');
    assert.deepEqual(checkpointSteps(output), [3, 2]);
  });
});
