// Every form: what is read is what was written, its counts are Python's, and the samples of what people have come out right.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test, { describe } from 'node:test';
import zlib from 'node:zlib';
import { zipSync } from 'fflate';
import { FORMS } from '../../src/squad/forms';
import type { Form } from '../../src/squad/forms/form';
import { type ImportedData, type ImportOptions, importBytes } from '../../src/squad/import';
import type { SquadRecord } from '../../src/squad/record';
import { toSquad } from '../../src/squad/write';
import { type Counts, countsOf } from './counts';
import { makeFile } from './generate';

// Python's own reading of the same files: test/reference/data.py, written by `node --import tsx test/reference/data.ts --write`
const reference = JSON.parse(fs.readFileSync(path.join(__dirname, '..', 'reference', 'data.json'), 'utf8')) as Record<string, Counts[]>; // prettier-ignore

const read = (content: unknown, name = 'data.json', options?: ImportOptions): ImportedData =>
  importBytes(Buffer.isBuffer(content) ? content : Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)), name, options); // prettier-ignore

/** What matters of records: questions, texts, answers and their places. */
const essence = (records: SquadRecord[]) =>
  records.map(({ question, context, answers, isImpossible, isUnlabelled }) => [question, context, isImpossible, isUnlabelled, answers.map(({ text, answerStart }) => [text, answerStart])]); // prettier-ignore

/** Forms that hold one answer of each question, only texts, or only tokens. */
const ONE_ANSWER = ['korquad2', 'table'];
const NO_PLACES = ['cmrc', 'label-studio'];

describe('every form', () => {
  for (const form of FORMS) {
    test(`${form.name}: counts are Python’s; form → SQuAD → form changes no count; answers are where they say`, () => {
      reference[form.name].forEach((counts, seed) => {
        const { name, bytes } = makeFile(form, seed);
        const data = importBytes(bytes, name);
        assert.equal(data.form.name, form.name, name);
        assert.deepEqual(countsOf(data), counts, name);
        for (const { context, answers } of data.records) {
          for (const { text, answerStart, answerEnd } of answers)
            assert.equal(context.slice(answerStart, answerEnd), text);
        }
        roundTrip(form, data.records);
      });
      assert.ok(reference[form.name].length >= 40);
    });
  }
});

test('docs/data.md has a row for every form', () => {
  const text = fs.readFileSync(path.join(__dirname, '..', '..', 'docs', 'data.md'), 'utf8');
  for (const { name } of FORMS) assert.ok(text.includes(`\n| \`${name}\` |`), name);
});

function roundTrip(form: Form, records: SquadRecord[]): void {
  if (records.length === 0) return;
  const asSquad = read(toSquad(records));
  assert.deepEqual(essence(asSquad.records), essence(records), form.name);
  assert.ok(asSquad.problems.every(({ kind }) => kind === 'no label'));
  const again = read(form.write(asSquad.records), `again.${form.ending}`);
  const [before, after] = [countsOf(asSquad), countsOf(again)];
  // two annotators who agree have one answer
  const unique = records.reduce((sum, { answers }) => sum + new Set(answers.map(({ text, answerStart }) => `${answerStart} ${text}`)).size, 0);
  const all = form.name === 'label-studio' ? unique : before.exact;
  const kept = ONE_ANSWER.includes(form.name) ? records.filter(({ answers }) => answers.length > 0).length : all;
  assert.deepEqual({ ...after, exact: after.exact }, { ...before, exact: kept }, form.name);
  if (![...ONE_ANSWER, ...NO_PLACES, 'mrqa'].includes(form.name)) assert.deepEqual(essence(again.records), essence(records), form.name); // prettier-ignore
} // prettier-ignore

const CONTEXT = 'The old mill of Tarn was bought by Ilse Brandt in 1903. She sold it to Omar Reyes in 1911.';
const who = { question: 'Who bought it?', answers: [{ text: 'Ilse Brandt', answer_start: 35 }] };
const file = (...qas: unknown[]) => ({
  version: 'v2.0',
  data: [{ title: 'Mill', paragraphs: [{ context: CONTEXT, qas }] }],
});
const CSV = `question,context,answer\nWho bought it?,"${CONTEXT}",Ilse Brandt\n`;
const hugging = { text: ['Ilse Brandt'], answer_start: [35] };
const row = { id: 'a', title: 'Mill', context: CONTEXT, question: 'Who bought it?', answers: hugging };

