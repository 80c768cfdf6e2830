// Questions and a text in, the best answers out, as Hugging Face's question-answering task defines them; whoever computes the scores.
import { checkIds } from '../tokens/id-checks';
import { specialCount } from '../tokens/layout';
import type { Features } from '../tokens/features';
import { type TokenPositions, toFeatures } from '../tokens/positions';
import type { Tokenizer } from '../tokens/tokenizer';
import { EvaluationError } from './errors';
import type { Logits, LogitsOptions } from './logits';
import { type AskedAnswer, rankAnswers } from './pipeline';
import { defaultStride, windowsFor } from '../tokens/window-lengths';
import { isEmptyText } from '../squad/empty-text';

/** A model, as far as asking goes: the engine's, or one in a browser. */
export interface Scorer {
  config: {
    maxPositions: number;
    vocabularySize: number;
    typeVocabularySize: number;
    nullThreshold?: number;
    temperature?: number;
  };
  /** Scores of all rows, end to end. */
  computeLogits(features: Features, options: LogitsOptions): Promise<Logits>;
}

/** A tokenizer, as far as asking goes. */
export type AskTokenizer = Pick<Tokenizer, 'layout' | 'encode' | 'encodeBatch' | 'idToToken'>;

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
  /** Windows that go through the model at once. */
  batchSize?: number;
  /** Called after each batch, which waits for it: others may have their turn. */
  onBatch?: (rows: number, total: number) => void | Promise<void>;
}
const DEFAULTS = {
  topK: 1,
  maxAnswerLength: 15,
  maxLength: 384,
  maxQuestionLength: 64,
  alignToWords: true,
};

/** The best answers of a scorer to each question about one text; see `askAll`. */
export async function askScorer(
  scorer: Scorer,
  tokenizer: AskTokenizer,
  questions: string[],
  context: string,
  options: AskOptions = {},
): Promise<AskedAnswer[][]> {
  const reading = await readScorer(scorer, tokenizer, questions, context, options);
  return questions.map((_, i) => reading.rank(i, scorer.config.temperature));
}

/** Questions about a text that a scorer has read: answers at any temperature. */
export interface Reading {
  /** The best answers to question `i`, best first. */
  rank(question: number, temperature?: number): AskedAnswer[];
}

/** Reads questions about one text; see `askScorer`. */
export async function readScorer(
  scorer: Scorer,
  tokenizer: AskTokenizer,
  questions: string[],
  context: string,
  options: AskOptions = {},
): Promise<Reading> {
  const settings = { ...DEFAULTS, ...options };
  checkText(context, 'E_ASK_CONTEXT', 'the context');
  questions.forEach((question) => checkText(question, 'E_ASK_QUESTION', 'a question'));
  const short = await Promise.all(
    questions.map((question) => shortenQuestion(question, tokenizer, settings.maxQuestionLength)),
  );
  const { maxLength } = windowsFor(scorer.config, settings);
  const stride = options.docStride ?? (await strideFor(short, tokenizer, maxLength));
  const contexts = short.map(() => context);
  const cutting = { truncation: 'only_second', returnOverflowingTokens: true } as const;
  const encodings = await tokenizer.encodeBatch(short, contexts, { ...cutting, maxLength, stride });
  checkIds(encodings.rows, scorer.config, (id) => tokenizer.idToToken(id));
  if (questions.length > 0 && !encodings.rows.sequences.includes(1)) {
    throw new EvaluationError(
      'E_ASK_CONTEXT',
      'the context has only characters that the tokenizer drops; give some words',
    );
  }
  const logits = await scorer.computeLogits(toFeatures(encodings, unlabelled(encodings.length), 1), settings);
  const { nullThreshold } = scorer.config;
  const allowsNone = options.handleImpossibleAnswer ?? nullThreshold !== undefined;
  const ranking = { ...settings, allowsNone, nullThreshold: nullThreshold ?? 0 };
  const { sample } = encodings.rows; // [rows], ascending
  return {
    rank(i, temperature) {
      const rows = [sample.indexOf(i), sample.lastIndexOf(i) + 1] as const;
      return rankAnswers(context, encodings, logits, rows, { ...ranking, temperature });
    },
  };
}

function checkText(text: string, code: string, name: string): void {
  if (isEmptyText(text)) throw new EvaluationError(code, `${name} is empty; give some words`);
}

/** The first `longest` tokens of a question. */
export async function shortenQuestion(
  question: string,
  tokenizer: AskTokenizer,
  longest = DEFAULTS.maxQuestionLength,
): Promise<string> {
  const { offsets } = await tokenizer.encode(question, undefined, { addSpecialTokens: false });
  return offsets.length <= 2 * longest ? question : question.slice(0, offsets[2 * longest - 1]);
}

/** 128 tokens, half a window at most; where a long question leaves less for the text, half of what it leaves. */
async function strideFor(questions: string[], tokenizer: AskTokenizer, maxLength: number): Promise<number> {
  const stride = defaultStride(maxLength);
  const rows = await tokenizer.encodeBatch(questions, undefined, { addSpecialTokens: false });
  const longest = Array.from(rows, ({ length }) => length).reduce((a, b) => Math.max(a, b), 0);
  const room = maxLength - longest - specialCount(tokenizer.layout.pair);
  return stride < room ? stride : Math.max(0, Math.floor(room / 2));
}

function unlabelled(rows: number): TokenPositions {
  return { startPositions: new Int32Array(rows), endPositions: new Int32Array(rows) };
}
