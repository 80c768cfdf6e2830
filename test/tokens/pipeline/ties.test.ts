// Unigram where many ways through a word are equally good, or as good as: which one wins hangs on the last bit of the scores, and on the
// order in which they are tried. SPANLAB_FUZZ=20000 for the long run.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { Random } from '../../../src/engine/random';
import { nativeTokenizer } from '../../../src/tokens/native';
import { asRust } from '../../../src/tokens/pipeline/rust-number';
import { PipelineTokenizer } from '../../../src/tokens/pipeline/tokenizer';
import { Tokenizer } from '../../../src/tokens/tokenizer';
import type { TokenizerJson } from '../../../src/tokens/tokenizer-json';

type Vocabulary = [token: string, score: number][];

const VOCABULARIES = Math.ceil(Number(process.env.SPANLAB_FUZZ ?? 500) / 4);
const LETTERS = 'abc';
/** Scores that Python's trainer wrote: the Rust code reads each of them as its neighbour. */
const SCORES = [-5.868221983633953, -4.3483446387040265, -5.084888650300618];

function tokenizer(vocab: Vocabulary): TokenizerJson {
  const parts = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null };
  const model = { type: 'Unigram', unk_id: 0, vocab, byte_fallback: false };
  return { version: '1.0', truncation: null, padding: null, added_tokens: [], ...parts, model } as never;
}

function word(random: Random, most: number): string {
  return Array.from({ length: 1 + random.integer(most) }, () => LETTERS[random.integer(3)]).join('');
}

/** Pieces whose scores are sums of the same score a letter, or beside such a sum by a bit or two. */
function tied(random: Random): Vocabulary {
  const letter = SCORES[random.integer(3)];
  const scores = new Map<string, number>([['<unk>', 0]]);
  for (let i = 0; i < 12; i++) {
    const piece = word(random, 4);
    const sum = letter * piece.length;
    const kinds = [sum, sum + (random.integer(5) - 2) * 8 * Number.EPSILON, -piece.length, -10 * random.uniform()];
    scores.set(piece, kinds[random.integer(4)]);
  }
  return [...scores];
}

test(`${VOCABULARIES} small vocabularies full of ties: ids as the native package's`, async () => {
  for (let seed = 0; seed < VOCABULARIES; seed++) {
    const random = new Random(seed);
    const json = tokenizer(tied(random));
    const texts = Array.from({ length: 20 }, () => word(random, 12));
    const [native, ours] = [await nativeTokenizer(JSON.stringify(json)), new PipelineTokenizer(json)];
    const [expected, found] = [await native.tokenize(texts), await ours.tokenize(texts)];
    for (const [i, text] of texts.entries())
      assert.deepEqual([...found[i].ids], [...expected[i].ids], `${text}: ${JSON.stringify(json.model.vocab)}`);
  }
});

test('a trained vocabulary: VIII is V, I, II', async () => {
  const trained: Vocabulary = [['<unk>', 0], ['▁', -1.8831602799362877], ['I', -5.702140504545273], ['V', -5.868221983593997], ['II', -5.8703189375789036]]; // prettier-ignore
  const [found] = await new PipelineTokenizer(tokenizer(trained)).tokenize(['▁VIII']);
  const [expected] = await (await nativeTokenizer(JSON.stringify(tokenizer(trained)))).tokenize(['▁VIII']);
  assert.deepEqual([...found.ids], [...expected.ids]);
  assert.deepEqual([...found.ids], [1, 3, 2, 4]);
});

test('a class of Python reads the scores itself, without that rounding; a saved folder stays so', async () => {
  // transformers 5.24 on this folder: VIII is V, I, II with PreTrainedTokenizerFast, and V, II, I with XLMRobertaTokenizer
  const special: Vocabulary = [['<s>', 0], ['<pad>', 0], ['</s>', 0], ['<unk>', 0]]; // prettier-ignore
  const vocab: Vocabulary = [...special, ['▁', -1.8831602799362877], ['I', -5.702140504545273], ['V', -5.868221983593997], ['II', -5.8703189375789036], ['<mask>', 0]]; // prettier-ignore
  const json = tokenizer(vocab);
  json.model.unk_id = 3;
  json.pre_tokenizer = { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true } as never;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-ties-'));
  const names = { bos_token: '<s>', eos_token: '</s>', unk_token: '<unk>', sep_token: '</s>', cls_token: '<s>', pad_token: '<pad>', mask_token: '<mask>' }; // prettier-ignore
  const idsOf = async (dir: string) => [...(await (await Tokenizer.fromFolder(dir)).encode('VIII')).inputIds].filter((id) => id > 3); // prettier-ignore
  for (const [name, ids] of [
    ['PreTrainedTokenizerFast', [4, 6, 5, 7]],
    ['XLMRobertaTokenizer', [4, 6, 7, 5]],
  ] as const) {
    const added = special.map(([content], id) => ({ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true })); // prettier-ignore
    const processor = { type: 'RobertaProcessing', sep: ['</s>', 2], cls: ['<s>', 0], trim_offsets: true, add_prefix_space: false }; // prettier-ignore
    fs.writeFileSync(path.join(folder, 'tokenizer.json'), JSON.stringify({ ...json, added_tokens: added, post_processor: processor })); // prettier-ignore
    fs.writeFileSync(path.join(folder, 'tokenizer_config.json'), JSON.stringify({ tokenizer_class: name, ...names }));
    fs.writeFileSync(path.join(folder, 'config.json'), JSON.stringify({ model_type: 'xlm-roberta' }));
    assert.deepEqual(await idsOf(folder), ids, name);
    const saved = path.join(folder, name);
    await (await Tokenizer.fromFolder(folder)).save(saved);
    assert.ok(!fs.readFileSync(path.join(saved, 'tokenizer.json'), 'utf8').includes('exact_scores'));
    assert.deepEqual(await idsOf(saved), ids, name);
  }
});

test('numbers as serde_json reads them', () => {
  // a digit too many for a double, a power of ten too large for one step, what is exact anyway
  assert.equal(asRust(-4.3483446387040265), -(43483446387040265 / 1e16));
  assert.equal(asRust(5e-324), 5 / 1e308 / 1e16);
  for (const value of [0, -1, 0.5, -12.25, 1e-7, 123456]) assert.equal(asRust(value), value);
});
