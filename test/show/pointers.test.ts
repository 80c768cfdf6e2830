// The two pointers of a model on a text: chances as another room computes them, arrows at the best, escaped, nothing left behind.
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { softmax } from '../../src/evaluation/softmax';
import { readInside } from '../../src/inspect/reading';
import type { QuestionAnsweringModel } from '../../src/model/question-answering';
import { NotebookBar } from '../../src/show/notebook-bar';
import { pointerStrip, readPointers } from '../../src/show/pointers';
import type { Tokenizer } from '../../src/tokens/tokenizer';
import { startBackend } from '../engine/backend';
import { CONTEXT, QUESTION, smallModel } from '../inspect/small';
import { loadTokenizer } from '../tokens/vocabulary';

let model: QuestionAnsweringModel;
let tokenizer: Tokenizer;
before(async () => {
  await startBackend();
  model = smallModel();
  tokenizer = await loadTokenizer();
});

test('the chances are those of the text alone and add up to 1; no tensor is left', async () => {
  await readPointers(model, tokenizer, QUESTION, CONTEXT); // the weights become tensors at their first use
  const tensors = tf.memory().numTensors;
  const pointers = await readPointers(model, tokenizer, QUESTION, CONTEXT);
  assert.equal(tf.memory().numTensors, tensors);
  const reading = await readInside(model, tokenizer, QUESTION, CONTEXT);
  const ofText = [...reading.sources.keys()].filter((token) => reading.sources[token] === 1);
  assert.deepEqual(pointers.tokens, ofText.map((token) => reading.tokens[token])); // prettier-ignore
  for (const [chances, logits] of [
    [pointers.start, reading.startLogits],
    [pointers.end, reading.endLogits],
  ] as const) {
    // prettier-ignore
    const expected = Array.from(softmax(Float32Array.from(ofText, (token) => logits[token])));
    chances.forEach((chance, i) => assert.ok(Math.abs(chance - expected[i]) < 1e-4, `${chance} is not ${expected[i]}`));
    assert.ok(Math.abs(chances.reduce((a, b) => a + b) - 1) < 1e-5);
  }
});

test('arrows stand at the best tokens, in words as well; text is escaped', () => {
  const strip = pointerStrip(
    { tokens: ['<b>', 'holm', '.'], start: [0.7, 0.2, 0.1], end: [0.1, 0.8, 0.1] },
    'step <1>',
  );
  assert.match(strip, /Start at &lt;b&gt; \(70 %\), end at holm \(80 %\)\./);
  assert.doesNotMatch(strip, /<b>&lt;b|<1>/);
  const [first, second, third] = strip.split('title=').slice(1);
  assert.ok(first.includes('start ▼') && !first.includes('end ▲'));
  assert.ok(second.includes('end ▲') && !second.includes('start ▼'));
  assert.ok(!/[▼▲]/.test(third));
  // GitHub takes the styles away
  const plain = strip.replace(/<[^>]*>/g, '');
  assert.ok(plain.endsWith('start ▼ &lt;b&gt; holm end ▲ .'), plain);
  // letters in the palette's colours would be too faint, the bars are not letters
  assert.doesNotMatch(strip, /[; "]color:/);
});

test('a bar of a loop by hand has step, speed and time left', () => {
  const drawn: string[] = [];
  const bar = new NotebookBar({ html: (text) => drawn.push(text) });
  bar.track(1, 10, 'epoch 1, loss 4.000', 1000);
  bar.track(2, 10, 'epoch 1, loss 3.000', 3000);
  bar.finish();
  assert.match(drawn.at(-1)!, /epoch 1, loss 3\.000, step 2 of 10, 2\.0 s\/step, 16 s left/);
});
