// What the places of a file count, in every form that has places: recognised where all answers agree, from their texts or from whole words.
import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { importBytes } from '../../src/squad/import';

const CONTEXT = '😀😀 In Paris é he lived, then in Rome, then in Paris again, 1815.';
const characters = (text: string) => Array.from(text).length;
/** Where each stands, in characters. */
const WANTED = ['Rome', '1815', 'Paris'].map((text) => ({ text, from: characters(CONTEXT.slice(0, CONTEXT.lastIndexOf(text))) })); // prettier-ignore

const UNITS: Record<string, (text: string) => number> = {
  characters,
  'UTF-16 units': (text) => text.length,
  'UTF-8 bytes': (text) => Buffer.byteLength(text),
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
  const doccano = (...entities: unknown[]) => jsonLines([{ text: CONTEXT, question: 'q', entities }]);
  const entity = ({ text, start, end }: Place, by = 0) => ({ start_offset: start + by, end_offset: end + by, text });

  test('a text of one in characters keeps all in characters; the other is looked for, and that is said', () => {
    const { records, unit, problems } = read(doccano(entity(rome), entity(year, 3)));
    assert.equal(unit, 'characters');
    assert.deepEqual(records[0].answers.map(({ text }) => text), ['Rome', '1815']); // prettier-ignore
    assert.deepEqual(problems.map(({ kind }) => kind), ['answer elsewhere']); // prettier-ignore
  });

  test('places alone count what those with texts count', () => {
    const utf16 = (place: Place) => ({ start_offset: place.start + 2, end_offset: place.end + 2 });
    const { records, unit } = read(doccano(entity(rome, 2), utf16(year)));
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
