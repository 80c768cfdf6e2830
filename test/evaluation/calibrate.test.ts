// One temperature for probabilities: found where it is known, kept with the model, used by whoever asks.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { before, describe } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { chooseBackend } from '../../src/engine/backend';
import { Random } from '../../src/engine/random';
import { ask } from '../../src/evaluation/answer';
import { type JudgedQuestion, chooseTemperature, judgeQuestions, sureAnswers } from '../../src/evaluation/calibrate';
import { storeTemperature } from '../../src/evaluation/tune';
import { parseConfig, readConfig } from '../../src/model/config';
import type { ModelInputs } from '../../src/model/inputs';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import { ensureWorkshopEncoder } from '../../src/model/workshop-encoder';
import type { SquadRecord } from '../../src/squad/record';
import { Tokenizer } from '../../src/tokens/tokenizer';
import { Trainer } from '../../src/training/trainer';
import { makeFeatures } from '../training/features';

/** Questions whose answers are right as often as a model at temperature `hidden` says. */
function questionsOf(hidden: number, count: number): JudgedQuestion[] {
  const random = new Random(3);
  return Array.from({ length: count }, () => {
    const logit = 4 * random.normal();
    const probability = (temperature: number) => 1 / (1 + Math.exp(-logit / temperature));
    const right = random.uniform() < probability(hidden);
    return (temperature) => ({ probability: probability(temperature), right });
  });
}

for (const hidden of [0.5, 1, 2.5]) {
  test(`a temperature of ${hidden} is found again, and probabilities above 80 % are then right as often as they say`, () => {
    const { temperature, loss, lossAtOne } = chooseTemperature(questionsOf(hidden, 6000));
    assert.ok(Math.abs(Math.log(temperature / hidden)) < 0.11, String(temperature));
    assert.ok(loss <= lossAtOne);
    const { answers, right, share } = sureAnswers(questionsOf(hidden, 6000), temperature);
    assert.equal(share, right / answers);
    const mean = questionsOf(hidden, 6000).map((question) => question(temperature).probability).filter((p) => p > 0.8); // prettier-ignore
    assert.equal(mean.length, answers);
    assert.ok(Math.abs(share - mean.reduce((a, b) => a + b, 0) / answers) < 0.02);
  });
}

test('the best at an edge of what is tried is no temperature', () => {
  const all = (right: boolean): JudgedQuestion[] =>
    [0.3, 0.6, 0.9].map((at) => (temperature) => ({
      probability: 1 / (1 + ((1 - at) / at) ** (1 / temperature)),
      right,
    }));
  const [cold, hot] = [chooseTemperature(all(true).slice(1)), chooseTemperature(all(false).slice(1))];
  assert.deepEqual([cold.temperature, cold.edge, hot.temperature, hot.edge], [1, 0.25, 1, 3.842]);
  assert.deepEqual([cold.loss, hot.loss], [cold.lossAtOne, hot.lossAtOne]);
  assert.equal(chooseTemperature(questionsOf(1, 600)).edge, undefined);
});

test('no answers above the bound: no share', () => {
  assert.deepEqual(sureAnswers([() => ({ probability: 0.3, right: true })], 1), { answers: 0, right: 0, share: NaN });
});

describe('with a model', () => {
  const context = 'In the end Ada won the race. Bob came second, and the cup went to Ada as well.';
  let tokenizer: Tokenizer;
  before(async () => {
    await chooseBackend();
    tokenizer = await Tokenizer.fromFolder(await ensureWorkshopEncoder());
  });

  /** Scores by a token's id and place alone. */
  function formulaModel(temperature?: number, nullThreshold?: number): QuestionAnsweringModel {
    const score = ({ inputIds }: ModelInputs, which: number) =>
      tf.tensor2d(
        Float32Array.from(
          inputIds.dataSync(),
          (id, i) => ((id * 7919 + (i % inputIds.shape[1]) * 104729 + which * 15485863) % 100003) / 8000,
        ),
        inputIds.shape,
      );
    const forward = (inputs: ModelInputs) => ({ startLogits: score(inputs, 1), endLogits: score(inputs, 2) });
    const config = { maxPositions: 512, vocabularySize: 30522, typeVocabularySize: 2, temperature, nullThreshold };
    return { config, forward } as unknown as QuestionAnsweringModel;
  }

  test('a higher temperature makes it less sure, never more than certain; 1 changes no bit', async () => {
    const scores = async (temperature?: number) =>
      (await ask(formulaModel(temperature), tokenizer, 'Who won?', context, { topK: 1 }))[0].score;
    const [none, one, cold, hot] = [await scores(), await scores(1), await scores(0.2), await scores(3)];
    assert.equal(one, none);
    assert.ok(cold > none && cold <= 1);
    assert.ok(hot < none);
  });

  test('"no answer" comes first at the same null odds, whatever the temperature', async () => {
    const first = async (temperature: number | undefined, threshold: number) =>
      (await ask(formulaModel(temperature, threshold), tokenizer, 'Who won?', context, { alignToWords: false }))[0]
        .answer;
    for (const threshold of [-30, 30]) {
      for (const temperature of [0.5, 2]) {
        assert.equal(await first(temperature, threshold), await first(undefined, threshold));
      }
    }
  });

  test('questions are judged by what ask gives', async () => {
    const model = formulaModel();
    const [{ answer, score }] = await ask(model, tokenizer, 'Who won?', context);
    const record = (question: string, text: string): SquadRecord =>
      ({
        id: question,
        title: '',
        context,
        question,
        answers: text === '' ? [] : [{ text, answerStart: 0 }],
      }) as unknown as SquadRecord;
    const records = [record('Who won?', answer), record('Who won?', 'nobody at all'), record('Who won?', '')];
    const judged = await judgeQuestions(model, tokenizer, records);
    assert.deepEqual(judged.map((question) => question(1)), [true, false, false].map((right) => ({ probability: score, right }))); // prettier-ignore
    assert.ok(judged[0](3).probability < score);
  });
});

test('a training forgets the temperature of the weights that it changes', async () => {
  await chooseBackend();
  const sizes = { hidden_size: 8, num_hidden_layers: 1, num_attention_heads: 1, intermediate_size: 8, vocab_size: 50 };
  const config = parseConfig({ model_type: 'bert', ...sizes, answer_temperature: 2, null_score_diff_threshold: 1 });
  const model = QuestionAnsweringModel.fromConfig(config);
  await new Trainer({ model, features: makeFeatures([8, 9]), options: { steps: 1 } }).run();
  assert.deepEqual([model.config.temperature, model.config.nullThreshold], [undefined, 1]);
  assert.ok(!('answer_temperature' in model.config.raw));
  model.dispose();
});

test('the temperature is stored in config.json, and read from there; what is none is refused', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));
  const sizes = { hidden_size: 8, num_hidden_layers: 1, num_attention_heads: 1, intermediate_size: 8, vocab_size: 9 };
  fs.writeFileSync(path.join(folder, 'config.json'), JSON.stringify({ model_type: 'bert', ...sizes }));
  assert.equal(readConfig(folder).temperature, undefined);
  storeTemperature(folder, 1.4);
  assert.equal(readConfig(folder).temperature, 1.4);
  for (const wrong of [0, -1, 'hot', null]) {
    storeTemperature(folder, wrong as number);
    assert.throws(() => readConfig(folder), { code: 'E_MODEL_CONFIG', message: /answer_temperature/ });
  }
});
