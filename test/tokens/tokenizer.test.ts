// Folders in and out: what is loaded, what is refused, and that a saved folder is the same tokenizer.
import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { Tokenizer } from '../../src/tokens/tokenizer';
import { reference } from './reference';
import { loadTokenizer, vocabularyFolder } from './vocabulary';

const texts = reference.strings.map(([text]) => text);

async function withFolder(run: (folder: string, source: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'spanlab-tokenizer-'));
  try {
    await run(folder, await vocabularyFolder());
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function assertSame(ours: Tokenizer, expected: Tokenizer): Promise<void> {
  const [a, b] = [await ours.encodeBatch(texts, texts), await expected.encodeBatch(texts, texts)];
  assert.deepEqual(a.rows.inputIds, b.rows.inputIds);
  assert.deepEqual(a.rows.offsets, b.rows.offsets);
  assert.deepEqual(a.rows.tokenTypeIds, b.rows.tokenTypeIds);
}

const edit = async (file: string, change: (json: Record<string, unknown>) => unknown) => {
  const json = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  await writeFile(file, JSON.stringify(change(json)));
};

test('special tokens, limit and size of the vocabulary', async () => {
  for (const backend of ['native', 'typescript'] as const) {
    const { padId, unkId, clsId, sepId, maskId, modelMaxLength, vocabSize } = await loadTokenizer(backend);
    assert.deepEqual([padId, unkId, clsId, sepId, maskId], [0, 100, 101, 102, 103]);
    assert.deepEqual([modelMaxLength, vocabSize], [512, 30522]);
  }
});

test("a folder's own truncation and padding are ignored", async () => {
  const tokenizer = await loadTokenizer();
  assert.equal((await tokenizer.encode('word '.repeat(600))).length, 602);
  assert.equal((await tokenizer.encode('word')).length, 3);
});

test('vocab.txt with its configuration is the same tokenizer as tokenizer.json', () =>
  withFolder(async (folder, source) => {
    for (const name of ['vocab.txt', 'tokenizer_config.json'])
      await cp(path.join(source, name), path.join(folder, name));
    await assertSame(await Tokenizer.fromFolder(folder), await loadTokenizer());
    await assertSame(await Tokenizer.fromFolder(folder, 'native'), await loadTokenizer());
    await rm(path.join(folder, 'tokenizer_config.json'));
    assert.equal((await Tokenizer.fromFolder(folder)).modelMaxLength, Infinity);
  }));

test('a cased vocabulary keeps capitals and accents', () =>
  withFolder(async (folder, source) => {
    await cp(path.join(source, 'vocab.txt'), path.join(folder, 'vocab.txt'));
    await writeFile(path.join(folder, 'tokenizer_config.json'), '{"do_lower_case": false}');
    const tokens = (await (await Tokenizer.fromFolder(folder)).encode('The the é')).tokens();
    assert.deepEqual(tokens.slice(2), ['the', '[UNK]', '[SEP]']);
  }));

test('save: the four files, and the same tokenizer again', () =>
  withFolder(async (folder) => {
    const tokenizer = await loadTokenizer();
    const target = path.join(folder, 'new', 'folder');
    await tokenizer.save(target);
    assert.deepEqual((await readdir(target)).sort(), ['special_tokens_map.json', 'tokenizer.json', 'tokenizer_config.json', 'vocab.txt']); // prettier-ignore
    const saved = await Tokenizer.fromFolder(target);
    await assertSame(saved, tokenizer);
    assert.equal(saved.fingerprint(), tokenizer.fingerprint());
    const vocabulary = await readFile(path.join(await vocabularyFolder(), 'vocab.txt'), 'utf8');
    assert.equal(await readFile(path.join(target, 'vocab.txt'), 'utf8'), vocabulary);
    const map = JSON.parse(await readFile(path.join(target, 'special_tokens_map.json'), 'utf8')) as unknown;
    assert.deepEqual(map, { cls_token: '[CLS]', mask_token: '[MASK]', pad_token: '[PAD]', sep_token: '[SEP]', unk_token: '[UNK]' }); // prettier-ignore
  }));

test('save where nothing can be written names the place', () =>
  withFolder(async (folder) => {
    await writeFile(path.join(folder, 'file'), '');
    const tokenizer = await loadTokenizer();
    await assert.rejects(tokenizer.save(path.join(folder, 'file')), /file/);
  }));

test('folders that are no tokenizer', () =>
  withFolder(async (folder, source) => {
    await assert.rejects(Tokenizer.fromFolder(folder), { code: 'E_FILE_MISSING' });
    const file = path.join(folder, 'tokenizer.json');
    await writeFile(file, '{"model": ');
    await assert.rejects(Tokenizer.fromFolder(folder), {
      code: 'E_TOKENIZER_FILE',
      message: /tokenizer\.json: not valid JSON/,
    });
    await writeFile(file, '{}');
    await assert.rejects(Tokenizer.fromFolder(folder), { code: 'E_TOKENIZER_FILE', message: /no model\.vocab/ });
    await cp(path.join(source, 'tokenizer.json'), file);
    await edit(file, (json) => ({
      ...json,
      added_tokens: [],
      post_processor: null,
      model: { ...(json.model as object), vocab: { '[UNK]': 0, the: 1 } },
    }));
    await assert.rejects(Tokenizer.fromFolder(folder), { code: 'E_TOKENIZER_SPECIAL', message: /pad_token/ });
  }));

test('special tokens that vocab.txt lacks are added behind it, in the order of transformers', () =>
  withFolder(async (folder) => {
    await writeFile(path.join(folder, 'vocab.txt'), '[PAD]\n[UNK]\nthe\n');
    const encoding = await (await Tokenizer.fromFolder(folder)).encode('the', 'the');
    // BertTokenizerFast of transformers 5.23 on the same file
    assert.deepEqual([...encoding.inputIds], [4, 2, 3, 2, 3]);
    assert.deepEqual(encoding.tokens(), ['[CLS]', 'the', '[SEP]', 'the', '[SEP]']);
  }));

test('what TypeScript does not know goes to the native package, and is refused when TypeScript was asked for', () =>
  withFolder(async (folder, source) => {
    const file = path.join(folder, 'tokenizer.json');
    assert.equal((await Tokenizer.fromFolder(source)).texts.name, 'typescript');
    const change = (json: Record<string, unknown>) => ({ ...json, normalizer: { type: 'Nmt' } });
    await cp(path.join(source, 'tokenizer.json'), file);
    await edit(file, change);
    assert.equal((await Tokenizer.fromFolder(folder)).texts.name, 'native');
    await assert.rejects(Tokenizer.fromFolder(folder, 'typescript'), { code: 'E_TOKENIZER_UNSUPPORTED', message: /Nmt/ }); // prettier-ignore
    await edit(file, (json) => ({ ...json, pre_tokenizer: { type: 'NoSuchThing' } }));
    await assert.rejects(Tokenizer.fromFolder(folder), { code: 'E_TOKENIZER_NATIVE' });
  }));

test('post-processors of BERT, RoBERTa and none place special tokens as the native package does', () =>
  withFolder(async (folder, source) => {
    const file = path.join(folder, 'tokenizer.json');
    const cls = ['[CLS]', 101];
    const sep = ['[SEP]', 102];
    const roberta = { type: 'RobertaProcessing', sep, cls, trim_offsets: true, add_prefix_space: false };
    for (const [processor, ids, types] of [
      [{ type: 'BertProcessing', sep, cls }, [101, 1996, 102, 1996, 102], [0, 0, 0, 1, 1]],
      [roberta, [101, 1996, 102, 102, 1996, 102], [0, 0, 0, 0, 0, 0]],
      [{ type: 'Sequence', processors: [roberta] }, [101, 1996, 102, 102, 1996, 102], [0, 0, 0, 0, 0, 0]],
      [null, [1996, 1996], [0, 0]],
    ]) {
      await cp(path.join(source, 'tokenizer.json'), file);
      await edit(file, (json) => ({ ...json, post_processor: processor }));
      const encoding = await (await Tokenizer.fromFolder(folder)).encode('the', 'the');
      assert.deepEqual([[...encoding.inputIds], [...encoding.tokenTypeIds]], [ids, types]);
    }
    await edit(file, (json) => ({ ...json, post_processor: { type: 'Strange' } }));
    await assert.rejects(Tokenizer.fromFolder(folder, 'typescript'), { code: 'E_TOKENIZER_UNSUPPORTED' });
  }));

test('calls that cannot be met', async () => {
  const tokenizer = await loadTokenizer();
  await assert.rejects(tokenizer.encodeBatch(['a'], ['b', 'c']), { code: 'E_TOKENS_PAIRS' });
  await assert.rejects(tokenizer.encodeBatch(['a'], undefined, { truncation: 'only_second' }), {
    code: 'E_TOKENS_PAIRS',
  });
  for (const maxLength of [0, 3, 10.5]) {
    await assert.rejects(tokenizer.encodeBatch(['a'], ['b'], { truncation: true, maxLength }), {
      code: 'E_TOKENS_LENGTH',
    });
  }
  assert.equal((await tokenizer.encodeBatch([])).length, 0);
});
