// Damaged files: a coded error, or records whose answers are still where they say. And the quick check of the format is the schema's.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after } from 'node:test';
import fc from 'fast-check';
import * as v from 'valibot';
import { SpanlabError } from '../../src/errors';
import { placeAnswers } from '../../src/squad/end';
import { readSquadChecked } from '../../src/squad/problems';
import { readSquadRecords } from '../../src/squad/read';
import { isSquadFile, SQUAD_SCHEMA } from '../../src/squad/schema';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));
after(() => fs.rmSync(folder, { recursive: true }));

const valid = {
  version: 'v2.0',
  data: [
    {
      title: 'Races',
      paragraphs: [
        {
          context: 'In the end Ada 🎉 won the race in Łódź.',
          qas: [
            { id: 'a', question: 'Who won?', answers: [{ text: 'Ada', answer_start: 11 }], is_impossible: false },
            { id: 'b', question: 'Where?', answers: [{ text: 'Łódź', answer_start: 33 }] },
            {
              id: 'c',
              question: 'When?',
              answers: [],
              is_impossible: true,
              plausible_answers: [{ text: 'end', answer_start: 7 }],
            },
          ],
        },
      ],
    },
  ],
};

// A changed letter of a question, or of a context outside all answers, is another valid file: nothing in it says what was meant.
test('any bytes changed, lost or added: a coded error, or answers that are slices of their contexts', () => {
  const bytes = Buffer.from(JSON.stringify(valid));
  const file = path.join(folder, 'damaged.json');
  let refused = 0;
  const edit = fc.tuple(
    fc.nat(bytes.length - 1),
    fc.integer({ min: 0, max: 255 }),
    fc.constantFrom('set', 'cut', 'add'),
  );
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
      const damaged = [...bytes];
      for (const [at, byte, kind] of edits)
        damaged.splice(at, kind === 'add' ? 0 : 1, ...(kind === 'cut' ? [] : [byte]));
      fs.writeFileSync(file, Buffer.from(damaged));
      try {
        for (const { context, question, answers } of placeAnswers(readSquadRecords(file), file)) {
          assert.ok(!`${context}${question}`.includes('\ufffd'), 'a character was lost in silence');
          for (const { text, answerStart } of answers) assert.ok(context.startsWith(text, answerStart));
        }
      } catch (error) {
        refused++;
        if (!(error instanceof SpanlabError)) throw error;
        assert.match(error.code, /^E_(SQUAD_(JSON|SCHEMA|ANSWER)|FILE_ENCODING)$/);
        assert.doesNotMatch(error.message, /\n/);
      }
    }),
    { numRuns: 1500 },
  );
  assert.ok(refused > 500, `${refused}`);
});

test('the quick check accepts what the schema accepts, and nothing else', () => {
  // as text, so that every change gets a value of its own
  const other = fc.constantFrom(undefined, 'null', '0', '1.5', '""', '"x"', 'true', '[]', '{}', '[[]]', '[{}]');
  let accepted = 0;
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(), other), { maxLength: 2 }), (changes) => {
      const value: unknown = structuredClone(valid);
      for (const [number, replacement] of changes) {
        const places = everyPlace(value);
        const [owner, key] = places[number % places.length];
        if (replacement !== undefined) owner[key] = JSON.parse(replacement);
        else if (Array.isArray(owner)) owner.splice(Number(key), 1);
        else Reflect.deleteProperty(owner, key);
      }
      accepted += Number(isSquadFile(value));
      assert.equal(isSquadFile(value), v.safeParse(SQUAD_SCHEMA, value).success, JSON.stringify(value));
    }),
    { numRuns: 1500 },
  );
  assert.ok(accepted > 100 && accepted < 1400, `${accepted}`);
});

test('any bytes changed, read tolerantly: a coded error, or slices of contexts and a report with places', () => {
  const bytes = Buffer.from(JSON.stringify(valid));
  const file = path.join(folder, 'tolerant.json');
  let reported = 0;
  // mostly letters and signs: other bytes are no UTF-8 there, and end the reading before its questions are looked at
  const byte = fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 0x20, max: 0x7e }) },
    fc.integer({ min: 0, max: 255 }),
  );
  const edit = fc.tuple(fc.nat(bytes.length - 1), byte);
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
      const damaged = Buffer.from(bytes);
      for (const [at, byte] of edits) damaged[at] = byte;
      fs.writeFileSync(file, damaged);
      try {
        const { records, problems } = readSquadChecked(file, { mode: 'tolerant' });
        reported += problems.length;
        // a list is read under whatever name it has got
        for (const problem of problems) assert.match(problem.path, /^([^[]{1,20}\[|the file)/);
        for (const { context, answers } of records) {
          for (const { text, answerStart } of answers) assert.ok(context.startsWith(text, answerStart));
        }
      } catch (error) {
        if (!(error instanceof SpanlabError)) throw error;
        // three quotes less, and what is left are objects one after the other, which are refused as lines are
        assert.match(error.code, /^E_(SQUAD_(JSON|SCHEMA|TABLE)|FILE_ENCODING)$/);
      }
    }),
    { numRuns: 800, examples: [[[[329, 32], [152, 32], [16, 32]]]] }, // prettier-ignore
  );
  assert.ok(reported > 50, `${reported}`);
});

type Owner = Record<string, unknown>;

/** Every field and element of a value, with the object that holds it. */
function everyPlace(value: unknown): [owner: Owner, key: string][] {
  if (typeof value !== 'object' || value === null) return [];
  const owner = value as Owner;
  return Object.keys(owner).flatMap((key) => [[owner, key] as [Owner, string], ...everyPlace(owner[key])]);
}
