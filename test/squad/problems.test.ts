// What is wrong with a file: each kind is found, named by its field, and mended or left out; nothing is silent.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { describe } from 'node:test';
import fc from 'fast-check';
import { SquadError } from '../../src/squad/errors';
import { type Problem, countProblems } from '../../src/squad/problem';
import { readSquadChecked } from '../../src/squad/problems';
import { readSquadRecords } from '../../src/squad/read';
import { isSquadFile } from '../../src/squad/schema';
import { placeAnswers } from '../../src/squad/end';
import { writeSquad } from '../../src/squad/write';
import { onePassage, question, temporaryFile } from './files';

const CONTEXT = 'Ada won. Ada lost 🦊 once, in Nice.';
const good = question('won', 4, 'good');
/** `undefined` where it is in no form that we know. */
function attempt(content: unknown) {
  try {
    return tolerant(content);
  } catch (error) {
    assert.ok(error instanceof SquadError && error.code === 'E_SQUAD_SCHEMA', String(error));
    return undefined;
  }
}
const tolerant = (content: unknown) => readSquadChecked(temporaryFile(content), { mode: 'tolerant' });
const paragraphOf = (...qas: unknown[]) => onePassage(CONTEXT, qas as Record<string, unknown>[]);

describe('each kind', () => {
  const qa = 'data[0].paragraphs[0].qas[1]';
  const cases: [
    title: string,
    content: unknown,
    kind: Problem['kind'],
    path: string,
    what: RegExp,
    remedy: Problem['remedy'],
  ][] = [
    ['an id twice', paragraphOf(good, good), 'repeated id', `${qa}.id`, /"good" was there before/, 'left out'],
    [
      'one to the right',
      paragraphOf(good, question('won', 5)),
      'shifted answer',
      `${qa}.answers[0]`,
      /not at 5 but at 4/,
      'mended',
    ],
    [
      'two to the right',
      paragraphOf(good, question('once', 22)),
      'shifted answer',
      `${qa}.answers[0]`,
      /not at 22 but at 20/,
      'mended',
    ],
    [
      'far away',
      paragraphOf(good, question('Nice', 2)),
      'answer elsewhere',
      `${qa}.answers[0]`,
      /but at 29, its only place/,
      'mended',
    ],
    [
      'two places',
      paragraphOf(good, question('Ada', 5)),
      'ambiguous answer',
      `${qa}.answers[0]`,
      /more than once/,
      'left out',
    ],
    [
      'nowhere',
      paragraphOf(good, question('Eve', 0)),
      'answer not found',
      `${qa}.answers[0]`,
      /"Eve" is nowhere/,
      'left out',
    ],
    [
      'beyond the end',
      paragraphOf(good, question('Eve', 900)),
      'answer not found',
      `${qa}.answers[0]`,
      /nowhere/,
      'left out',
    ],
    [
      'no text',
      paragraphOf(good, question('', 0)),
      'empty answer',
      `${qa}.answers[0]`,
      /is empty: it counts as impossible/,
      'mended',
    ],
    [
      'no answer',
      paragraphOf(good, { ...question('x', 0), answers: [] }),
      'no answer',
      qa,
      /not marked impossible: it counts as impossible/,
      'mended',
    ],
    [
      'no question',
      paragraphOf(good, { ...question('won', 4), question: ' \n' }),
      'empty question',
      `${qa}.question`,
      /empty/,
      'left out',
    ],
    ['a position as text', paragraphOf(good, { ...question('won', 4), answers: [{ text: 'won', answer_start: '4' }] }), 'format', `${qa}.answers[0].answer_start`, /"4" is a text; read as a number/, 'mended'], // prettier-ignore
    ['a question of null', paragraphOf(good, null), 'format', qa, /expected a question, found null/, 'left out'],
  ];
  for (const [title, content, kind, path, what, remedy] of cases) {
    test(title, () => {
      const { records, problems } = tolerant(content);
      assert.equal(problems.length, 1, JSON.stringify(problems));
      assert.deepEqual([problems[0].kind, problems[0].path, problems[0].remedy], [kind, path, remedy]);
      assert.match(problems[0].what, what);
      assert.equal(records.length, remedy === 'mended' ? 2 : 1);
      for (const { context, answers } of records) {
        for (const { text, answerStart, answerEnd } of answers)
          assert.equal(context.slice(answerStart, answerEnd), text);
      }
      assert.throws(() => readSquadChecked(temporaryFile(content)), {
        code: 'E_SQUAD_PROBLEM',
        message: new RegExp(`one problem: ${path.replace(/[[\].]/g, '\\$&')}: `),
      });
    });
  }
});

