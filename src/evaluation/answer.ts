// Asking a model: a question and a context in, the best answers out.
import type { QuestionAnsweringModel } from '../model/question-answering';
import type { SquadRecord } from '../squad/record';
import type { Tokenizer } from '../tokens/tokenizer';
import type { WindowOptions } from '../tokens/windows';
import { windows } from '../tokens/windows';
import { computeLogits } from './logits';
import { predictSpans } from './spans';

/** An answer with the names of Hugging Face's question-answering task. */
export interface AskedAnswer {
  answer: string;
  /** Share among the best answers, 0 to 1. */
  score: number;
  /** UTF-16 positions in the context. */
  start: number;
  end: number;
}

export interface AskOptions extends WindowOptions {
  topK?: number;
  maxAnswerLength?: number;
}

/**
 * The best answers to one question, best first. Long contexts are read in overlapping windows.
 *
 * @example (await ask(model, tokenizer, 'Who won?', 'Ada won.'))[0].answer // 'Ada'
 */
export async function ask(
  model: QuestionAnsweringModel,
  tokenizer: Tokenizer,
  question: string,
  context: string,
  { topK = 1, maxAnswerLength, ...options }: AskOptions = {},
): Promise<AskedAnswer[]> {
  const record: SquadRecord = {
    ...{ id: 'asked', title: '', question, context },
    ...{ answers: [], plausibleAnswers: [], isImpossible: false },
  };
  const features = await windows([record], tokenizer, options);
  const logits = await computeLogits(model, features);
  const [{ best }] = predictSpans([record], features, logits, { maxAnswerLength });
  return best
    .slice(0, topK)
    .map(({ text, probability, start, end }) => ({ answer: text, score: probability, start, end }));
}
