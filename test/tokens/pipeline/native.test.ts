// Byte pairs and Unigram in TypeScript against the native package: ids, offsets, words and decoded texts of generated strings.
// SPANLAB_FUZZ=100000 for the long run; the tokenizers were made by test/reference/pipeline_tokenizers.py.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { gunzipSync } from 'node:zlib';
import { checkTokenizerJson } from '../../../src/tokens/json-checks';
import { nativeTokenizer } from '../../../src/tokens/native';
import { PipelineTokenizer } from '../../../src/tokens/pipeline/tokenizer';
import type { TextTokens } from '../../../src/tokens/text-tokens';
import type { TokenizerJson } from '../../../src/tokens/tokenizer-json';
import { multilingual } from './multilingual';
import { Strings } from './strings';

const folder = path.join(__dirname, '..', '..', 'reference', 'pipeline');
export const KINDS = fs.readdirSync(folder).filter((name) => name.endsWith('.json.gz')).map((name) => name.slice(0, -8)); // prettier-ignore
const RUNS = Number(process.env.SPANLAB_FUZZ ?? 500);
const BATCH = 250;

function load(kind: string): TokenizerJson {
  const text = gunzipSync(fs.readFileSync(path.join(folder, `${kind}.json.gz`))).toString();
  return checkTokenizerJson(JSON.parse(text) as Record<string, unknown>, kind);
}

const show = ({ ids, offsets, words }: TextTokens) => ({
  ids: ids.join(),
  offsets: offsets.join(),
  words: words().join(),
});

for (const [i, kind] of KINDS.entries()) {
  test(`${kind}: ${RUNS} generated strings`, async () => {
    const json = load(kind);
    const [native, ours] = [await nativeTokenizer(JSON.stringify(json)), new PipelineTokenizer(json)];
    const strings = new Strings(1000 + i);
    let tokens = 0;
    for (let done = 0; done < RUNS; done += BATCH) {
      const texts = Array.from({ length: Math.min(BATCH, RUNS - done) }, () => strings.next());
      const [expected, found] = [await native.tokenize(texts), await ours.tokenize(texts)];
      for (const [j, text] of texts.entries()) {
        assert.deepEqual(show(found[j]), show(expected[j]), `${JSON.stringify(text)}`);
        tokens += found[j].ids.length;
      }
      const ids = [...found[0].ids];
      for (const skips of [false, true]) assert.equal(await ours.decode(ids, skips), await native.decode(ids, skips));
    }
    assert.ok(tokens > 4 * RUNS);
  });
}

for (const kind of KINDS) {
  test(`${kind}: whole sentences of every language, and one long text`, async () => {
    const json = load(kind);
    const [native, ours] = [await nativeTokenizer(JSON.stringify(json)), new PipelineTokenizer(json)];
    const texts = [...multilingual.filter((_, i) => i % 8 === 0), multilingual.slice(0, 120).join(' '), 'x'.repeat(3000), '\u0e01'.repeat(800)]; // prettier-ignore
    const [expected, found] = [await native.tokenize(texts), await ours.tokenize(texts)];
    for (const [j, text] of texts.entries()) assert.deepEqual(show(found[j]), show(expected[j]), text.slice(0, 80));
    assert.equal(ours.vocabSize, native.vocabSize);
  });
}
