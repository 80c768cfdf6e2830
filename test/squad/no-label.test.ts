// A question that nobody has labelled is none that has no answer: in no form that is written and read again, and in no table.
import assert from 'node:assert/strict';
import test from 'node:test';
import { FORMS } from '../../src/squad/forms';
import { importBytes } from '../../src/squad/import';
import { lostIn, lostInTable } from '../../src/squad/lost';
import { textOf } from '../../src/squad/own-data';
import type { SquadRecord } from '../../src/squad/record';

const context = 'The old mill was bought by Ilse Brandt in 1903. Omar wept.';
const start = (text: string) => context.indexOf(text);
const base = (id: string) => ({ id, title: 'Mill', context, question: `${id}?`, answers: [], plausibleAnswers: [] });
const OPEN: SquadRecord = { ...base('open'), isImpossible: false, isUnlabelled: true };
const NONE: SquadRecord = { ...base('none'), isImpossible: true };
const SOME: SquadRecord = { ...base('some'), isImpossible: false, answers: [{ text: 'Ilse', answerStart: start('Ilse') }] }; // prettier-ignore
const PLAUSIBLE: SquadRecord = { ...NONE, id: 'plausible', question: 'plausible?', plausibleAnswers: [{ text: 'Omar', answerStart: start('Omar') }] }; // prettier-ignore

const read = (text: string, name: string) => importBytes(Buffer.from(text), name);
const labelOf = ({ isUnlabelled, isImpossible }: SquadRecord) => isUnlabelled ? 'no label' : isImpossible ? 'none' : 'some'; // prettier-ignore
const labels = (text: string, name: string) => read(text, name).records.map((one) => [one.id, labelOf(one)]);

/** An empty cell of a table says that there is no answer. */
const TABLES = ['table', 'mturk'];

for (const form of FORMS) {
  const file = `written.${form.ending}`;

  test(`${form.name}: what has no label beside others is so when it is read again, or lost in so many words`, () => {
    const records = [OPEN, SOME, NONE];
    const text = form.write(records);
    const lost = lostIn(file, records, text).filter((one) => one.includes('label'));
    if (TABLES.includes(form.name)) {
      const what =
        'that 1 question has no label, which reads as impossible (leave out what has none, or use --to rows or squad)';
      return assert.deepEqual(lost, [what]);
    }
    assert.deepEqual(labels(text, file), [['open', 'no label'], ['some', 'some'], ['none', 'none']]); // prettier-ignore
    assert.deepEqual(lost, []);
    assert.ok(!read(text, file).problems.some(({ kind }) => kind === 'several parts'));
  });

  test(`${form.name}: a file without any label has none when it is read again`, () => {
    const records = [OPEN, { ...OPEN, id: 'other', question: 'other?' }];
    const text = form.write(records);
    assert.deepEqual(labels(text, file), [['open', 'no label'], ['other', 'no label']]); // prettier-ignore
    assert.ok(!lostIn(file, records, text).some((one) => one.includes('label')));
  });

  test(`${form.name}: plausible answers come back, or are lost in so many words`, () => {
    const records = [PLAUSIBLE, SOME];
    const text = form.write(records);
    const lost = lostIn(file, records, text).filter((one) => one.includes('plausible'));
    if (!['squad', 'rows', 'table'].includes(form.name)) {
      return assert.deepEqual(lost, ['1 plausible answer (--to rows and squad keep them)']);
    }
    assert.deepEqual(lost, []);
    assert.deepEqual(read(text, file).records[0].plausibleAnswers, PLAUSIBLE.plausibleAnswers);
  });
}

test("people's own tables: lines say each for itself, columns are those of all rows", () => {
  const records = [OPEN, SOME, NONE];
  assert.deepEqual(labels(textOf('a.jsonl', records), 'a.jsonl'), [['open', 'no label'], ['some', 'some'], ['none', 'none']]); // prettier-ignore
  assert.deepEqual([lostInTable(records, true), lostInTable([OPEN], false)], [[], []]);
  for (const file of ['a.csv', 'a.tsv']) {
    assert.deepEqual(lostInTable(records, false), lostIn(file, records, textOf(file, records)));
    assert.match(lostInTable(records, false).join(), /^that 1 question has no label/);
    assert.deepEqual(labels(textOf(file, [OPEN]), file), [['open', 'no label']]);
  }
});

test('a question without a label keeps its plausible answers in SQuAD', () => {
  const records = [{ ...PLAUSIBLE, isImpossible: false, isUnlabelled: true }, SOME];
  const text = FORMS.find(({ name }) => name === 'squad')!.write(records);
  assert.deepEqual(lostIn('a.json', records, text), []);
});

const table = (head: string, ...cells: string[]) => `${head}\n${cells.map((one) => `Who?,"${context}",${one}\n`).join('')}`; // prettier-ignore
const answersIn = (text: string, name = 'a.csv') =>
  read(text, name).records.map((one) => [labelOf(one), ...one.answers.map(({ text, answerStart }) => `${text} ${answerStart}`)]); // prettier-ignore

test('a column text or response_text beside a text and a place is the answer; an empty cell of it is none', () => {
  for (const name of ['text', 'response_text', 'Response', 'answer_text']) {
    const rows = table(`question,context,answer_start,${name}`, '27,Ilse', ',');
    assert.deepEqual(answersIn(rows), [['some', 'Ilse 27'], ['none']], name); // prettier-ignore
  }
  const passage = table('question,passage,answer_start,text', '27,Ilse');
  assert.deepEqual(answersIn(passage), [['some', 'Ilse 27']]);
  const line = { question: 'Who?', context, text: 'Ilse', answer_start: 27 };
  assert.deepEqual(answersIn(JSON.stringify(line), 'a.jsonl'), [['some', 'Ilse 27']]);
  // Kaggle's, from pandas
  const kaggle = `,context,question,id,answer_start,text\n0,"${context}",Who?,a,27,Ilse\n`;
  assert.deepEqual(answersIn(kaggle), [['some', 'Ilse 27']]);
});

test('beside an answer, or without a place, text is what it was', () => {
  const both = table('question,context,answer,answer_start,text', 'Ilse,27,Omar');
  assert.deepEqual(answersIn(both), [['some', 'Ilse 27']]);
  const mapped = importBytes(Buffer.from(table('question,context,reply,answer_start,text', 'Ilse,27,Omar')), 'a.csv', { columns: { answer: 'reply' } }); // prettier-ignore
  assert.deepEqual(mapped.records[0].answers.map(({ text }) => text), ['Ilse']); // prettier-ignore
  const own = `question,text,answer,answer_start\nWho?,"${context}",Ilse,27\n`;
  assert.deepEqual(answersIn(own), [['some', 'Ilse 27']]);
});

test('a table without a column for answers has no labels but those that a flag gives', () => {
  assert.deepEqual(answersIn(table('question,context,answer_start', '27', '')), [['no label'], ['no label']]);
  assert.deepEqual(answersIn(table('question,context,is_impossible', 'False', 'True', '')), [['no label'], ['none'], ['no label']]); // prettier-ignore
  assert.deepEqual(answersIn(table('question,context,answer_start,answer_end', '27,31', ',')), [['some', 'Ilse 27'], ['none']]); // prettier-ignore
});
