// What a file in SQuAD format looks like, checked field by field.
import * as v from 'valibot';
import { SquadError } from './errors';
import { TYPE_NAMES } from '../record-file';

const answer = v.object({ text: v.string(), answer_start: v.pipe(v.number(), v.integer()) });
const question = v.object({
  id: v.string(),
  question: v.string(),
  answers: v.array(answer),
  plausible_answers: v.optional(v.array(answer)),
  is_impossible: v.optional(v.boolean()),
});
const paragraph = v.object({ context: v.string(), qas: v.array(question) });
const article = v.object({ title: v.optional(v.string()), paragraphs: v.array(paragraph) });
/** SQuAD v1.1 and v2.0. */
export const SQUAD_SCHEMA = v.object({ version: v.optional(v.string()), data: v.array(article) });

/** A SQuAD file as JSON has it: positions count Unicode code points. */
export type SquadFile = v.InferOutput<typeof SQUAD_SCHEMA>;
export type SquadQuestion = v.InferOutput<typeof question>;
export type SquadAnswer = v.InferOutput<typeof answer>;

type Unknown<T> = { [K in keyof T]?: unknown };

/** Whether the schema would accept a file: a fifth of its time, and all that a right file needs. */
export function isSquadFile(parsed: unknown): parsed is SquadFile {
  const { version, data } = fields<SquadFile>(parsed);
  return (version === undefined || typeof version === 'string') && isList(data, isArticle);
}

function isArticle(value: unknown): boolean {
  const { title, paragraphs } = fields<SquadFile['data'][number]>(value);
  return (title === undefined || typeof title === 'string') && isList(paragraphs, isParagraph);
}

function isParagraph(value: unknown): boolean {
  const { context, qas } = fields<SquadFile['data'][number]['paragraphs'][number]>(value);
  return typeof context === 'string' && isList(qas, isQuestion);
}

function isQuestion(value: unknown): boolean {
  const { id, question, answers, plausible_answers: plausible, is_impossible: none } = fields<SquadQuestion>(value);
  const isText = typeof id === 'string' && typeof question === 'string';
  const isChoice = none === undefined || typeof none === 'boolean';
  return isText && isChoice && isList(answers, isAnswer) && (plausible === undefined || isList(plausible, isAnswer));
}

function isAnswer(value: unknown): boolean {
  const { text, answer_start: start } = fields<SquadAnswer>(value);
  return typeof text === 'string' && Number.isInteger(start);
}

function isList(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isItem);
}

/** The fields of an object; of anything else, none. */
function fields<T>(value: unknown): Unknown<T> {
  return typeof value === 'object' && value !== null ? value : {};
}

/**
 * Checks the shape of a parsed file.
 *
 * @throws SquadError `E_SQUAD_SCHEMA` with the path to the first wrong field.
 * @example checkSchema(JSON.parse(text), 'train.json').data.length
 */
export function checkSchema(parsed: unknown, source: string): SquadFile {
  if (isSquadFile(parsed)) return parsed;
  const result = v.safeParse(SQUAD_SCHEMA, parsed, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  const where = path.replace(/^\./, '') || 'the file';
  const advice = 'the format is SQuAD v1.1 or v2.0; `spanlab data convert --mend` reads others';
  const problem = issue.received === 'undefined' ? `${where} is missing` : `${where} is ${foundAs(issue.received)}, and not ${wantedAs(issue.expected ?? '')}`; // prettier-ignore
  throw new SquadError('E_SQUAD_SCHEMA', `${source}: ${problem}; ${advice}`);
}

const TYPES: Record<string, string> = { ...TYPE_NAMES, Object: 'an object { … }' };

const wantedAs = (type: string) => TYPES[type] ?? 'a whole number';
const foundAs = (type: string) => TYPES[type] ?? type;