/** All of them hold one question, with one answer in its place. */
const SAMPLES: [name: string, content: unknown, file?: string][] = [
  ['an id that is a number', file({ ...who, id: 7 })],
  ['no id', file(who)],
  ['an empty id and flag', file({ ...who, id: '', is_impossible: '' })],
  ['a place as text', file({ id: 'a', question: 'Who?', answers: [{ text: 'Ilse Brandt', answer_start: '35' }] })],
  ['a place as 35.0', `${JSON.stringify(file({ ...who, id: 'a' })).replace('35', '35.0')}`],
  ['a flag as text', file({ ...who, id: 'a', is_impossible: 'False' })],
  ['a version that is a number', { ...file({ ...who, id: 'a' }), version: 1.1 }],
  ['a title of null', { data: [{ title: null, paragraphs: file(who).data[0].paragraphs }] }],
  ['a list of articles', file(who).data],
  ['a list of paragraphs', file(who).data[0].paragraphs],
  ['one paragraph', file(who).data[0].paragraphs[0]],
  ['NaN for a place', JSON.stringify(file({ ...who, id: 'a' })).replace('35', 'NaN')],
  ['Python’s repr', JSON.stringify(file({ ...who, id: 'a', is_impossible: false })).replace('false', 'False').replaceAll('"', "'")],
  ['KorQuAD 2', { data: [{ title: 'M', raw_html: '', context: CONTEXT, qas: [{ id: '1', question: 'Who?', answer: { text: 'Ilse Brandt', answer_start: 35, html_answer_start: 3 } }] }] }],
  ['CMRC, raw', [{ context_id: 'T', context_text: CONTEXT, qas: [{ query_id: 'q', query_text: 'Who?', answers: ['Ilse Brandt'] }] }]],
  ['flat rows in data', { version: '0.1', data: [row] }],
  ['flat rows in a list', [row]],
  ['one answer and its place', [{ ...row, answers: undefined, answer: 'Ilse Brandt', answer_start: 35 }]],
  ['answers in a list', [{ ...row, answers: ['Ilse Brandt'] }]],
  ['has_answer', [{ ...row, has_answer: true }]],
  ['columns of lists', { id: ['a'], context: [CONTEXT], question: ['Who?'], answers: [hugging] }],
  ['columns of pandas', { context: { 0: CONTEXT }, question: { 0: 'Who?' }, answer: { 0: 'Ilse Brandt' } }],
  ['pandas, split', { columns: ['context', 'question', 'answer'], index: [0], data: [[CONTEXT, 'Who?', 'Ilse Brandt']] }],
  ['the viewer of datasets', { features: [], rows: [{ row_idx: 0, row }] }],
  ['JSON Lines', `${JSON.stringify(row)}\n`, 'data.jsonl'],
  ['JSON Lines of articles', file(who).data.map((one) => `${JSON.stringify(one)}\n\n`).join(''), 'data.jsonl'],
  ['MRQA', `{"header": {}}\n${JSON.stringify({ context: CONTEXT, qas: [{ qid: 'a', question: 'Who?', answers: ['ilse brandt'], detected_answers: [{ text: 'Ilse Brandt', char_spans: [[35, 45]] }] }] })}\n`, 'data.jsonl'],
  ['Label Studio', [{ id: 1, data: { text: CONTEXT, question: 'Who?' }, annotations: [{ result: [{ type: 'labels', value: { start: 35, end: 46, text: 'Ilse Brandt', labels: ['Answer'] } }] }] }]],
  ['Label Studio, a typed question', [{ id: 1, data: { text: CONTEXT }, annotations: [{ result: [{ type: 'textarea', from_name: 'question', value: { text: ['Who?'] } }, { type: 'labels', value: { start: 35, end: 46, labels: ['Answer'] } }] }] }]],
  ['Label Studio, JSON-MIN', [{ id: 1, text: CONTEXT, question: 'Who?', answer: [{ start: 35, end: 46, text: 'Ilse Brandt', labels: ['Answer'] }] }]],
  ['doccano', `${JSON.stringify({ id: 1, text: CONTEXT, question: 'Who?', label: [[35, 46, 'ANSWER']] })}\n`, 'data.jsonl'],
  ['doccano, relations', `${JSON.stringify({ id: 1, text: CONTEXT, entities: [{ id: 1, label: 'Who?', start_offset: 35, end_offset: 46 }], relations: [] })}\n`, 'data.jsonl'],
  ['Natural Questions', `${JSON.stringify({ example_id: 5, question_text: 'who', document_text: '<P> It was bought by Ilse Brandt . </P>', annotations: [{ yes_no_answer: 'NONE', short_answers: [{ start_token: 5, end_token: 7 }] }] })}\n`, 'data.jsonl'],
  ['Natural Questions of datasets', [{ id: '5', question: { text: 'who' }, document: { title: 'T', tokens: { token: ['<P>', 'Ilse', 'Brandt', 'bought'], is_html: [true, false, false, false] } }, annotations: { yes_no_answer: [-1], short_answers: [{ start_token: [1], end_token: [3], text: ['Ilse Brandt'] }] } }]],
  ['a CSV', CSV, 'data.csv'],
  ['a CSV with another ending', CSV, 'data.txt'],
  ['semicolons', CSV.replaceAll(',', ';'), 'data.csv'],
  ['sep=;', `sep=;\r\n${CSV.replaceAll(',', ';')}`, 'data.csv'],
  ['lines that end in CR', CSV.replaceAll('\n', '\r'), 'data.csv'],
  ['UTF-16 of Excel', Buffer.from(`\ufeff${CSV.replaceAll(',', '\t')}`, 'utf16le'), 'data.txt'],
  ['UTF-16 without a mark', Buffer.from(CSV, 'utf16le'), 'data.csv'],
  ['pandas', `,question,context,answer,answer_start\n0,Who?,"${CONTEXT}",Ilse Brandt,35.0\n`, 'data.csv'],
  ['datasets as CSV', `id,context,question,answers\na,"${CONTEXT}",Who?,"{'text': array(['Ilse Brandt'], dtype=object), 'answer_start': array([35], dtype=int32)}"\n`, 'data.csv'],
  ['json_normalize', `context,question,answers.text,answers.answer_start\n"${CONTEXT}",Who?,['Ilse Brandt'],[35]\n`, 'data.csv'],
  ['Mechanical Turk', `HITId,AssignmentId,AssignmentStatus,Input.context,Input.question,Answer.answer\nh,1,Approved,"${CONTEXT}",Who?,Ilse Brandt\nh,2,Rejected,"${CONTEXT}",Who?,nobody\n`, 'data.csv'],
  ['Mechanical Turk, crowd-html', `HITId,AssignmentStatus,Input.context,Input.question,Answer.taskAnswers\nh,Submitted,"${CONTEXT}",Who?,"[{""answer"": ""Ilse Brandt""}]"\n`, 'data.csv'],
  ['quotes in a TSV', `question\tcontext\tanswer\n"The 5" mill who?\t${CONTEXT}\tIlse Brandt\n`, 'data.tsv'],
  ['gzip', zlib.gzipSync(JSON.stringify(file(who))), 'data.json.gz'],
  ['zip', Buffer.from(zipSync({ 'a/data.csv': Buffer.from(CSV), '__MACOSX/a': Buffer.from('x') })), 'data.zip'],
  ['gzip in a zip', Buffer.from(zipSync({ 'data.json.gz': zlib.gzipSync(JSON.stringify(file(who))) })), 'data.zip'],
]; // prettier-ignore

