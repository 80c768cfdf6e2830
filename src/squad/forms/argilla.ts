// Argilla's own export of records: the text and the question in `fields`, what the annotators said in `responses`, in both versions.
import type { Names } from '../fields';
import { type Json, asText, isObject } from '../loose';
import { REJECTED } from './answers';

interface Response {
  value?: unknown;
  status: unknown;
}

/** Those of our fields that have one value, and not one of each annotator. */
const SINGLE = ['is_impossible', 'has_answer', 'question', 'context', 'title', 'id'];

/** A record of Argilla as a row with a field for each of its questions; another value as it is. */
export function argillaRow(value: unknown, names: Names): unknown {
  if (!isObject(value) || !isObject(value.fields) || !('responses' in value || 'suggestions' in value)) return value;
  const { id = value.external_id, fields, metadata, responses } = value;
  const row: Json = { id, ...titleOf(metadata, names), ...fields, ...suggested(value.suggestions) };
  for (const [name, list] of Array.isArray(responses) ? ofAnnotators(responses) : ofQuestions(responses)) {
    // nobody has responded
    if (list.length === 0) continue;
    const isSingle = SINGLE.includes(names.nameOf([name], name));
    row[name] = isSingle ? list.find(({ status }) => !REJECTED.test(asText(status)))?.value : list;
  }
  return row;
}

function titleOf(metadata: unknown, names: Names): Json {
  const about = isObject(metadata) ? Object.entries(metadata) : [];
  const found = about.find(([name]) => names.nameOf([name], name) === 'title');
  return found ? { title: found[1] } : {};
}

/** What a model proposed is no answer; it has the name that it has in the columns of `to_datasets`. */
function suggested(suggestions: unknown): Json {
  const list: unknown[] = Array.isArray(suggestions) ? suggestions : [];
  const named = isObject(suggestions)
    ? Object.entries(suggestions)
    : list.filter(isObject).map((one): [string, unknown] => [asText(one.question_name), one]);
  const values = named.map(([name, one]) => [`${name}.suggestion`, isObject(one) ? one.value : one]);
  return Object.fromEntries(values) as Json;
}

/** `{answer: [{value, status}]}`. */
function ofQuestions(responses: unknown): Map<string, Response[]> {
  const entries = isObject(responses) ? Object.entries(responses) : [];
  return new Map(
    entries.map(([name, given]) => {
      const list: unknown[] = Array.isArray(given) ? given : [given];
      return [name, list.filter(isObject).map(({ value, status }) => ({ value, status }))];
    }),
  );
}

/** Before version 2: `[{values: {answer: {value}}, status}]`. */
function ofAnnotators(responses: unknown[]): Map<string, Response[]> {
  const found = new Map<string, Response[]>();
  for (const { values, status } of responses.filter(isObject)) {
    // who discarded the record answered nothing
    const given = isObject(values) ? Object.entries(values) : [['answer', undefined] as const];
    for (const [name, one] of given) {
      const response = { value: isObject(one) ? one.value : one, status };
      found.set(name, [...(found.get(name) ?? []), response]);
    }
  }
  return found;
}
