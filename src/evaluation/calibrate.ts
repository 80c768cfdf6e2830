// Probabilities that mean what they say: one temperature for a model's scores, chosen on held-out data.
import type { QuestionAnsweringModel } from '../model/question-answering';
import type { SquadRecord } from '../squad/record';
import type { Tokenizer } from '../tokens/tokenizer';
import { type AskOptions, type Scorer, readScorer } from './ask';
import { computeLogits } from './logits';
import { exactMatch } from './metrics';

/** The best answer to a question, at a temperature. */
interface Judged {
  /** What `ask` gives as its score. */
  probability: number;
  /** Whether it is an exact match; never where there is no answer. */
  right: boolean;
}

/** A question as the search for a temperature sees it. */
export type JudgedQuestion = (temperature: number) => Judged;

/** A temperature, and how well probabilities fit the questions that it was chosen on: lower losses are better. */
export interface TunedTemperature {
  /** 1, which changes nothing, where none was found. */
  temperature: number;
  /** The end of what is tried, where the best is there: as a rule because all answers are right, or none is. */
  edge?: number;
  /** Mean of -log of the probability that the answer is what it turned out to be, right or wrong. */
  loss: number;
  lossAtOne: number;
}

/** Answers that a model is sure of. */
export interface SureAnswers {
  answers: number;
  right: number;
  /** right / answers; `NaN` where there are none. */
  share: number;
}

/**
 * Reads every question as `ask` does; questions about one text are read together.
 *
 * @example const questions = await judgeQuestions(model, tokenizer, heldOut)
 */
export async function judgeQuestions(
  model: QuestionAnsweringModel,
  tokenizer: Tokenizer,
  records: SquadRecord[],
  options: AskOptions = {},
): Promise<JudgedQuestion[]> {
  const scorer: Scorer = {
    config: model.config,
    computeLogits: (features, settings) => computeLogits(model, features, settings),
  };
  const judged = new Map<SquadRecord, JudgedQuestion>();
  for (const [context, together] of byContext(records)) {
    options.signal?.throwIfAborted();
    const questions = together.map(({ question }) => question);
    const reading = await readScorer(scorer, tokenizer, questions, context, {
      ...options,
      handleImpossibleAnswer: false,
    });
    together.forEach((record, i) =>
      judged.set(record, (temperature) => judge(reading.rank(i, temperature)[0], record)),
    );
  }
  return records.map((record) => judged.get(record)!);
}

function byContext(records: SquadRecord[]): Map<string, SquadRecord[]> {
  const groups = new Map<string, SquadRecord[]>();
  for (const record of records) groups.set(record.context, [...(groups.get(record.context) ?? []), record]);
  return groups;
}

function judge(best: { answer: string; score: number } | undefined, { answers }: SquadRecord): Judged {
  if (!best) return { probability: 0, right: false };
  return { probability: best.score, right: answers.some(({ text }) => exactMatch(text, best.answer) === 1) };
}

/** From cold to hot in steps of a twentieth. */
const TEMPERATURES = Array.from({ length: 57 }, (_, i) => 0.25 * 1.05 ** i);
/** No answer of a few hundred questions tells a smaller probability from 0. */
const LEAST = 1e-4;

/**
 * The temperature at which the probabilities of the best answers fit best what they turned out to be. Source: Guo et al. 2017, On
 * Calibration of Modern Neural Networks; the loss is that of the answers, which is what people see, and not that of the tokens.
 *
 * @param questions At least one. Some hundred tell temperatures apart that differ by a tenth.
 * @example chooseTemperature(await judgeQuestions(model, tokenizer, heldOut)).temperature // 1.4
 */
export function chooseTemperature(questions: JudgedQuestion[]): TunedTemperature {
  const losses = TEMPERATURES.map((temperature) => lossAt(questions, temperature));
  const best = losses.indexOf(losses.reduce((a, b) => Math.min(a, b)));
  const [temperature, lossAtOne] = [Number(TEMPERATURES[best].toPrecision(4)), lossAt(questions, 1)];
  // a further step would be better still: where the best is, nobody knows
  if (best === 0 || best === losses.length - 1)
    return { temperature: 1, edge: temperature, loss: lossAtOne, lossAtOne };
  return { temperature, loss: losses[best], lossAtOne };
}

function lossAt(questions: JudgedQuestion[], temperature: number): number {
  const losses = questions.map((question) => {
    const { probability, right } = question(temperature);
    const bounded = Math.min(1 - LEAST, Math.max(LEAST, probability));
    return -Math.log(right ? bounded : 1 - bounded);
  });
  return losses.reduce((a, b) => a + b, 0) / losses.length;
}

/**
 * How many answers get more than a probability, and how many of them are right.
 *
 * @example sureAnswers(questions, 1.4).share // 0.86
 */
export function sureAnswers(questions: JudgedQuestion[], temperature: number, above = 0.8): SureAnswers {
  const sure = questions.map((question) => question(temperature)).filter(({ probability }) => probability > above);
  const right = sure.filter((one) => one.right).length;
  return { answers: sure.length, right, share: right / sure.length };
}
