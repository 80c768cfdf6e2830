// Broken tokenizer folders: loading, and tokenizing a pair.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { gunzipSync } from 'node:zlib';
import { toLayout } from '../../src/tokens/layout';
import { loadTextTokenizer } from '../../src/tokens/load';
import { Tokenizer } from '../../src/tokens/tokenizer';
import { type Dice, fuzz, mutate, mutateBytes, ODD_VALUES, withNested } from './fuzz';

const PIPELINE = path.join(__dirname, '..', 'reference', 'pipeline');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-fuzz-'));
const put = (name: string, content: string | Buffer) => fs.writeFileSync(path.join(folder, name), content);

const WORDS = [
  '[PAD]',
  '[UNK]',
  '[CLS]',
  '[SEP]',
  '[MASK]',
  ...'abcdefghij',
  '##a',
  '##b',
  'mill',
  '##s',
  'ä',
  '中',
  '.',
  '?',
];
const BERT = {
  version: '1.0',
  added_tokens: [0, 1, 2, 3, 4].map((id) => ({ id, content: WORDS[id], single_word: false, lstrip: false, rstrip: false, normalized: false, special: true })), // prettier-ignore
  normalizer: {
    type: 'BertNormalizer',
    clean_text: true,
    handle_chinese_chars: true,
    strip_accents: null,
    lowercase: true,
  },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  post_processor: { type: 'BertProcessing', sep: ['[SEP]', 3], cls: ['[CLS]', 2] },
  decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
  model: { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', max_input_chars_per_word: 100, vocab: Object.fromEntries(WORDS.map((word, id) => [word, id])) }, // prettier-ignore
};

/** Smaller vocabularies, so that thousands of files are written in no time. */
function shortened(kind: string): Record<string, unknown> {
  const json = JSON.parse(
    gunzipSync(fs.readFileSync(path.join(PIPELINE, `${kind}.json.gz`))).toString(),
  ) as typeof BERT;
  const model = json.model as unknown as { vocab: unknown; merges?: unknown[] };
  if (Array.isArray(model.vocab)) model.vocab = model.vocab.slice(0, 120);
  else {
    const kept = Object.entries(model.vocab as Record<string, number>).filter(([, id]) => id < 330);
    model.vocab = Object.fromEntries(kept);
    model.merges = model.merges?.slice(0, 60).filter((merge) => (merge as string[]).every((part) => Object.hasOwn(model.vocab as object, part)) && Object.hasOwn(model.vocab as object, (merge as string[]).join(''))); // prettier-ignore
  }
  return json as unknown as Record<string, unknown>;
}

const KINDS = [BERT as Record<string, unknown>, ...['roberta', 'gpt4', 'gemma', 'unknowns', 'deberta', 'albert', 'modern'].map(shortened), shortened('xlm')]; // prettier-ignore
const CLASSES = ['BertTokenizer', 'RobertaTokenizer', 'PreTrainedTokenizerFast', 'DebertaV2Tokenizer', 'AlbertTokenizer', 'XLMRobertaTokenizer', 'CamembertTokenizer', 'MPNetTokenizer', 'BertJapaneseTokenizer']; // prettier-ignore
const STEPS: unknown[] = [
  ...['NFC', 'NFKD', 'Lowercase', 'StripAccents', 'Nmt', 'WhitespaceSplit', 'Whitespace', 'ByteLevel', 'Digits', 'Metaspace', 'ByteFallback', 'Fuse', 'BertPreTokenizer', 'Punctuation', 'UnicodeScripts', 'CTC'].map((type) => ({ type })), // prettier-ignore
  ...['(a+)+$', '(a|a)*b', 'a*a*a*b', '\\s+', 'a{1,64}{1,64}', '(?=a)*', '[', '\\p{Foo}', '(?<=a+)b', ''].map((Regex) => ({ type: 'Split', pattern: { Regex }, behavior: 'Isolated', invert: false })), // prettier-ignore
  { type: 'Replace', pattern: { String: 'a' }, content: 'b'.repeat(60) },
  { type: 'Replace', pattern: { String: 'a' }, content: 'b'.repeat(1e6) },
  { type: 'Replace', pattern: { Regex: '' }, content: 'x' },
  { type: 'Prepend', prepend: 'é' },
  { type: 'Precompiled', precompiled_charsmap: 'AAAA' },
  { type: 'Precompiled', precompiled_charsmap: '!' },
];
const TEXTS = [
  'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!',
  'The mill was built in 1806 — by Çağrı.',
  '中文 <mask> [SEP] \u0301x\ud800',
  '',
];

function writeTokenizer(dice: Dice): void {
  const json = structuredClone(dice.one(KINDS));
  for (let count = dice.below(3); count >= 0; count--) mutate(json, dice, [...ODD_VALUES, ...STEPS]);
  if (dice.below(4) === 0)
    json[dice.one(['normalizer', 'pre_tokenizer', 'decoder', 'post_processor'])] = dice.one(STEPS);
  const flat = JSON.stringify(json);
  const text = Buffer.from(dice.below(30) === 0 ? withNested(flat, 100_000) : flat);
  put('tokenizer.json', dice.below(10) === 0 ? mutateBytes(text, dice) : text);
}

function writeSettings(dice: Dice): void {
  const tokenizerClass = dice.below(2) === 0 ? 'PreTrainedTokenizerFast' : dice.one(CLASSES);
  const config: Record<string, unknown> = {
    tokenizer_class: tokenizerClass,
    model_max_length: 64,
    do_lower_case: true,
  };
  if (dice.below(2) === 0)
    config.added_tokens_decoder = { 7: { content: 'mill', special: false }, 200000: { content: 'x y' } };
  for (let count = dice.below(3); count > 0; count--) mutate(config, dice);
  put('tokenizer_config.json', JSON.stringify(config));
}

async function loadAndTokenize(dice: Dice): Promise<void> {
  for (const name of fs.readdirSync(folder)) fs.rmSync(path.join(folder, name));
  const isOneIn = (count: number) => dice.below(count) === 0;
  if (!isOneIn(8)) writeTokenizer(dice);
  if (!isOneIn(5)) writeSettings(dice);
  if (isOneIn(3)) put('vocab.txt', mutateBytes(Buffer.from(WORDS.join('\n')), dice));
  if (isOneIn(4)) put('added_tokens.json', JSON.stringify({ '[PAR]': dice.one(ODD_VALUES), neu: 25 }));
  if (isOneIn(4))
    put('special_tokens_map.json', JSON.stringify({ mask_token: dice.one(ODD_VALUES), unk_token: '[UNK]' }));
  await tokenizePair(await Tokenizer.fromFolder(folder));
}

async function tokenizePair(tokenizer: Tokenizer): Promise<void> {
  const options = { truncation: 'only_second', maxLength: 48, stride: 4, returnOverflowingTokens: true } as const;
  const rows = await tokenizer.encodeBatch(TEXTS, [...TEXTS].reverse(), options);
  for (const row of rows) {
    const sequences = row.sequenceIds();
    assert.ok(row.inputIds.every((id) => id >= 0));
    const { offsets } = row;
    for (let i = 0; i < row.length; i++) {
      if (sequences[i] === undefined) continue;
      const text = (sequences[i] === 0 ? TEXTS : [...TEXTS].reverse())[row.sample];
      const [start, end] = [offsets[2 * i], offsets[2 * i + 1]];
      assert.ok(start >= 0 && start <= end && end <= text.length, `offsets ${start}, ${end} of ${text.length}`);
    }
    await row.decode();
  }
}

test('tokenizer folders: a coded error, or tokens with offsets in the text', async () => {
  const { accepted, refused } = await fuzz('tokenizer', loadAndTokenize);
  assert.ok(accepted > 20 && Object.keys(refused).length > 2, JSON.stringify(refused));
});

test('a fault that shows at the first text that it matters for has a code, too', async () => {
  const model = { type: 'Unigram', vocab: ['a', 'b'].map((word) => [word, -1]), unk_id: null };
  const tokenizer = await loadTextTokenizer({ ...BERT, added_tokens: [], normalizer: null, post_processor: null, decoder: null, model } as never, 'native'); // prettier-ignore
  await assert.rejects(tokenizer.tokenize(['a z']), { code: 'E_TOKENIZER_NATIVE', message: /`unk_id` is missing/ });
});

test('ids at the ends of a row are ids', () => {
  for (const id of [2 ** 31, -1, 0.5, '2']) {
    assert.throws(() => toLayout({ type: 'BertProcessing', cls: ['[CLS]', id], sep: ['[SEP]', 3] } as never), { code: 'E_TOKENIZER_FILE', message: /is no id/ }); // prettier-ignore
  }
});

test('patterns that take for ever, and texts that grow without end, are refused', async () => {
  const long = `${'a'.repeat(100_000)}!`;
  const load = async (change: Record<string, unknown>) => {
    for (const name of fs.readdirSync(folder)) fs.rmSync(path.join(folder, name));
    put('tokenizer.json', JSON.stringify({ ...KINDS[1], ...change }));
    put('tokenizer_config.json', JSON.stringify({ tokenizer_class: 'PreTrainedTokenizerFast', unk_token: '<unk>', pad_token: '<pad>', cls_token: '<s>', sep_token: '</s>' })); // prettier-ignore
    return (await Tokenizer.fromFolder(folder)).encode(long);
  };
  const split = (Regex: string) => ({
    pre_tokenizer: { type: 'Split', pattern: { Regex }, behavior: 'Isolated', invert: false },
  });
  await assert.rejects(load(split('(a+)+$')), { code: 'E_TOKENIZER_PATTERN', message: /may take for ever/ });
  for (const ambiguous of ['(a|a)*b', '(?:a?a)+b', '(a{1,3})*b', '(a|a){60}b', '(a{1,64}){1,64}b', '(ab|a|b)*c']) {
    await assert.rejects(load(split(ambiguous)), { code: 'E_TOKENIZER_PATTERN', message: /may take for ever/ });
  }
  await assert.rejects(load(split('a*a*b')), {
    code: 'E_TOKENIZER_LIMIT',
    message: /may take for ever on a text of 100001/,
  });
  await assert.rejects(load({ normalizer: { type: 'Replace', pattern: { String: 'a' }, content: 'b'.repeat(1e6) } }), { code: 'E_TOKENIZER_FILE', message: /content of Replace is/ }); // prettier-ignore
  await assert.rejects(load({ normalizer: { type: 'Replace', pattern: { String: 'a' }, content: 'b'.repeat(60) } }), { code: 'E_TOKENIZER_LIMIT' }); // prettier-ignore
  await assert.rejects(load({ normalizer: { type: 'Nmt' }, ...split('(a+)+$') }), { code: 'E_TOKENIZER_PATTERN' });
});
