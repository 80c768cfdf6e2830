// Nothing of a file is ignored without a word: fields that no question was made of, columns of one name, names in `--columns` that are not there.
import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { type ImportOptions, importBytes } from '../../src/squad/import';
import { readSquadChecked } from '../../src/squad/problems';
import { temporaryFile } from './files';

const CONTEXT = 'The old mill of Tarn was bought by Ilse Brandt in 1903.';
const read = (content: unknown, name = 'data.json', options?: ImportOptions) =>
  importBytes(Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)), name, options);
const unused = (content: unknown, name?: string) =>
  read(content, name).problems.filter(({ kind }) => kind === 'unused field').map(({ path, what, remedy }) => `${path}: ${what} (${remedy})`); // prettier-ignore

const asked = { id: 'a', question: 'Who bought it?', context: CONTEXT };
const row = { ...asked, note: 'easy', reply: 'Ilse Brandt' };
const nested = (qa: object) => ({ data: [{ title: 'T', paragraphs: [{ context: CONTEXT, qas: [{ id: 'a', question: 'Who?', ...qa }] }] }] }); // prettier-ignore
const csv = (header: string, cells: string) => `${header}\nWho?,"${CONTEXT}",${cells}\n`;
const HINT =
  'no question has an answer: if it is in one of them, spanlab data convert --columns "answer=reply" says so (kept)';
const BOTH = `the file: not used: the fields "note", "reply"; ${HINT}`;

describe('a field that is not known, where no question has an answer: said, with the command', () => {
  const files: [name: string, content: unknown, said: string, file?: string][] = [
    ['a CSV', csv('question,context,note,reply', 'easy,Ilse Brandt'), BOTH.replace('fields', 'columns'), 'a.csv'],
    ['a TSV', `question\tcontext\tnote\treply\nWho?\t${CONTEXT}\teasy\tIlse Brandt\n`, BOTH.replace('fields', 'columns'), 'a.tsv'],
    ['a list of rows', [row], BOTH],
    ['rows in data', { data: [row] }, BOTH],
    ['JSON Lines', `${JSON.stringify(row)}\n`, BOTH, 'a.jsonl'],
    ['columns of lists', { question: ['Who?'], context: [CONTEXT], note: ['easy'], reply: ['Ilse Brandt'] }, BOTH],
    ['SQuAD', nested({ note: 'easy', reply: 'Ilse Brandt' }), BOTH],
    ['one column', csv('question,context,responce', 'Ilse Brandt'), 'the file: not used: the column "responce"; no question has an answer: if it is in it, spanlab data convert --columns "answer=responce" says so (kept)', 'a.csv'],
    ['an empty answer column', csv('question,context,answer,reply', ',Ilse Brandt'), 'the file: not used: the column "reply"; no question has an answer: if it is in it, spanlab data convert --columns "answer=reply" says so (kept)', 'a.csv'],
    ['a name that a shell would take apart', csv('question,context,"a=b $x"', 'Ilse Brandt'), 'the file: not used: the column "a=b $x"; no question has an answer: if it is in it, spanlab data convert --columns "answer=…" says so (kept)', 'a.csv'],
  ];
  for (const [name, content, said, file] of files) test(name, () => assert.deepEqual(unused(content, file), [said]));

  test('the command does what it says', () => {
    for (const [content, name] of [[[row], 'a.json'], [nested(row), 'a.json'], [files[0][1], 'a.csv']] as const) {
      const { records, problems } = read(content, name, { columns: { answer: 'reply' } });
      assert.deepEqual(records[0].answers.map(({ answerStart }) => answerStart), [35]);
      assert.deepEqual(problems.map(({ what }) => what), [`not used: the ${name === 'a.csv' ? 'column' : 'field'} "note"`]);
    }
  });
}); // prettier-ignore

