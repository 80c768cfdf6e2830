// Error analysis: metrics of groups, misses, calibration, the no-answer curve, and two models compared.
import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import fc from 'fast-check';
import { groupMetrics, GROUPINGS, questionResults, worst, type QuestionResult } from '../../src/evaluation/analysis';
import {
  averagePrecision,
  calibration,
  calibrationError,
  noAnswerCurve,
} from '../../src/evaluation/analysis-calibration';
import { compareModels, pairedBootstrap } from '../../src/evaluation/analysis-compare';
import { countMisses } from '../../src/evaluation/analysis-distance';
import { smallEvaluation } from '../show/evaluation';

const evaluation = smallEvaluation();
const results = questionResults(evaluation);

/** A question of which only the context, question and answer matter. */
function asked(question: string, context = 'x', answer?: string, more: Partial<QuestionResult> = {}): QuestionResult {
  const answers = answer === undefined ? [] : [{ text: answer, answerStart: context.indexOf(answer) }];
  const record = {
    id: question,
    title: '',
    context,
    question,
    answers,
    plausibleAnswers: [],
    isImpossible: !answer,
  };
  return { ...results[0], record, ...more };
}

describe('results', () => {
  test('metrics are of what counts; a withheld answer has no place in the text', () => {
    const rows = results.map(({ record, predicted, start, exact, f1 }) => [record.id, predicted, start, exact, f1]);
    assert.deepEqual(rows, [
      ['right', '1874', evaluation.records[0].context.indexOf('1874'), 1, 1],
      ['half', 'Ada Lovelace won', 0, 0, 0.8],
      ['answered', '<script>alert("1")</script>', 17, 0, 0],
      ['withheld', '', 0, 0, 0],
    ]);
    assert.deepEqual(results.map(({ bestIsRight }) => bestIsRight), [true, false, false, true]); // prettier-ignore
  });

  test('the probabilities of the best answer and of none are those of a softmax over both', () => {
    const base = evaluation.predictions[0];
    const span = (logit: number, probability: number) => ({ ...base.best[0], logit, probability });
    const [a, b, none] = [2, 1, 0.5].map(Math.exp);
    const best = [span(2, a / (a + b)), span(1, b / (a + b))];
    const [result] = questionResults({ ...evaluation, predictions: [{ ...base, best, nullOdds: 0.5 - 2 }, ...evaluation.predictions.slice(1)] }); // prettier-ignore
    assert.ok(Math.abs(result.answerProbability - a / (a + b + none)) < 1e-12);
    assert.ok(Math.abs(result.noneProbability - none / (a + b + none)) < 1e-12);
  });

  test('the worst first; of equal ones the surest', () => {
    assert.deepEqual(worst(results, 3).map(({ record }) => record.id), ['withheld', 'answered', 'half']); // prettier-ignore
  });
});

describe('groups', () => {
  const groupsOf = (questions: QuestionResult[], grouping: (typeof GROUPINGS)[number]) =>
    groupMetrics(questions, grouping).map(({ group, questions: count }) => [group, count]);

  test('the word that asks', () => {
    const questions = ['How many won?', 'How did she win?', 'In what year?', 'Whose race?', 'To whom?', 'WHY?', 'Somewhat odd', 'In which year, and who?', 'how\nmany?']; // prettier-ignore
    assert.deepEqual(groupsOf(questions.map((question) => asked(question)), 'question word'), [['how many', 2], ['how', 1], ['what', 1], ['which', 1], ['who', 2], ['why', 1], ['other', 1]]); // prettier-ignore
  });

  test('lengths in words, from the edges of each range; impossible questions apart', () => {
    const words = (count: number) => Array.from({ length: count }, () => 'w').join(' ');
    const questions = [1, 2, 3, 4, 5, 9, 10, 40].map((count) => asked('?', words(count), words(count)));
    assert.deepEqual(groupsOf([...questions, asked('?')], 'answer length'), [
      ['1 word', 1],
      ['2 words', 1],
      ['3 to 4 words', 2],
      ['5 to 9 words', 2],
      ['10 words or more', 2],
      ['no answer', 1],
    ]);
    const contexts = [1, 49, 50, 499, 500].map((count) => asked('?', words(count)));
    assert.deepEqual(groupsOf(contexts, 'context length'), [
      ['1 to 49 words', 2],
      ['50 to 99 words', 1],
      ['250 to 499 words', 1],
      ['500 words or more', 1],
    ]);
  });

  test('the answer’s place', () => {
    const places = ['a', 'b', 'c', 'd', 'e'].map((answer) => asked('?', 'a-b-c-d-e-', answer));
    const groups = ['first fifth', 'second fifth', 'third fifth', 'fourth fifth', 'last fifth'];
    assert.deepEqual(groupsOf(places, 'answer position'), groups.map((group) => [group, 1])); // prettier-ignore
  });

  test('metrics are means in percent, and every grouping holds every question', () => {
    assert.deepEqual(groupMetrics(results, 'impossible'), [
      { group: 'answerable', questions: 3, exact: 100 / 3, f1: 60 },
      { group: 'no answer', questions: 1, exact: 0, f1: 0 },
    ]);
    for (const grouping of GROUPINGS) {
      const total = groupMetrics(results, grouping).reduce((sum, { questions }) => sum + questions, 0);
      assert.equal(total, results.length, grouping);
    }
  });
});

