// Archives as the site makes and takes them: what is packed comes out again, and what is damaged or leads out is refused.
import assert from 'node:assert/strict';
import test from 'node:test';
import { strToU8, zipSync } from 'fflate';
import fc from 'fast-check';
import { packFiles, plainName, unpackFiles } from '../../site/browser/zip';

const bytesOf = async (blob: Blob) => new Uint8Array(await blob.arrayBuffer());
const refusal = (problem: RegExp) => ({ code: 'E_FILE', message: problem });

test('what is packed comes out again, weights included, without the folder around it', async () => {
  const files: [string, Uint8Array][] = [
    ['config.json', strToU8('{}')],
    ['model.safetensors', new Uint8Array(100_000).map((_, i) => i % 251)],
    ['onnx/model.onnx', strToU8('graph')],
    ['empty.txt', new Uint8Array()],
  ];
  assert.deepEqual([...unpackFiles('a.zip', await bytesOf(packFiles('mine', files)))], files);
});

test('any files come out as they went in', async () => {
  const file = fc.tuple(fc.stringMatching(/^[a-z]{1,8}\.(txt|onnx)$/), fc.uint8Array({ maxLength: 300 }));
  const all = fc.uniqueArray(file, { minLength: 1, maxLength: 6, selector: ([name]) => name });
  await fc.assert(
    fc.asyncProperty(all, async (files) => {
      const unpacked = unpackFiles('a.zip', await bytesOf(packFiles('x', files)));
      assert.deepEqual([...unpacked], files);
    }),
    { numRuns: 50 },
  );
});

test('what systems put beside files is left away, and a folder only where it holds everything', () => {
  const zip = zipSync({
    'a/config.json': strToU8('1'),
    '__MACOSX/a/._config.json': strToU8('2'),
    'a/.DS_Store': strToU8('3'),
  });
  assert.deepEqual([...unpackFiles('a.zip', zip).keys()], ['config.json']);
  const flat = zipSync({ 'config.json': strToU8('1'), 'onnx/model.onnx': strToU8('2') });
  assert.deepEqual([...unpackFiles('a.zip', flat).keys()], ['config.json', 'onnx/model.onnx']);
});

test('archives that are none, or would write elsewhere, are refused', () => {
  assert.throws(() => unpackFiles('a.zip', strToU8('PK')), refusal(/^a\.zip: it is no zip archive, or damaged/));
  assert.throws(() => unpackFiles('a.zip', zipSync({})), refusal(/nothing is in it/));
  for (const name of ['../x', '/x', 'a/../../x', 'c:/x', 'a\\x']) {
    assert.throws(() => unpackFiles('a.zip', zipSync({ [name]: strToU8('1') })), refusal(/would lie outside/), name);
  }
});

test('names of folders are made of names of files', () => {
  assert.deepEqual(['My model (1).zip', 'a/b/mine.zip', '../..zip', 'modèle.zip', 'v1.2.zip'].map(plainName), [
    'My-model-1',
    'mine',
    'model',
    'modèle',
    'v1.2',
  ]);
});
