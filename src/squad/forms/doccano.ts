// doccano: JSON Lines with a text and labelled spans; the question is a field next to them, or the label.
import { type Json, type LooseQuestion, asText, isBlank, isObject } from '../loose';
import type { SquadRecord } from '../record';
import { truth } from '../truth';
import type { Form, Reading, SourceRow } from './form';
import { type Span, isToDo, placeOf, spanList, spanQuestions } from './spans';

export const doccano: Form = {
  name: 'doccano',
  title: 'doccano (JSON Lines with `label`, `labels` or `entities`; the question in a field, or as the label)',
  matches: ({ value }) =>
    isObject(value) && spansOf(value) !== undefined && typeof (value.text ?? value.data) === 'string',
  takes: ({ value }) => isObject(value) && (NAMES.some((name) => name in value) || isToDo(value)),
  questions,
  write: (records) => records.map((record, i) => `${JSON.stringify(line(record, i))}\n`).join(''),
  ending: 'jsonl',
};

function line({ id, title, context, question, answers, isUnlabelled }: SquadRecord, i: number): Json {
  // an empty list would say that somebody has looked
  if (isUnlabelled) return { text: context, question, question_id: id, title };
  const label = answers.map((answer) => {
    const { start, end } = placeOf(context, answer);
    return [start, end, 'ANSWER'];
  });
  return { id: i + 1, text: context, question, question_id: id, title, label };
}

const NAMES = ['label', 'labels', 'entities', 'spans'];

/** The spans of a line, of all its lists; `undefined` where its labels are of another kind. */
function spansOf(value: Json): Span[] | undefined {
  const lists = NAMES.map((name) => value[name]).filter(Array.isArray) as unknown[][];
  const whole = lists.map(spanList).filter((list) => list !== undefined);
  if (whole.length < 2) return whole[0];
  const all = whole.flat().map((span) => [JSON.stringify({ ...span, index: 0 }), span] as const);
  return [...new Map(all).values()];
}

/** What says that nobody has looked over a line, or that it was turned down. */
const APPROVED = ['is_approved', 'approved', 'is_confirmed', 'confirmed'];

function* questions(rows: SourceRow[], reading: Reading): Generator<LooseQuestion> {
  const { problems } = reading;
  const areApproved = rows.some(({ value }) => isObject(value) && !isBlank(value.annotation_approver));
  for (const row of rows) {
    const { value, path } = row;
    const spans = isObject(value) ? spansOf(value) : undefined;
    if (!isObject(value) || (spans === undefined && !isToDo(value))) {
      problems.push({ kind: 'format', path, what: 'a text with labelled spans was expected', remedy: 'left out' });
      continue;
    }
    const flag = APPROVED.find((name) => truth(asText(value[name])) === false);
    if (flag !== undefined) {
      problems.push({ kind: 'rejected', path, what: `its labels are not approved (${flag} is false)`, remedy: 'left out' });
      continue;
    }
    if (areApproved && 'annotation_approver' in value && isBlank(value.annotation_approver)) {
      const what = 'nobody has approved its labels (annotation_approver is empty), as those of other lines';
      problems.push({ kind: 'rejected', path, what, remedy: 'kept' });
    }
    yield* spanQuestions(row, { value, field: 'label', spans }, reading);
  }
} // prettier-ignore