describe('what people have: one question, its answer in its place', () => {
  for (const [name, content, fileName] of SAMPLES) {
    test(name, () => {
      const { records, leftOut } = read(content, fileName);
      assert.equal(records.length, 1);
      const [{ context, answers, isImpossible, id, question }] = records;
      assert.deepEqual(answers.map(({ text, answerStart }) => [text, context.slice(answerStart, answerStart + 11)]), [['Ilse Brandt', 'Ilse Brandt']]); // prettier-ignore
      assert.ok(!isImpossible && id !== '' && question !== '');
      assert.equal(leftOut, name.startsWith('Mechanical Turk') && !name.includes('html') ? 1 : 0);
    });
  }
});

describe('Parquet', () => {
  // made by pyarrow 26 with the compression of its name: a row of `datasets` with an answer, one without
  const folder = path.join(__dirname, 'parquet');
  for (const name of fs.readdirSync(folder)) {
    test(name, () => {
      const { records, form, syntax } = importBytes(fs.readFileSync(path.join(folder, name)), name);
      assert.deepEqual([records.length, form.name, syntax], [2, 'rows', 'Parquet']);
      assert.deepEqual(records.map(({ answers }) => answers[0]?.answerStart), name === 'lists.parquet' ? [35, 50] : [35, undefined]); // prettier-ignore
    });
  }

  test('ids beyond 2^53 keep their digits', () => {
    // pyarrow: a column of INT64
    const bytes = fs.readFileSync(path.join(__dirname, 'large-ids.parquet'));
    assert.deepEqual(importBytes(bytes, 'x.parquet').records.map(({ id }) => id), ['1152921504606846977']); // prettier-ignore
  });

  test('damaged, or claiming what it has not', () => {
    const bytes = fs.readFileSync(path.join(folder, 'snappy.parquet'));
    for (const cut of [10, 100, bytes.length - 5]) {
      assert.throws(() => importBytes(bytes.subarray(0, cut), 'x.parquet'), { code: /^E_(SQUAD_PARQUET|FILE_ENCODING|SQUAD_TABLE)$/ }); // prettier-ignore
    }
  });

  test('damaged twice: refused at once, and the next file is read', () => {
    const bytes = fs.readFileSync(path.join(folder, 'gzip.parquet'));
    const damaged = Buffer.from(bytes);
    damaged[damaged.indexOf(Buffer.from([0x1f, 0x8b, 8])) + 10] = 7; // the first column: no such block
    damaged.write('no_such', damaged.lastIndexOf('answer_start')); // the last one: no such column
    for (let i = 0; i < 3; i++) {
      assert.throws(() => importBytes(damaged, 'x.parquet'), {
        code: 'E_SQUAD_PARQUET',
        message: /it is damaged or not whole/,
      });
      assert.equal(importBytes(bytes, 'y.parquet').records.length, 2);
    }
  });
});

