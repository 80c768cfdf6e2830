// What the places of a file count, in every form that has places: recognised where nearly all answers agree, from their texts or from whole words.
import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { importBytes } from '../../src/squad/import';

const CONTEXT = '😀👩‍👩‍👧 In Paris é he lived, then in Rome, then in Paris again, 1815.';
const characters = (text: string) => Array.from(text).length;
/** Where each stands, in characters. */
const WANTED = ['Rome', '1815', 'Paris'].map((text) => ({ text, from: characters(CONTEXT.slice(0, CONTEXT.lastIndexOf(text))) })); // prettier-ignore

const UNITS: Record<string, (text: string) => number> = {
  characters,
  'UTF-16 units': (text) => text.length,
  'UTF-8 bytes': (text) => Buffer.byteLength(text),
  'grapheme clusters': (text) => [...new Intl.Segmenter('en').segment(text)].length,
};

interface Place {
  text: string;
  start: number;
  end: number;
}

/** A file of a form, with the texts of its answers or without. */
type Write = (places: Place[], hasText: boolean) => unknown;

const jsonLines = (rows: unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const withText = ({ text, start, end }: Place, hasText: boolean) => (hasText ? { start, end, text } : { start, end });
const asked = (i: number) => ({ question: `q${i}` });

const FORMS: Record<string, Write> = {
  'label-studio': (places, hasText) =>
    JSON.stringify(places.map((place, i) => ({
      data: { text: CONTEXT, ...asked(i) },
      annotations: [{ result: [{ type: 'labels', value: { ...withText(place, hasText), labels: ['Answer'] } }] }],
    }))),
  doccano: (places, hasText) =>
    jsonLines(places.map(({ text, start, end }, i) => ({ text: CONTEXT, ...asked(i), entities: [{ start_offset: start, end_offset: end, label: 'A', ...(hasText && { text }) }] }))),
  prodigy: (places, hasText) =>
    jsonLines(places.map((place, i) => ({ text: CONTEXT, ...asked(i), answer: 'accept', spans: [{ ...withText(place, hasText), label: 'A' }] }))),
  rows: (places, hasText) => JSON.stringify(places.map((place, i) => ({ context: CONTEXT, ...asked(i), answers: [withText(place, hasText)] }))),
  squad: (places, hasText) => {
    const qas = places.map(({ text, start, end }, i) => ({ id: `${i}`, ...asked(i), answers: [hasText ? { text, answer_start: start } : { answer_start: start, answer_end: end }] }));
    return JSON.stringify({ data: [{ paragraphs: [{ context: CONTEXT, qas }] }] });
  },
  table: (places, hasText) => {
    const rows = places.map(({ text, start, end }, i) => `"${CONTEXT}",q${i},${hasText ? text : ''},${start},${end}\n`);
    return `context,question,answer,answer_start,answer_end\n${rows.join('')}`;
  },
}; // prettier-ignore

const read = (content: unknown) => importBytes(Buffer.from(content as string), 'data.json');
const found = (content: unknown) => read(content).records.flatMap(({ answers, context }) => answers.map(({ text, answerStart }) => [text, context.slice(0, answerStart)])); // prettier-ignore
const before = (from: number) => Array.from(CONTEXT).slice(0, from).join('');
const right = WANTED.map(({ text, from }) => [text, before(from)]);

for (const [form, write] of Object.entries(FORMS)) {
  describe(form, () => {
    for (const [unit, size] of Object.entries(UNITS)) {
      const places = WANTED.map(({ text, from }) => ({ text, start: size(before(from)), end: size(before(from) + text) })); // prettier-ignore
      for (const hasText of [true, false]) {
        test(`${unit}, ${hasText ? 'with' : 'without'} the answers' texts`, () => {
          const { form: name, unit: recognised } = read(write(places, hasText));
          assert.deepEqual([name.name, recognised], [form, unit]);
          assert.deepEqual(found(write(places, hasText)), right);
        });
      }
    }
  });
}

describe('where answers do not agree', () => {
  const [rome, year] = WANTED.map(({ text, from }) => ({ text, start: from, end: from + text.length }));
  const further = CONTEXT.length - characters(CONTEXT);
  const doccano = (...entities: unknown[]) => jsonLines([{ text: CONTEXT, question: 'q', entities }]);
  const entity = ({ text, start, end }: Place, by = 0) => ({ start_offset: start + by, end_offset: end + by, text });

  test('a text of one in characters keeps all in characters; the other is looked for, and that is said', () => {
    const { records, unit, problems } = read(doccano(entity(rome), entity(year, 3)));
    assert.equal(unit, 'characters');
    assert.deepEqual(records[0].answers.map(({ text }) => text), ['Rome', '1815']); // prettier-ignore
    assert.deepEqual(problems.map(({ kind }) => kind), ['answer elsewhere']); // prettier-ignore
  });

  test('places alone count what those with texts count', () => {
    const utf16 = (place: Place) => ({ start_offset: place.start + further, end_offset: place.end + further });
    const { records, unit } = read(doccano(entity(rome, further), utf16(year)));
    assert.equal(unit, 'UTF-16 units');
    assert.deepEqual(records[0].answers.map(({ text }) => text), ['Rome', '1815']); // prettier-ignore
  });

  test('places alone that cut a word in every unit say nothing', () => {
    const cut = { start_offset: rome.start + 1, end_offset: rome.end };
    const { records, unit } = read(doccano(entity(year), cut));
    assert.equal(unit, 'characters');
    assert.deepEqual(records[0].answers.map(({ text }) => text), ['1815', 'ome']); // prettier-ignore
  });

  test('places beyond the text are left out with a word', () => {
    const { records, leftOut, problems } = read(doccano({ start_offset: 3, end_offset: 999 }));
    assert.deepEqual([records.length, leftOut], [0, 1]);
    assert.match(problems[0].what, /^3 to 999 is no part of the text$/);
  });
});

describe('one answer in twenty may have moved', () => {
  /** Rows of texts of their own; `moved` are 3 too far. */
  const file = (count: number, moved: number[], hasText = true) => {
    const rows = Array.from({ length: count }, (_, i) => {
      const context = `${'🎉'.repeat(1 + (i % 7))} Ada met Bo. Then Ada and Bo saw Cy ${i}. Bo left with Ada.`;
      const start = context.lastIndexOf('Bo') + (moved.includes(i) ? 3 : 0);
      return { context, question: `q${i}`, answers: [{ ...(hasText && { text: 'Bo' }), start, end: start + 2 }] };
    });
    return read(JSON.stringify(rows));
  };
  const last = ({ context, answers }: { context: string; answers: { text: string; answerStart: number }[] }) =>
    answers[0].text === 'Bo' && answers[0].answerStart === context.lastIndexOf('Bo');

  test('the unit is recognised, and how many agree is said; what has moved is left out where it is in doubt', () => {
    const { records, unit, leftOut, problems } = file(200, [77]);
    assert.deepEqual([unit, records.length, leftOut], ['UTF-16 units', 199, 1]);
    assert.ok(records.every(last));
    assert.match(problems[0].what, /; 199 of the 200 answers that can tell agree on it$/);
    assert.deepEqual(problems.filter(({ remedy }) => remedy === 'left out').map(({ kind, path }) => [kind, path]), [['ambiguous answer', '[77].answers[0]']]); // prettier-ignore
  });

  test('2 of 40 are few enough, 2 of 39 are not, nor is 1 of 5', () => {
    assert.equal(file(40, [3, 9]).unit, 'UTF-16 units');
    assert.equal(file(39, [3, 9]).unit, 'characters');
    assert.equal(file(5, [3]).unit, 'characters');
  });

  test('a text that all units count the same does not outvote the others', () => {
    const plain = {
      context: 'Bo left. Bo and Ada stayed.',
      question: 'q',
      answers: [{ text: 'Ada', answer_start: 3 }],
    };
    const far = { context: '🎉🎉🎉🎉 Bo met Bo', question: 'q' };
    const rows = Array.from({ length: 20 }, () => ({ ...far, answers: [{ text: 'Bo', answer_start: 16 }] }));
    assert.equal(read(JSON.stringify([...rows, plain])).unit, 'UTF-16 units');
  });

  test('a place alone that has moved is said, and that not all agree', () => {
    const { unit, problems } = file(40, [7], false);
    assert.equal(unit, 'UTF-16 units');
    assert.match(problems[0].what, /39 of the 40 answers/);
    assert.ok(problems.some(({ kind, path }) => kind === 'inside a word' && path.startsWith('[7]')));
  });
});

describe('places alone that cut words', () => {
  const TEXT = 'The old mill of Tarn was bought by Ilse Brandt in 1903. She sold it to Omar Reyes in 1911.';
  const SPANS = ['Ilse Brandt', '1903', 'Omar Reyes', 'mill', 'Tarn', '1911'].map((text) => ({ start: TEXT.indexOf(text), end: TEXT.indexOf(text) + text.length })); // prettier-ignore
  const rows = (spans: { start: number; end: number }[], context = TEXT) =>
    read(spans.map((answer, i) => JSON.stringify({ context, question: `q${i}`, answer })).join('\n'));
  const said = ({ problems }: ReturnType<typeof read>) => problems.map(({ kind, path, remedy }) => `${path}: ${kind}, ${remedy}`); // prettier-ignore

  const WAYS: [by: [number, number], meaning: RegExp][] = [
    [[0, -1], /the ends are inclusive \(each end \+ 1\)/],
    [[1, 1], /they count from 1 \(each start − 1 and end − 1\)/],
    [[1, 0], /they count from 1 and the ends are inclusive/],
  ];
  for (const [[first, last], meaning] of WAYS) {
    test(`${first} and ${last}: each is said, and what would explain them all; nothing is changed`, () => {
      const imported = rows(SPANS.slice(0, 2).map(({ start, end }) => ({ start: start + first, end: end + last })));
      assert.deepEqual(said(imported), ['the file: positions, kept', 'line 1: inside a word, kept', 'line 2: inside a word, kept']); // prettier-ignore
      const [file, one] = imported.problems;
      assert.match(file.what, /^2 of 2 spans without a text begin or end inside a word; all would be whole words if /);
      assert.match(file.what, meaning);
      assert.match(
        one.what,
        /cuts a word: ".*" in "Ilse Brandt.*check whether ends are inclusive or starts count from 1/,
      );
      assert.equal(imported.records[0].answers[0].text, TEXT.slice(SPANS[0].start + first, SPANS[0].end + last));
      assert.equal(imported.mended, 0);
    });
  }

  test('one that is right, or wrong otherwise: no way explains all, each is said', () => {
    const [brandt, year] = SPANS;
    assert.deepEqual(said(rows([brandt, { start: year.start, end: year.end - 2 }])), ['line 2: inside a word, kept']);
    assert.deepEqual(said(rows(SPANS)), []);
  });

  test('of many, one may be wrong otherwise', () => {
    const inclusive = Array.from({ length: 24 }, (_, i) => SPANS[i % 6]).map(({ start, end }) => ({ start, end: end - 1 })); // prettier-ignore
    const { problems } = rows([...inclusive, { start: 5, end: 10 }]);
    assert.match(problems[0].what, /^25 of 25 .*; 24 of the 25 would be whole words if the ends are inclusive/);
  });

  test('texts without spaces between words say nothing', () => {
    assert.deepEqual(said(rows([{ start: 1, end: 3 }, { start: 2, end: 4 }], '太郎は東京に住む。')), []); // prettier-ignore
  });

  test('never that all agree where one cuts a word', () => {
    const context = '🎉 Party 🎂 time: Zoë met Ilse Brandt in Köln 🎊 on 3 May 1903. Ilse left at 5.';
    const utf16 = (text: string) => ({
      start: context.lastIndexOf(text),
      end: context.lastIndexOf(text) + text.length,
    });
    const { unit, problems } = rows([utf16('1903'), utf16('rand')], context);
    assert.equal(unit, 'characters');
    assert.equal(problems.some(({ what }) => what.includes('all answers agree')), false); // prettier-ignore
    assert.ok(problems.some(({ kind, remedy }) => kind === 'inside a word' && remedy === 'kept'));
  });
});
