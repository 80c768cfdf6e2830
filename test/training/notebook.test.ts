// In a notebook: the stop button ends a training in good order, the next cell goes on, and the curves are drawn meanwhile.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Client } from '../kernel/client';
import { temporary } from './small';

let kernel: Client;
before(async () => (kernel = await Client.start()));
after(() => kernel.stop());

test('stopped by the button, resumed by the next cell, with the weights of a run that was not', async () => {
  const options = { output: temporary(), other: temporary() };
  const begin = await kernel.run(`
import { chooseBackend } from './src/engine/backend';
import { LiveRunPlot } from './src/show/runs-plot';
import type { StepReport } from './src/training/state';
import { Trainer } from './src/training/trainer';
import { setup, weightsOf } from './test/training/small';
await chooseBackend();
const plot = new LiveRunPlot(display, 'now');
const options = { epochs: 4, accumulate: 2 };
const whole = setup(options, ${JSON.stringify(options.other)});
await new Trainer(whole).run();
const given = setup(options, ${JSON.stringify(options.output)});
let wait = true;
async function onStep(report: StepReport) {
  plot.step(report);
  if (report.step === 3) console.log('begun');
  while (wait && report.step === 3 && !interrupted()) await new Promise((resolve) => setTimeout(resolve, 5));
}
const trainer = new Trainer({ ...given, onStep });`);
  assert.deepEqual(begin.errors, []);
  assert.ok(JSON.stringify(begin.messages).includes('application/vnd.plotly.v1+json'));

  const cell = kernel.execute(
    'const first = await trainer.run({ signal: interruptSignal }); [first.steps, first.stopped]',
  );
  await cell.seen((messages) => messages.some(({ content }) => String(content.text).includes('begun')));
  await kernel.ask('interrupt_request', {}, 'control');
  const stopped = await cell.done;
  assert.deepEqual([stopped.errors, stopped.result], [[], '[ 3, true ]']);

  const next = await kernel.run(`wait = false;
const second = await trainer.run({ signal: interruptSignal, resume: 'latest' });
[second.steps, second.stopped, JSON.stringify(weightsOf(given.model)) === JSON.stringify(weightsOf(whole.model))]`);
  assert.deepEqual([next.errors, next.result], [[], '[ 16, false, true ]']);
  assert.ok(next.messages.some(({ type }) => type === 'update_display_data'));
});
