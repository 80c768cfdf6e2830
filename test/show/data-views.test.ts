// Views of a data set, on records small enough to count by hand: frames, figures and HTML.
import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { articlesTable, filterRows, problemsTable, toDataFrame, toFrame } from '../../src/show/data-frame';
import { duplicatesTable, leakTable } from '../../src/show/data-duplicates';
import { answerTexts, distinctContexts, lengthPlot, quantileTable, textLengths } from '../../src/show/data-lengths';
import { answerPlacePlot, firstWord, firstWordPlot, firstWordTable } from '../../src/show/data-questions';
import { recordsHtml, sampleRecords } from '../../src/show/data-samples';
import type { SquadRecord } from '../../src/squad/record';
import { loadTokenizer } from '../tokens/vocabulary';

const SEA = 'Ruth sang by the sea.';
const HILL = 'A hill stood <b>there</b>, and Ada climbed it.';

function record(question: string, context: string, answer?: string, title = 'Sea'): SquadRecord {
  const answers = answer === undefined ? [] : [{ text: answer, answerStart: context.indexOf(answer) }];
  return { id: question, title, context, question, answers, plausibleAnswers: [], isImpossible: answers.length === 0 };
}

const records = [
  record('Who sang?', SEA, 'Ruth'),
  record('Where did Ruth sing?', SEA, 'by the sea'),
  record('Who swam?', SEA),
  record('Who climbed?', HILL, 'Ada', 'Hill'),
];

describe('frames', () => {
  test('a row a question; an impossible one has no answer', () => {
    const frame = toDataFrame(records);
    assert.deepEqual(frame.shape, [4, 7]);
    assert.deepEqual(frame.column('answerStart').values, [0, 10, -1, 31]);
    assert.deepEqual(frame.column('isImpossible').values, [false, false, true, false]);
  });

  test('articles by size, with what is impossible', () => {
    const rows = [['Sea', 1, 3, 33.3], ['Hill', 1, 1, 0]]; // prettier-ignore
    assert.deepEqual(articlesTable(records).values, rows);
  });

  test('without records or problems they have columns and no rows', () => {
    assert.deepEqual(toDataFrame([]).shape, [0, 7]);
    // many impossible questions first: danfojs would take their empty answers for numbers
    const impossible = records.filter(({ isImpossible }) => isImpossible);
    const answerable = records.filter(({ isImpossible }) => !isImpossible);
    const late = toDataFrame([...new Array<typeof impossible>(30).fill(impossible).flat(), ...answerable]);
    assert.deepEqual(late.dtypes, ['string', 'string', 'string', 'string', 'string', 'int32', 'boolean']);
    assert.deepEqual(problemsTable([]).shape, [0, 4]);
    assert.deepEqual(firstWordTable([]).shape, [0, 4]);
    assert.deepEqual(articlesTable([]).shape, [0, 4]);
  });

  test('problems keep their place and remedy', () => {
    const table = problemsTable([{ kind: 'empty question', path: 'data[0].x', what: 'is empty', remedy: 'left out' }]);
    assert.deepEqual(table.values, [['empty question', 'data[0].x', 'is empty', 'left out']]);
  });
});

describe('lengths', () => {
  test('characters, words and tokens without special ones', async () => {
    const lengths = await textLengths(answerTexts(records), await loadTokenizer());
    assert.deepEqual(lengths, { characters: [4, 10, 3], words: [1, 3, 1], tokens: [1, 3, 1] });
    assert.deepEqual(distinctContexts(records), [SEA, HILL]);
  });

  test('quantiles are lengths that occur', () => {
    const [row] = quantileTable({ words: [5, 1, 4, 2, 3] }).values;
    assert.deepEqual(row, ['words', 1, 2, 3, 4, 4, 4, 5]);
  });

  test('every text is in one bar, and the last bar has all that is longer', () => {
    const { data, layout } = lengthPlot([0, 15, 16, 63, 64, 9999], 'Lengths', 'tokens', { bar: 16, limit: 64 });
    assert.deepEqual(data[0].y, [2, 1, 0, 1, 2]);
    assert.match((layout.meta as { alt: string }).alt, /6 texts, from 0 to 9999 tokens/);
  });
});

