// The TypeScript tokenizer against the native package: every code point, arbitrary strings, and every setting of BERT's.
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { nativeTokenizer } from '../../../src/tokens/native';
import type { TextTokenizer } from '../../../src/tokens/text-tokens';
import type { TokenizerJson } from '../../../src/tokens/tokenizer-json';
import { readTokenizerFiles } from '../../../src/tokens/tokenizer-files';
import { WordPieceTokenizer } from '../../../src/tokens/wordpiece/tokenizer';
import { reference } from '../reference';
import { vocabularyFolder } from '../vocabulary';

type Settings = Record<'clean_text' | 'handle_chinese_chars' | 'strip_accents' | 'lowercase', boolean | null>;
const UNCASED: Settings = { clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true };
const SETTINGS: Settings[] = [
  UNCASED,
  { ...UNCASED, lowercase: false },
  { ...UNCASED, strip_accents: false },
  { ...UNCASED, lowercase: false, strip_accents: true },
  { ...UNCASED, clean_text: false },
  { ...UNCASED, handle_chinese_chars: false },
];

type Tokenizers = [native: TextTokenizer, typescript: TextTokenizer];

async function bothTokenizers(settings = UNCASED): Promise<Tokenizers> {
  const { json } = await readTokenizerFiles(await vocabularyFolder());
  const changed: TokenizerJson = { ...json, normalizer: { ...json.normalizer!, ...settings } };
  return [await nativeTokenizer(JSON.stringify(changed)), new WordPieceTokenizer(changed)];
}

async function assertSame([native, typescript]: Tokenizers, texts: string[]): Promise<void> {
  const [expected, ours] = [await native.tokenize(texts), await typescript.tokenize(texts)];
  for (const [i, { ids, offsets, words }] of ours.entries()) {
    const name = JSON.stringify(texts[i].slice(0, 100));
    assert.equal(ids.join(), expected[i].ids.join(), `ids of ${name}`);
    assert.equal(offsets.join(), expected[i].offsets.join(), `offsets of ${name}`);
    assert.equal(words().join(), expected[i].words().join(), `words of ${name}`);
  }
}

/** Every code point in `[from, to)`, each inside a word of its own, 256 words to a text. */
function* codePointTexts(from: number, to: number): Generator<string> {
  for (let start = from; start < to; start += 256) {
    const points = Array.from({ length: Math.min(256, to - start) }, (_, i) => start + i);
    yield points.map((point) => `a${String.fromCodePoint(point)}e`).join(' ');
  }
}

// Ideographs are many and alike: the edges of their blocks stand for them where settings are varied.
const VARIED = [[0, 0x3500], [0x9f00, 0xac00], [0xf800, 0x11800], [0x1d100, 0x1e950], [0x1ff00, 0x20100], [0x2a600, 0x2a800], [0x2b700, 0x2ba00], [0x2ce00, 0x2cf00], [0x2f700, 0x2fb00], [0xe0000, 0xe0200]]; // prettier-ignore

test('every code point below U+30000', async () => {
  await assertSame(await bothTokenizers(), [...codePointTexts(0, 0x30000)]);
});

for (const settings of SETTINGS.slice(1)) {
  test(`code points of every kind: ${JSON.stringify(settings)}`, async () => {
    await assertSame(
      await bothTokenizers(settings),
      VARIED.flatMap(([from, to]) => [...codePointTexts(from, to)]),
    );
  });
}

/** Characters that normalizers disagree about: marks of all classes (kept and dropped), capitals, joiners, surrogates. */
const HARD = [
  ...'aé\u0301\u0316\u0345\u0334\u302e\u302f\u0344\u1dfb\u1b44\u{1d165}\u{1d16d}\u0897\u{16ff0}ßİΣﬁ각中\uf900𠀀 \t\u00a0\u200d\u0000.-!😀\ufffd',
];
const unit = fc.oneof(
  fc.constantFrom(...HARD, '\ud800', '\udc00'),
  fc.constantFrom('[SEP]', '[MASK]', '[', 'SEP]', '##', 'un', 'able', 'THE '),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 3 }),
);
const text = fc.array(unit, { maxLength: 40 }).map((units) => units.join(''));

for (const settings of SETTINGS) {
  test(`arbitrary strings: ${JSON.stringify(settings)}`, async () => {
    const tokenizers = await bothTokenizers(settings);
    const property = fc.asyncProperty(fc.array(text, { maxLength: 20 }), (texts) => assertSame(tokenizers, texts));
    await fc.assert(property, { numRuns: 100 });
  });
}

test('a mark that moves, out of a character that is none', async () => {
  // U+1D162, a note, decomposes into its head, a stem and a flag; both are kept, and U+0334 goes before them
  for (const settings of [UNCASED, { ...UNCASED, lowercase: false, strip_accents: true }]) {
    await assertSame(await bothTokenizers(settings), [
      '각\u{1d162}\u0334',
      '\u{1d162}\u0334 a',
      '\u{1d15e}\u0334\u0301',
    ]);
  }
});

test('decode: arbitrary ids, with and without special tokens', async () => {
  const [native, typescript] = await bothTokenizers();
  const ids = fc.array(fc.oneof(fc.integer({ min: 0, max: 30522 }), fc.integer({ min: 990, max: 1100 })), {
    maxLength: 30,
  });
  const property = fc.asyncProperty(ids, fc.boolean(), async (some, skip) => {
    assert.equal(await typescript.decode(some, skip), await native.decode(some, skip));
  });
  await fc.assert(property);
});

test('names, ids and the size of the vocabulary', async () => {
  const [native, typescript] = await bothTokenizers();
  assert.equal(typescript.vocabSize, native.vocabSize);
  for (const name of ['[CLS]', 'the', '##ing', 'no such token', 'constructor', '__proto__']) {
    assert.equal(typescript.tokenToId(name), native.tokenToId(name), name);
  }
  for (const id of [0, 101, 1996, 30521, 30522, -1]) assert.equal(typescript.idToToken(id), native.idToToken(id >= 0 ? id : 30522)); // prettier-ignore
});

test('the hard texts of the reference, all in one text', async () => {
  const all = reference.strings.map(([hard]) => hard).join(' ');
  await assertSame(await bothTokenizers(), [all, all.split('').reverse().join('')]);
});