describe('no answer, no label', () => {
  const kinds = (content: unknown, name?: string) => {
    const { records, problems } = read(content, name);
    return [records.map(({ isImpossible, isUnlabelled }) => (isUnlabelled ? 'no label' : isImpossible ? 'none' : 'some')), problems.map(({ kind }) => kind)]; // prettier-ignore
  };
  const asked = { id: 'a', question: 'Who?' };
  test('SQuAD', () => {
    assert.deepEqual(kinds(file({ ...asked, answers: [], is_impossible: true })), [['none'], []]);
    assert.deepEqual(kinds(file({ ...asked, answers: [] })), [['none'], ['no answer']]);
    assert.deepEqual(kinds(file({ ...asked, answers: null })), [['no label'], ['no label']]);
    assert.deepEqual(kinds(file(asked)), [['no label'], ['no label']]);
    assert.deepEqual(kinds(file({ ...asked, is_impossible: true })), [['none'], []]);
    assert.deepEqual(kinds(file({ ...asked, answers: [{ text: '', answer_start: 0 }] })), [['none'], ['empty answer']]);
    assert.deepEqual(kinds(file({ ...who, id: 'a', is_impossible: 'true' })), [['none'], ['format', 'impossible with answer']]); // prettier-ignore
  });
  test('rows and tables', () => {
    assert.deepEqual(kinds([{ ...row, answers: { text: [], answer_start: [] } }]), [['none'], []]);
    assert.deepEqual(kinds([{ ...row, answers: undefined }]), [['no label'], ['no label']]);
    assert.deepEqual(kinds(`question,context\nWho?,"${CONTEXT}"\n`, 'a.csv'), [['no label'], ['no label']]);
    assert.deepEqual(kinds(`question,context,answer\nWho?,"${CONTEXT}",\n`, 'a.csv'), [['none'], ['no answer']]);
    assert.deepEqual(kinds(`question,context,answer,answer_start\nWho?,"${CONTEXT}",nan,nan\n`, 'a.csv'), [['none'], ['no answer']]); // prettier-ignore
    const [record] = read(
      `question,context,answer,is_impossible\nWho?,"${CONTEXT}",Omar Reyes,True\n`,
      'a.csv',
    ).records;
    assert.deepEqual([record.isImpossible, record.plausibleAnswers.map(({ text }) => text)], [true, ['Omar Reyes']]);
  });
  test('what has no label has none when it is written and read again', () => {
    const { records } = read(file(asked, { ...who, id: 'b' }));
    assert.deepEqual(read(toSquad(records)).records.map(({ isUnlabelled }) => isUnlabelled), [true, undefined]); // prettier-ignore
  });
});

