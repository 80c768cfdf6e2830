// Everything that is wrong with a file's questions, and what was done about each: a report instead of silence.
import fs from 'node:fs';
import { readText } from '../text-file';
import { addEndIdx } from './end';
import { SquadError } from './errors';
import { parseSquad, toRecord } from './read';
import { toUtf16 } from './code-points';
import type { Answer, SquadRecord } from './record';
import type { Problem, ProblemKind } from './problem';
import { salvage } from './salvage';

export interface CheckedData {
  /** With `answerEnd`; every answer is the slice of its context that the positions say. */
  records: SquadRecord[];
  problems: Problem[];
}

export interface CheckedOptions {
  answers?: 'lesson' | 'honest';
  /** `strict` refuses a file with problems; `tolerant` mends or leaves out, and reports. */
  mode?: 'strict' | 'tolerant';
}

/**
 * Reads a file and checks every question: ids, empty texts, and whether its answers are where it says.
 *
 * @throws FileError, SquadError `E_SQUAD_JSON`, `E_SQUAD_SCHEMA` (no SQuAD file at all); in strict mode `E_SQUAD_PROBLEM`, which
 * names the first problem and counts all.
 * @example const { records, problems } = readSquadChecked('mine.json', { mode: 'tolerant' })
 */
export function readSquadChecked(path: string, options: CheckedOptions = {}): CheckedData {
  return checkParsed(parseSquad(readText(path), path), path, options);
}

/** The same of a file that was parsed already. @throws as {@link readSquadChecked} */
export function checkParsed(
  parsed: unknown,
  path: string,
  { answers = 'honest', mode = 'strict' }: CheckedOptions = {},
): CheckedData {
  const problems: Problem[] = [];
  if (hasMark(path)) {
    const what = 'the file begins with a byte-order mark, which JSON does not allow';
    problems.push({ kind: 'byte-order mark', path: 'the file', what, remedy: 'mended' });
  }
  const records: SquadRecord[] = [];
  const seen = new Set<string>();
  let last = { context: '', position: toUtf16('') };
  for (const { raw, title, context, path: place } of salvage(parsed, path, problems)) {
    if (last.context !== context) last = { context, position: toUtf16(context) };
    const record = toRecord(raw, title, context, last.position, answers);
    if (record.isImpossible && raw.answers.length > 0) {
      const what = 'it is marked impossible and has an answer; the answer was not used';
      problems.push({ kind: 'impossible with answer', path: `${place}.answers`, what, remedy: 'left out' });
    }
    if (isUsable(record, place, seen, problems)) records.push(record);
  }
  if (mode === 'strict' && problems.length > 0) throw refusal(path, problems);
  return { records, problems };
}

function hasMark(path: string): boolean {
  const descriptor = fs.openSync(path, 'r');
  const bytes = Buffer.alloc(3);
  fs.readSync(descriptor, bytes, 0, 3, 0);
  fs.closeSync(descriptor);
  return bytes.equals(Buffer.from('\ufeff'));
}

function refusal(path: string, problems: Problem[]): SquadError {
  const [{ path: place, what }] = problems;
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems, the first`;
  const advice = '`spanlab data convert --mend` mends what can be mended and leaves out the rest';
  return new SquadError('E_SQUAD_PROBLEM', `${path}: ${count}: ${place}: ${what}; ${advice}`);
}

/** Mends the record's answers in place. @returns whether the record can be used */
function isUsable(record: SquadRecord, path: string, seen: Set<string>, problems: Problem[]): boolean {
  const reject = (kind: ProblemKind, what: string, at = path) => {
    problems.push({ kind, path: at, what, remedy: 'left out' });
    return false;
  };
  const { id, context, question, isImpossible } = record;
  if (seen.has(id)) return reject('repeated id', `the id ${JSON.stringify(id)} was there before`, `${path}.id`);
  seen.add(id);
  if (context.trim() === '')
    return reject('empty context', 'the context is empty', path.replace(/\.qas.*/, '.context'));
  if (question.trim() === '') return reject('empty question', 'the question is empty', `${path}.question`);
  if (isImpossible) return true;
  if (record.answers.length === 0) return reject('no answer', 'it has no answer and is not marked impossible');
  record.answers = record.answers.filter((answer, i) => isPlaced(answer, context, `${path}.answers[${i}]`, problems));
  return record.answers.length > 0;
}

/** Puts an answer where its text is. */
function isPlaced(answer: Answer, context: string, path: string, problems: Problem[]): boolean {
  const report = (kind: ProblemKind, what: string, remedy: Problem['remedy']) => {
    problems.push({ kind, path, what, remedy });
    return remedy === 'mended';
  };
  const shown = JSON.stringify(answer.text);
  if (answer.text === '') return report('empty answer', 'the text of the answer is empty', 'left out');
  const { answerStart: stated } = answer;
  const { exact, elsewhere, notFound } = addEndIdx([answer], [context]);
  if (exact === 1) return true;
  if (notFound === 1) return report('answer not found', `${shown} is nowhere in its context`, 'left out');
  const where = `${shown} is not at ${stated}`;
  if (elsewhere === 0) return report('shifted answer', `${where} but at ${answer.answerStart}`, 'mended');
  const first = context.indexOf(answer.text);
  if (first !== context.lastIndexOf(answer.text)) {
    return report('ambiguous answer', `${where} and occurs more than once`, 'left out');
  }
  Object.assign(answer, { answerStart: first, answerEnd: first + answer.text.length });
  return report('answer elsewhere', `${where} but at ${first}, its only place`, 'mended');
}
