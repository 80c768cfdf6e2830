// Asking a model: questions and a text in, the best answers out, as Hugging Face's question-answering task defines them.
import type { QuestionAnsweringModel } from '../model/question-answering';
import { checkIds } from '../tokens/id-checks';
import { specialCount } from '../tokens/layout';
import type { TokenPositions } from '../tokens/positions';
import { toFeatures } from '../tokens/positions';
import type { Tokenizer } from '../tokens/tokenizer';
import { EvaluationError } from './errors';
import { computeLogits } from './logits';
import type { AskedAnswer } from './pipeline';
import { rankAnswers } from './pipeline';

export type { AskedAnswer };

/**
 * The parameters of the task, with their defaults: top_k, doc_stride, max_answer_len, max_seq_len (`maxLength`),
 * max_question_len, handle_impossible_answer and align_to_words.
 */
export interface AskOptions {
  /** How many answers, best first. */
  topK?: number;
  /** Tokens by which the windows of a long text overlap; by default 128, or half of a shorter window. */
  docStride?: number;
  /** Longest answer, in tokens. */
  maxAnswerLength?: number;
  /** Longest window with question and text, in tokens. */
  maxLength?: number;
  /** Longest question, in tokens; what is longer is cut. */
  maxQuestionLength?: number;
  /** Whether "no answer" may be among the answers; by default where the model has a threshold for it. */
  handleImpossibleAnswer?: boolean;
  /** Answers begin and end with whole words (in languages that set words apart). */
  alignToWords?: boolean;
  signal?: AbortSignal;
}
const DEFAULTS = {
  topK: 1,
  maxAnswerLength: 15,
  maxLength: 384,
  maxQuestionLength: 64,
  alignToWords: true,
};

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
  const settings = { ...DEFAULTS, ...options };
  checkText(context, 'E_ASK_CONTEXT', 'the context');
  questions.forEach((question) => checkText(question, 'E_ASK_QUESTION', 'a question'));
  const short = await Promise.all(
    questions.map((question) => shortenQuestion(question, tokenizer, settings.maxQuestionLength)),
  );
  const maxLength = Math.min(settings.maxLength, model.config.maxPositions);
  const stride = options.docStride ?? (await defaultStride(short, tokenizer, maxLength));
  const contexts = short.map(() => context);
  const cutting = { truncation: 'only_second', returnOverflowingTokens: true } as const;
  const encodings = await tokenizer.encodeBatch(short, contexts, { ...cutting, maxLength, stride });
  checkIds(encodings.rows, model.config, (id) => tokenizer.idToToken(id));
  if (questions.length > 0 && !encodings.rows.sequences.includes(1)) {
    throw new EvaluationError(
      'E_ASK_CONTEXT',
      'the context has only characters that the tokenizer drops; give some words',
    );
  }
  const logits = await computeLogits(model, toFeatures(encodings, unlabelled(encodings.length), 1), settings);
  const { nullThreshold } = model.config;
  const allowsNone = options.handleImpossibleAnswer ?? nullThreshold !== undefined;
  const ranking = { ...settings, allowsNone, nullThreshold: nullThreshold ?? 0 };
  const { sample } = encodings.rows; // [rows], ascending
  return short.map((_, i) => {
    const rows = [sample.indexOf(i), sample.lastIndexOf(i) + 1] as const;
    return rankAnswers(context, encodings, logits, rows, ranking);
  });
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

function checkText(text: string, code: string, name: string): void {
  if (text.trim() === '') throw new EvaluationError(code, `${name} is empty; give some words`);
}

/** The first `longest` tokens of a question. */
export async function shortenQuestion(
  question: string,
  tokenizer: Tokenizer,
  longest = DEFAULTS.maxQuestionLength,
): Promise<string> {
  const { offsets } = await tokenizer.encode(question, undefined, { addSpecialTokens: false });
  return offsets.length <= 2 * longest ? question : question.slice(0, offsets[2 * longest - 1]);
}

/** 128 tokens, half a window at most; where a long question leaves less for the text, half of what it leaves. */
async function defaultStride(questions: string[], tokenizer: Tokenizer, maxLength: number): Promise<number> {
  const stride = Math.min(128, Math.floor(maxLength / 2));
  const rows = await tokenizer.encodeBatch(questions, undefined, { addSpecialTokens: false });
  const longest = Array.from(rows, ({ length }) => length).reduce((a, b) => Math.max(a, b), 0);
  const room = maxLength - longest - specialCount(tokenizer.layout.pair);
  return stride < room ? stride : Math.max(0, Math.floor(room / 2));
}

function unlabelled(rows: number): TokenPositions {
  return { startPositions: new Int32Array(rows), endPositions: new Int32Array(rows) };
}
