// Small files as people have them: `data convert --mend`, the tolerant reading, and the functions of notebook 08 make the same of each.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, describe } from 'node:test';
import fc from 'fast-check';
import { readMended, writeRecords } from '../../src/cli/data-files';
import { FORMS } from '../../src/squad/forms';
import { importData } from '../../src/squad/import';
import { readTable, writeRows } from '../../src/squad/own-data';
import { readSquadChecked } from '../../src/squad/problems';
import type { Answer, SquadRecord } from '../../src/squad/record';
import { checkRows, mendRows } from '../../src/squad/table-check';
import { type TableRow, readRows } from '../../src/squad/table-file';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-samples-'));
after(() => fs.rmSync(folder, { recursive: true }));

const MILL = 'The old mill of Tarn was bought by Ilse Brandt in 1903. She sold it to Omar Reyes in 1911, and the mill burned in 1920.'; // prettier-ignore
const who = { question: 'Who bought the mill?', answers: [{ text: 'Ilse Brandt', answer_start: 35 }] };
const when = { question: 'When did the mill burn?', answers: [{ text: '1920', answer_start: 114 }] };
const painted = { id: 'b', question: 'Who painted the mill?' };
const passage = (context: unknown, ...qas: unknown[]) => ({ context, qas });
const squad = (...qas: unknown[]) => ({ version: 'v2.0', data: [{ title: 'Mill', paragraphs: [passage(MILL, ...qas)] }] }); // prettier-ignore
const answer = (text: string, start: number) => [{ text, answer_start: start }];
const CRLF = 'Head line\r\nIlse bought it.\r\nOmar sold it and Ilse wept.';
const ROCKET = '🚀🚀🚀 The rocket 🚀 was built by Ilse and Ilse flew it.';
const flat = { id: 'a', title: 'Mill', context: MILL, question: who.question };
const none = { ...flat, id: 'b', answers: { text: [], answer_start: [] } };
const SPACES = 'The mill of Tarn was bought by Ilse\u00a0Brandt in  1903.';
const turk = (...rows: string[]) => ['HITId,AssignmentId,AssignmentStatus,Input.context,Input.question,Answer.answer', ...rows, ''].join('\r\n'); // prettier-ignore
const worker = (hit: string, status: string, answer: string, question = who.question) => `${hit},${hit}-${answer},${status},"${MILL}",${question},${answer}`; // prettier-ignore

