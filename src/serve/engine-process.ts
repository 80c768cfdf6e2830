// The process with the model: engine-process.ts FOLDER [BACKEND]. It ends when the server does.
import { chooseBackend } from '../engine/backend';
import { QuestionAnsweringModel } from '../model/question-answering';
import { outliveSizeLimit } from '../size-limit';
import { Tokenizer } from '../tokens/tokenizer';
import { type Engine, localEngine } from './engine';
import { type Order, type Report, toFailure } from './messages';

/** Without somebody to read it, a report goes nowhere, and the process ends (below). */
function say(report: Report, onSaid: () => void = () => undefined): void {
  if (process.connected) process.send?.(report, onSaid);
  else onSaid();
}

const running = new Map<number, AbortController>();

async function open([folder, backend]: string[]): Promise<Engine> {
  await chooseBackend(backend);
  return localEngine(QuestionAnsweringModel.fromPretrained(folder), await Tokenizer.fromFolder(folder));
}

async function obey(engine: Engine, order: Order): Promise<void> {
  if ('cancel' in order) return running.get(order.cancel)?.abort(new Error('nobody waits for it any more'));
  const { id, run } = order;
  const stop = new AbortController();
  running.set(id, stop);
  try {
    say({ id, results: await engine.run(run, stop.signal) });
  } catch (error) {
    say({ id, failed: toFailure(error) });
  } finally {
    running.delete(id);
  }
}

outliveSizeLimit();
// the server says when it is over, and answers first what it has
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);
process.on('disconnect', () => process.exit(0));
open(process.argv.slice(2)).then(
  (engine) => {
    process.on('message', (order) => void obey(engine, order as Order));
    say({ ready: true, nullThreshold: engine.nullThreshold, notes: engine.notes ?? [] });
  },
  // the server tries again with a process of its own
  (error: unknown) => say({ failed: toFailure(error) }, () => process.exit(1)),
);
