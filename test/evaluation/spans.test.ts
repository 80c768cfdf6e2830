// Answers out of scores: inside the context and one window, the best first, "no answer" by its threshold.
import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import fc from 'fast-check';
import { lessonAccuracy, predictedPositions } from '../../src/evaluation/accuracy';
import { defaultThreshold } from '../../src/evaluation/evaluate';
import { predictSpans, toAnswers } from '../../src/evaluation/spans';
import { Random } from '../../src/engine/random';
import type { SquadRecord } from '../../src/squad/record';
import type { Features } from '../../src/tokens/features';

const WORDS = ['Ada', 'won', 'the', 'race', 'in', '1874'];
const CONTEXT = WORDS.join(' ');
const record: SquadRecord = {
  id: 'q',
  title: '',
  context: CONTEXT,
  question: 'Who?',
  isImpossible: false,
  answers: [{ text: 'Ada', answerStart: 0 }],
  plausibleAnswers: [],
};

/** Rows `[CLS] who [SEP] words… [SEP]`, a row for each range of words. */
function makeFeatures(windows: [from: number, to: number][]): Features {
  const lengths = windows.map(([from, to]) => 4 + to - from);
  const rowStart = Int32Array.from([0, ...lengths].map((_, i, all) => all.slice(0, i + 1).reduce((a, b) => a + b, 0)));
  const offsets = new Int32Array(2 * rowStart[windows.length]);
  windows.forEach(([from, to], row) => {
    for (let word = from; word < to; word++) {
      const start = WORDS.slice(0, word).join(' ').length + (word > 0 ? 1 : 0);
      offsets.set([start, start + WORDS[word].length], 2 * (rowStart[row] + 3 + word - from));
    }
  });
  const perRow = (value: (row: number) => number) => Int32Array.from(windows, (_, row) => value(row));
  return {
    count: windows.length,
    rowStart,
    offsets,
    inputIds: new Int32Array(rowStart[windows.length]),
    tokenTypeIds: new Uint8Array(rowStart[windows.length]),
    contextStart: perRow(() => 3),
    contextEnd: perRow((row) => lengths[row] - 1),
    startPositions: perRow(() => 3),
    endPositions: perRow(() => 3),
    record: perRow(() => 0),
    overflow: perRow((row) => row),
  };
}

/** Scores of 0 but for those given, as [token, start, end]. */
function makeLogits(features: Features, scores: [token: number, start: number, end: number][]) {
  const [startLogits, endLogits] = [0, 0].map(() => new Float32Array(features.inputIds.length));
  for (const [token, start, end] of scores) [startLogits[token], endLogits[token]] = [start, end];
  return { startLogits, endLogits };
}

const best = (features: Features, scores: [number, number, number][], options = {}) =>
  predictSpans([record], features, makeLogits(features, scores), options)[0];

describe('one window', () => {
  const features = makeFeatures([[0, 6]]);

  test('the first and the last word can be answers', () => {
    assert.equal(best(features, [[3, 9, 9]]).best[0].text, 'Ada');
    assert.equal(best(features, [[8, 9, 9]]).best[0].text, '1874');
    assert.equal(
      best(features, [
        [3, 9, 0],
        [8, 0, 9],
      ]).best[0].text,
      CONTEXT,
    );
  });

  test('never the question, the special tokens, or an end before its start', () => {
    const { text } = best(features, [
      [0, 9, 9],
      [1, 9, 9],
      [2, 9, 9],
      [9, 9, 9],
      [5, 3, 0],
      [4, 0, 3],
    ]).best[0];
    assert.ok(CONTEXT.includes(text) && text.length > 0);
    assert.notEqual(text, 'won the');
  });

  test('no longer than asked for', () => {
    const long: [number, number, number][] = [
      [3, 9, 0],
      [8, 0, 9],
      [5, 0, 5],
    ];
    assert.equal(best(features, long, { maxAnswerLength: 5 }).best[0].text, 'Ada won the');
  });

  test('positions are those of the context, and the text is sliced from it', () => {
    const [{ start, end, text }] = best(features, [
      [5, 9, 0],
      [6, 0, 9],
    ]).best;
    assert.deepEqual([start, end, text], [8, 16, 'the race']);
    assert.equal(CONTEXT.slice(start, end), text);
  });

  test('the n best are in order, without repetition, with shares that add up to one', () => {
    const { best: list } = best(
      features,
      [
        [3, 5, 1],
        [4, 2, 3],
        [6, 1, 4],
      ],
      { nBest: 5 },
    );
    assert.equal(list.length, 5);
    assert.deepEqual(
      list.map((span) => span.logit),
      list.map((span) => span.logit).sort((a, b) => b - a),
    );
    assert.equal(new Set(list.map((span) => `${span.start}:${span.end}`)).size, 5);
    assert.ok(Math.abs(list.reduce((sum, span) => sum + span.probability, 0) - 1) < 1e-6);
  });

  test('an answer is withheld where "no answer" scores more than the threshold above it', () => {
    const predictions = [
      best(features, [
        [0, 5, 5],
        [3, 4, 4],
      ]),
    ];
    assert.equal(predictions[0].nullOdds, 2);
    assert.deepEqual(toAnswers(predictions, 1.9), { q: '' });
    assert.deepEqual(toAnswers(predictions, 2), { q: 'Ada' });
    assert.deepEqual(toAnswers(predictions), { q: 'Ada' });
  });
});

