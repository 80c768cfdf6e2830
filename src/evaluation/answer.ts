// Asking a model: questions and a text in, the best answers out, as Hugging Face's question-answering task defines them.
import type { QuestionAnsweringModel } from '../model/question-answering';
import type { SquadRecord } from '../squad/record';
import type { Tokenizer } from '../tokens/tokenizer';
import { windows } from '../tokens/windows';
import { EvaluationError } from './errors';
import { computeLogits } from './logits';
import type { Prediction, Span } from './spans';
import { predictSpans } from './spans';
import { alignToWords } from './word-bounds';

/** An answer with the names of Hugging Face's question-answering task. */
export interface AskedAnswer {
  /** Empty where the model says that the text holds none. */
  answer: string;
  /** Share among the best answers, 0 to 1. */
  score: number;
  /** UTF-16 positions in the context; both 0 for "no answer". */
  start: number;
  end: number;
}

/** The parameters of the task, with their defaults. */
export interface AskOptions {
  /** How many answers, best first. */
  topK?: number;
  /** Tokens by which the windows of a long text overlap. */
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
  docStride: 128,
  maxAnswerLength: 15,
  maxLength: 384,
  maxQuestionLength: 64,
  alignToWords: true,
};

/**
 * The best answers to each question about one text. The text is tokenized once and read in overlapping windows.
 *
 * @throws EvaluationError `E_ASK_QUESTION`, `E_ASK_CONTEXT` when either is empty.
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
    questions.map((question) => shorten(question, tokenizer, settings.maxQuestionLength)),
  );
  const records = short.map((question, i) => toRecord(String(i), question, context));
  const maxLength = Math.min(settings.maxLength, model.config.maxPositions);
  // half a window at most, so that every window brings something new
  const docStride = Math.min(settings.docStride, Math.floor(maxLength / 4));
  const features = await windows(records, tokenizer, { maxLength, docStride });
  const logits = await computeLogits(model, features, { signal: settings.signal });
  const { maxAnswerLength } = settings;
  const threshold = model.config.nullThreshold;
  const allowsNone = options.handleImpossibleAnswer ?? threshold !== undefined;
  return predictSpans(records, features, logits, { maxAnswerLength }).map((prediction) => {
    const answers = prediction.best.map((span) => toAnswer(span, context, settings.alignToWords));
    const withNone = allowsNone ? placeNone(answers, prediction, threshold ?? 0) : answers;
    return distinct(withNone).slice(0, settings.topK);
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

async function shorten(question: string, tokenizer: Tokenizer, longest: number): Promise<string> {
  const { offsets } = await tokenizer.encode(question, undefined, { addSpecialTokens: false });
  return offsets.length <= 2 * longest ? question : question.slice(0, offsets[2 * longest - 1]);
}

function toRecord(id: string, question: string, context: string): SquadRecord {
  return { ...{ id, title: '', question, context }, ...{ answers: [], plausibleAnswers: [], isImpossible: false } };
}

function toAnswer({ start, end, probability }: Span, context: string, align: boolean): AskedAnswer {
  const [from, to] = align ? alignToWords(context, start, end) : [start, end];
  return { answer: context.slice(from, to), score: probability, start: from, end: to };
}

/** "No answer" in its place: first where its odds are above the threshold, else behind the best answer. */
function placeNone(answers: AskedAnswer[], { best, nullOdds }: Prediction, threshold: number): AskedAnswer[] {
  const odds = Math.exp(Math.min(nullOdds, 50)) * best[0].probability; // beside shares that add up to 1
  const total = 1 + odds;
  const scaled = answers.map((answer) => ({ ...answer, score: answer.score / total }));
  const none = { answer: '', score: odds / total, start: 0, end: 0 };
  return nullOdds > threshold ? [none, ...scaled] : [scaled[0], none, ...scaled.slice(1)];
}

/** Several spans may be the same words once they are aligned: their scores add up. */
function distinct(answers: AskedAnswer[]): AskedAnswer[] {
  const merged = new Map<string, AskedAnswer>();
  for (const answer of answers) {
    const key = `${answer.start}:${answer.end}`;
    const known = merged.get(key);
    if (known) known.score += answer.score;
    else merged.set(key, { ...answer });
  }
  return [...merged.values()];
}
