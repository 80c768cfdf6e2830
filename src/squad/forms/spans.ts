// Texts with labelled spans: the question is a field next to them, or the label.
import { toCodePoints } from '../code-points';
import type { Fields } from '../fields';
import { type Json, type LooseAnswer, type LooseQuestion, fieldOf, isObject } from '../loose';
import type { Answer } from '../record';
import { partOf } from '../record-id';
import type { Reading, SourceRow } from './form';
import { labelsOf } from './labelled';

/** A marked part of a text, as a file has it. */
export interface Span {
  /** Its place in its list. */
  index: number;
  /** Absent where only its places are known. */
  text?: string;
  start: unknown;
  /** Exclusive. */
  end: unknown;
  label: unknown;
}

/** A list of spans; `undefined` where one of its entries is none. */
export function spanList(list: unknown[]): Span[] | undefined {
  const spans = list.map(toSpan);
  return spans.every((one) => one !== undefined) ? spans : undefined;
}

function toSpan(one: unknown, index: number): Span | undefined {
  if (Array.isArray(one)) return { index, start: one[0], end: one[1], label: one[2] };
  if (!isObject(one) || !('start_offset' in one || 'start' in one)) return undefined;
  const { start_offset: start = one.start, end_offset: end = one.end, label } = one;
  return { ...textOf(one), index, start, end, label };
}

/** Where an answer stands in these forms, which count characters; the end is exclusive. */
export function placeOf(context: string, { text, answerStart }: Answer): { start: number; end: number } {
  const start = toCodePoints(context, answerStart);
  return { start, end: start + Array.from(text).length };
}

/** The text that stands there, where the file says it: positions may count something else than it seems. */
export function textOf({ text }: Json): { text?: string } {
  return typeof text === 'string' && text !== '' ? { text } : {};
}

/** What says that somebody has looked at a text, or that it is a record of another form. */
const DONE = [
  'answer',
  'answers',
  'label',
  'labels',
  'entities',
  'spans',
  'accept',
  'annotations',
  'context',
  'qas',
  'paragraphs',
];

/** Whether a record is a text with its question, which nobody has labelled yet. */
export function isToDo(value: Json): boolean {
  return typeof value.text === 'string' && typeof value.question === 'string' && !DONE.some((name) => name in value);
}

/** A record with marked parts, and where they are. */
export interface Marked {
  value: Json;
  /** The field with the spans. */
  field: string;
  /** `undefined`: nobody has looked. */
  spans: Span[] | undefined;
}

/** The questions of one record: its own, or one for each label. */
export function* spanQuestions({ path, number }: SourceRow, { value, field, spans }: Marked, { names }: Reading): Generator<LooseQuestion> {
  const meta = isObject(value.meta) ? names.standard(value.meta) : {};
  const fields: Fields = { ...meta, ...names.standard({ ...value, label: undefined, answer: undefined }) };
  const id = value.question_id ?? fields.id;
  const base = { path, row: number, contextPath: fieldOf(path, 'text'), context: value.text ?? value.data, title: fields.title };
  const answers = (found: Span[] | undefined) => found?.map((span) => toAnswer(span, fieldOf(path, `${field}[${span.index}]`)));
  const labels = fields.question === undefined ? [...new Set(spans?.map(({ label }) => label))] : [fields.question];
  if (fields.question !== undefined || labels.length === 0) yield { ...base, id, question: fields.question, answers: answers(spans) };
  else {
    for (const [i, label] of labels.entries()) {
      // the label is the question, and no kind of mark
      const own = spans?.filter((span) => span.label === label).map((span) => ({ ...span, label: undefined }));
      yield { ...base, id: partOf(id, i, number), question: label, answers: answers(own) };
    }
  }
} // prettier-ignore

const toAnswer = ({ text, start, end, label }: Span, path: string): LooseAnswer => ({
  path,
  start,
  ...(text === undefined ? { end } : { text }),
  ...labelsOf(label),
});
