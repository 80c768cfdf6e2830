// The workshop data is what the course promises: sizes, answers in their places, subjects apart.
import assert from 'node:assert/strict';
import path from 'node:path';
import test, { describe } from 'node:test';
import { projectRoot } from '../../src/root';
import { addEndIdx, placeAnswers } from '../../src/squad/end';
import { readSquad, readSquadRecords } from '../../src/squad/read';
import type { SquadRecord } from '../../src/squad/record';

const file = (name: string) => path.join(projectRoot(), 'data', 'workshop', `${name}.json`);
const passages = (records: SquadRecord[]) => new Set(records.map((record) => record.context));

for (const [name, minPassages, minQuestions] of [['train', 80, 600] as const, ['dev', 25, 150] as const]) {
  describe(name, () => {
    const records = placeAnswers(readSquadRecords(file(name)), name);

    test('passages and questions enough, ids unique', () => {
      assert.ok(passages(records).size >= minPassages);
      assert.ok(records.length >= minQuestions);
      assert.equal(new Set(records.map((record) => record.id)).size, records.length);
    });

    test('about a quarter of the questions is impossible, with a plausible answer in the context', () => {
      const impossible = records.filter((record) => record.isImpossible);
      assert.ok(impossible.length / records.length > 0.24 && impossible.length / records.length < 0.3);
      for (const { context, plausibleAnswers, answers } of impossible) {
        assert.equal(answers.length, 0);
        for (const { text, answerStart } of plausibleAnswers) assert.ok(context.startsWith(text, answerStart));
        assert.ok(plausibleAnswers.length > 0);
      }
    });

    test('every answer is exact, in the lesson’s reading too', () => {
      const { answers, contexts } = readSquad(file(name));
      const report = addEndIdx(answers, contexts);
      assert.deepEqual({ ...report, exact: 0 }, { exact: 0, oneLeft: 0, twoLeft: 0, elsewhere: 0, notFound: 0 });
      answers.forEach((answer, i) =>
        assert.equal(contexts[i].slice(answer.answerStart, answer.answerEnd), answer.text),
      );
    });

    test('characters beyond 16 bits stand before answers, and long passages are there', () => {
      assert.ok(
        records.some(({ context, answers }) =>
          answers.some((a) => /[\ud800-\udbff]/.test(context.slice(0, a.answerStart))),
        ),
      );
      assert.ok([...passages(records)].some((context) => context.split(/\s+/).length > 330));
    });
  });
}

test('training and development share no title and no passage', () => {
  const [train, dev] = ['train', 'dev'].map((name) => readSquadRecords(file(name)));
  const titles = new Set(train.map((record) => record.title));
  assert.ok(dev.every((record) => !titles.has(record.title)));
  assert.ok([...passages(dev)].every((context) => !passages(train).has(context)));
});