test('an empty context leaves out its questions; articles and paragraphs of another kind are named', () => {
  const paragraphs = [{ context: ' ', qas: [good] }, 7, { context: CONTEXT, qas: [good] }];
  const { records, problems } = tolerant({ data: [{ title: 'T', paragraphs }, null, { title: 3, paragraphs: [] }] });
  assert.deepEqual(
    records.map(({ id }) => id),
    ['good'],
  );
  assert.deepEqual(
    problems.map(({ kind, path }) => [kind, path]),
    [
      ['empty context', 'data[0].paragraphs[0].context'],
      ['format', 'data[0].paragraphs[1]'],
      ['format', 'data[1]'],
    ],
  );
  assert.deepEqual(countProblems(problems)[1], { kind: 'format', mended: 0, leftOut: 2, kept: 0 });
});

test('of several answers, those that are wrong', () => {
  const answers = [4, 99].map((start, i) => ({ text: ['won', 'Eve'][i], answer_start: start }));
  const { records, problems } = tolerant(paragraphOf({ ...good, answers }));
  assert.deepEqual([records[0].answers.map(({ text }) => text), problems.length], [['won'], 1]);
  assert.equal(problems[0].path, 'data[0].paragraphs[0].qas[0].answers[1]');
});

test('a byte-order mark is reported; line breaks of Windows are white space, and count inside contexts', () => {
  const text = JSON.stringify(onePassage('One\r\ntwo.', [question('two', 5)]), null, 2).replace(/\n/g, '\r\n');
  assert.deepEqual(tolerant(text).problems, []);
  const marked = tolerant(`\ufeff${text}`);
  assert.deepEqual(
    marked.problems.map(({ kind, remedy }) => [kind, remedy]),
    [['byte-order mark', 'mended']],
  );
  assert.equal(marked.records[0].answers[0].answerStart, 5);
});

test('impossible questions need no answer; the lesson’s choice takes the plausible one', () => {
  const plausible = [{ text: 'lost', answer_start: 13 }];
  const none = { id: 'n', question: 'Why?', answers: [], plausible_answers: plausible, is_impossible: true };
  const file = temporaryFile(paragraphOf(none));
  assert.deepEqual(readSquadChecked(file).records[0].answers, []);
  const [{ answers }] = readSquadChecked(file, { answers: 'lesson' }).records;
  assert.deepEqual(answers, [{ text: 'lost', answerStart: 13, answerEnd: 17 }]);
});

test('no SQuAD file at all is refused in either mode', () => {
  for (const mode of ['strict', 'tolerant'] as const) {
    assert.throws(() => readSquadChecked(temporaryFile('{'), { mode }), { code: 'E_SQUAD_JSON' });
    assert.throws(() => readSquadChecked(temporaryFile({ data: 3 }), { mode }), { code: 'E_SQUAD_SCHEMA' });
    assert.throws(() => readSquadChecked(temporaryFile('null'), { mode }), { code: 'E_SQUAD_SCHEMA' });
    assert.throws(() => readSquadChecked('/nowhere/a.json', { mode }), { code: 'E_FILE_MISSING' });
  }
});

for (const part of ['train', 'dev']) {
  test(`the workshop’s ${part} file has no problems, and the records of the plain reading`, () => {
    const file = path.join(__dirname, '..', '..', 'data', 'workshop', `${part}.json`);
    const { records, problems } = readSquadChecked(file);
    assert.deepEqual(problems, []);
    assert.deepEqual(records, placeAnswers(readSquadRecords(file, { answers: 'honest' }), file));
  });
}

