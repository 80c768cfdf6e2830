// Scores and answers of a model: the same in any batch, long texts in windows, positions in the text as it was given.
import assert from 'node:assert/strict';
import test, { before, describe } from 'node:test';
import { ask } from '../../src/evaluation/answer';
import { evaluate } from '../../src/evaluation/evaluate';
import { computeLogits } from '../../src/evaluation/logits';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import type { SquadRecord } from '../../src/squad/record';
import { Tokenizer } from '../../src/tokens/tokenizer';
import { smallModel } from '../cli/small-model';
import { largestDifference } from '../engine/backend';
import { makeFeatures } from '../training/features';

let model: QuestionAnsweringModel;
let tokenizer: Tokenizer;

before(async () => {
  const folder = await smallModel();
  model = QuestionAnsweringModel.fromPretrained(folder);
  tokenizer = await Tokenizer.fromFolder(folder);
});

test('logits do not depend on the batch that a row is in', async () => {
  const features = makeFeatures([9, 4, 17, 6, 12]);
  const alone = await computeLogits(model, features, { batchSize: 1 });
  const together = await computeLogits(model, features, { batchSize: 5 });
  assert.ok(largestDifference(together.startLogits, alone.startLogits) < 1e-5);
  assert.ok(largestDifference(together.endLogits, alone.endLogits) < 1e-5);
});

test('progress is reported, and the signal stops it', async () => {
  const features = makeFeatures([5, 5, 5]);
  const seen: number[][] = [];
  await computeLogits(model, features, { batchSize: 2, onBatch: (...progress) => void seen.push(progress) });
  assert.deepEqual(seen, [
    [2, 3],
    [3, 3],
  ]);
  await assert.rejects(computeLogits(model, features, { signal: AbortSignal.abort() }), { name: 'AbortError' });
});

describe('asking', () => {
  test('the answer is a slice of the text, emoji and all', async () => {
    const context = 'Well 🎉🎉 done, said Agnes Holm in Łódź.';
    const answers = await ask(model, tokenizer, 'Who said it?', context, { topK: 5 });
    assert.equal(answers.length, 5);
    for (const { answer, start, end, score } of answers) {
      assert.equal(context.slice(start, end), answer);
      assert.ok(score > 0 && score <= 1);
    }
  });

  test('a text of 5,000 words is read in windows', async () => {
    const context = Array.from({ length: 5000 }, (_, i) => `word${i}`).join(' ');
    const [{ answer, start, end }] = await ask(model, tokenizer, 'Which?', context, { maxLength: 128, docStride: 32 });
    assert.equal(context.slice(start, end), answer);
  });
});

test('evaluation has a prediction for every question, and metrics of all', async () => {
  const records: SquadRecord[] = ['a', 'b'].map((id) => ({
    id,
    title: '',
    question: 'Who?',
    context: 'Ada won the race.',
    plausibleAnswers: [],
    isImpossible: id === 'b',
    answers: id === 'a' ? [{ text: 'Ada', answerStart: 0 }] : [],
  }));
  const { metrics, predictions, features } = await evaluate(model, tokenizer, records);
  assert.deepEqual(
    predictions.map(({ id }) => id),
    ['a', 'b'],
  );
  assert.equal(features.count, 2);
  assert.deepEqual([metrics.total, metrics.HasAns_total, metrics.NoAns_total], [2, 1, 1]);
});
