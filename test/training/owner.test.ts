// Two trainings into one folder: the second is refused with the first one's name, and the first ends as if it had been alone.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test, { before } from 'node:test';
import { Trainer } from '../../src/training/trainer';
import { startBackend } from '../engine/backend';
import { HARD } from './killed-run';
import { noTokenizer, setup, smallModel, temporary, weightsOf } from './small';

before(startBackend);
const taken = { code: 'E_TRAIN_OUTPUT', message: /in use \(training, process \d+ on / };

test('in one process: new, resumed or prepared, each is refused, and the first ends undisturbed', async () => {
  const output = temporary();
  const options = { checkpointEvery: 2 };
  const alone = setup(options);
  await new Trainer(alone).run();
  const first = setup(options, output);
  const refusals: Promise<void>[] = [];
  const onStep = async ({ step }: { step: number }) => {
    if (step % 4 !== 1) return;
    const second = () => new Trainer(setup(options, output));
    for (const work of [second().run(), second().run({ resume: 'latest' }), second().prepare()]) {
      refusals.push(assert.rejects(work, taken));
    }
    await Promise.all(refusals);
  };
  await new Trainer({ ...first, onStep }).run();
  assert.equal(refusals.length, 12);
  await Promise.all(refusals);
  assert.deepEqual(weightsOf(first.model), weightsOf(alone.model));
  assert.ok(!fs.existsSync(path.join(output, '.spanlab.lock')));
});

test('of another process: refused while it trains, taken over once it was killed', async () => {
  const output = temporary();
  const args = ['--import', require.resolve('tsx'), path.join(__dirname, 'killed-run.ts'), output, '7', 'wait'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const exit = new Promise((resolve) => child.once('exit', resolve));
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (text: Buffer) => text.includes('waiting') && resolve());
    child.once('exit', () => reject(new Error('it ended')));
  });
  const again = () => new Trainer({ ...setup(HARD, output), model: smallModel() });
  await assert.rejects(again().run({ resume: 'latest' }), taken);
  await assert.rejects(again().run(), { code: 'E_TRAIN_OUTPUT', message: new RegExp(`process ${child.pid}`) });
  child.kill('SIGKILL');
  await exit;
  const resumed = again();
  await resumed.run({ resume: 'latest' });
  const whole = setup(HARD);
  await new Trainer(whole).run();
  assert.deepEqual(weightsOf(resumed.setup.model), weightsOf(whole.model));
});

test('a run whose lock was taken away ends before it writes into what is another’s', async () => {
  const output = temporary();
  const onStep = ({ step }: { step: number }) => {
    if (step === 5) fs.writeFileSync(path.join(output, '.spanlab.lock'), '{"id":"of another","pid":1}');
  };
  const run = new Trainer({ ...setup({ checkpointEvery: 4 }, output), tokenizer: noTokenizer, onStep }).run();
  await assert.rejects(run, { code: 'E_TRAIN_OUTPUT', message: /another process has taken the folder over/ });
  assert.deepEqual(fs.readdirSync(output).filter((name) => name.startsWith('checkpoint')), ['checkpoint-4']); // prettier-ignore
  assert.ok(!fs.existsSync(path.join(output, 'model.safetensors')));
});