describe('further fields', () => {
  test('beside answers: said, without advice', () => {
    assert.deepEqual(unused([{ ...row, answer: 'Ilse Brandt' }]), ['the file: not used: the fields "note", "reply" (kept)']);
    assert.deepEqual(unused(csv('question,context,answer,Answer Text', 'Ilse Brandt,Ilse'), 'a.csv'), ['the file: not used: the column "Answer Text" (kept)']);
  });
  test('row numbers, empty columns and what tools write for themselves are not worth a word', () => {
    assert.deepEqual(unused(`,Unnamed: 0,question,context,answer,spare\n0,0,Who?,"${CONTEXT}",Ilse Brandt,\n`, 'a.csv'), []);
    assert.deepEqual(unused(`HITId,Title,WorkerId,Input.question,Input.context,Answer.answer\nh,t,w,Who?,"${CONTEXT}",Ilse Brandt\n`, 'a.csv'), []);
    assert.deepEqual(unused(`context,question,answers.text,answers.answer_start\n"${CONTEXT}",Who?,['Ilse Brandt'],[35]\n`, 'a.csv'), []);
  });
  test('of very many some are named', () => {
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`f${i}`, 'x']));
    assert.match(unused([{ ...asked, ...many }])[0], /^the file: not used: the fields "f0", .*"f11", …; no question/);
  });
  test('SQuAD’s own form may have them, also where it is read strictly', () => {
    const answers = [{ text: 'Ilse Brandt', answer_start: 35 }];
    assert.equal(readSquadChecked(temporaryFile({ version: 'v2.0', ...nested({ answers, note: 'easy' }) })).records.length, 1);
  });
}); // prettier-ignore

test('columns of one name: the first counts, and that is said', () => {
  const content = csv('question,context,answer,answer', 'Ilse Brandt,Tarn');
  const { records, problems } = read(content, 'a.csv');
  assert.equal(records[0].answers[0].text, 'Ilse Brandt');
  assert.deepEqual(problems.map(({ path, what, remedy }) => [path, what, remedy]), [['row 1', '2 columns are called "answer" (3, 4): the first counts, and the others are not used', 'kept']]);
}); // prettier-ignore

describe('--columns names what is not there', () => {
  const refused = (content: unknown, columns: ImportOptions['columns'], message: RegExp, name?: string) =>
    assert.throws(() => read(content, name, { columns }), { code: 'E_SQUAD_COLUMNS', message });
  test('a table, rows, JSON Lines and SQuAD', () => {
    const there = /--columns names "replay" \(for answer\), and no record has it; there are .*"note", "reply"/;
    refused(csv('question,context,note,reply', 'easy,Ilse Brandt'), { answer: 'replay' }, there, 'a.csv');
    refused([row], { answer: 'replay' }, there);
    refused(`${JSON.stringify(row)}\n`, { answer: 'replay' }, there, 'a.jsonl');
    refused(nested({ note: 'x', reply: 'y' }), { answer: 'replay' }, there);
  });
  test('a question or a text that is named wrongly', () => {
    const foreign = [{ frage: 'Wer?', absatz: CONTEXT, antwort: 'Ilse Brandt' }];
    refused(foreign, { question: 'frage', context: 'abs' }, /names "abs" \(for context\), and no record has it; there are "frage", "absatz", "antwort"/); // prettier-ignore
    refused([{ a: { q: 'Who?' }, c: CONTEXT }], { question: 'a.x', context: 'c' }, /names "a\.x" \(for question\)/);
    refused(`Who?;"${CONTEXT}";Ilse Brandt\n`, { question: '1', context: '2', answer: '9' }, /"9" \(for answer\), .*there are "1", "2", "3"/, 'a.csv'); // prettier-ignore
  });
  test('one column for two fields', () => {
    const table = csv('question,context,note', 'easy');
    refused(table, { question: 'question', context: 'note', answer: 'Note' }, /a\.csv: --columns maps "note" twice, to context and to answer; give each/, 'a.csv'); // prettier-ignore
    refused([row], { question: 'question', answer: 'reply', id: 'reply' }, /maps "reply" twice, to answer and to id/);
  });
  test('in some records is enough', () => {
    const rows = [asked, { ...row, id: 'b' }];
    assert.equal(read(rows, 'a.json', { columns: { answer: 'reply' } }).records.length, 2);
  });
});
