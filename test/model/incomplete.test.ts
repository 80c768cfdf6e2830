// Folders that lack a part, and files that are something else: each is one line with a code; a head that is missing as a whole is to be trained.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { describe } from 'node:test';
import zlib from 'node:zlib';
import { SpanlabError } from '../../src/errors';
import { readConfig } from '../../src/model/config';
import { checkWeights } from '../../src/model/weight-checks';
import { aliases, weightNames } from '../../src/model/names';
import { type TensorData, writeSafetensors } from '../../src/model/safetensors/write';
import { WeightFiles } from '../../src/model/weight-files';
import { loadWeights } from '../../src/model/weights';
import { Tokenizer } from '../../src/tokens/tokenizer';

const TINY = path.join(__dirname, '..', 'reference', 'tiny');
const families = fs.readdirSync(TINY).filter((name) => fs.existsSync(path.join(TINY, name, 'model.safetensors')));
const temporary = () => fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));

function tensorsOf(folder: string): Map<string, TensorData> {
  const files = new WeightFiles(folder);
  const tensors = new Map(files.names.map((name) => [name, { shape: files.shape(name), values: files.read(name) }]));
  files.close();
  return tensors;
}

describe('without one tensor, whichever it is', () => {
  for (const family of families) {
    test(family, () => {
      const config = readConfig(path.join(TINY, family));
      const tensors = tensorsOf(path.join(TINY, family));
      const folder = temporary();
      const load = (lacking: (name: string) => boolean) => {
        const kept = new Map([...tensors].filter(([name]) => !lacking(name)));
        writeSafetensors(path.join(folder, 'model.safetensors'), kept);
        return loadWeights(folder, config)[1];
      };
      const names = weightNames(config);
      const needed = names.flatMap(({ name, sources }) => sources.map((source) => ({ name, source })));
      const answer = needed.filter(({ name }) => name.startsWith('answer.')).map(({ source }) => source);
      assert.equal(answer.length, 2);
      for (const { source } of needed) {
        const find = (name: string) => aliases(name).find((one) => tensors.has(one) && name !== source);
        const shape = (name: string) => tensors.get(name)!.shape;
        // a classifier without bias is one half of a head, a weight without it the other
        assert.throws(() => checkWeights(folder, config, names, { names: [], find, shape }), (error: SpanlabError) => error.code === 'E_MODEL_WEIGHTS' && error.message.includes(source), source); // prettier-ignore
      }
      assert.deepEqual(load((name) => answer.includes(name)).missing.sort(), [...answer].sort());
      const isHead = (name: string) => !needed.some(({ source }) => aliases(source).includes(name)) || answer.includes(name); // prettier-ignore
      assert.ok(load(isHead).missing.length === 2);
    });
  }
});

test('how much is missing, and some of it', () => {
  const tensors = tensorsOf(path.join(TINY, 'bert'));
  const folder = temporary();
  writeSafetensors(path.join(folder, 'model.safetensors'), new Map([...tensors].filter(([name]) => !name.endsWith('bias')))); // prettier-ignore
  assert.throws(() => loadWeights(folder, readConfig(path.join(TINY, 'bert'))), {
    code: 'E_MODEL_WEIGHTS',
    message: /\d\d tensors are missing: "bert\.embeddings\.LayerNorm\.bias", ".*", ".*", …; .*fetch the folder again/,
  });
});