const WHO = 'Ilse Brandt@35';
const WHEN = '1920@114';
/** The files, and the answers of their questions: text and place in UTF-16 units; after `~` plausible ones. */
const SAMPLES: [name: string, content: unknown, right: string[]][] = [
  ['intid.json', squad({ ...who, id: 1 }, { ...when, id: 2 }), [WHO, WHEN]],
  ['noid.json', squad(who, when), [WHO, WHEN]],
  ['emptyid.json', squad({ id: '', ...who, is_impossible: '' }, { id: '', ...when, is_impossible: '' }), [WHO, WHEN]],
  ['strstart.json', squad({ ...who, answers: [{ text: 'Ilse Brandt', answer_start: '35' }] }), [WHO]],
  ['versionnum.json', { ...squad({ ...who, id: 'a' }, { ...when, id: 'b' }), version: 1.1 }, [WHO, WHEN]],
  ['titlenull.json', { data: [{ title: null, paragraphs: [passage(MILL, { ...who, id: 'a' })] }] }, [WHO]],
  ['toplist.json', [passage(MILL, { ...who, id: 'a' }, { ...when, id: 'b' })], [WHO, WHEN]],
  ['flat.json', { version: '0.1', data: [{ ...flat, answers: { text: ['Ilse Brandt'], answer_start: [35] } }, none] }, [WHO, 'none']],
  ['lines.json', [{ ...flat, answers: { text: ['Ilse Brandt', 'Brandt'], answer_start: [35, 40] } }, none].map((one) => JSON.stringify(one)).join('\n'), [`${WHO} Brandt@40`, 'none']],
  ['nullanswers.json', { data: [{ title: 'Mill', paragraphs: [passage(MILL, { ...who, id: 'a' }, { ...painted, answers: null }), { context: null, qas: [] }, { context: MILL, qas: null }] }] }, [WHO, 'no label']],
  ['missinganswers.json', squad({ id: 'a', question: who.question }, painted), ['no label', 'no label']],
  ['notgiven.json', squad({ ...who, id: 'a', is_impossible: false }, { ...painted, answers: answer('', 0), is_impossible: false }), [WHO, 'none']],
  ['annotation.json', { data: [{ paragraphs: [passage(MILL, { ...who, id: 4, is_impossible: false }, { ...painted, answers: answer('', 0), is_impossible: true })] }] }, [WHO, 'none']],
  ['impstr.json', squad({ ...who, id: 'a', is_impossible: 'false' }, { ...painted, answers: [], is_impossible: 'true' }), [WHO, 'none']],
  ['kor2.json', { version: 'KorQuAD_2.0', data: [{ title: 'Mill', url: 'x', raw_html: '<p>', context: MILL, qas: [{ id: '1', question: who.question, answer: { text: 'Ilse Brandt', answer_start: 35, html_answer_start: 3 } }] }] }, [WHO]],
  ['dup.json', squad({ ...who, id: 'a' }, { ...when, id: 'a' }), [WHO, WHEN]],
  ['nan.json', JSON.stringify(squad({ ...who, id: 'a' })).replace('35', 'NaN'), [WHO]],
  ['nbsp.json', { data: [{ title: 'Mill', paragraphs: [passage(SPACES, { ...who, answers: answer('Ilse Brandt', 31), id: 'a' }, { ...when, id: 'b', answers: answer('in 1903', 43) })] }] }, ['Ilse\u00a0Brandt@31', 'in  1903@43']],
  ['crlf.json', { data: [{ title: 'Mill', paragraphs: [passage(CRLF, { ...who, answers: answer('Ilse', 10), id: 'a' }, { ...who, answers: answer('Omar', 26), id: 'b' }, { ...who, answers: answer('Ilse', 43), id: 'c' })] }] }, ['Ilse@11', 'Omar@28', 'Ilse@45']],
  ['emoji16.json', { data: [{ title: 'Mill', paragraphs: [passage(ROCKET, { ...who, answers: answer('Ilse', 43), id: 'a' }, { ...who, answers: answer('rocket', 11), id: 'b' })] }] }, ['Ilse@43', 'rocket@11']],
  ['imp.csv', `question,context,answer,is_impossible\nWho bought the mill?,"${MILL}",Ilse Brandt,False\nWho painted the mill?,"${MILL}",Omar Reyes,True\n`, [WHO, 'none ~ Omar Reyes@71']],
  ['imp-list.csv', `question,context,answers,is_impossible\nWho bought the mill?,"${MILL}",['Ilse Brandt'],False\nWho painted the mill?,"${MILL}","{'text': ['Omar Reyes', 'Ilse Brandt'], 'answer_start': [71, 35]}",True\n`, [WHO, `none ~ Omar Reyes@71 ${WHO}`]],
  ['imp-not.csv', `question,context,answer,is_impossible\nWho bought the mill?,"${MILL}",Ilse Brandt,False\nWho painted the mill?,"${MILL}",,False\nWho sold?,"${MILL}",nan,False\n`, [WHO, 'none', 'none']],
  ['has.csv', `question,context,answer,has_answer\nWho bought the mill?,"${MILL}",Ilse Brandt,True\nWho painted the mill?,"${MILL}",,True\nWho sold?,"${MILL}",Omar Reyes,False\n`, [WHO, 'none', 'none ~ Omar Reyes@71']],
  ['sep.csv', `sep=;\nquestion;context;answer\nWho bought the mill?;"${MILL}";Ilse Brandt\n`, [WHO]],
  ['cp1252.csv', Buffer.from('question,context,answer\nWho?,"M\xfcller bought it \x96 in 1903",M\xfcller\n', 'latin1'), ['Müller@0']],
  ['mac.csv', `question,context,answer\rWho?,"${MILL}",Ilse Brandt\rWhen?,"${MILL}",1920\r`, [WHO, WHEN]],
  ['quote.tsv', `question\tcontext\tanswer\n"The mill" was bought by whom?\t${MILL}\tIlse Brandt\nWhen?\t${MILL}\t1920\n`, [WHO, WHEN]],
  ['quote2.tsv', `question\tcontext\tanswer\nWho bought the 5" mill?\tThe 5" mill was bought by Ilse.\tIlse\n"open quote who?\tThe 5" mill was bought by Ilse.\tIlse\n`, ['Ilse@26', 'Ilse@26']],
  ['pandas.csv', `,question,context,answer,answer_start\n0,Who?,"${MILL}",Ilse Brandt,35.0\n1,Who painted?,"${MILL}",,\n2,Who sold?,"${MILL}",nan,nan\n`, [WHO, 'none', 'none']],
  ['hfcsv.csv', `id,title,context,question,answers\na,Mill,"${MILL}",Who?,"{'text': array(['Ilse Brandt'], dtype=object), 'answer_start': array([35], dtype=int32)}"\n`, [WHO]],
  ['hf-wrong.csv', `id,title,context,question,answers\na,Mill,"${MILL}",Who?,"{'text': array(['ilse brandt', 'Brandt', ''], dtype=object), 'answer_start': array([3, 41, 0], dtype=int32)}"\n`, [`${WHO} Brandt@40`]],
  ['nbsp.csv', `question,context,answer\nWho bought it?,"${SPACES}",Ilse Brandt\n`, ['Ilse\u00a0Brandt@31']],
  ['crlf.csv', 'question,context,answer,answer_start\r\nWho?,"First line.\r\nIlse bought it.",Ilse,12\r\nWhen?,"First line.\r\nIlse and Ilse bought it.",Ilse,21\r\n', ['Ilse@13', 'Ilse@22']],
  ['mturk.csv', turk(worker('h', 'Approved', 'Ilse Brandt'), worker('h', 'Rejected', 'Tarn'), worker('h', 'Submitted', 'Brandt'), worker('g', 'Approved', '1920', 'When?'), worker('f', 'rejected', '1903', 'When not?')), [`${WHO} Brandt@40`, WHEN]],
]; // prettier-ignore