const words = fc.array(fc.constantFrom('a', 'bb', '🦊', 'é', '語', 'שלום', ' '), { minLength: 1, maxLength: 12 });

test('whatever is put into a field: a coded error or right records, and what was mended is right when read again', () => {
  const anything = fc.oneof(
    fc.constant(null),
    fc.integer(),
    fc.string(),
    fc.constant([]),
    fc.constant({}),
    words.map((list) => list.join('')),
  );
  const answer = fc.record({ text: anything, answer_start: fc.oneof(fc.integer({ min: -3, max: 20 }), anything) });
  const qa = fc.record(
    {
      id: fc.oneof(fc.constantFrom('1', '2'), anything),
      question: anything,
      answers: fc.array(answer, { maxLength: 2 }),
      is_impossible: fc.oneof(fc.boolean(), anything),
    },
    { requiredKeys: ['id'] },
  );
  const paragraph = fc.record({
    context: fc.oneof(
      words.map((list) => list.join('')),
      anything,
    ),
    qas: fc.array(fc.oneof(qa, anything), { maxLength: 4 }),
  });
  const file = fc.record({
    data: fc.array(
      fc.oneof(
        fc.record({ title: fc.string(), paragraphs: fc.array(fc.oneof(paragraph, anything), { maxLength: 3 }) }),
        anything,
      ),
      { maxLength: 3 },
    ),
  });
  fc.assert(
    fc.property(file, (content) => {
      const tried = attempt(content);
      if (tried === undefined)
        return assert.throws(() => readSquadChecked(temporaryFile(content)), { code: 'E_SQUAD_SCHEMA' });
      const { records, problems } = tried;
      assert.equal(new Set(records.map(({ id }) => id)).size, records.length);
      for (const { context, answers, isImpossible, isUnlabelled } of records) {
        assert.equal(answers.length > 0, !isImpossible && !isUnlabelled);
        for (const { text, answerStart, answerEnd } of answers)
          assert.equal(context.slice(answerStart, answerEnd), text);
      }
      const path = temporaryFile(content);
      if (problems.length > 0)
        assert.throws(() => readSquadChecked(path), (error) => error instanceof SquadError && error.code === 'E_SQUAD_PROBLEM'); // prettier-ignore
      else if (isSquadFile(content)) readSquadChecked(path);
      else assert.throws(() => readSquadChecked(path), { code: 'E_SQUAD_SCHEMA' });
      const labelled = records.filter(({ isUnlabelled }) => !isUnlabelled);
      writeSquad(path, labelled);
      assert.deepEqual(readSquadChecked(path).records.length, labelled.length);
      // what has no label has none when it is read again
      writeSquad(path, records);
      const again = attempt(JSON.parse(fs.readFileSync(path, 'utf8')));
      assert.deepEqual(
        again?.records.map(({ isUnlabelled }) => isUnlabelled),
        records.map(({ isUnlabelled }) => isUnlabelled),
      );
    }),
    { numRuns: 300 },
  );
});

test('a question that is marked impossible and has an answer', () => {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-')), 'contra.json');
  const qas = [{ id: 'a', question: 'Who?', is_impossible: true, answers: [{ text: 'Ada', answer_start: 0 }] }];
  fs.writeFileSync(file, JSON.stringify({ data: [{ title: 'T', paragraphs: [{ context: 'Ada won.', qas }] }] }));
  const { records, problems } = readSquadChecked(file, { mode: 'tolerant' });
  assert.deepEqual([records[0].isImpossible, records[0].answers], [true, []]);
  assert.deepEqual(problems.map(({ kind, path: place }) => [kind, place]), [['impossible with answer', 'data[0].paragraphs[0].qas[0].answers']]);
  assert.throws(() => readSquadChecked(file), { code: 'E_SQUAD_PROBLEM' });
}); // prettier-ignore
