// Runs side by side: the table shows where they differ, the figure has a curve of each, also while one trains.
import assert from 'node:assert/strict';
import path from 'node:path';
import test, { describe } from 'node:test';
import type { Figure } from '../../src/show/plots';
import { LiveRunPlot, runsPlot } from '../../src/show/runs-plot';
import { runRows, runsText } from '../../src/show/runs-table';
import type { RunSummary } from '../../src/training/runs';
import type { StepReport } from '../../src/training/state';

const summary = (name: string, changes: Partial<RunSummary> = {}): RunSummary => ({
  name,
  folder: name,
  status: 'finished',
  started: '2026-01-01',
  steps: 40,
  loss: 1.23456,
  tokensPerSecond: 999.6,
  seconds: 61,
  metrics: { exact: 31.44, f1: 48.96 },
  options: { batchSize: 16, seed: 0, learningRate: 5e-5 },
  ...changes,
});

describe('table', () => {
  const rows = runRows([
    summary('one'),
    summary('two', { options: { batchSize: 16, seed: 1, learningRate: 2e-4 }, status: 'failed' }),
    summary('three', { loss: undefined, metrics: {}, tokensPerSecond: undefined, seconds: undefined, steps: 0 }),
  ]);

  test('numbers as people read them, and the options that differ', () => {
    const numbers = { steps: 40, loss: 1.235, exact: 31.4, F1: 49, 'tokens/s': 1000, time: '1 min 1 s' };
    assert.deepEqual(rows[0], { run: 'one', status: 'finished', ...numbers, seed: 0, learningRate: 5e-5 });
    assert.deepEqual([rows[1].status, rows[1].seed, rows[1].learningRate], ['failed', 1, 2e-4]);
  });

  test('what a run does not have stays empty', () => {
    assert.deepEqual([rows[2].loss, rows[2].F1, rows[2]['tokens/s'], rows[2].time], ['', '', '', '']);
  });

  test('an option called steps does not hide the steps; what only one run says is no difference; paths are short', () => {
    const model = path.resolve('models/a');
    const [first, second, own] = runRows([
      summary('one', { options: { steps: 0, shuffle: true, model } }),
      summary('two', { options: { steps: 7, shuffle: true, model: '/somewhere/else/models/b' } }),
      summary('own loop', { options: { model: 'workshop', full: 'x.json' } }),
    ]);
    assert.deepEqual([first.steps, first['steps (option)'], second['steps (option)']], [40, 0, 7]);
    assert.deepEqual([first.model, second.model, own.model], [path.join('models', 'a'), 'models/b', 'workshop']);
    assert.deepEqual([own['steps (option)'], 'shuffle' in first, 'full' in first], ['', false, false]);
  });

  test('as aligned text', () => {
    const lines = runsText([summary('a'), summary('much longer', { steps: 5 })]).split('\n');
    assert.match(lines[0], /^run {10}status {4}steps {2}loss \(last 20\)/);
    assert.match(lines[1], /^a {12}finished {5}40 +1\.235 {2}31\.4 % {2}49\.0 %/);
    assert.match(lines[2], /^much longer {2}finished {6}5 +1\.235/);
    assert.equal(lines[3], '');
  });
});

const line = (step: number) => ({ step, loss: 10 / step, learning_rate: step / 100, grad_norm: 1 });
const curves = (name: string, steps: number) => ({
  name,
  lines: [...Array.from({ length: steps }, (_, i) => line(i + 1)), { step: steps, eval_exact: 30, eval_f1: 50 }],
});
type Trace = Record<string, never> & { x: number[]; y: number[]; name: string; yaxis: string; line: { color: string } };
const tracesOf = ({ data }: Figure, name: string) => (data as Trace[]).filter((trace) => trace.name === name);

describe('figure', () => {
  test('four panels, one colour and one legend entry a run', () => {
    const figure = runsPlot([curves('one', 5), curves('two', 8)]);
    const [one, two] = ['one', 'two'].map((name) => tracesOf(figure, name));
    assert.deepEqual(one.map(({ yaxis }) => yaxis), ['y', 'y', 'y2', 'y3', 'y4', 'y4']); // prettier-ignore
    assert.deepEqual(
      two[2].y,
      Array.from({ length: 8 }, (_, i) => (i + 1) / 100),
    );
    assert.deepEqual([one[4].x, one[4].y, one[5].y], [[5], [30], [50]]);
    for (const run of [one, two]) {
      assert.equal(new Set(run.map((trace) => trace.line.color)).size, 1);
      assert.equal(run.filter((trace) => trace.showlegend).length, 1);
    }
    assert.notEqual(one[0].line.color, two[0].line.color);
    assert.deepEqual(figure.layout.grid, { rows: 2, columns: 2, pattern: 'independent' });
    for (const name of ['xaxis', 'yaxis', 'xaxis4', 'yaxis4']) assert.ok(name in figure.layout, name);
  });

  test('the axis names exact match where a run has it', () => {
    const f1Only = { name: 'own loop', lines: [line(1), { step: 1, eval_f1: 50 }] };
    const title = (...runs: (typeof f1Only)[]) =>
      (runsPlot(runs).layout.yaxis4 as { title: { text: string } }).title.text;
    assert.equal(title(f1Only), 'F1');
    assert.equal(title(f1Only, curves('one', 5)), 'F1 (dotted: exact match)');
  });

  test('long runs are thinned and keep their last step', () => {
    const [raw] = tracesOf(runsPlot([curves('long', 25_000)]), 'long');
    assert.ok(raw.x.length <= 1001, `${raw.x.length}`);
    assert.equal(raw.x.at(-1), 25_000);
  });

  test('a run without a step is an empty figure, not an error', () => {
    assert.deepEqual(tracesOf(runsPlot([{ name: 'new', lines: [] }]), 'new')[0].x, []);
  });
});

test('a run in progress is drawn now and then, with each evaluation, and at its end', () => {
  const drawn: Figure[] = [];
  const update = (figure: unknown) => void drawn.push(figure as Figure);
  const live = new LiveRunPlot((figure) => (update(figure), { update }), 'now');
  const report = (step: number): StepReport => ({
    step,
    totalSteps: 4,
    epoch: 0,
    loss: 2,
    learningRate: 1,
    gradientNorm: 1,
    examples: 1,
    tokens: 1,
    seconds: 1,
    tokensPerSecond: 1,
    memory: 1,
  });
  const begin = performance.now();
  live.step(report(1), begin + 100);
  assert.equal(drawn.length, 1);
  live.step(report(2), begin + 10_000);
  live.step(report(3), begin + 10_100);
  assert.equal(drawn.length, 2);
  live.evaluation(3, { f1: 20, exact: 10 });
  live.step(report(4), begin + 10_200);
  assert.equal(drawn.length, 4);
  assert.deepEqual(tracesOf(drawn[3], 'now')[0].x, [1, 2, 3, 4]);
  assert.deepEqual(tracesOf(drawn[3], 'now')[5].y, [20]);
});
