// A published folder in transformers.js (`@xenova/transformers`), offline from disk: our answers, in each precision.
import assert from 'node:assert/strict';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { env, pipeline } from '@xenova/transformers';
import { type AskedAnswer, questionAnswering } from '../../src/evaluation/answer';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import { writeOnnx } from '../../src/publish/onnx/write';
import { Tokenizer } from '../../src/tokens/tokenizer';
import { CONTEXT, decidedModel, QUESTIONS, removeModel } from './small-model';

let folder: string;
const ours: AskedAnswer[] = [];

before(async () => {
  folder = await decidedModel();
  const model = QuestionAnsweringModel.fromPretrained(folder);
  await writeOnnx(model, folder);
  const answer = questionAnswering(model, await Tokenizer.fromFolder(folder));
  // as that pipeline has it: an answer of any length, and parts of words
  for (const question of QUESTIONS) {
    ours.push(...(await answer(question, CONTEXT, { maxAnswerLength: 384, alignToWords: false })));
  }
});
after(() => removeModel(folder));

/** Scores differ by so much, relatively: seen were 4e-6, 0.004 and 0.17. */
const BOUNDS = { fp32: 1e-4, fp16: 0.02, q8: 0.4 };
/** Their answer is put together from tokens: small letters, and spaces of its own. */
const plain = (text: string) => text.toLowerCase().replace(/\s+/g, '');

for (const [dtype, bound] of Object.entries(BOUNDS) as [keyof typeof BOUNDS, number][]) {
  test(`question-answering with dtype ${dtype}`, async () => {
    [env.allowRemoteModels, env.localModelPath] = [false, path.dirname(folder)];
    const answer = await pipeline('question-answering', path.basename(folder), { dtype });
    for (const [i, question] of QUESTIONS.entries()) {
      const theirs = await answer(question, CONTEXT);
      assert.equal(plain(theirs.answer), plain(ours[i].answer));
      assert.ok(Math.abs(theirs.score / ours[i].score - 1) < bound, `${theirs.score} and ${ours[i].score}`);
    }
    await answer.dispose();
  });
}
