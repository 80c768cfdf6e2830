// Answers in all the shapes that fields named `answers` and `answer` have.
import type { Fields } from '../fields';
import { parseLiteral } from '../literal';
import { type Json, type LooseAnswer, asText, fieldOf, isBlank, isObject } from '../loose';
import { truth } from '../truth';
import { labelsOf } from './labelled';

/** Names of the parts of an answer, the commonest first; compared without case, spaces, dashes and underscores. */
const TEXTS = ['text', 'answertext', 'answer', 'span', 'value', 'spantext', 'spans'];
const STARTS = ['answerstart', 'answerstarts', 'start', 'startoffset', 'begin', 'offset', 'charstart'];
const ENDS = ['answerend', 'end', 'endoffset', 'charend'];
const LENGTHS = ['length', 'answerlength', 'len', 'spanlength'];

function first(value: Record<string, unknown>, names: string[]): unknown {
  const keys = Object.keys(value);
  const plains = keys.map((key) => key.toLowerCase().replace(/[\s_-]/g, ''));
  const name = names.find((one) => plains.includes(one));
  return name === undefined ? undefined : value[keys[plains.indexOf(name)]];
}

/** Where an answer ends: where it says, or as far after its start as it is long. */
function endFrom(end: unknown, start: unknown, length: unknown): unknown {
  const [from, size] = [start, length].map((one) => (isBlank(asText(one)) ? NaN : Number(one)));
  return isBlank(end) && Number.isInteger(from + size) && size > 0 ? from + size : end;
}

const endOf = (value: Record<string, unknown>) => endFrom(first(value, ENDS), first(value, STARTS), first(value, LENGTHS)); // prettier-ignore

/** Whether an object holds anything; one that does, and no text that we know, is an answer that cannot be read. */
function isFilled(value: Record<string, unknown>): boolean {
  const isSomething = (inner: unknown) => (typeof inner === 'object' && inner !== null ? Object.keys(inner).length > 0 : !isBlank(inner)); // prettier-ignore
  return Object.values(value).some(isSomething);
}

/**
 * The answers of a question whose fields have our names; `undefined` where it has no such field, or nothing in it.
 *
 * @param isTable Whether an empty cell says that there is no answer, as in a table; elsewhere it says that nobody has looked.
 */
export function answersOf(fields: Fields, path: string, isTable = false): LooseAnswer[] | undefined {
  const many = fields.answers ?? flattened(fields);
  const list = isAbsent(many, isTable) ? undefined : answerList(many, fieldOf(path, 'answers'), fields.answer_start);
  // beside an empty list there may be an answer
  if (list !== undefined && (list.length > 0 || isBlank(fields.answer))) return list;
  return single(fields, path, isTable);
} // prettier-ignore

function single(fields: Fields, path: string, isTable: boolean): LooseAnswer[] | undefined {
  if (isGiven(fields, isTable)) return oneAnswer(fields.answer, fields, fieldOf(path, 'answer'));
  const { answer_start: start } = fields;
  const end = endFrom(fields.answer_end, start, fields.answer_length);
  if (!isBlank(start) && !isBlank(end)) return [{ path: fieldOf(path, 'answer'), start, end }];
  // places are the answers where both their columns are there; a start alone says nothing about whether there is one
  const hasSpans = 'answer_start' in fields && ('answer_end' in fields || 'answer_length' in fields);
  const isEmptyCell = isTable && ('answers' in fields || hasSpans);
  return 'answer' in fields || isEmptyCell ? [] : undefined;
}

function isGiven({ answer, answer_start: start }: Fields, isTable: boolean): boolean {
  return !isAbsent(answer, isTable) && (!isBlank(answer) || !isBlank(start) || typeof answer === 'string');
}

const isAbsent = (value: unknown, isTable: boolean) =>
  value === undefined || value === null || (isTable && typeof value === 'string' && value.trim() === '');

/** The columns that pandas makes of `answers: {text, answer_start}`, and Argilla of its responses. */
function flattened(fields: Fields): unknown {
  const responses = printed(fields['answer.responses']);
  if (Array.isArray(responses)) {
    const states = listed(printed(fields['answer.responses.status']));
    return responses.map((value: unknown, i) => ({ value, status: states[i] }));
  }
  const [text, start] = [fields['answers.text'], fields['answers.answer_start']];
  return text === undefined ? undefined : { text: printed(text), answer_start: printed(start) };
}