describe('several windows', () => {
  const features = makeFeatures([
    [0, 4],
    [2, 6],
  ]);

  test('the best window wins, an answer never crosses windows', () => {
    assert.equal(
      best(features, [
        [3, 5, 5],
        [8 + 5, 6, 6],
      ]).best[0].text,
      'in',
    );
    assert.notEqual(
      best(features, [
        [3, 9, 0],
        [8 + 6, 0, 9],
      ]).best[0].text,
      CONTEXT,
    );
  });

  test('"no answer" has the lowest of its windows’ scores', () => {
    assert.equal(
      best(features, [
        [0, 9, 9],
        [8, 1, 1],
        [3, 3, 3],
      ]).nullOdds,
      2 - 6,
    );
  });

  test('a span that two windows hold comes from both, as in run_qa; with the maximum context rule from one', () => {
    const scores: [number, number, number][] = [
      [5, 3, 3],
      [8 + 3, 5, 5],
    ];
    const scoresOfThe = (options: object) => {
      const { best: list } = best(features, scores, options);
      return list.filter((span) => span.text === 'the').map((span) => span.logit);
    };
    assert.deepEqual(scoresOfThe({}), [10, 6]);
    // "the" is the third of four words in the first window and the first in the second
    assert.deepEqual(scoresOfThe({ maxContext: true }), [6]);
  });
});

test('the best span equals that of trying them all', () => {
  const features = makeFeatures([
    [0, 6],
    [1, 5],
  ]);
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const random = new Random(seed);
      const logits = {
        startLogits: new Float32Array(features.inputIds.length).map(() => random.normal()),
        endLogits: new Float32Array(features.inputIds.length).map(() => random.normal()),
      };
      let highest = -Infinity;
      for (let row = 0; row < 2; row++) {
        const [from, to] = [features.rowStart[row] + 3, features.rowStart[row + 1] - 1];
        for (let s = from; s < to; s++) {
          for (let e = s; e < to; e++)
            highest = Math.max(highest, Math.fround(logits.startLogits[s] + logits.endLogits[e]));
        }
      }
      const [{ best: list }] = predictSpans([record], features, logits);
      assert.ok(Math.abs(list[0].logit - highest) < 1e-6);
    }),
  );
});

test('the lesson’s accuracy is the mean over batches', () => {
  const features = makeFeatures([
    [0, 6],
    [0, 6],
    [0, 6],
  ]);
  features.startPositions.set([3, 4, 5]);
  const logits = makeLogits(features, [
    [3, 1, 1],
    [10 + 4, 1, 0],
    [20 + 3, 1, 1],
  ]);
  assert.deepEqual(Array.from(predictedPositions(features, logits.startLogits)), [3, 4, 3]);
  // batches of two: (2/2 + 0/1) / 2 for starts; ends are labelled 3: (1/2 + 1/1) / 2
  assert.deepEqual(lessonAccuracy(features, logits, 2), { startAccuracy: 0.5, endAccuracy: 0.75 });
});

test('answers are withheld by default only where some question is impossible', () => {
  assert.equal(defaultThreshold([record]), Infinity);
  assert.equal(defaultThreshold([record, { ...record, isImpossible: true }]), 0);
});