const written = (answers: Answer[]) => answers.map(({ text, answerStart }) => `${text}@${answerStart}`).join(' ');

function rightOf({ answers, plausibleAnswers, isImpossible, isUnlabelled }: SquadRecord): string {
  const plausible = plausibleAnswers.length > 0 ? ` ~ ${written(plausibleAnswers)}` : '';
  return (isUnlabelled ? 'no label' : isImpossible ? 'none' : written(answers)) + plausible;
}

/** Notebook 08 from sections 2 and 3: the records, and what is left for the person to decide. */
function asIn08(file: string): { records: SquadRecord[]; remaining: TableRow[] } {
  const rows = readRows(file);
  const mended = mendRows(rows, checkRows(rows));
  const errors = new Set(checkRows(mended).flatMap(({ row, kind }) => (kind === 'error' ? [row] : [])));
  const corrected = path.join(folder, 'corrected.csv');
  const isLeft = ({ number }: TableRow) => errors.has(number);
  const rest = mended.filter((row) => !isLeft(row));
  writeRows(corrected, rest);
  return { records: rest.length > 0 ? readTable(corrected) : [], remaining: mended.filter(isLeft) };
}

/** What 08 is for: tables of any syntax, and rows. */
const ROWS = ['table', 'rows', 'mturk'];

