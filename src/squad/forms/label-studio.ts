// Label Studio: tasks with `data` and the annotators' results, whose positions are those of JavaScript or of Python.
import { type Json, type LooseAnswer, type LooseQuestion, asText, fieldOf, isObject } from '../loose';
import type { Problem } from '../problem';
import type { SquadRecord } from '../record';
import { partOf } from '../record-id';
import type { Form, Reading, SourceRow } from './form';
import { isAnswerLabel, labelsOf } from './labelled';
import { placeOf, textOf } from './spans';
import { Unused, judged } from './studio-choices';
import { type Asked, askedIn } from './studio-questions';
import { type Result, isMarked, labelsIn, resultsOf, textsIn, written } from './studio-results';

export const labelStudio: Form = {
  name: 'label-studio',
  title: 'Label Studio (JSON export; the question in `data`, in a text area, or as the label)',
  matches: ({ value }) => isObject(value) && isObject(value.data) && ['annotations', 'completions'].some((name) => Array.isArray(value[name])), // prettier-ignore
  takes: ({ value }) => isObject(value) && isObject(value.data),
  questions,
  write: (records) => `${JSON.stringify(records.map(task), null, 1)}\n`,
  ending: 'json',
};

function task(record: SquadRecord, i: number): Json {
  const { id, title, context, question, answers, isUnlabelled } = record;
  const result = answers.map((answer, k) => {
    const value = { ...placeOf(context, answer), text: answer.text, labels: ['Answer'] };
    return { id: `${i}-${k}`, from_name: 'answer', to_name: 'text', type: 'labels', value };
  });
  // where nobody has looked, there is no annotator's work
  const annotations = isUnlabelled ? [] : [{ id: i + 1, result }];
  return { id: i + 1, data: { id, title, text: context, question }, annotations };
}

function* questions(rows: SourceRow[], { names, problems }: Reading): Generator<LooseQuestion> {
  const unused = new Unused();
  for (const { value, path, number } of rows) {
    if (!isObject(value) || !isObject(value.data)) {
      problems.push({ kind: 'format', path, what: 'a task with data was expected', remedy: 'left out' });
      continue;
    }
    const { context, question, title, id } = names.standard(value.data);
    const results = resultsOf(value, path, problems);
    const base = { path, row: number, contextPath: fieldOf(path, 'data'), context, title };
    const asked = askedIn(results, question, path, problems);
    const own = id ?? value.id;
    for (const [i, one] of asked.entries()) yield { ...base, id: partOf(own, i, number), ...answered(one, path, problems) };
    if (asked.length === 0) yield* byLabel(base, own, results);
    const texts = new Set(asked.map((one) => one.question));
    unused.look(results ?? [], (result) => written(result).some((text) => texts.has(text)) || isAnswerArea(result));
  }
  unused.report(problems);
} // prettier-ignore

function answered({ question, results }: Asked, path: string, problems: Problem[]): Pick<LooseQuestion, 'question' | 'answers' | 'isImpossible'> {
  const { results: left, isImpossible } = judged(results, path, problems);
  return { question, answers: spans(left), isImpossible };
} // prettier-ignore

/** The answers; where nothing is marked, those that are written into a text area for them. */
function spans(results: Result[] | undefined): LooseAnswer[] | undefined {
  const marked = results?.filter(isMarked).map(toAnswer);
  const found = marked?.length === 0 ? results?.filter(isAnswerArea).flatMap(typed) : marked;
  // two annotators who agree have one answer
  const unique = new Map<string, { answer: LooseAnswer; labels: Set<string> }>();
  for (const { labels = [], ...answer } of found ?? []) {
    const key = JSON.stringify([answer.text, answer.start, answer.end]);
    if (!unique.has(key)) unique.set(key, { answer, labels: new Set() });
    for (const label of labels) unique.get(key)!.labels.add(label);
  }
  return found && [...unique.values()].map(({ answer, labels }) => ({ ...answer, ...labelsOf([...labels]) }));
}

const isAnswerArea = ({ type, name }: Result) => type === 'textarea' && isAnswerLabel(asText(name));

function typed(result: Result): LooseAnswer[] {
  return textsIn(result).map((text) => ({ path: fieldOf(result.path, 'value'), text }));
}

function toAnswer(result: Result): LooseAnswer {
  const { path, value } = result;
  const { start, end } = isObject(value.globalOffsets) ? value.globalOffsets : value;
  return { path: fieldOf(path, 'value'), start, ...('text' in textOf(value) ? textOf(value) : { end }), ...labelsOf(labelsIn(result)) };
} // prettier-ignore

/** A task without a question: the labels are the questions. */
function* byLabel(base: Omit<LooseQuestion, 'id' | 'question' | 'answers'> & { row: number }, id: unknown, results: Result[] | undefined): Generator<LooseQuestion> {
  const names = [...new Set((results ?? []).flatMap((result) => labelsIn(result) ?? []))];
  if (names.length === 0) yield { ...base, id, question: undefined, answers: spans(results) };
  for (const [i, name] of names.entries()) {
    const marked = spans((results ?? []).filter((result) => labelsIn(result)?.includes(name)));
    // the label is the question, and no kind of mark
    const answers = marked?.map((answer) => ({ ...answer, labels: undefined }));
    yield { ...base, id: partOf(id, i, base.row), question: name, answers };
  }
} // prettier-ignore
