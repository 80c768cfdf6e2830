// JSON that is several objects one after the other, in lines or not: each is read, what is not JSON is said with its place.
import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { importBytes } from '../../src/squad/import';
import { itemsIn } from '../../src/squad/json-sequence';
import { readRows } from '../../src/squad/table-file';
import { temporaryFile } from './files';

const CONTEXT = 'Ada was born in London in 1815 and died in Paris.';
const row = (id: number) => ({ id, context: CONTEXT, question: `q${id}`, answers: { text: ['London'], answer_start: [16] } }); // prettier-ignore
const line = (id: number) => JSON.stringify(row(id));
const pretty = (id: number) => JSON.stringify(row(id), null, 1);
const squad = (id: number) => JSON.stringify({ data: [{ title: 'a', paragraphs: [{ context: CONTEXT, qas: [{ id: `${id}`, question: 'q', answers: [{ text: 'London', answer_start: 16 }] }] }] }] }, null, 1); // prettier-ignore

/** Each holds the questions 1 and 2. */
const FILES: [name: string, content: string, said: string[]][] = [
  ['without a line end', line(1) + line(2), ['format the file']],
  ['without a line end in a later line', `${line(1)}${line(2)}\n`, ['format the file']],
  ['each over many lines', `${pretty(1)}\n${pretty(2)}\n`, ['format the file']],
  ['with commas between them', `${pretty(1)},\n${pretty(2)},\n`, ['format the file']],
  ['whole files of SQuAD', squad(1) + squad(2), ['format the file']],
  ['single quotes in one', `${line(1)}{'id': '2', 'question': 'q2', 'context': '${CONTEXT}', 'answer': 'London'}`, ['format the file', 'format object 2']],
  ['a mark before each line', `\ufeff${line(1)}\n\ufeff${line(2)}\n`, ['byte-order mark line 2']],
  ['a comment in a line of its own', `// made by hand\n${line(1)}\n${line(2)}\n`, ['format line 1']],
  ['a comment between them', `${pretty(1)}\n// the second\n${pretty(2)}`, ['format the file']],
]; // prettier-ignore

describe('objects one after the other', () => {
  for (const [name, content, said] of FILES) {
    for (const file of ['data.json', 'data.jsonl']) {
      test(`${name}, ${file}`, () => {
        const { records, problems, leftOut } = importBytes(Buffer.from(content), file);
        assert.deepEqual(records.map(({ id, answers }) => [id, answers[0].text]), [['1', 'London'], ['2', 'London']]); // prettier-ignore
        const places = problems.filter(({ what }) => !/is a number; written as text/.test(what)).map(({ kind, path }) => `${kind} ${path}`); // prettier-ignore
        assert.deepEqual([places, leftOut], [said, 0]);
      });
    }
  }

  test('two in a later line: ids of their own where they have none', () => {
    const bare = (question: string) => JSON.stringify({ context: CONTEXT, question, answer: 'London' });
    const { records, problems } = importBytes(Buffer.from(`${bare('a')}\n${bare('b')}${bare('c')}\n`), 'data.jsonl');
    assert.equal(new Set(records.map(({ id }) => id)).size, 3);
    assert.deepEqual(problems.map(({ kind, path, what }) => [kind, path, what]), [['format', 'line 2', 'it has 2 objects: each is read by itself']]); // prettier-ignore
  });

  test('the last one cut off is left out, and named', () => {
    const { records, problems, leftOut } = importBytes(Buffer.from(pretty(1) + pretty(2) + pretty(3).slice(0, 60)), 'data.json'); // prettier-ignore
    assert.deepEqual([records.length, leftOut], [2, 1]);
    assert.match(problems.map(({ path, what }) => `${path}: ${what}`).join(), /object 3: not valid JSON/);
  });

  test('a file that is damaged is no sequence', () => {
    for (const text of ['{"data": [', `${squad(1)}]`, `${squad(1)} and so on`, '{"a": 1}', '[1, 2', '"x" {"a": 1}', ''])
      assert.equal(itemsIn(text, 'data.json'), undefined, text);
    assert.throws(() => importBytes(Buffer.from(`${squad(1)}]`), 'data.json'), { code: 'E_SQUAD_JSON' });
  });
});

test('comments in a file', () => {
  const text = `/* made, by hand */\n${squad(1).replace('"data"', '// the data\n"data"')}`;
  const { records, problems } = importBytes(Buffer.from(text), 'data.json');
  assert.equal(records.length, 1);
  assert.deepEqual(problems.map(({ what }) => what), ['it has comments, which JSON does not allow']); // prettier-ignore
});

test('a line that is wrong is named by its number, wherever it is', () => {
  const good = JSON.stringify({ context: CONTEXT, question: 'q', answer: 'London' });
  const cases: [lines: string[], bad: number][] = [
    [[good, good.slice(0, 40)], 2],
    [[good.slice(0, 40), good], 1],
    [[good.slice(0, 40)], 1],
    [[good, good, 'null'], 3],
    [[good, 'hello', good], 2],
  ];
  for (const [lines, bad] of cases)
    assert.throws(() => readRows(temporaryFile(lines.join('\n'), 'data.jsonl')), { code: 'E_SQUAD_TABLE', message: new RegExp(`: line ${bad}: `) }); // prettier-ignore
});
