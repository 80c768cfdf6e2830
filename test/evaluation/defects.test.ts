// Where other implementations went wrong: answers at the edges, unknown tokens, runs of newlines, long texts, padding.
import assert from 'node:assert/strict';
import test, { before, describe } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { chooseBackend } from '../../src/engine/backend';
import { computeLogits } from '../../src/evaluation/logits';
import { predictSpans } from '../../src/evaluation/spans';
import type { QuestionAnsweringModel } from '../../src/model/question-answering';
import type { ModelInputs } from '../../src/model/inputs';
import { ensureWorkshopEncoder } from '../../src/model/workshop-encoder';
import type { SquadRecord } from '../../src/squad/record';
import { Tokenizer } from '../../src/tokens/tokenizer';
import type { WindowOptions } from '../../src/tokens/window-lengths';
import { windows } from '../../src/tokens/windows';

let tokenizer: Tokenizer;
before(async () => {
  await chooseBackend();
  tokenizer = await Tokenizer.fromFolder(await ensureWorkshopEncoder());
});

function record(context: string, text: string, question = 'Which?'): SquadRecord {
  const answers = [{ text, answerStart: context.indexOf(text) }];
  return { id: 'q', title: '', context, question, answers, plausibleAnswers: [], isImpossible: false };
}

/** What comes back for scores that are highest at the answer's own tokens, in every window that holds it. */
async function roundTrip(context: string, text: string, options: WindowOptions = {}): Promise<string> {
  const one = record(context, text);
  const features = await windows([one], tokenizer, options);
  const [startLogits, endLogits] = [0, 1].map(() => new Float32Array(features.inputIds.length));
  for (let row = 0; row < features.count; row++) {
    startLogits[features.rowStart[row] + features.startPositions[row]] = 9;
    endLogits[features.rowStart[row] + features.endPositions[row]] = 9;
  }
  const [{ best }] = predictSpans([one], features, { startLogits, endLogits });
  assert.equal(context.slice(best[0].start, best[0].end), best[0].text);
  return best[0].text;
}

describe('an answer comes back as it stands in the text', () => {
  const LONG = Array.from({ length: 5000 }, (_, i) => `word${i}`).join(' ');
  const cases: [name: string, context: string, answer: string][] = [
    ['the first word', 'Ada won the race.', 'Ada'],
    ['the last word', 'The race was won by Ada', 'Ada'],
    ['all of the text', 'Ada won', 'Ada won'],
    ['with an unknown token inside', 'She drew the sign 𓀀𓁐 of Memphis twice.', 'sign 𓀀𓁐 of Memphis'],
    ['nothing but an unknown token', 'She drew 𓀀 there.', '𓀀'],
    ['over runs of newlines', 'First\n\n\n\n\r\n\r\n  the red\n\n\nhouse\n\n\n burned.', 'red\n\n\nhouse'],
    ['behind a thousand newlines', `Start${'\n'.repeat(1000)}the end`, 'the end'],
    ['with combining marks and cases', 'In ÀÉÎ ÓÇ a\u0301b they met.', 'ÀÉÎ ÓÇ a\u0301b'],
    ['the first of 5,000 words', LONG, 'word0'],
    ['in the middle of 5,000 words', LONG, 'word2499 word2500'],
    ['the last of 5,000 words', LONG, 'word4999'],
  ];
  for (const [name, context, answer] of cases) {
    test(name, async () => assert.equal(await roundTrip(context, answer, { maxLength: 128, docStride: 32 }), answer));
  }
});

test('padding is never chosen, though a model may score it highest', async () => {
  const scores = ({ inputIds }: ModelInputs): tf.Tensor2D =>
    tf.tidy(() => tf.equal(inputIds, tokenizer.padId).toFloat().mul(100)) as tf.Tensor2D;
  const forward = (inputs: ModelInputs) => ({ startLogits: scores(inputs), endLogits: scores(inputs) });
  const records = ['Ada won.', `Ada won ${'the long '.repeat(40)}race.`].map((context) => record(context, 'Ada'));
  const features = await windows(records, tokenizer);
  const logits = await computeLogits(
    { config: { vocabularySize: 30522, typeVocabularySize: 2 }, forward } as unknown as QuestionAnsweringModel,
    features,
  );
  assert.ok(logits.startLogits.every((score) => score === 0));
  for (const [i, { best }] of predictSpans(records, features, logits).entries()) {
    for (const { start, end, text } of best) {
      assert.ok(start < end && end <= records[i].context.length && text !== '');
    }
  }
});

test('a question that leaves no room for its text is an error that names it', async () => {
  const long = record('Ada won.', 'Ada', 'really '.repeat(400));
  await assert.rejects(windows([long], tokenizer), { code: 'E_TOKENS_TOO_LONG', message: /question q/ });
});
