// Reading article after article: the same records as reading at once, however the file is cut into chunks and escaped.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after } from 'node:test';
import fc from 'fast-check';
import { SpanlabError } from '../../src/errors';
import { readSquadRecords } from '../../src/squad/read';
import type { SquadRecord } from '../../src/squad/record';
import { streamSquadRecords } from '../../src/squad/stream';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));
after(() => fs.rmSync(folder, { recursive: true }));
const WORKSHOP = path.join(__dirname, '..', '..', 'data', 'workshop', 'train.json');

async function streamed(file: string): Promise<SquadRecord[]> {
  const records: SquadRecord[] = [];
  for await (const record of streamSquadRecords(file)) records.push(record);
  return records;
}

function write(text: string): string {
  const file = path.join(folder, 'data.json');
  fs.writeFileSync(file, text);
  return file;
}

test('the workshop data', async () => {
  assert.deepEqual(await streamed(WORKSHOP), readSquadRecords(WORKSHOP));
});

test('any texts: quotes, backslashes, brackets, astral characters; keys in any order; articles across chunks', async () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: fc.constantFrom('"', '\\', '{', '}', '[', ']', ',', '🎉', 'data') }),
  );
  const article = fc.record({
    title: text,
    contexts: fc.array(text, { maxLength: 3 }),
    filler: fc.constantFrom(0, 0, 700_000),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(article, { maxLength: 4 }), text, fc.boolean(), async (articles, version, first) => {
      const data = articles.map(({ title, contexts, filler }) => ({
        title,
        paragraphs: contexts.map((context, i) => ({
          context: context + '\\" é'.repeat(filler / 5),
          qas: [{ id: `${i}`, question: title, answers: [] }],
        })),
      }));
      const file = write(JSON.stringify(first ? { version, data } : { data, version, more: { data: [1] } }));
      assert.deepEqual(await streamed(file), readSquadRecords(file));
    }),
    { numRuns: 60 },
  );
});

test('one byte changed anywhere: what reading at once refuses is refused, and the rest is the same', async () => {
  const paragraph = (id: string) => ({ context: 'Ada won.', qas: [{ id, question: 'Who?', answers: [{ text: 'Ada', answer_start: 0 }] }] }); // prettier-ignore
  const data = ['a', 'b', 'c'].map((title) => ({ title, paragraphs: [paragraph(title)] }));
  const bytes = Buffer.from(JSON.stringify({ version: 'v2.0', data, more: [{ x: 1 }] }));
  const byte = fc.oneof(fc.constantFrom(...Buffer.from('{}[],:"\\ 0')), fc.nat(255));
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), byte, async (at, value) => {
      const damaged = Buffer.from(bytes);
      damaged[at] = value;
      const file = path.join(folder, 'byte.json');
      fs.writeFileSync(file, damaged);
      let expected: SquadRecord[] | undefined;
      try {
        expected = readSquadRecords(file);
      } catch (error) {
        assert.ok(error instanceof SpanlabError);
      }
      if (expected !== undefined) return assert.deepEqual(await streamed(file), expected);
      refused++;
      await assert.rejects(streamed(file), SpanlabError, damaged.toString());
    }),
    { numRuns: 1500 },
  );
  assert.ok(refused > 300, `${refused}`);
});

const cases: [name: string, text: string, code: string, message: RegExp][] = [
  ['cut off', '{"data": [{"title": "a", "paragraphs": []}, {"ti', 'E_SQUAD_JSON', /ends at byte 48 in the middle/],
  ['broken inside', '{"data": [{"title" "a"}]}', 'E_SQUAD_JSON', /data\[0\]: not valid JSON/],
  ['no data', '{"version": "v2.0"}', 'E_SQUAD_SCHEMA', /data: expected Array|"data"/],
  ['no articles', '{"data": [7]}', 'E_SQUAD_SCHEMA', /byte 10: data holds something that is no article/],
  ['texts for articles', '{"data": ["a"]}', 'E_SQUAD_SCHEMA', /byte 10: data holds/],
  [
    'a wrong field',
    '{"data": [{"paragraphs": []}, {"paragraphs": 7}]}',
    'E_SQUAD_SCHEMA',
    /data\[1\]\.paragraphs: expected Array/,
  ],
];
for (const [name, text, code, message] of cases) {
  test(`refused: ${name}`, () => assert.rejects(streamed(write(text)), { code, message }));
}

test('refused: a file that is not there', () =>
  assert.rejects(streamed('/nowhere/data.json'), { code: 'E_FILE_MISSING' }));