describe('each sample, by every way', () => {
  for (const [name, content, right] of SAMPLES) {
    test(name, () => {
      const file = path.join(folder, name);
      fs.writeFileSync(
        file,
        typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content),
      );
      assert.deepEqual(readSquadChecked(file, { mode: 'tolerant' }).records.map(rightOf), right);

      const converted = path.join(folder, 'converted.json');
      writeRecords(converted, readMended(file).records, file);
      assert.deepEqual(importData(converted).records.map(rightOf), right);

      const { form } = importData(file);
      if (ROWS.includes(form.name)) {
        const { records, remaining } = asIn08(file);
        assert.deepEqual([records.map(rightOf), remaining], [right, []]);
      } else {
        const message = /it is no table, but .*readSquadChecked\(file, \{ mode: 'tolerant' \}\) reads it/;
        assert.throws(() => readRows(file), { code: 'E_SQUAD_TABLE', message });
      }
    });
  }

  test('they are of every kind that 08 reads', () => {
    const names = new Set(SAMPLES.map(([name]) => importData(path.join(folder, name)).form.name));
    assert.ok(ROWS.every((name) => names.has(name) && FORMS.some((form) => form.name === name)));
  });
});

test('rejected assignments are said where somebody listens, and refused by the strict reading', () => {
  const file = path.join(folder, 'mturk.csv');
  const said: unknown[] = [];
  readRows(file, said as never);
  assert.match(JSON.stringify(said), /"row 3".*rejected.*left out.*"row 6"/);
  assert.throws(() => readTable(file), { code: 'E_SQUAD_TABLE', message: /row 3: the assignment was rejected/ });
});

describe('any rows', () => {
  const cell = (...texts: (string | undefined)[]) => fc.constantFrom(...texts);
  const anyRow = fc.record({
    id: cell('a', 'b', '', undefined),
    context: cell(MILL, SPACES, CRLF),
    question: cell('Who?', 'When?'),
    answer: cell('Ilse Brandt', 'ilse brandt', 'Ilse', 'nan', '', ' ', undefined),
    answer_start: cell('35', '3', 'x', '', '35.0', undefined),
    is_impossible: cell('True', 'False', '', undefined),
  });
  const anyList = fc.record({
    id: cell('a', 'b', ''),
    context: cell(MILL, SPACES),
    question: cell('Who?', 'When?'),
    answers: cell("{'text': ['ILSE BRANDT', 'Brandt'], 'answer_start': [35, 2]}", "['Tarn', 'old mill']", '[]', ''),
    is_impossible: cell('True', 'False', ''),
  });

  test('mended, they read as the importer reads them, and what is left it leaves out as well', () => {
    const file = path.join(folder, 'any.csv');
    const rowsOf = fc.oneof(fc.array(anyRow, { minLength: 1, maxLength: 5 }), fc.array(anyList, { minLength: 1, maxLength: 5 })); // prettier-ignore
    fc.assert(
      fc.property(rowsOf, (cells) => {
        fc.pre(['context', 'question'].every((name) => name in cells[0]));
        writeRows(file, cells.map((one, i) => ({ number: i + 2, cells: one }))); // prettier-ignore
        const { records, problems } = importData(file);
        fc.pre(problems.every(({ path: place, kind }) => place !== 'the file' && kind !== 'no label'));
        const { records: by08, remaining } = asIn08(file);
        // a row that is left is there for the person, whether or not the importer found some of its answers
        const isLeft = ({ question, context }: SquadRecord) => remaining.some(({ cells }) => cells.question === question && cells.context === context); // prettier-ignore
        const compared = records.filter((record) => !isLeft(record)).map(rightOf);
        assert.deepEqual(by08.filter((record) => !isLeft(record)).map(rightOf), compared);
      }),
      { numRuns: 400 },
    );
  });
});
