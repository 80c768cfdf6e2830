// Windows kept on disk: found again, told apart, made anew when damaged.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { cachedWindows, featuresKey } from '../../src/tokens/cache';
import { readFeatures, writeFeatures } from '../../src/tokens/feature-file';
import { windows } from '../../src/tokens/windows';
import { referenceRecords as records } from './reference';
import { loadTokenizer } from './vocabulary';

async function withFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'spanlab-cache-'));
  try {
    await run(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const options = { maxLength: 40, docStride: 10 };

test('what is read is what was written, to the bit', () =>
  withFolder(async (folder) => {
    const features = await windows(records, await loadTokenizer(), options);
    writeFeatures(path.join(folder, 'a.bin'), features);
    assert.deepEqual(await readFeatures(path.join(folder, 'a.bin')), features);
    assert.deepEqual(await readdir(folder), ['a.bin']);
  }));

test('no records: empty features, kept like others', () =>
  withFolder(async (folder) => {
    const tokenizer = await loadTokenizer();
    const first = await cachedWindows([], tokenizer, options, folder);
    assert.equal(first.count, 0);
    assert.deepEqual(await cachedWindows([], tokenizer, options, folder), first);
  }));

test('a second call reads the file of the first', () =>
  withFolder(async (folder) => {
    const tokenizer = await loadTokenizer();
    const first = await cachedWindows(records, tokenizer, options, folder);
    const [name] = await readdir(folder);
    // a mark in the file shows that it was read
    const features = await readFeatures(path.join(folder, name));
    features.inputIds[1] = 7;
    writeFeatures(path.join(folder, name), features);
    const second = await cachedWindows(records, tokenizer, options, folder);
    assert.equal(second.inputIds[1], 7);
    assert.equal(second.count, first.count);
    assert.deepEqual(await readdir(folder), [name]);
  }));

test('a file cut short, of another format, or empty is made anew', () =>
  withFolder(async (folder) => {
    const tokenizer = await loadTokenizer();
    const first = await cachedWindows(records, tokenizer, options, folder);
    const file = path.join(folder, (await readdir(folder))[0]);
    const whole = await readFile(file);
    for (const damage of [
      () => truncate(file, whole.length - 1),
      () => truncate(file, 100),
      () => writeFile(file, ''),
      () => writeFile(file, Buffer.concat([Buffer.from('{"format":"another"}'.padEnd(512)), whole.subarray(512)])),
    ]) {
      await damage();
      assert.deepEqual(await cachedWindows(records, tokenizer, options, folder), first);
      assert.deepEqual(await readFile(file), whole);
    }
  }));

test('the key tells data, labels, options and tokenizers apart, and nothing else', async () => {
  const tokenizer = await loadTokenizer();
  const [first, ...rest] = records;
  const keys = await Promise.all([
    featuresKey(records, tokenizer, options),
    featuresKey(records, tokenizer, { ...options, docStride: 11 }),
    featuresKey(records, tokenizer, { ...options, maxLength: 41 }),
    featuresKey(records, tokenizer, { ...options, order: 'context-first' }),
    featuresKey(rest, tokenizer, options),
    featuresKey([...rest, first], tokenizer, options),
    featuresKey([{ ...first, question: 'Else?' }, ...rest], tokenizer, options),
    featuresKey([{ ...first, context: `${first.context} ` }, ...rest], tokenizer, options),
    featuresKey([{ ...first, isImpossible: true }, ...rest], tokenizer, options),
    featuresKey([{ ...first, answers: [{ text: 'The', answerStart: 0 }] }, ...rest], tokenizer, options),
  ]);
  assert.equal(new Set(keys).size, keys.length);
  const same = await featuresKey([{ ...first, id: 'another' }, ...rest], await loadTokenizer('typescript'), { ...options, order: 'question-first' }); // prettier-ignore
  assert.equal(same, keys[0]);
});

test('a folder that cannot be made: a warning, and the features all the same', () =>
  withFolder(async (folder) => {
    await writeFile(path.join(folder, 'file'), '');
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
    const features = await cachedWindows(records, await loadTokenizer(), options, path.join(folder, 'file', 'below'));
    assert.ok(features.count >= records.length);
    assert.match((await warned).message, /not kept for the next run.*below/);
  }));