describe('questions', () => {
  test('the first word is found behind marks, in any script', () => {
    const words = ['“Who’s there?', '  WHAT', '¿Dónde?', 'Cafe\u0301 owner?', '?!'].map(firstWord);
    assert.deepEqual(words, ['who', 'what', 'dónde', 'cafe\u0301', '(none)']);
  });

  test('the table ends with the rest; the bars count every question once', () => {
    const rows = [['who', 3, 75, 33.3], ['(other)', 1, 25, 0]]; // prettier-ignore
    assert.deepEqual(firstWordTable(records, 1).values, rows);
    const { data } = firstWordPlot(records, 1);
    assert.deepEqual([data[0].y, data[1].y], [[2, 1], [1, 0]]); // prettier-ignore
  });

  test('answers by tenth, impossible questions apart', () => {
    const late = record('Last?', '0123456789', '9');
    assert.deepEqual(answerPlacePlot([records[0], records[2], late]).data[0].y, [50, 0, 0, 0, 0, 0, 0, 0, 0, 50]);
  });
});

describe('duplicates', () => {
  const counts = (table: { values: unknown }) => (table.values as unknown[][]).map((row) => row[1]);

  test('the first of its kind is none', () => {
    const more = [...records, record('Who sang?', SEA, 'Ruth'), record('Who sang?', HILL, 'Ada', 'Hill')];
    assert.deepEqual(counts(duplicatesTable(more)), [1, 2, 0]);
    assert.deepEqual(counts(duplicatesTable([...records, record('Why?', SEA, 'sea', 'Other')])), [0, 0, 1]);
  });

  test('what test data share with training', () => {
    const dev = [records[0], record('Who sang?', 'Elsewhere Ruth sang.', 'Ruth'), record('New?', SEA)];
    assert.deepEqual(counts(leakTable(records, dev)), [2, 2, 1]);
    assert.deepEqual(counts(leakTable([], dev)), [0, 0, 0]);
  });
});

describe('samples', () => {
  test('a seed draws the same ones, in an order that leaves the data alone', () => {
    const before = [...records];
    assert.deepEqual(sampleRecords(records, 2, 7), sampleRecords(records, 2, 7));
    assert.deepEqual(records, before);
    assert.equal(new Set(sampleRecords(records, 9, 1)).size, 4);
  });

  test('the answer is marked, text is never markup', () => {
    const html = recordsHtml([records[3], record('<script>?', SEA)]);
    assert.match(html, /<mark [^>]*>Ada<\/mark>/);
    assert.match(html, /&lt;b&gt;there/);
    assert.doesNotMatch(html, /<script|<b>/);
    assert.match(html, /\(no answer\)/);
  });
});

test('rows are filtered by any column, also those of a frame that was filtered or sorted', () => {
  const columns = ['word', 'n', 'ok'];
  const frame = toFrame([['b', 2, true], ['a', 1, false], ['c', 3, true]], columns); // prettier-ignore
  const kept = filterRows(frame, ({ ok }) => ok === true);
  assert.deepEqual([kept.values, kept.index, kept.dtypes], [[['b', 2, true], ['c', 3, true]], [0, 1], frame.dtypes]); // prettier-ignore
  const again = filterRows(kept.sortValues('n', { ascending: false }), ({ word }) => word !== 'c');
  assert.deepEqual(again.values, [['b', 2, true]]);
  const none = filterRows(frame, () => false);
  assert.deepEqual([none.shape[0], none.columns], [0, columns]);
});

test('a column that the frame does not have is told, not taken for empty', () => {
  const frame = toFrame([['b', 2]], ['word', 'n']);
  assert.throws(() => filterRows(frame, (row) => row.wrod === 'b'), {
    code: 'E_COLUMN',
    message: 'filterRows: there is no column wrod; take one of word, n',
  });
  // a row is an object like any other
  const [seen, keys]: string[][] = [[], []];
  filterRows(frame, (row) => {
    seen.push(JSON.stringify(row), String(row));
    keys.push(...Object.keys(row));
    return 'n' in row && !('m' in row);
  });
  assert.deepEqual(
    [seen, keys],
    [
      ['{"word":"b","n":2}', '[object Object]'],
      ['word', 'n'],
    ],
  );
});
