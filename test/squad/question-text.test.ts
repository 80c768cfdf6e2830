// Questions written by hand: what is read, what is refused with its line, and the workshop's everyday questions made from them.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { describe } from 'node:test';
import { everydayRecords, fullTrainingRecords, tutorialRecords } from '../../src/lesson/workshop-data';
import { projectRoot } from '../../src/root';
import { readQuestionText } from '../../src/squad/question-text';
import { readSquadRecords } from '../../src/squad/read';

const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-questions-')), 'q.txt');

function read(text: string) {
  fs.writeFileSync(file, text);
  return readQuestionText(file);
}

describe('a file of texts', () => {
  test('answers are whole words at the place that is meant; impossible questions have a plausible answer or none', () => {
    const [won, came, who, why] = read(
      '# Race\nAnna met Ann. Ann won, Bo came 2nd.\n? Who won? = Ann @2\n? Which place did Bo take? = 2nd\n! Who was last? = Bo\n! Why?\n',
    );
    assert.deepEqual(
      [won.title, won.context, won.question],
      ['Race', 'Anna met Ann. Ann won, Bo came 2nd.', 'Who won?'],
    );
    assert.deepEqual(won.answers, [{ text: 'Ann', answerStart: 14 }]);
    assert.deepEqual(came.answers, [{ text: '2nd', answerStart: 31 }]);
    assert.deepEqual(
      [who.answers, who.plausibleAnswers, who.isImpossible],
      [[], [{ text: 'Bo', answerStart: 23 }], true],
    );
    assert.deepEqual([why.answers, why.plausibleAnswers, why.isImpossible], [[], [], true]);
    assert.equal(new Set([won, came, who, why].map(({ id }) => id)).size, 4);
  });

  const refused: [text: string, problem: RegExp][] = [
    ['# T\nA b.\n? Who? = c\n', /q\.txt, line 3: "c" stands 0 times/],
    ['# T\nA b.\n? Who? = b @2\n', /line 3: "b" stands 1 times in the text, not 2/],
    ['# T\nA b.\n? Who?\n', /line 3: .*needs " = answer"/],
    ['# T\n? Who? = b\n', /line 2: a question stands below its text/],
    ['A b.\n', /line 1: a text needs a title/],
    ['# T\nA b.\nC d.\n', /line 3: a text needs a title/],
  ];
  for (const [text, problem] of refused) {
    test(`refused: ${JSON.stringify(text)}`, () => {
      assert.throws(() => read(text), (error: NodeJS.ErrnoException) => error.code === 'E_SQUAD_QUESTION' && problem.test(error.message)); // prettier-ignore
    });
  }
});

describe('the everyday questions of the workshop', () => {
  const { train, articles, heldOut } = everydayRecords();
  const data = (name: string) => path.join(projectRoot(), 'data', 'workshop', name);

  test('the files are what the texts give', () => {
    assert.deepEqual(readSquadRecords(data('tutorial-train.json')), tutorialRecords());
    assert.deepEqual(readSquadRecords(data('full-train.json')), fullTrainingRecords());
    assert.deepEqual(readSquadRecords(data('everyday-test.json')), heldOut);
  });

  test('no text and no title is on both sides, nor in the data of the lesson', () => {
    const lesson = ['train.json', 'dev.json'].flatMap((name) => readSquadRecords(data(name)));
    const known = new Set([...train, ...articles, ...lesson].flatMap(({ title, context }) => [title, context]));
    assert.deepEqual(heldOut.filter(({ title, context }) => known.has(title) || known.has(context)), []); // prettier-ignore
  });

  test('every question is asked once of its text, and every id is its own', () => {
    for (const records of [[...train, ...articles], heldOut]) {
      assert.equal(new Set(records.map(({ context, question }) => context + question)).size, records.length);
      assert.equal(new Set(records.map(({ id }) => id)).size, records.length);
    }
  });
});
