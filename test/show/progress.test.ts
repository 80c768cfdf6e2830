// Progress in a terminal, in a file and in a notebook.
import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { NotebookBar } from '../../src/show/notebook-bar';
import { bar, Counter, describeStep, duration, ProgressLine, smooth, TrainingProgress } from '../../src/show/progress';
import type { StepReport } from '../../src/training/state';

const STEP: StepReport = {
  step: 5,
  totalSteps: 20,
  epoch: 1,
  loss: 2.5,
  learningRate: 1e-4,
  gradientNorm: 3,
  examples: 80,
  tokens: 5000,
  seconds: 10,
  tokensPerSecond: 510,
  memory: 1.24e9,
};

class Recorder {
  text = '';
  constructor(readonly isTTY = false) {}
  write(text: string): void {
    this.text += text;
  }
}

test('durations and bars as people read them', () => {
  assert.deepEqual([0.4, 59, 61, 3700].map(duration), ['0 s', '59 s', '1 min 1 s', '1 h 1 min']);
  assert.equal(duration(NaN), '?');
  assert.deepEqual([bar(0, 4), bar(0.5, 4), bar(1, 4), bar(7, 4)], ['░░░░', '██░░', '████', '████']);
});

test('a step says epoch, step, loss, speed, time left and memory', () => {
  assert.match(
    describeStep(STEP),
    /^epoch 2 █{5}░{15} step 5\/20 {2}loss 2\.500 {2}500 tokens\/s {2}30 s left {2}1\.2 GB$/,
  );
});

test('the smoothed loss starts at the first value and follows slowly', () => {
  assert.equal(smooth(NaN, 4), 4);
  assert.ok(Math.abs(smooth(4, 2) - 3.8) < 1e-12);
});

describe('one line', () => {
  test('is rewritten in a terminal', () => {
    const output = new Recorder(true);
    const line = new ProgressLine(output);
    line.show('a', 0);
    line.show('b', 50); // too soon
    line.show('c', 200);
    line.finish();
    assert.equal(output.text, '\r\x1b[2Ka\r\x1b[2Kc\n');
  });

  test('comes now and then in a file, and in the end', () => {
    const output = new Recorder();
    const line = new ProgressLine(output);
    line.show('a', 0);
    line.show('b', 5_000);
    line.show('c', 10_001);
    line.show('d', 10_002);
    line.finish();
    line.finish();
    assert.equal(output.text, 'a\nc\nd\n');
  });

  test('is not written twice when it was the last', () => {
    const output = new Recorder();
    const line = new ProgressLine(output);
    line.show('a', 0);
    line.finish();
    assert.equal(output.text, 'a\n');
  });
});

test('training and counting write to their output', () => {
  const output = new Recorder();
  const progress = new TrainingProgress(output);
  progress.update(STEP);
  progress.finish();
  const counter = new Counter('evaluate', output);
  counter.update(3, 4);
  counter.finish();
  assert.match(output.text, /loss 2\.500[\s\S]*evaluate █+░+ 3\/4/);
});

test('a notebook’s bar draws at most five times a second, and the end always', () => {
  const drawn: string[] = [];
  const notebook = new NotebookBar({ html: (text) => void drawn.push(text) });
  notebook.update(0.1, 'one', -1000);
  notebook.update(0.2, 'two', -900);
  notebook.update(0.3, 'three', -799);
  notebook.step(STEP);
  notebook.finish();
  assert.equal(drawn.length, 4);
  assert.match(drawn[1], /value="0\.3000".*three/);
  assert.match(drawn[3], /value="0\.2500".*epoch 2 step 5\/20/);
});