const PAGE = '\n<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Please log in</body></html>\n';
const MISTAKES: [name: string, content: string | Buffer, message: RegExp][] = [
  ['a page to log in', PAGE, /HTML page, perhaps one to log in/],
  ['a page with a mark', `\ufeff<html lang="de"><body>${'x'.repeat(3000)}`, /HTML page/],
  ['an error of a storage', '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', /HTML page/],
  ['a pointer of Git LFS', 'version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 90\n', /pointer of Git LFS, not .*; run git lfs pull/], // prettier-ignore
  ['an error of a server', '{"error":"Repository not found"}', /server's answer, "Repository not found", .*token/],
  ['an error in words', 'Entry not found', /server's answer, "Entry not found"/],
  ['a packed file', zlib.gzipSync('x'.repeat(100)), /packed with gzip, .*unpack/],
  ['nothing', '', /is empty/],
];

describe('files that are something else', () => {
  for (const [name, content, message] of MISTAKES) {
    for (const file of ['model.safetensors', 'pytorch_model.bin', 'config.json', 'model.safetensors.index.json', 'tokenizer.json', 'tokenizer_config.json', 'vocab.txt']) {
      test(`${name} as ${file}`, async () => {
        const folder = temporary();
        fs.writeFileSync(path.join(folder, file), content);
        const isTokens = /^(?:tok|vocab)/.test(file);
        const config = file === 'config.json' ? undefined : readConfig(path.join(TINY, 'bert'));
        const open = async () => (isTokens ? Tokenizer.fromFolder(folder) : config ? loadWeights(folder, config) : readConfig(folder)); // prettier-ignore
        await assert.rejects(open, (error) => {
          assert.ok(error instanceof SpanlabError, String(error));
          assert.ok(/^E_(?:MODEL|SAFETENSORS|PICKLE|TOKENIZER)_/.test(error.code), error.code);
          assert.match(error.message, message);
          assert.ok(error.message.includes(path.join(folder, file)) && !error.message.includes('\n'));
          return true;
        });
      });
    }
  }
}); // prettier-ignore

test('a tokenizer of a kind that nobody knows', async () => {
  const folder = temporary();
  const json = {
    added_tokens: [],
    model: { type: 'Zoo', vocab: { '[UNK]': 0, '[CLS]': 1, '[SEP]': 2, '[PAD]': 3, a: 4 } },
  };
  fs.writeFileSync(path.join(folder, 'tokenizer.json'), JSON.stringify(json));
  await assert.rejects(Tokenizer.fromFolder(folder), { code: 'E_TOKENIZER_FILE', message: /model\.type is "Zoo"; known are BPE, WordPiece, WordLevel, Unigram/ }); // prettier-ignore
});

describe('a file of full length, of which a part never came', () => {
  for (const family of families) {
    test(`${family}: zeros in the second half of its bytes`, () => {
      const folder = temporary();
      const file = path.join(folder, 'model.safetensors');
      const bytes = new Uint8Array(fs.readFileSync(path.join(TINY, family, 'model.safetensors')));
      fs.writeFileSync(file, bytes.fill(0, Math.floor(bytes.length / 2)));
      const load = () => loadWeights(folder, readConfig(path.join(TINY, family)));
      assert.throws(load, (error: SpanlabError) => {
        assert.equal(error.code, 'E_MODEL_WEIGHTS');
        assert.ok(error.message.startsWith(`${file}: "`), error.message);
        assert.match(error.message, /zero, which no training leaves: a part of the file never came; fetch it again$/);
        return true;
      });
    });
  }

  const zeroed = (name: string, from = 0) => {
    const folder = temporary();
    const tensors = tensorsOf(path.join(TINY, 'bert'));
    const [found] = aliases(name).filter((one) => tensors.has(one));
    const values = tensors.get(found)!.values as Float32Array;
    values.fill(0, from * values.length);
    writeSafetensors(path.join(folder, 'model.safetensors'), tensors);
    return () => loadWeights(folder, readConfig(path.join(TINY, 'bert')));
  };

  test('matrices, factors of norms, and half a table of tokens', () => {
    const layer = 'bert.encoder.layer.1';
    for (const name of [
      `${layer}.attention.self.value.weight`,
      `${layer}.output.dense.weight`,
      `${layer}.output.LayerNorm.weight`,
    ])
      // prettier-ignore
      assert.throws(zeroed(name), new RegExp(`"${name}": all its values are zero`));
    assert.throws(zeroed('bert.embeddings.word_embeddings.weight', 0.5), /the second half of its values is zero/);
  });

  test('trained models may have zeros in biases, in rows of positions and types, and in rows of tokens that are not used', () => {
    const layer = 'bert.encoder.layer.1';
    for (const name of [
      `${layer}.attention.self.key.bias`,
      `${layer}.output.LayerNorm.bias`,
      'bert.embeddings.position_embeddings.weight',
      'bert.embeddings.token_type_embeddings.weight',
      'qa_outputs.bias',
    ])
      // prettier-ignore
      assert.doesNotThrow(zeroed(name), name);
    assert.doesNotThrow(zeroed('bert.embeddings.word_embeddings.weight', 0.6));
    assert.doesNotThrow(zeroed(`${layer}.output.dense.weight`, 0.1));
  });
});

describe('a vocabulary that was cut off', () => {
  const SPECIAL = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];
  const bert = (tokens: number, rows: unknown, more: Record<string, unknown> = {}) => {
    const folder = temporary();
    const lines = [...SPECIAL, ...Array.from({ length: tokens - SPECIAL.length }, (_, i) => `w${i}`)];
    fs.writeFileSync(path.join(folder, 'vocab.txt'), `${lines.join('\n')}\n`);
    fs.writeFileSync(path.join(folder, 'config.json'), JSON.stringify({ model_type: 'bert', vocab_size: rows }));
    for (const [name, content] of Object.entries(more)) fs.writeFileSync(path.join(folder, name), JSON.stringify(content)); // prettier-ignore
    return Tokenizer.fromFolder(folder);
  };

  test('vocab.txt: how many tokens there are and how many the model has', async () => {
    const message = /vocab\.txt: 15429 tokens, though the model has 30522 \(vocab_size in config\.json\): a part of it is missing; fetch the file again/; // prettier-ignore
    await assert.rejects(bert(15429, 30522), { code: 'E_TOKENIZER_FILE', message });
  });

  test('models have rows that no token takes: padding, rows kept for later, tokens of other files', async () => {
    const cases: [tokens: number, rows: unknown][] = [[30522, 30528], [32000, 32768], [28000, 30000], [130, 2000], [700, '30522']]; // prettier-ignore
    for (const [tokens, rows] of cases) assert.equal((await bert(tokens, rows)).vocabSize, tokens);
    const added = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`[NEW${i}]`, 20000 + i]));
    assert.equal((await bert(20000, 24500, { 'added_tokens.json': added })).vocabSize, 23000);
  });

  test('merges.txt, whose vocab.json is whole', async () => {
    const letters = Array.from('abcdefghijklmnopqrstuvwxyz');
    const merges = letters.flatMap((a) => letters.flatMap((b) => [`${a} ${b}`, `${a}${b} ${a}`]));
    const made = merges.map((merge) => merge.replace(' ', ''));
    const tokens = ['<s>', '<pad>', '</s>', '<unk>', '<mask>', ...letters, ...new Set(made)];
    const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]));
    const open = (count: number) => {
      const folder = temporary();
      fs.writeFileSync(path.join(folder, 'config.json'), JSON.stringify({ model_type: 'roberta' }));
      fs.writeFileSync(path.join(folder, 'vocab.json'), JSON.stringify(vocab));
      fs.writeFileSync(path.join(folder, 'merges.txt'), ['#version: 0.2', ...merges.slice(0, count)].join('\n'));
      return Tokenizer.fromFolder(folder);
    };
    assert.equal((await open(merges.length)).vocabSize, tokens.length);
    await assert.rejects(open(merges.length / 2), { code: 'E_TOKENIZER_FILE', message: /merges\.txt: 676 merges for 1\d+ tokens of several characters in vocab\.json: a part of it is missing/ }); // prettier-ignore
  });
});

test('a vocabulary of a class that is not read from it: what to do, and not that there is none', async () => {
  const folder = temporary();
  fs.writeFileSync(path.join(folder, 'tokenizer_config.json'), '{"tokenizer_class": "GPT2Tokenizer"}');
  for (const name of ['vocab.json', 'merges.txt']) fs.writeFileSync(path.join(folder, name), '{}');
  await assert.rejects(Tokenizer.fromFolder(folder), { code: 'E_FILE_MISSING', message: /no such file, and vocab\.json alone is not read for tokenizer_class GPT2Tokenizer; save the tokenizer in Python/ }); // prettier-ignore
});
