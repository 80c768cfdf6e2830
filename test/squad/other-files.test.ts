// What people give besides files of questions is called what it is, and what is nearly right is read with the right word.
import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { zipSync } from 'fflate';
import { importBytes } from '../../src/squad/import';

const latin1 = (text: string) => Buffer.from(text.padEnd(80, '\0'), 'latin1');
const archive = (...names: string[]) => Buffer.from(zipSync(Object.fromEntries(names.map((name) => [name, Buffer.from('x')])))); // prettier-ignore

const OTHERS: [name: string, bytes: Buffer, message: RegExp][] = [
  ['a.pdf', latin1('%PDF-1.7\n%âãÏÓ'), /it is a PDF; copy/],
  ['a.db', latin1('SQLite format 3\0'), /it is a database \(SQLite\); export/],
  ['a.xls', latin1('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'), /an old Office \(\.xls, \.doc\); save the sheet as CSV/],
  ['a.rtf', latin1('{\\rtf1\\ansi'), /a formatted text \(RTF\)/],
  ['a.npy', latin1('\x93NUMPY\x01\0v\0'), /an array of NumPy; .*to_json/],
  // pickle.dumps([{'question': 'x'}]) by Python 3.11
  ['a.pkl', Buffer.from('80049515000000000000005d947d948c087175657374696f6e948c017894732e', 'hex'), /a pickle of Python, which may hold code and is not opened; .*to_json/],
  ['a.arrow', latin1('ARROW1\0\0'), /an Arrow file; .*to_parquet/],
  ['data-00000-of-00001.arrow', latin1('\xff\xff\xff\xff\x80\x02\0\0\x10\0\0\0'), /an Arrow stream, as save_to_disk writes it; .*to_parquet/],
  ['a.avro', latin1('Obj\x01\x04\x14avro.codec'), /an Avro file/],
  ['a.orc', latin1('ORC\x0a\x0b'), /an ORC file/],
  ['a.h5', latin1('\x89HDF\r\n\x1a\n'), /an HDF5 file/],
  ['a.png', latin1('\x89PNG\r\n\x1a\n'), /a picture/],
  ['a.docx', archive('[Content_Types].xml', 'word/document.xml'), /a Word document; save its table as CSV/],
  ['a.xlsx', archive('[Content_Types].xml', 'xl/workbook.xml'), /an Excel workbook; save it as CSV/],
  ['a.pptx', archive('[Content_Types].xml', 'ppt/presentation.xml'), /a presentation/],
  ['a.ods', archive('mimetype', 'content.xml'), /a file of LibreOffice \(OpenDocument\); save its table as CSV/],
  ['a.numbers', archive('Index/Document.iwa', 'Metadata/Properties.plist'), /a file of Numbers or Pages/],
]; // prettier-ignore

describe('other files', () => {
  for (const [name, bytes, message] of OTHERS) {
    test(name, () => {
      for (const named of [name, 'a.json', 'a.csv']) {
        assert.throws(() => importBytes(bytes, named), {
          code: /Arrow/.test(message.source) ? 'E_SQUAD_PARQUET' : 'E_SQUAD_TABLE',
          message,
        });
      }
    });
  }
});

const MILL = 'The old mill was bought by Ilse Brandt.';
const said = (text: string, name: string) => {
  const { records, problems } = importBytes(Buffer.from(text), name);
  const answers = records.map(({ context, answers: [first] }) => [context, first.text, first.answerStart]);
  return { answers, what: problems.filter(({ remedy }) => remedy !== 'kept').map(({ path, what }) => `${path}: ${what}`) }; // prettier-ignore
};
const RIGHT = [[MILL, 'Ilse Brandt', 27]];

test('a table of Markdown: its rule is no question, and no cell has its spaces', () => {
  const rows = (rule: string) => `| question | context | answer |\n${rule}\n| Who? | ${MILL} | Ilse Brandt |\n`;
  for (const rule of ['|---|---|---|', '| :--- | :---: | ---: |', '| - | - | - |']) {
    assert.deepEqual(said(rows(rule), 'a.md'), { answers: RIGHT, what: [] }, rule);
  }
  const bare = `question | context | answer\n--- | --- | ---\nWho? | ${MILL} | Ilse Brandt\n`;
  assert.deepEqual(said(bare, 'a.csv'), { answers: RIGHT, what: [] });
  // bars without a rule are a table as it always was
  assert.deepEqual(said(`question|context|answer\nWho?|${MILL}|Ilse Brandt\n`, 'a.csv'), { answers: RIGHT, what: [] });
});

test('what JSON does not allow is called by its name', () => {
  const row = `{"question": "Who?", "context": "${MILL}", "answer": "Ilse Brandt"`;
  const cases: [text: string, what: string][] = [
    [`[${row}},]`, 'a comma before a closing bracket'],
    [`[${row},}]`, 'a comma before a closing bracket'],
    [`[${row}, "id": None}]`, 'None'],
    [`[${row}, "x": NaN}]`, 'NaN'],
    [`[${row}, "x": -Infinity}]`, '-Infinity'],
    [`[${row}, 'x': (1, 2)}]`, 'single quotes, round brackets'],
    [`[${row}, "x": array([1])}]`, 'array(…)'],
  ];
  for (const [text, what] of cases) {
    const found = said(text, 'a.json');
    assert.deepEqual(found, { answers: RIGHT, what: [`the file: it has ${what}, which JSON does not allow`] }, text);
  }
  const lines = said(`${row}}\n${row.replaceAll('"', "'")}}\n`, 'a.jsonl');
  assert.deepEqual(lines.what, ['line 2: it has single quotes, which JSON does not allow']);
});

test('lines that were cut out of a list have commas at their ends', () => {
  const row = `{"question": "Who?", "context": "${MILL}", "answer": "Ilse Brandt"}`;
  for (const name of ['a.jsonl', 'a.json', 'a.txt']) {
    const { answers, what } = said(`${row},\n${row.replace('Who?', 'Who was it?')},\n`, name);
    assert.deepEqual(answers, [...RIGHT, ...RIGHT]);
    assert.deepEqual(what, [1, 2].map((line) => `line ${line}: a comma after the object, which JSON Lines does not have`)); // prettier-ignore
  }
});
