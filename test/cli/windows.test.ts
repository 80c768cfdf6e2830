// A model of 128 positions, long texts and a long question: every command cuts its windows by one rule (src/tokens/window-lengths.ts).
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test, { before, describe } from 'node:test';
import { Tokenizer } from '../../src/tokens/tokenizer';
import { defaultStride, windowsFor } from '../../src/tokens/window-lengths';
import { windows } from '../../src/tokens/windows';
import { spanlab } from './run';
import { smallModel } from './small-model';

const CONTEXT = `${'The old mill of Tarn was sold. '.repeat(60)}Ilse Brandt bought it in 1903.`;
const LONG = `Who ${'of all those who lived there '.repeat(11)}bought it?`;

let model: string;
let data: string;
before(async () => {
  model = await smallModel(128);
  data = path.join(path.dirname(model), 'long.json');
  const answers = [{ text: 'Ilse Brandt', answer_start: CONTEXT.indexOf('Ilse') }];
  const qas = [{ id: 'a', question: 'Who bought it?', answers }, { id: 'b', question: LONG, answers }, { id: 'c', question: 'Who sold it?', answers: [], is_impossible: true }]; // prettier-ignore
  fs.writeFileSync(data, JSON.stringify({ version: 'v2.0', data: [{ title: 'M', paragraphs: [{ context: CONTEXT, qas }] }] })); // prettier-ignore
});

test('the rule: run_qa’s lengths, never more than the model has positions, an overlap of half a window at most', async () => {
  assert.deepEqual(windowsFor({ maxPositions: 512 }, {}), { maxLength: 384 });
  assert.deepEqual(windowsFor({ maxPositions: 128 }, { docStride: 32 }), { maxLength: 128, docStride: 32 });
  assert.deepEqual([384, 256, 128, 65].map(defaultStride), [128, 128, 64, 32]);
  const record = { id: 'b', title: '', context: CONTEXT, question: LONG, answers: [], plausibleAnswers: [], isImpossible: true }; // prettier-ignore
  const tokenizer = await Tokenizer.fromFolder(model);
  const { count } = await windows([record], tokenizer, { maxLength: 128 });
  assert.ok(count > 10);
  await assert.rejects(windows([record], tokenizer, { maxLength: 128, docStride: 64 }), { code: 'E_TOKENS_OVERLAP' });
});

describe('each command', () => {
  const commands: [name: string, args: () => string[]][] = [
    ['evaluate', () => ['evaluate', '--model', model, '--data', data]],
    ['tune', () => ['tune', '--model', model, '--data', data]],
    ['train', () => ['train', '--model', model, '--train', data, '--dev', data, '--steps', '1', '--max-length', '200', '--batch', '2', '--out', path.join(path.dirname(model), 'run')]],
    ['ask --data', () => ['ask', '--model', model, '--data', data]],
    ['ask', () => ['ask', '--model', model, '--question', LONG.slice(0, 200), '--context', CONTEXT]],
    ['filter', () => ['filter', '--model', model, '--data', data, '--least', '0', '--out', path.join(path.dirname(model), 'kept.json')]],
  ];
  for (const [name, args] of commands) {
    test(name, async () => {
      const { code, stderr } = await spanlab(args());
      assert.equal(code, 0, stderr);
      assert.match(stderr, /^windows have 128 tokens, not \d+: the model has no more positions$/m);
    });
  }
}); // prettier-ignore
