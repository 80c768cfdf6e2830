// Ways of training are measured in processes of their own, which compute what this one computes.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import test, { after, before } from 'node:test';
import { savePretrained } from '../../src/model/save';
import { measureTraining } from '../../src/training/measure';
import { Trainer } from '../../src/training/trainer';
import { startBackend } from '../engine/backend';
import { features, noTokenizer, smallModel, temporary } from './small';

const folder = temporary();
after(() => fs.rmSync(folder, { recursive: true }));
before(async () => {
  await startBackend();
  await savePretrained(smallModel(), noTokenizer, folder);
});

test('all rows, twice: speed, memory, and the losses of the same training here', async () => {
  const seen: [string, number, number][] = [];
  const environment = { ...process.env };
  const options = { batchSize: 16 };
  const settings = { small: { ...options, threads: 1, operations: 'plain' as const } };
  const [measured] = await measureTraining(folder, features, settings, { onSetting: (...at) => void seen.push(at) });
  assert.deepEqual(seen, [['small', 1, 1]]);
  assert.deepEqual({ ...process.env }, environment);
  assert.equal(measured.passSeconds.length, 2);
  const seconds = Math.min(...measured.passSeconds);
  assert.ok(Math.abs(measured.examplesPerSecond - features.count / seconds) < 1e-6 * measured.examplesPerSecond);
  assert.ok(measured.tokensPerSecond > 8 * measured.examplesPerSecond); // the shortest row has 8 tokens
  assert.ok(measured.peakMemory > 50e6 && measured.peakMemory < 4e9, `${measured.peakMemory}`);

  const [model, losses] = [smallModel(), [] as number[]];
  await new Trainer({ model, features, options: { ...options, epochs: 1, steps: 1 } }).run();
  const onStep = ({ loss }: { loss: number }) => void losses.push(loss);
  await new Trainer({ model, features, options: { ...options, epochs: 1 }, onStep }).run();
  const mean = losses.reduce((a, b) => a + b, 0) / losses.length;
  assert.ok(Math.abs(measured.loss - mean) < 0.05 * mean, `${measured.loss} and ${mean}`); // other kernels, other dropout
});

test('a way that fails is named, with the reason that its process gave', async () => {
  const failing = measureTraining(`${folder}/none`, features, { wrong: {} });
  await assert.rejects(failing, { code: 'E_MEASURE', message: /"wrong" could not be measured: .*none.*config\.json/ });
});

test('an aborted signal ends it', async () => {
  const stop = new AbortController();
  const measuring = measureTraining(
    folder,
    features,
    { one: {}, two: {} },
    { signal: stop.signal, onSetting: () => stop.abort() },
  );
  await assert.rejects(measuring, { name: 'AbortError' });
});
