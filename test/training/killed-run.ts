// A training in a process of its own, which sends itself a signal after a step: killed-run.ts OUTPUT STEP SIGNAL. It goes on
// where the output folder says. `SIGTERM+SIGHUP` are two. With `wait` for a signal it says so and waits for ever.
import { chooseBackend } from '../../src/engine/backend';
import { interruptSignal } from '../../src/cli/interrupt';
import type { TrainerOptions } from '../../src/training/options';
import { Trainer } from '../../src/training/trainer';
import { setup } from './small';

/** What makes resuming hard: dropout, shuffling, accumulation with an odd rest, warm-up. 64 rows: 11 batches, 6 updates. */
export const HARD: Partial<TrainerOptions> = {
  epochs: 5,
  batchSize: 6,
  accumulate: 2,
  warmup: 0.3,
  learningRate: 3e-3,
  seed: 4,
  checkpointEvery: 2,
};

async function main([output, step, signal]: string[]): Promise<void> {
  await chooseBackend();
  const stop = interruptSignal();
  const onStep = async (report: { step: number }) => {
    if (report.step !== Number(step)) return;
    if (signal === 'wait') {
      process.stderr.write('waiting\n');
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    }
    for (const name of signal.split('+')) process.kill(process.pid, name);
    // a signal is delivered between two turns of the event loop
    while (!stop.aborted) await new Promise(setImmediate);
  };
  await new Trainer({ ...setup(HARD, output), onStep }).run({ signal: stop, resume: 'latest' });
  process.exit(0);
}

if (require.main === module) void main(process.argv.slice(2));
