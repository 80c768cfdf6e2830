// The queue before the model: order, batches, the bound, and those who leave.
import assert from 'node:assert/strict';
import test from 'node:test';
import { ModelQueue } from '../../src/serve/queue';

/** A queue of words that runs when told; words of the same first letter fit together. */
function setUp(limit = 4, batch = 3) {
  const runs: { tasks: string[]; signal: AbortSignal; finish(): void; fail(error: Error): void }[] = [];
  const queue = new ModelQueue<string, string>({
    run: (tasks, signal) =>
      new Promise((resolve, reject) => {
        runs.push({ tasks, signal, finish: () => resolve(tasks.map((task) => task.toUpperCase())), fail: reject });
      }),
    fits: (first, other) => first[0] === other[0],
    limit,
    batch,
  });
  const controllers = new Map<string, AbortController>();
  const add = (word: string) => {
    controllers.set(word, new AbortController());
    return queue.add(word, controllers.get(word)!.signal);
  };
  return { runs, add, leave: (word: string) => controllers.get(word)!.abort(new Error(`${word} left`)), queue };
}
const turn = () => new Promise(setImmediate);

test('the first runs alone; those that wait run with what fits them, in order, no more than a batch', async () => {
  const { runs, add } = setUp(9);
  const words = ['a1', 'b1', 'c1', 'b2', 'b3', 'b4'];
  const results = words.map(add);
  for (let i = 0; i < 4; i++) {
    runs[i].finish();
    await turn();
  }
  assert.deepEqual(
    runs.map(({ tasks }) => tasks),
    [['a1'], ['b1', 'b2', 'b3'], ['c1'], ['b4']],
  );
  assert.deepEqual(await Promise.all(results), ['A1', 'B1', 'C1', 'B2', 'B3', 'B4']);
});

test('no more than the bound may wait; a place that is left is free again', async () => {
  const { runs, add, leave } = setUp(2);
  const results = ['a', 'b', 'c'].map(add);
  assert.throws(() => add('d'), { status: 503, code: 'E_BUSY' });
  leave('b');
  await assert.rejects(results[1], /b left/);
  results.push(add('e'));
  for (let i = 0; i < 3; i++) {
    runs[i].finish();
    await turn();
  }
  assert.deepEqual(await Promise.all([results[0], results[2], results[3]]), ['A', 'C', 'E']);
});

test('a batch stops when all have left it, and not before', async () => {
  const { runs, add, leave } = setUp();
  const first = add('a');
  const batch = ['b1', 'b2'].map(add);
  runs[0].finish();
  await first;
  await turn();
  leave('b1');
  await assert.rejects(batch[0], /b1 left/);
  assert.equal(runs[1].signal.aborted, false);
  leave('b2');
  await assert.rejects(batch[1], /b2 left/);
  assert.equal(runs[1].signal.aborted, true);
});

test('an error reaches those of its batch, and the next batch runs', async () => {
  const { runs, add } = setUp();
  const [first, second] = ['a', 'b'].map(add);
  runs[0].fail(new Error('broken'));
  await assert.rejects(first, /broken/);
  await turn();
  runs[1].finish();
  assert.equal(await second, 'B');
});

test('who has left before does not wait', () => {
  const { queue, runs } = setUp();
  assert.throws(() => queue.add('a', AbortSignal.abort(new Error('gone'))), /gone/);
  assert.equal(runs.length, 0);
});
