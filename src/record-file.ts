// The JSON files that a run, a sweep or a curve leaves, read again: what is wrong names file, field and what to do.
import * as v from 'valibot';
import { toFileError } from './errors';
import { notJson } from './json-file';
import { decodeText } from './text-file';
import { readLimited } from './limited-file';

/** Bytes: far more than a record of a million losses has. */
const LARGEST = 1 << 28;

/** The library's names of types, for people. */
export const TYPE_NAMES: Record<string, string> = {
  Array: 'a list',
  Object: 'an object',
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
  undefined: 'missing',
};

/**
 * A JSON file of one of ours.
 *
 * @param fail Makes the error from what is wrong, a phrase without the file's name and the remedy.
 * @throws FileError; what `fail` makes
 * @example readRecord(file, schema, (problem) => new TrainingError('E_RUN', `${file}: not a run's record (${problem}); …`))
 */
export function readRecord<T>(file: string, schema: v.GenericSchema<unknown, T>, fail: (problem: string) => Error): T {
  const text = textOf(file);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw fail(notJson(text, error));
  }
  if (Array.isArray(value)) throw fail('it is a list, where an object was expected'); // to valibot a list is one
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [{ path, received, expected }] = result.issues;
  const name = path?.map(({ key }) => String(key)).join('.') ?? '';
  const found = TYPE_NAMES[received] ?? received;
  const wanted = `${TYPE_NAMES[expected ?? ''] ?? expected ?? 'at least one entry'} was expected`;
  throw fail(`${name === '' ? 'it' : `"${name}"`} is ${found}, where ${wanted}`);
}

function textOf(file: string): string {
  try {
    return decodeText(readLimited(file, LARGEST), file);
  } catch (error) {
    throw toFileError(error, file);
  }
}
