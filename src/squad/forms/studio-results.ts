// Label Studio's results: what each annotator marked, wrote and chose in a task.
import { type Json, asText, fieldOf, isObject } from '../loose';
import type { Problem } from '../problem';

/** One thing that an annotator did. */
export interface Result {
  path: string;
  /** The annotator's work that it is part of. */
  annotation: string;
  type: unknown;
  name: unknown;
  /** That of the marked part; what is said of that part has the same. */
  id: unknown;
  /** The marked part that it belongs to. */
  parent: unknown;
  value: Json;
}

/** What all annotators found; `undefined` where nobody has looked. */
export function resultsOf(value: Json, path: string, problems: Problem[]): Result[] | undefined {
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
      const { type, from_name: name, id, parentID: parent, value } = entry;
      return [{ path: `${at}.result[${k}]`, annotation: at, type, name, id, parent, value }];
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

/** The work of each annotator by itself. */
export function byAnnotation(results: Result[]): Map<string, Result[]> {
  const found = new Map<string, Result[]>();
  for (const result of results) {
    if (!found.has(result.annotation)) found.set(result.annotation, []);
    found.get(result.annotation)!.push(result);
  }
  return found;
}

/** The texts of a text area. */
export const textsIn = ({ value }: Result): unknown[] =>
  Array.isArray(value.text) ? (value.text as unknown[]) : [value.text];

/** Those of an area for questions; none of another. */
export function written(result: Result): unknown[] {
  return result.type === 'textarea' && /quest|query/i.test(asText(result.name)) ? textsIn(result) : [];
}

/** The labels of a marked part; `undefined` for what is none. */
export const labelsIn = ({ value }: Result) =>
  [value.labels, value.hypertextlabels].find(Array.isArray) as unknown[] | undefined;

export const isMarked = (result: Result): boolean => labelsIn(result) !== undefined;
