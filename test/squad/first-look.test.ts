// What a file is before its questions are looked at: encodings, tables under other names, rows without names, words for nothing.
import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { parseColumns } from '../../src/cli/columns';
import { type ImportOptions, importBytes } from '../../src/squad/import';

const read = (content: string | Buffer, name = 'data.csv', options?: ImportOptions) =>
  importBytes(Buffer.from(content), name, options);
const refusal = (content: string, name = 'data.csv') => {
  try {
    read(content, name);
  } catch (error) {
    return error as Error & { code: string };
  }
  throw new Error('it was read');
};

describe('encodings', () => {
  const texts = [
    'question,context,answer\nWho?,"Anna won 😀.",Anna\n',
    'question,context,answer\n谁买了磨坊？,一八零三年安娜买下了老磨坊。,安娜\n',
    `question,context,answer\nWho?,Anna won.,Anna\n谁？,${'一八零三年买下了磨坊，'.repeat(4000)}安娜,安娜\n`,
    '[{"question":"кто?","context":"Анна победила Ā　一.","answer":"Анна"}]',
    'question,context,answer\r\nक?,अन्ना जीती।,अन्ना\r\n',
  ];
  test('UTF-16 without a mark, of any script, in both orders', () => {
    for (const text of texts) {
      const little = Buffer.from(text, 'utf16le');
      for (const bytes of [little, Buffer.from(little).swap16()]) {
        const { encoding, records } = read(bytes);
        assert.deepEqual([encoding, records.at(-1)!.answers.length], ['UTF-16', 1]);
        assert.ok(text.includes(records[0].context));
      }
    }
  });

  test('a zero in a text makes no UTF-16', () => {
    assert.match(refusal('question,context,answer\nWho?,A\0nna won.,won\n').message, /not a text/);
  });

  test('Windows-1252 is a guess, and what to do is said; a name that is given is none', () => {
    const polish = Buffer.from('question,context,answer\nKto?,\xa3ukasz \xaf\xf3\xb3\xe6 won,won\n', 'latin1');
    const [{ what }] = read(polish).problems;
    assert.match(what, /^read as Windows-1252, which is a guess: .*--encoding windows-1250/);
    const named = read(polish, 'data.csv', { encoding: 'windows-1250' });
    assert.equal(named.records[0].context, 'Łukasz Żółć won');
    for (const encoding of ['windows-1250', 'windows-1252'])
      assert.doesNotMatch(read(polish, 'data.csv', { encoding }).problems[0].what, /guess/);
  });
});

test('a table under a name of JSON is a table; what is JSON cut off, or nothing, is not', () => {
  const table = 'question,context,answer\nWho?,Anna won.,Anna\n';
  for (const name of ['a.json', 'a.jsonl', 'a.ndjson', 'a.JSON']) {
    for (const separator of [',', ';', '\t']) {
      const { syntax, records } = read(table.replaceAll(',', separator), name);
      assert.deepEqual([syntax, records[0].answers[0].text], ['table', 'Anna']);
    }
  }
  for (const broken of ['', 'no JSON', '"data": [\n{"a": 1},\n', '"a", {"b":\n1}', '}\n', '[1, 2'])
    assert.equal(refusal(broken, 'a.json').code, 'E_SQUAD_JSON', broken);
});

describe('words for a missing value', () => {
  const context = 'The mill has nan and null and N/A and <NA> in it.';
  const kindOf = (csv: string) => {
    const { records, problems } = read(csv);
    return [records.at(-1)!.isImpossible, problems.find(({ kind }) => /answer$/.test(kind))?.kind];
  };
  test('beside a place that is missing in the same way they are none, whatever the text has', () => {
    for (const word of ['nan', 'NaN', 'NULL', 'null', 'None', 'N/A', '<NA>', 'NA']) {
      const csv = `question,context,answer,answer_start\nWho?,${context},mill,4\nWhat?,${context},${word},${word}\n`;
      assert.deepEqual(kindOf(csv), [true, 'no answer'], word);
    }
  });

  test('alone, in a text that has them, they count and are said; with their place they are nothing to say', () => {
    for (const word of ['nan', 'null', 'N/A', '<NA>']) {
      for (const column of ['answer', 'answers']) {
        const csv = `question,context,${column}\nWhat?,${context},${word}\n`;
        assert.deepEqual(kindOf(csv), [false, 'empty answer'], `${column} ${word}`);
      }
    }
    assert.deepEqual(read(`question,context,answer,answer_start\nWhat?,${context},nan,13\n`).problems, []);
  });

  test('for questions, texts and ids', () => {
    const csv = `id,question,context,answer\nnan,Who?,Anna won.,Anna\nNULL,What?,Ben ran.,Ben\nc,nan,Anna won.,Anna\nd,Who?,<NA>,Anna\n`;
    const { records, leftOut } = read(csv);
    assert.deepEqual([records.map(({ id }) => id), leftOut], [['row-2', 'row-3'], 2]);
  });
});

describe('advice', () => {
  test('names with commas are quoted, and read so', () => {
    const csv = '"Frage, kurz","Text, lang","Antwort=x"\nWer gewann?,Anna gewann das Rennen.,Anna\n';
    const [, columns] = /--columns "(.*)"$/.exec(refusal(csv).message)!;
    assert.equal(columns, "question='Frage, kurz',context='Text, lang',answer='Antwort=x'");
    assert.equal(read(csv, 'data.csv', { columns: parseColumns(columns) }).records[0].answers[0].text, 'Anna');
    assert.deepEqual(parseColumns(`question="a,b", context=it's,answer='x'`), { question: 'a,b', context: "it's", answer: 'x' }); // prettier-ignore
  });

  test('a first row that is no names gives numbers', () => {
    const rows = ['Wer gewann?,Anna siegte.,Anna', 'Who won,Anna won the long race,Anna', 'Wer gewann?,Anna gewann das Rennen.,Anna']; // prettier-ignore
    for (const row of rows) {
      for (const text of [`${row}\n`, `${row}\nx?,y,z\n`])
        assert.match(refusal(text).message, /^data\.csv: row 1 is a question, .*"question=1,context=2,answer=3"$/);
    }
  });

  test('a first row of long names stays one', () => {
    const rest = 'Who won,Anna won the race,Anna\n';
    assert.match(refusal(`the question,the context of the question,the answer\n${rest}`).message, /"question=the question,context=the context of the question,answer=the answer"$/); // prettier-ignore
    assert.match(refusal(`ask,body,reply\n${rest}`).message, /"question=ask,context=body,answer=reply"$/);
  });
});