function oneAnswer(answer: unknown, fields: Fields, path: string): LooseAnswer[] {
  const { context, answer_start: start, answer_end: end } = fields;
  // what stands in the text with its brackets is no list
  const isQuoted = typeof answer === 'string' && typeof context === 'string' && context.includes(answer);
  const value = typeof answer === 'string' && !isQuoted ? printed(answer) : answer;
  if (Array.isArray(value) || isObject(value)) return answerList(value, path, start);
  return [{ path, text: answer, start: only(printed(start)), ...(!isBlank(end) && { end }) }];
}

/** A list or an object that is printed in a cell; another text as it is. */
export function printed(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*(?:[[{]|array\()/.test(value)) return value;
  try {
    return parseLiteral(value);
  } catch {
    return value; // an answer that begins with a bracket
  }
}

function answerList(given: unknown, path: string, starts?: unknown): LooseAnswer[] {
  const value = printed(given);
  if (Array.isArray(value)) return listOf(value, path, starts);
  if (!isObject(value)) return [{ path, text: value, start: starts }];
  const [text, start, end] = [first(value, TEXTS), first(value, STARTS), endOf(value)];
  if (text === undefined && start === undefined) return isFilled(value) ? [{ path, text: value }] : [];
  if (!Array.isArray(text)) return [{ path, text, start: only(start), end: only(end) }];
  const [places, ends] = [listed(start), listed(end)];
  return text.map((one: unknown, i) => ({
    path: fieldOf(path, `text[${i}]`),
    text: one,
    ...placeIn(places, i),
    end: ends[i],
  }));
}

/** Of a list with one entry, that. */
const only = (value: unknown): unknown => (Array.isArray(value) && value.length === 1 ? value[0] : value);

/** Places beside a list of answers; one that is by itself is that of the first. */
const listed = (value: unknown): unknown[] => (Array.isArray(value) ? value : isBlank(value) ? [] : [value]);

const placeIn = (places: unknown[], i: number): Pick<LooseAnswer, 'start' | 'isShort'> =>
  places.length > 0 && i >= places.length ? { isShort: true } : { start: places[i] };

/** What annotation tools say of an answer that does not count. */
export const REJECTED = /^(?:discarded|rejected|draft|skipped|cancelled|ignored?)$/i;

function rejection(answer: Json): string | undefined {
  if (typeof answer.status === 'string' && REJECTED.test(answer.status)) return answer.status;
  return wrongOf(answer)?.said;
}

/** The field that says whether an answer is right, and what it says where it is not: `is_correct: FALSE`. */
export function wrongOf(value: Json): { key: string; said?: string } | undefined {
  const key = Object.keys(value).find((name) => /^(?:is)?[\s_-]*correct$/i.test(name.trim()));
  const isRight = key === undefined ? undefined : truth(asText(value[key]));
  if (key === undefined || isRight === undefined) return undefined;
  return { key, ...(!isRight && { said: `${key}: ${asText(value[key])}` }) };
}

function listOf(list: unknown[], path: string, starts: unknown): LooseAnswer[] {
  const places = listed(printed(starts));
  return list.flatMap((one, i): LooseAnswer[] => {
    const at = fieldOf(path, `[${i}]`);
    if (!isObject(one)) return [{ path: at, text: one, ...placeIn(places, i) }];
    const rejected = rejection(one);
    if (rejected !== undefined) return [{ path: at, rejected }];
    const [text, start, end] = [first(one, TEXTS), only(printed(first(one, STARTS))), endOf(one)];
    if (Array.isArray(one.char_spans)) return spansOf(one.char_spans, text, at);
    // Argilla's marked parts
    if (Array.isArray(text)) return text.some(isObject) ? listOf(text, at, undefined) : answerList(one, at);
    const isUnknown = text === undefined && end === undefined && isFilled(one);
    const labels = labelsOf(one.label, one.labels, one.hypertextlabels);
    return [{ path: at, text: isUnknown ? one : text, start, ...(text === undefined && { end }), ...labels }];
  });
}

/** MRQA's: every place of an answer, the last character included. */
function spansOf(spans: unknown[], text: unknown, path: string): LooseAnswer[] {
  return spans.map((span, i) => {
    const [start, last] = Array.isArray(span) ? (span as unknown[]) : [];
    const end = typeof last === 'number' ? last + 1 : undefined;
    return { path: fieldOf(path, `char_spans[${i}]`), text, start, ...(text === undefined && { end }) };
  });
}
