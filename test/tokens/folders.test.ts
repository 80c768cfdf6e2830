// Tokenizer folders as people have them: the ids, types, offsets and longest row of Python's AutoTokenizer for each.
// The folders and what transformers makes of them were written by test/reference/folders.py.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { gunzipSync } from 'node:zlib';
import { codePointStarts } from '../../src/tokens/code-points';
import { Tokenizer } from '../../src/tokens/tokenizer';

const REFERENCE = path.join(__dirname, '..', 'reference');
const unzip = (file: string) => gunzipSync(fs.readFileSync(path.join(REFERENCE, file)));

interface Case {
  name: string;
  files: Record<string, unknown>;
  ids: number[][];
  /** In code points. */
  offsets: [number, number][][];
  pairs: number[][];
  types: number[][];
  longest: number | null;
}
const { texts, cases, transformers } = JSON.parse(unzip('folders/cases.json.gz').toString()) as {
  texts: string[];
  cases: Case[];
  transformers: string;
};

function makeFolder(files: Record<string, unknown>): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-tokenizer-'));
  for (const [name, content] of Object.entries(files)) {
    const isModel = typeof content === 'string' && content.startsWith('@');
    const source = isModel && (name === 'tokenizer.json' ? `pipeline/${content.slice(1)}.json.gz` : `folders/${content.slice(1)}.model.gz`); // prettier-ignore
    const bytes = source ? unzip(source) : typeof content === 'string' ? content : JSON.stringify(content);
    fs.writeFileSync(path.join(folder, name), bytes);
  }
  return folder;
}

/** Offsets of a row in code points, as Python counts. */
function toCodePoints(offsets: Int32Array, text: string): [number, number][] {
  const index = new Map(Array.from(codePointStarts(text), (start, i) => [start, i]));
  return Array.from({ length: offsets.length / 2 }, (_, i) => [
    index.get(offsets[2 * i])!,
    index.get(offsets[2 * i + 1])!,
  ]);
}

async function assertCase(folder: string, expected: Case): Promise<void> {
  const tokenizer = await Tokenizer.fromFolder(folder);
  const single = [...(await tokenizer.encodeBatch(texts))];
  const pairs = [...(await tokenizer.encodeBatch(texts, [...texts].reverse()))];
  for (const [i, text] of texts.entries()) {
    assert.deepEqual([...single[i].inputIds], expected.ids[i], `ids of ${JSON.stringify(text)}`);
    assert.deepEqual(toCodePoints(single[i].offsets, text), expected.offsets[i], `offsets of ${JSON.stringify(text)}`);
    assert.deepEqual([...pairs[i].inputIds], expected.pairs[i], `pair ${i}`);
    assert.deepEqual([...pairs[i].tokenTypeIds], expected.types[i], `types of pair ${i}`);
  }
  assert.equal(tokenizer.modelMaxLength, expected.longest ?? Infinity);
}

test(`there are ${cases.length} folders, of transformers ${transformers}`, () => assert.ok(cases.length >= 80));

for (const expected of cases) {
  test(expected.name, async () => {
    const folder = makeFolder(expected.files);
    await assertCase(folder, expected);
    // what is saved of it gives the same tokens again
    const saved = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-tokenizer-'));
    await (await Tokenizer.fromFolder(folder)).save(saved);
    fs.copyFileSync(path.join(folder, 'config.json'), path.join(saved, 'config.json'));
    await assertCase(saved, expected);
  });
}

test('tokenizers of Japanese, which need MeCab, are refused by name', async () => {
  for (const kind of ['mecab', 'basic']) {
    const files = { 'vocab.txt': '[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nミル\n', 'tokenizer_config.json': { tokenizer_class: 'BertJapaneseTokenizer', word_tokenizer_type: kind } }; // prettier-ignore
    await assert.rejects(Tokenizer.fromFolder(makeFolder(files)), {
      code: 'E_TOKENIZER_UNSUPPORTED',
      message: /tokenizer_class BertJapaneseTokenizer is not supported: it splits Japanese by MeCab/,
    });
  }
});

test('settings that make no sense are refused', async () => {
  const base = cases.find(({ name }) => name === 'nothing but vocab.txt')!.files;
  const bad: [Record<string, unknown>, RegExp][] = [
    [{ 'tokenizer_config.json': { do_lower_case: 'yes' } }, /do_lower_case is "yes"; true or false/],
    [{ 'tokenizer_config.json': { truncation_side: 'left' } }, /truncation_side "left" is not supported/],
    [{ 'tokenizer_config.json': { added_tokens_decoder: { x: {} } } }, /added_tokens_decoder\.x is no token/],
    [{ 'added_tokens.json': { '[PAR]': 'x' } }, /added_tokens\.json: the id of "\[PAR\]"/],
    [{ 'tokenizer_config.json': { unk_token: '[NONE]' } }, /no \[NONE\] in the vocabulary/],
  ];
  for (const [files, message] of bad) {
    await assert.rejects(Tokenizer.fromFolder(makeFolder({ ...base, ...files })), { message }, String(message));
  }
});
