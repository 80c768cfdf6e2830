// Files of predictions as run_qa and the official evaluation know them: JSON objects by question id.
import * as v from 'valibot';
import { notJson } from '../json-file';
import { quoted } from '../printable';
import { repeatedKeys } from '../repeated-keys';
import { readText } from '../text-file';
import { EvaluationError } from './errors';
import type { Predictions } from './metrics';

/**
 * Reads `predictions.json`: an answer for each question id, empty for "no answer".
 *
 * @throws {FileError}
 * @throws {EvaluationError} `E_SCORE_FILE`
 * @example readPredictions('runs/1/predictions.json').q1
 */
export function readPredictions(path: string): Predictions {
  return readById(path, v.string(), 'the answer (a string) of each question id');
}

/** Reads `null_odds.json`: for each question id, how far "no answer" scores above the best answer. */
export function readNullOdds(path: string): Record<string, number> {
  return readById(path, v.pipe(v.number(), v.finite()), 'the null odds (a number) of each question id');
}

function readById<T>(path: string, value: v.GenericSchema<T>, content: string): Record<string, T> {
  const fail = (problem: string) => new EvaluationError('E_SCORE_FILE', `${path}: ${problem}; it holds ${content}`);
  const text = readText(path);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw fail(notJson(text, error));
  }
  const [repeated] = repeatedKeys(text);
  if (repeated) throw fail(`question ${quoted(repeated.key)} stands twice in it; delete the one that is not meant`);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw fail('a JSON object was expected');
  for (const [id, entry] of Object.entries(parsed)) {
    if (!v.is(value, entry)) throw fail(`question ${id}: ${JSON.stringify(entry)?.slice(0, 40)} was not expected`);
  }
  return parsed as Record<string, T>;
}
