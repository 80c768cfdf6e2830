// Label Studio: tasks with `data` and the annotators' results, whose positions are those of JavaScript or of Python.
import { toCodePoints } from '../code-points';
import { type Json, type LooseAnswer, type LooseQuestion, asText, fieldOf, isObject } from '../loose';
import type { Problem } from '../problem';
import { partOf } from '../record-id';
import { shown } from '../shown';
import type { SquadRecord } from '../record';
import type { Form, Reading, SourceRow } from './form';
import { textOf } from './spans';

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
  const { id, title, context, question, answers } = record;
  const result = answers.map(({ text, answerStart }, k) => {
    const start = toCodePoints(context, answerStart);
    const value = { start, end: start + Array.from(text).length, text, labels: ['Answer'] };
    return { id: `${i}-${k}`, from_name: 'answer', to_name: 'text', type: 'labels', value };
  });
  return { id: i + 1, data: { id, title, text: context, question }, annotations: [{ id: i + 1, result }] };
}

function* questions(rows: SourceRow[], { names, problems }: Reading): Generator<LooseQuestion> {
  for (const { value, path, number } of rows) {
    if (!isObject(value) || !isObject(value.data)) {
      problems.push({ kind: 'format', path, what: 'a task with data was expected', remedy: 'left out' });
      continue;
    }
    const { context, question, title, id } = names.standard(value.data);
    const results = resultsOf(value, path, problems);
    const base = { path, row: number, contextPath: fieldOf(path, 'data'), context, title };
    const asked = question === undefined ? typedQuestions(results ?? [], problems) : [{ question, results }];
    for (const [i, one] of asked.entries()) {
      const own = id ?? value.id;
      yield { ...base, id: partOf(own, i, number), question: one.question, answers: spans(one.results) };
    }
    if (asked.length === 0) yield* byLabel(base, id ?? value.id, results);
  }
} // prettier-ignore

interface Result {
  path: string;
  /** The annotator's work that it is part of. */
  annotation: string;
  type: unknown;
  name: unknown;
  value: Json;
}

/** What all annotators found; `undefined` where nobody has looked. */
function resultsOf(value: Json, path: string, problems: Problem[]): Result[] | undefined {
  const done = ['annotations', 'completions'].flatMap((name) => {
    const list = Array.isArray(value[name]) ? (value[name] as unknown[]) : [];
    return list.flatMap((one, i) => {
      const at = fieldOf(path, `${name}[${i}]`);
      const why = isObject(one) ? rejection(one) : undefined;
      if (why !== undefined) problems.push({ kind: 'rejected', path: at, what: why, remedy: 'left out', question: path });
      return isObject(one) && why === undefined && Array.isArray(one.result) ? [{ list: one.result as unknown[], at }] : [];
    });
  });
  if (done.length === 0) return undefined;
  return done.flatMap(({ list, at }) =>
    list.flatMap((entry, k) => {
      if (!isObject(entry) || !isObject(entry.value)) return [];
      return [{ path: `${at}.result[${k}]`, annotation: at, type: entry.type, name: entry.from_name, value: entry.value }];
    }),
  );
} // prettier-ignore

/** Why an annotator's work does not count. */
function rejection({ was_cancelled: cancelled, skipped, last_action: action, reviews }: Json): string | undefined {
  if (cancelled === true || skipped === true || action === 'skipped') return 'the annotator skipped it (was_cancelled)';
  const review: unknown = Array.isArray(reviews) ? reviews.at(-1) : undefined;
  return action === 'rejected' || (isObject(review) && review.accepted === false)
    ? 'a reviewer rejected it'
    : undefined;
}

/** The questions that annotators wrote, each with what those found who asked it. */
function typedQuestions(results: Result[], problems: Problem[]): { question: unknown; results: Result[] }[] {
  const groups = new Map<string, { question: unknown; results: Result[] }>();
  for (const annotation of new Set(results.map((result) => result.annotation))) {
    const own = results.filter((result) => result.annotation === annotation);
    const [question, ...others] = own.flatMap(written);
    if (question === undefined) continue;
    const key = asText(question);
    if (!groups.has(key)) groups.set(key, { question, results: [] });
    groups.get(key)!.results.push(...own);
    for (const other of others) {
      const what = `${shown(other)} is one of several questions of one annotator, and nothing says which answer is its own: the first counts`;
      problems.push({ kind: 'format', path: annotation, what, remedy: 'left out' });
    }
  }
  // who wrote no question answered the one that is there
  const silent = results.filter(({ annotation }) => !results.some((one) => one.annotation === annotation && written(one).length > 0));
  const [first] = groups.values();
  first?.results.push(...silent);
  return [...groups.values()];
} // prettier-ignore

/** The texts of an area for questions. */
function written({ type, name, value }: Result): unknown[] {
  if (type !== 'textarea' || !/quest|query/i.test(asText(name))) return [];
  return Array.isArray(value.text) ? (value.text as unknown[]) : [value.text];
}

const labelsOf = ({ value }: Result) =>
  [value.labels, value.hypertextlabels].find(Array.isArray) as unknown[] | undefined;

function spans(results: Result[] | undefined): LooseAnswer[] | undefined {
  const found = results?.filter((result) => labelsOf(result) !== undefined).map(toAnswer);
  // two annotators who agree have one answer
  const isSame = (one: LooseAnswer, other: LooseAnswer) =>
    one.text === other.text && one.start === other.start && one.end === other.end;
  return found?.filter((one, i) => found.findIndex((other) => isSame(one, other)) === i);
}

function toAnswer({ path, value }: Result): LooseAnswer {
  const { start, end } = isObject(value.globalOffsets) ? value.globalOffsets : value;
  return { path: fieldOf(path, 'value'), start, ...('text' in textOf(value) ? textOf(value) : { end }) };
}

/** A task without a question: the labels are the questions. */
function* byLabel(base: Omit<LooseQuestion, 'id' | 'question' | 'answers'> & { row: number }, id: unknown, results: Result[] | undefined): Generator<LooseQuestion> {
  const names = [...new Set((results ?? []).flatMap((result) => labelsOf(result) ?? []))];
  if (names.length === 0) yield { ...base, id, question: undefined, answers: spans(results) };
  for (const [i, name] of names.entries()) {
    const answers = spans((results ?? []).filter((result) => labelsOf(result)?.includes(name)));
    yield { ...base, id: partOf(id, i, base.row), question: name, answers };
  }
} // prettier-ignore
