// Our tokens against those of Python's transformers; versions and texts are in test/reference/tokens.json.
import assert from 'node:assert/strict';
import test from 'node:test';
import { codePointStarts } from '../../src/tokens/code-points';
import { windows } from '../../src/tokens/windows';
import { digest, reference, referenceRecords, toEncodeOptions, toFeatureRow, toRow, withoutWords } from './reference';
import { BACKENDS, loadTokenizer } from './vocabulary';

const texts = reference.strings.map(([text]) => text);
const longText = referenceRecords[0].context.repeat(3);
const next = [...texts.slice(7), ...texts.slice(0, 7)];

function pairsFor(truncation: unknown): [string[], string[]] {
  const long = texts.map(() => longText);
  if (truncation === 'only_first') return [long, texts];
  return [texts, truncation === 'only_second' ? long : next];
}

for (const backend of BACKENDS) {
  test(`${backend}: ids, offsets, words, charToToken and decode of ${texts.length} hard texts`, async () => {
    const tokenizer = await loadTokenizer(backend);
    const batch = await tokenizer.encodeBatch(texts);
    assert.ok(texts.length >= 200);
    for (const [i, [text, ids, offsets, words, chars, decoded, decodedText]] of reference.strings.entries()) {
      const row = batch.at(i);
      const name = JSON.stringify(text);
      assert.deepEqual([...row.inputIds], ids, `ids of ${name}`);
      assert.deepEqual([...row.offsets], offsets, `offsets of ${name}`);
      assert.deepEqual(row.wordIds().map((word) => word ?? -1), words, `words of ${name}`); // prettier-ignore
      const starts = [...codePointStarts(text)].slice(0, -1);
      assert.deepEqual(starts.map((at) => row.charToToken(at) ?? -1), chars, `charToToken of ${name}`); // prettier-ignore
      assert.equal(await tokenizer.decode(ids), decoded, `decode of ${name}`);
      assert.equal(await tokenizer.decode(ids, { skipSpecialTokens: true }), decodedText, `decode of ${name}`);
    }
  });

  test(`${backend}: pairs with every truncation, padding and overflow option`, async () => {
    const tokenizer = await loadTokenizer(backend);
    for (const [options, expected] of reference.options) {
      const batch = await tokenizer.encodeBatch(...pairsFor(options.truncation), toEncodeOptions(options));
      assert.deepEqual(digest([...batch].map((row) => toRow(row))), expected, JSON.stringify(options));
    }
  });

  test(`${backend}: single texts in windows`, async () => {
    const tokenizer = await loadTokenizer(backend);
    const [options, expected] = reference.singleOptions;
    const batch = await tokenizer.encodeBatch(texts, undefined, toEncodeOptions(options));
    assert.deepEqual(digest([...batch].map((row) => toRow(row))), expected);
  });

  for (const [order, maxLength, docStride, rows] of reference.windows) {
    test(`${backend}: windows and labels of run_qa, ${order}`, async () => {
      const features = await windows(referenceRecords, await loadTokenizer(backend), { order, maxLength, docStride });
      const ours = Array.from({ length: features.count }, (_, row) => toFeatureRow(features, row));
      assert.deepEqual(ours, rows.map(withoutWords));
    });
  }
}