describe('encodings', () => {
  /** UTF-8 with each surrogate by itself, as Java writes it. */
  const cesu = (text: string) =>
    Buffer.concat(Array.from({ length: text.length }, (_, i) => {
      const unit = text.charCodeAt(i);
      const isHalf = unit >= 0xd800 && unit <= 0xdfff;
      return isHalf ? Buffer.from([0xed, 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f)]) : Buffer.from(text[i]);
    })); // prettier-ignore

  test('CESU-8 is read right, and said; half a character stays one', () => {
    const text = 'question,context,answer\nWho 🎉?,"Müller 🎉 bought 𝕏 it – in 1903",𝕏 it\n';
    const { records, problems, encoding } = read(cesu(text), 'a.csv');
    assert.deepEqual([encoding, records[0].question, records[0].answers[0].text], ['CESU-8', 'Who 🎉?', '𝕏 it']);
    assert.match(problems[0].what, /^read as CESU-8: rare characters are there as two halves/);
    const line = '{"question": "Who?", "context": "Müller bought 𝕏 it \ud83d in 1903", "answer": "Müller"}\n';
    const half = read(cesu(line), 'a.jsonl');
    assert.equal(half.encoding, 'WTF-8');
    assert.ok(half.problems.some(({ kind }) => kind === 'half a character'));
    assert.ok(half.records[0].context.includes('𝕏 it \ud83d'));
    assert.equal(read(cesu(text), 'a.csv', { encoding: 'cesu-8' }).encoding, 'CESU-8');
  });

  test('UTF-7 is named; a text with plus signs is none', () => {
    const rows = 'question,context,answer\nWho?,M+APw-ller bought 1 +- 1 on +IBM-,M+APw-ller\n';
    assert.throws(() => read(Buffer.from(rows), 'a.csv'), {
      code: 'E_FILE_ENCODING',
      message: /it is in UTF-7; save it again/,
    });
    const plain = 'question,context,answer\nWho?,"C++ has +1 and +- and 3+4-1, B+ too; +491701234567",C++\n';
    assert.equal(read(Buffer.from(plain), 'a.csv').encoding, 'UTF-8');
  });

  test('Windows-1252 is said', () => {
    const { records, problems, encoding } = read(Buffer.from('question,context,answer\nWho?,"M\xfcller bought it \x96 in 1903",M\xfcller\n', 'latin1'), 'a.csv'); // prettier-ignore
    assert.deepEqual([encoding, problems[0].kind, records[0].answers[0].text], ['Windows-1252', 'encoding', 'Müller']);
    assert.ok(records[0].context.includes('–'));
  });
  test('damaged UTF-8, other alphabets and bytes of programs are refused; a name helps', () => {
    const russian = Buffer.from(
      'question,context,answer\n\xca\xf2\xee?,\xce\xed \xe6\xe8\xeb \xf2\xe0\xec,\xce\xed\n',
      'latin1',
    );
    assert.throws(() => read(russian, 'a.csv'), {
      code: 'E_FILE_ENCODING',
      message: /byte 24 is not UTF-8; .*--encoding/,
    });
    assert.equal(read(russian, 'a.csv', { encoding: 'windows-1251' }).records[0].answers[0].text, 'Он');
    assert.throws(() => read(russian, 'a.csv', { encoding: 'klingon' }), { code: 'E_FILE_ENCODING' });
    const half = Buffer.concat([
      Buffer.from('question,context,answer\nWho?,é and '),
      Buffer.from([0xe9]),
      Buffer.from(',é\n'),
    ]);
    assert.throws(() => read(half, 'a.csv'), { code: 'E_FILE_ENCODING' });
    assert.throws(() => read(Buffer.from([0x80, 0x81, 7, 7, 7]), 'a.csv'), { code: 'E_FILE_ENCODING' });
  });
});

