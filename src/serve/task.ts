// What a client may ask, and how the model answers it.
import * as v from 'valibot';
import { askAll, type AskedAnswer } from '../evaluation/answer';
import type { QuestionAnsweringModel } from '../model/question-answering';
import type { Tokenizer } from '../tokens/tokenizer';
import { RequestError } from './errors';
import { type TokenScores, tokenScores } from './scores';
import type { Turns } from './turns';

/** Longest texts, in UTF-16 units, and the longest text in tokens: what takes a minute or less on a small machine. */
export const LIMITS = { question: 2_000, context: 200_000, tokens: 20_000 };

/** A body may be as long as the longest texts in JSON that escapes every unit (`\\u0435`), and a few names. */
export const BODY_LIMIT = 6 * (LIMITS.question + LIMITS.context) + 4_096;

/** A text of more units is long: it runs at the same time as the others, not before them. */
const LONG = 8_000;
/** Windows of a long text that are computed in one turn. */
const ROWS_A_TURN = 4;

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

/** Which texts wait for each other: short ones, and long ones. */
export const laneOf = ({ context }: Task) => (context.length > LONG ? 1 : 0);

/** What answers, and the turns that several works take with it. */
export interface Parts {
  model: QuestionAnsweringModel;
  tokenizer: Tokenizer;
  turns: Turns;
}

/** Answers tasks that fit together. @throws RequestError 413 `E_TOO_LONG` */
export async function runTasks(parts: Parts, tasks: Task[], signal: AbortSignal): Promise<TaskResult[]> {
  const { model, tokenizer, turns } = parts;
  const [{ kind, question, context, ...parameters }] = tasks;
  await checkTokens(tokenizer, context);
  const shared = { signal, onBatch: () => turns.pass(), batchSize: laneOf(tasks[0]) === 0 ? 16 : ROWS_A_TURN };
  if (kind === 'scores') return [{ tokens: await tokenScores(model, tokenizer, question, context, shared) }];
  const options = {
    topK: parameters.top_k,
    maxAnswerLength: parameters.max_answer_len,
    ...(parameters.handle_impossible_answer !== undefined && {
      handleImpossibleAnswer: parameters.handle_impossible_answer,
    }),
    ...shared,
  };
  const questions = tasks.map((task) => task.question);
  return (await askAll(model, tokenizer, questions, context, options)).map((answers) => ({ answers }));
}

async function checkTokens(tokenizer: Tokenizer, context: string): Promise<void> {
  if (context.length <= LIMITS.tokens / 4) return; // a unit is four bytes at most, and a token at least one
  const { length } = await tokenizer.encode(context, undefined, { addSpecialTokens: false });
  if (length <= LIMITS.tokens) return;
  const problem = `context: it has ${length} tokens, and ${LIMITS.tokens} are allowed; send a part of it`;
  throw new RequestError(413, 'E_TOO_LONG', problem);
}
