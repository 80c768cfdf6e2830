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
