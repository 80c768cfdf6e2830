// Everything that is wrong with a file's questions, and what was done about each: a report instead of silence.
import fs from 'node:fs';
import { readText } from '../text-file';
import { SquadError } from './errors';
import { type ImportedData, type ImportOptions, importData, importSource } from './import';
import { isObject } from './loose';
import { noteRepeated } from './loose-json';
import { isError } from './own-data';
import { type Problem, type ProblemKind, refusal } from './problem';
import { parseSquad } from './read';
import type { SquadRecord } from './record';
import { checkSchema } from './schema';
import { jsonValue } from './source';

export interface CheckedData {
  /** With `answerEnd`; every answer is the slice of its context that the positions say. */
  records: SquadRecord[];
  problems: Problem[];
}

export interface CheckedOptions extends ImportOptions {
  /** `strict` refuses a file that is not SQuAD's own form, or has problems; `tolerant` reads any form, puts right or leaves out, and reports. */
  mode?: 'strict' | 'tolerant';
}

/**
 * Reads a file and checks every question: ids, empty texts, and whether its answers are where it says. In tolerant mode the file
 * may be in any of the forms of `docs/data.md`.
 *
 * @throws FileError, SquadError `E_SQUAD_JSON`, `E_SQUAD_SCHEMA` (no form that we know); in strict mode `E_SQUAD_PROBLEM`, which
 * names the first problem and counts all.
 * @example const { records, problems } = readSquadChecked('mine.json', { mode: 'tolerant' })
 */
export function readSquadChecked(path: string, options: CheckedOptions = {}): CheckedData {
  const { mode = 'strict', ...reading } = options;
  return mode === 'tolerant' ? importData(path, reading) : readStrictly(path, reading);
}

/** SQuAD's own form may have further fields, and what JSON can say. */
const FREE: ProblemKind[] = ['unused field', 'half a character'];

function readStrictly(path: string, options: ImportOptions): CheckedData {
  const text = readText(path);
  const value = parseSquad(text, path);
  const problems: Problem[] = [];
  noteRepeated(text, '', problems);
  if (hasMark(path)) {
    const what = 'the file begins with a byte-order mark, which JSON does not allow';
    problems.push({ kind: 'byte-order mark', path: 'the file', what, remedy: 'mended' });
  }
  if (!isObject(value) || !Array.isArray(value.data)) checkSchema(value, path);
  const source = { ...jsonValue(value, problems), encoding: 'UTF-8' };
  const { records, form } = importSource(source, path, problems, options);
  if (form.name !== 'squad') checkSchema(value, path);
  const wrong = problems.filter(({ kind }) => !FREE.includes(kind));
  if (wrong.length > 0) throw refusal(path, wrong);
  checkSchema(value, path);
  return { records, problems };
}

function hasMark(path: string): boolean {
  const descriptor = fs.openSync(path, 'r');
  const bytes = Buffer.alloc(3);
  fs.readSync(descriptor, bytes, 0, 3, 0);
  fs.closeSync(descriptor);
  return bytes.equals(Buffer.from('\ufeff'));
}

/**
 * Whether a file that was read needs no change: JSON must be in SQuAD's own form, and rows and lines right as they are.
 *
 * @throws SquadError `E_SQUAD_PROBLEM`; `E_SQUAD_SCHEMA` for JSON in another form
 */
export function requireRight({ problems, syntax, form, official }: ImportedData, path: string): void {
  const isJson = syntax === 'JSON';
  if (isJson && form.name !== 'squad') throw otherForm(path, form.title);
  const wrong = problems.filter((one) => (isJson ? !FREE.includes(one.kind) : isError(one) && one.kind !== 'no label'));
  if (wrong.length > 0) throw refusal(path, wrong);
  if (isJson && official === undefined) throw otherForm(path, 'a relative of it');
}

function otherForm(path: string, title: string): SquadError {
  const advice = '`spanlab data convert` makes a file of that form, and without --strict it is checked as it is';
  return new SquadError('E_SQUAD_SCHEMA', `${path}: it is not in SQuAD's own form, but ${title}; ${advice}`);
}
