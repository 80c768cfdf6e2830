// `spanlab score`: official metrics of files; what is missing is said, what is wrong is refused in one line.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { describe } from 'node:test';
import { spanlab } from './run';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));
const write = (name: string, content: unknown) => {
  const file = path.join(folder, name);
  fs.writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
};

const qas = [
  { id: 'a', question: 'Who?', answers: [{ text: 'Ada', answer_start: 0 }], is_impossible: false },
  { id: 'b', question: 'When?', answers: [], is_impossible: true },
];
const data = write('data.json', {
  version: 'v2.0',
  data: [{ title: 't', paragraphs: [{ context: 'Ada won.', qas }] }],
});
const predictions = write('predictions.json', { a: 'the Ada', b: 'won' });

describe('metrics', () => {
  test('without null odds: no best thresholds', async () => {
    const { code, stdout, stderr } = await spanlab(['score', '--data', data, '--predictions', predictions, '--json']);
    assert.deepEqual([code, stderr], [0, '']);
    assert.deepEqual(JSON.parse(stdout), {
      exact: 50,
      f1: 50,
      total: 2,
      HasAns_exact: 100,
      HasAns_f1: 100,
      HasAns_total: 1,
      NoAns_exact: 0,
      NoAns_f1: 0,
      NoAns_total: 1,
    });
  });

  test('with null odds, and a threshold below zero', async () => {
    const odds = write('odds.json', { a: -9, b: -2.5 });
    const args = ['score', '--data', data, '--predictions', predictions, '--null-odds', odds, '--json'];
    const { exact, best_exact, best_exact_thresh, best_f1, best_f1_thresh } = JSON.parse((await spanlab(args)).stdout);
    assert.deepEqual([exact, best_exact, best_exact_thresh, best_f1, best_f1_thresh], [50, 100, -9, 100, -9]);
    assert.equal(JSON.parse((await spanlab([...args, '--null-threshold=-4'])).stdout).exact, 100);
  });

  test('missing and unknown predictions are warnings', async () => {
    const some = write('some.json', { b: '', x: 'what?' });
    const { code, stdout, stderr } = await spanlab(['score', '--data', data, '--predictions', some]);
    assert.equal(code, 0);
    assert.match(stdout, /^all questions +\d+ +50\.0 %/m);
    assert.match(stderr, /^warning: 1 questions? without a prediction, counted as wrong: a$/m);
    assert.match(stderr, /^warning: 1 questions? predicted but not in the data, ignored: x$/m);
  });
});

describe('wrong files are refused in one line', () => {
  const cases: [name: string, content: string, message: RegExp][] = [
    ['broken.json', '{"a": ', /E_SCORE_FILE: .*broken\.json: not valid JSON/],
    ['list.json', '["Ada"]', /E_SCORE_FILE: .*list\.json: a JSON object was expected/],
    ['number.json', '{"a": 7}', /E_SCORE_FILE: .*number\.json: question a: 7 was not expected/],
  ];
  for (const [name, content, message] of cases) {
    test(name, async () => {
      const { code, stdout, stderr } = await spanlab([
        ...['score', '--data', data, '--predictions', write(name, content)],
      ]);
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, message);
      assert.equal(stderr.split('\n').length, 2);
    });
  }

  test('a file that is not there, odds without every question', async () => {
    const gone = await spanlab(['score', '--data', data, '--predictions', path.join(folder, 'gone.json')]);
    assert.match(gone.stderr, /^error: E_FILE_MISSING: .*gone\.json/);
    const odds = write('half.json', { a: 0 });
    const half = await spanlab(['score', '--data', data, '--predictions', predictions, '--null-odds', odds]);
    assert.match(half.stderr, /^error: E_SCORE_ODDS: question b /);
  });

  test('a threshold that is no number is wrong usage', async () => {
    const args = ['score', '--data', data, '--predictions', predictions, '--null-threshold', 'high'];
    assert.equal((await spanlab(args)).code, 2);
  });
});