describe('forms that we do not know', () => {
  test('the fields of the first record, and the command that maps them', () => {
    const foreign = [{ frage: 'Wer kaufte sie?', absatz: CONTEXT, lösung: 'Ilse Brandt' }];
    assert.throws(() => read(foreign), {
      code: 'E_SQUAD_SCHEMA',
      message: /\[0\] has "frage" \("Wer kaufte sie\?"\), "absatz" .*spanlab data convert data\.json --out OUT\.json --mend --columns "question=frage,context=absatz,answer=lösung"/,
    });
    const columns = { question: 'frage', context: 'absatz', answer: 'lösung' };
    assert.equal(read(foreign, 'data.json', { columns }).records[0].answers[0].answerStart, 35);
    const inner = [{ a: { q: 'Who?' }, c: CONTEXT, d: 'Ilse Brandt' }];
    assert.equal(read(inner, 'x.json', { columns: { question: 'a.q', context: 'c', answer: 'd' } }).records.length, 1);
    const bare = `Who?;"${CONTEXT}";Ilse Brandt\n`;
    const numbered = { question: '1', context: '2', answer: '3' };
    assert.equal(read(bare, 'bare.csv', { columns: numbered }).records[0].answers[0].answerStart, 35);
  });
  for (const [name, content, fileName, code] of [
    ['a workbook', Buffer.from(zipSync({ '[Content_Types].xml': Buffer.from('x') })), 'a.xlsx', 'E_SQUAD_TABLE'],
    ['two files in a zip', Buffer.from(zipSync({ 'a.json': Buffer.from('x'), 'b.json': Buffer.from('x') })), 'a.zip', 'E_SQUAD_PACKED'],
    ['a damaged gzip', Buffer.from([0x1f, 0x8b, 8, 0, 0]), 'a.gz', 'E_SQUAD_PACKED'],
    ['a gzip that fills memories', zlib.gzipSync(Buffer.alloc(100e6)), 'a.gz', 'E_SQUAD_PACKED'],
    ['Arrow', Buffer.from('ARROW1\0\0'), 'a.arrow', 'E_SQUAD_PARQUET'],
    ['deep lists', '['.repeat(200_000), 'a.json', 'E_SQUAD_JSON'],
    ['deep right lists', '['.repeat(50_000) + ']'.repeat(50_000), 'a.json', 'E_SQUAD_SCHEMA'],
    ['nothing', '', 'a.json', 'E_SQUAD_JSON'],
    ['a page in the place of a table', '\n<!DOCTYPE html><html></html>', 'a.csv', 'E_SQUAD_SCHEMA'],
    ['a page in the place of JSON', '<html></html>', 'a.json', 'E_SQUAD_SCHEMA'],
    ['a pointer of Git LFS', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\n', 'a.parquet', 'E_SQUAD_SCHEMA'],
    ['the error of a server', '{"error": "not found"}', 'a.json', 'E_SQUAD_SCHEMA'],
  ] as const) {
    test(name, () => assert.throws(() => read(content, fileName), { code }));
  }
}); // prettier-ignore
