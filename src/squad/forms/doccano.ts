// doccano: JSON Lines with a text and labelled spans; the question is a field next to them, or the label.
import { toCodePoints } from '../code-points';
import type { Fields } from '../fields';
import type { Json, LooseAnswer, LooseQuestion } from '../loose';
import { asText, fieldOf, isObject } from '../loose';
import type { SquadRecord } from '../record';
import type { Form, Reading, SourceRow } from './form';

export const doccano: Form = {
  name: 'doccano',
  title: 'doccano (JSON Lines with `label`, `labels` or `entities`; the question in a field, or as the label)',
  matches: ({ value }) =>
    isObject(value) && spansOf(value) !== undefined && typeof (value.text ?? value.data) === 'string',
  takes: ({ value }) => isObject(value) && NAMES.some((name) => name in value),
  questions,
  write: (records) => records.map((record, i) => `${JSON.stringify(line(record, i))}\n`).join(''),
  ending: 'jsonl',
};

function line({ id, title, context, question, answers }: SquadRecord, i: number): Json {
  const label = answers.map(({ text, answerStart }) => {
    const start = toCodePoints(context, answerStart);
    return [start, start + Array.from(text).length, 'ANSWER'];
  });
  return { id: i + 1, text: context, question, question_id: id, title, label };
}

interface Span {
  start: unknown;
  end: unknown;
  label: unknown;
}

const NAMES = ['label', 'labels', 'entities', 'spans'];

/** The spans of a line, of all its lists; `undefined` where its labels are of another kind. */
function spansOf(value: Json): Span[] | undefined {
  const lists = NAMES.map((name) => value[name]).filter(Array.isArray) as unknown[][];
  const whole = lists.map((list) => list.map(toSpan)).filter((list): list is Span[] => list.every((one) => one !== undefined));
  if (whole.length < 2) return whole[0];
  const all = whole.flat().map((span) => [JSON.stringify(span), span] as const);
  return [...new Map(all).values()];
} // prettier-ignore

function toSpan(one: unknown): Span | undefined {
  if (Array.isArray(one)) return { start: one[0], end: one[1], label: one[2] };
  if (!isObject(one) || !('start_offset' in one || 'start' in one)) return undefined;
  return { start: one.start_offset ?? one.start, end: one.end_offset ?? one.end, label: one.label };
}

function* questions(rows: SourceRow[], { names, problems }: Reading): Generator<LooseQuestion> {
  for (const { value, path, number } of rows) {
    const found = isObject(value) ? spansOf(value) : undefined;
    if (!isObject(value) || found === undefined) {
      problems.push({ kind: 'format', path, what: 'a text with labelled spans was expected', remedy: 'left out' });
      continue;
    }
    const meta = isObject(value.meta) ? names.standard(value.meta) : {};
    const fields: Fields = { ...meta, ...names.standard({ ...value, label: undefined }) };
    const id = value.question_id ?? value.id;
    const base = { path, row: number, contextPath: fieldOf(path, 'text'), context: value.text ?? value.data, title: fields.title }; // prettier-ignore
    const { question } = fields;
    if (question !== undefined) yield { ...base, id, question, answers: answers(found, path) };
    else yield* byLabel(base, id, found);
  }
}

const answers = (spans: Span[], path: string): LooseAnswer[] =>
  spans.map(({ start, end }, i) => ({ path: fieldOf(path, `label[${i}]`), start, end }));

/** A line without a question: the labels are the questions. */
function* byLabel(base: Omit<LooseQuestion, 'id' | 'question' | 'answers'>, id: unknown, spans: Span[]): Generator<LooseQuestion> {
  const labels = [...new Set(spans.map(({ label }) => label))];
  if (labels.length === 0) yield { ...base, id, question: undefined, answers: [] };
  for (const [i, label] of labels.entries()) {
    const found = spans.filter((span) => span.label === label);
    yield { ...base, id: i === 0 ? id : `${asText(id)}-${i + 1}`, question: label, answers: answers(found, base.path) };
  }
} // prettier-ignore
