// Answers beside those of transformers' question-answering pipeline for the same scores: test/reference/pipeline.py wrote them.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test, { before, describe } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { chooseBackend } from '../../src/engine/backend';
import { type AskOptions, type AskedAnswer, ask, askAll } from '../../src/evaluation/answer';
import type { QuestionAnsweringModel } from '../../src/model/question-answering';
import type { ModelInputs } from '../../src/model/inputs';
import { ensureWorkshopEncoder } from '../../src/model/workshop-encoder';
import { Tokenizer } from '../../src/tokens/tokenizer';

interface Case {
  questions: string[];
  context: string;
  parameters: Record<string, number | boolean>;
  answers: AskedAnswer[][];
}
const file = path.join(__dirname, '..', 'reference', 'pipeline.json');
const { cases } = JSON.parse(fs.readFileSync(file, 'utf8')) as { cases: Case[] };

let tokenizer: Tokenizer;
before(async () => {
  await chooseBackend();
  tokenizer = await Tokenizer.fromFolder(await ensureWorkshopEncoder());
});

/** The scores of the reference's formula: of a token's id and its position in the row. */
function score({ inputIds }: ModelInputs, which: number): tf.Tensor2D {
  const [, sequence] = inputIds.shape;
  const hash = (id: number, i: number) => (id * 7919 + (i % sequence) * 104729 + which * 15485863) % 100003;
  return tf.tensor2d(
    Float32Array.from(inputIds.dataSync(), (id, i) => hash(id, i) / 8000),
    inputIds.shape,
  );
}

function formulaModel(nullThreshold?: number): QuestionAnsweringModel {
  const forward = (inputs: ModelInputs) => ({ startLogits: score(inputs, 1), endLogits: score(inputs, 2) });
  return {
    config: { maxPositions: 512, vocabularySize: 30522, typeVocabularySize: 2, nullThreshold },
    forward,
  } as unknown as QuestionAnsweringModel;
}

/** The task's names of parameters, and ours. */
const NAMES: Record<string, keyof AskOptions> = {
  top_k: 'topK',
  doc_stride: 'docStride',
  max_answer_len: 'maxAnswerLength',
  max_seq_len: 'maxLength',
  handle_impossible_answer: 'handleImpossibleAnswer',
  align_to_words: 'alignToWords',
};

describe('as the pipeline answers', () => {
  for (const { questions, context, parameters, answers } of cases) {
    const windows = context.length > 200 ? 'many windows' : 'one window';
    test(`${questions.length} questions, ${windows}, ${JSON.stringify(parameters)}`, async () => {
      const options = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [NAMES[name], value]));
      const ours = await askAll(formulaModel(), tokenizer, questions, context, options);
      const words = (lists: AskedAnswer[][]) =>
        lists.map((list) => list.map(({ answer, start, end }) => ({ answer, start, end })));
      assert.deepEqual(words(ours), words(answers));
      const scores = (lists: AskedAnswer[][]) => lists.flat().map((one) => one.score);
      scores(ours).forEach((mine, i) => assert.ok(Math.abs(mine - scores(answers)[i]) < 1e-6));
    });
  }
});

describe('beyond the pipeline', () => {
  const CONTEXT = 'Ada won the race in Turin.';

  test("a model's threshold decides where no answer stands", async () => {
    const none = { answer: '', start: 0, end: 0 };
    const first = async (threshold: number) => (await ask(formulaModel(threshold), tokenizer, 'Who?', CONTEXT))[0];
    const { score: share, ...eager } = await first(-100);
    assert.deepEqual(eager, none);
    assert.ok(share > 0 && share < 1);
    assert.notDeepEqual((await first(100)).answer, '');
    const all = await ask(formulaModel(100), tokenizer, 'Who?', CONTEXT, { topK: 100 });
    assert.deepEqual({ ...all.at(-1), score: 0 }, { ...none, score: 0 });
    assert.ok(!(await ask(formulaModel(), tokenizer, 'Who?', CONTEXT, { topK: 100 })).some(({ end }) => end === 0));
  });

  test('a question longer than the limit is cut, and the text still read', async () => {
    const question = `Who ${'really '.repeat(500)}won?`;
    const cut = `Who ${'really '.repeat(63)}`;
    const answer = (text: string) => ask(formulaModel(), tokenizer, text, CONTEXT, { maxLength: 80 });
    assert.deepEqual(await answer(question), await answer(cut.trim()));
  });

  test('words that come again in every window of a text: their shares add up to no more than 1', async () => {
    const ada = (await tokenizer.encode('Ada', undefined, {})).inputIds[1];
    const sure = ({ inputIds }: ModelInputs) => tf.tensor2d(Float32Array.from(inputIds.dataSync(), (id) => (id === ada ? 30 : 0)), inputIds.shape); // prettier-ignore
    const model = { ...formulaModel(), forward: (inputs: ModelInputs) => ({ startLogits: sure(inputs), endLogits: sure(inputs) }) }; // prettier-ignore
    const context = Array.from({ length: 12 }, () => `Then Ada won the race ${'again and '.repeat(8)}again.`).join(' ');
    for (const temperature of [undefined, 2]) {
      const config = { ...model.config, answerTemperature: temperature };
      const asked = { ...model, config } as unknown as QuestionAnsweringModel;
      const answers = await ask(asked, tokenizer, 'Who won?', context, { maxLength: 40, docStride: 8, topK: 5 });
      assert.deepEqual([answers[0].answer, answers[0].score], ['Ada', 1]);
      for (const { score: share } of answers) assert.ok(share >= 0 && share <= 1, String(share));
    }
  });

  test('fewer answers where the text has no more', async () => {
    const answers = await ask(formulaModel(), tokenizer, 'Who?', 'Ada won', { topK: 50 });
    assert.deepEqual(answers.map(({ answer }) => answer).sort(), ['Ada', 'Ada won', 'won']);
  });
});
