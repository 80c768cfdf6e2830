// What a client may ask, and how the model answers it.
import * as v from 'valibot';
import { askAll } from '../evaluation/answer';
import type { AskedAnswer } from '../evaluation/answer';
import type { QuestionAnsweringModel } from '../model/question-answering';
import type { Tokenizer } from '../tokens/tokenizer';
import { RequestError } from './errors';
import type { TokenScores } from './scores';
import { tokenScores } from './scores';

/** Longest texts, in UTF-16 units. */
export const LIMITS = { question: 2_000, context: 200_000 };

const text = (longest: number) =>
  v.pipe(
    v.string(),
    v.regex(/\S/, 'it is empty'),
    v.maxLength(longest, `it is longer than ${longest} characters`),
    v.check((value) => !/\p{Surrogate}/u.test(value), 'it holds half a character (a lone surrogate)'),
  );
const whole = (lowest: number, highest: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(lowest), v.maxValue(highest));

const schema = v.strictObject({
  question: text(LIMITS.question),
  context: text(LIMITS.context),
  top_k: v.optional(whole(1, 20), 1),
  max_answer_len: v.optional(whole(1, 100), 15),
  handle_impossible_answer: v.optional(v.boolean()),
});

/** A question about a text; the parameters have the names of Hugging Face's task. */
export type Task = v.InferOutput<typeof schema> & { kind: 'answer' | 'scores' };

export type TaskResult = { answers: AskedAnswer[] } | { tokens: TokenScores[] };

/** @throws RequestError 400 `E_REQUEST` that names the field. */
export function parseTask(kind: Task['kind'], value: unknown): Task {
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return { kind, ...parsed.output };
  const issue = parsed.issues[0];
  const field = v.getDotPath(issue) ?? 'the request';
  throw new RequestError(400, 'E_REQUEST', `${field}: ${issue.message}`);
}

/** Whether two questions can be asked at once: the text is the same, and so is how it is read. */
export function fitTogether(first: Task, other: Task): boolean {
  const names = ['kind', 'context', 'top_k', 'max_answer_len', 'handle_impossible_answer'] as const;
  return first.kind === 'answer' && names.every((name) => first[name] === other[name]);
}

/** Answers tasks that fit together. */
export async function runTasks(
  model: QuestionAnsweringModel,
  tokenizer: Tokenizer,
  tasks: Task[],
  signal: AbortSignal,
): Promise<TaskResult[]> {
  const [{ kind, question, context, ...parameters }] = tasks;
  if (kind === 'scores') return [{ tokens: await tokenScores(model, tokenizer, question, context, signal) }];
  const options = {
    topK: parameters.top_k,
    maxAnswerLength: parameters.max_answer_len,
    ...(parameters.handle_impossible_answer !== undefined && {
      handleImpossibleAnswer: parameters.handle_impossible_answer,
    }),
    signal,
  };
  const questions = tasks.map((task) => task.question);
  return (await askAll(model, tokenizer, questions, context, options)).map((answers) => ({ answers }));
}
