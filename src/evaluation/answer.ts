// Asking a model: questions and a text in, the best answers out.
import type { QuestionAnsweringModel } from '../model/question-answering';
import type { Tokenizer } from '../tokens/tokenizer';
import { type AskOptions, type Scorer, askScorer, shortenQuestion } from './ask';
import { computeLogits } from './logits';
import type { AskedAnswer } from './pipeline';

export type { AskedAnswer, AskOptions };
export { shortenQuestion };

/**
 * The best answers to each question about one text. The text is tokenized once and read in overlapping windows.
 *
 * @throws EvaluationError `E_ASK_QUESTION`, `E_ASK_CONTEXT` when either is empty, or the context has no token; TokenError
 * `E_TOKENS_ID` for a token that the model does not know.
 * @example (await askAll(model, tokenizer, ['Who won?', 'When?'], 'Ada won.'))[0][0].answer // 'Ada'
 */
export async function askAll(
  model: QuestionAnsweringModel,
  tokenizer: Tokenizer,
  questions: string[],
  context: string,
  options: AskOptions = {},
): Promise<AskedAnswer[][]> {
  const scorer: Scorer = {
    config: model.config,
    computeLogits: (features, settings) => computeLogits(model, features, settings),
  };
  return askScorer(scorer, tokenizer, questions, context, options);
}

/**
 * The best answers to one question, best first.
 *
 * @example (await ask(model, tokenizer, 'Who won?', 'Ada won.'))[0].answer // 'Ada'
 */
export async function ask(
  model: QuestionAnsweringModel,
  tokenizer: Tokenizer,
  question: string,
  context: string,
  options: AskOptions = {},
): Promise<AskedAnswer[]> {
  return (await askAll(model, tokenizer, [question], context, options))[0];
}

/**
 * A model as a function, like `pipeline('question-answering')`.
 *
 * @example const answer = questionAnswering(model, tokenizer); await answer('Who won?', 'Ada won.')
 */
export function questionAnswering(model: QuestionAnsweringModel, tokenizer: Tokenizer) {
  return (question: string, context: string, options?: AskOptions) => ask(model, tokenizer, question, context, options);
}