test('misses of the highest scores: a hit, one off, further, and on [CLS]; rows without an answer are left out', () => {
  const [start, end] = countMisses(evaluation);
  assert.deepEqual(start, { position: 'start', hit: 1, 'off by one': 1, 'off by 2 to 5': 0, farther: 0, 'no answer': 1 }); // prettier-ignore
  assert.deepEqual(end, { position: 'end', hit: 1, 'off by one': 0, 'off by 2 to 5': 1, farther: 0, 'no answer': 1 });
});

describe('calibration and “no answer”', () => {
  const sure = (answerProbability: number, bestIsRight: boolean) => asked('?', 'x', 'x', { answerProbability, bestIsRight }); // prettier-ignore

  test('bins, and the mean distance weighted by questions', () => {
    const bins = calibration([sure(0.05, false), sure(0.62, true), sure(0.68, false), sure(1, true)]);
    assert.deepEqual(bins.map(({ low, questions, right }) => [low, questions, right]), [[0, 1, 0], [0.6, 2, 0.5], [0.9, 1, 1]]); // prettier-ignore
    assert.ok(Math.abs(bins[1].probability - 0.65) < 1e-12);
    assert.ok(Math.abs(calibrationError(bins) - (0.05 + 2 * 0.15 + 0) / 4) < 1e-12);
  });

  test('precision and recall by hand, equal odds together', () => {
    const odds = (nullOdds: number, answer?: string) => asked('?', 'x', answer, { nullOdds });
    const curve = noAnswerCurve([odds(1, 'x'), odds(3), odds(2, 'x'), odds(1), odds(0, 'x')]);
    assert.deepEqual(curve, [
      { threshold: 3, precision: 1, recall: 0.5 },
      { threshold: 2, precision: 0.5, recall: 0.5 },
      { threshold: 1, precision: 0.5, recall: 1 },
      { threshold: 0, precision: 0.4, recall: 1 },
    ]);
    // half of the recall at precision 1, half at 0.5: the sum that scikit-learn defines as average precision
    assert.equal(averagePrecision(curve), 0.75);
    assert.deepEqual(noAnswerCurve([odds(1, 'x')]), []);
  });
});

describe('two models', () => {
  test('the interval holds what the central limit theorem expects, and the same seed gives the same', () => {
    const first = Array.from({ length: 400 }, (_, i) => Number(i % 2 === 0));
    const second = first.map((metric, i) => (i % 4 === 1 ? 1 : metric)); // a quarter of the questions gained
    const interval = pairedBootstrap(first, second, { samples: 4000 });
    const error = 100 * Math.sqrt((0.25 * 0.75) / 400);
    assert.equal(interval.difference, 25);
    assert.ok(Math.abs(interval.low - (25 - 1.96 * error)) < 0.5, String(interval.low));
    assert.ok(Math.abs(interval.high - (25 + 1.96 * error)) < 0.5, String(interval.high));
    assert.deepEqual(pairedBootstrap(first, second, { samples: 4000 }), interval);
    assert.notDeepEqual(pairedBootstrap(first, second, { samples: 4000, seed: 1 }), interval);
  });

  test('turned around, the interval is turned around; it holds the difference or touches it', () => {
    const metrics = fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 })), { minLength: 1, maxLength: 30 }); // prettier-ignore
    fc.assert(
      fc.property(metrics, (pairs) => {
        const [first, second] = [0, 1].map((side) => pairs.map((pair) => pair[side] / 4));
        const forth = pairedBootstrap(first, second, { samples: 200 });
        const back = pairedBootstrap(second, first, { samples: 200 });
        assert.ok(Math.abs(forth.difference + back.difference) < 1e-9 && Math.abs(forth.low + back.high) < 1e-9);
        assert.ok(forth.low <= forth.high && forth.low >= -100 && forth.high <= 100);
        if (new Set(pairs.map(([a, b]) => b - a)).size === 1) assert.ok(Math.abs(forth.low - forth.high) < 1e-9);
      }),
      { numRuns: 50 },
    );
  });

  test('of the same questions only', () => {
    const better = results.map((result) => ({ ...result, exact: 1, f1: 1 }));
    const [exact, f1] = compareModels(results, better);
    assert.deepEqual([exact.first, exact.second, exact.better, exact.worse], [25, 100, 3, 0]);
    assert.deepEqual([f1.metric, f1.first, f1.difference, f1.better], ['f1', 45, 55, 3]);
    assert.throws(() => compareModels(results, better.slice(1)), { code: 'E_COMPARE', message: /right/ });
    assert.throws(() => pairedBootstrap([], []), { code: 'E_COMPARE' });
    assert.throws(() => pairedBootstrap([1], [1, 0]), { code: 'E_COMPARE' });
  });
});
