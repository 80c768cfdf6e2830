// Files of questions for the commands: read as the command needs them, and written as their names say.
import { SpanlabError } from '../errors';
import { placeAnswers } from '../squad/end';
import { SquadError } from '../squad/errors';
import { FORMS } from '../squad/forms';
import { type ImportedData, type ImportOptions, importData } from '../squad/import';
import { lostIn, lostInTable } from '../squad/lost';
import { isError, writeTable } from '../squad/own-data';
import { type Problem, refusal } from '../squad/problem';
import { requireRight } from '../squad/problems';
import { toRecords } from '../squad/read';
import type { SquadRecord } from '../squad/record';
import { delimiterFor, isTable } from '../squad/table-file';
import { writeSquad } from '../squad/write';
import { writeAtomically } from '../staged-file';
import { printProblems } from './data-report';
import { UsageError } from './usage';
import { say } from '../terminal';

/**
 * A file without what is wrong in it, which is said on stderr.
 *
 * @throws FileError, SquadError; `E_SQUAD_EMPTY` where nothing could be kept
 */
export function readMended(file: string, options: ImportOptions = {}): ImportedData {
  const data = importData(file, options);
  printProblems(data, 'done');
  if (data.records.length === 0) throw nothingKept(file, data.problems);
  return data;
}

/** @throws SquadError `E_SQUAD_EMPTY` for a file without any question, right or wrong */
function refuseEmpty({ asWritten, leftOut, syntax }: ImportedData, file: string): void {
  if (asWritten.length > 0 || leftOut > 0) return;
  const what = syntax === 'table' ? 'it has the names of its columns and no rows' : 'it has no questions';
  throw new SquadError('E_SQUAD_EMPTY', `${file}: ${what}; write some into it, or give another file`);
}

/** That of a file nothing was left, and why. */
export function nothingKept(file: string, problems: Problem[]): SquadError {
  const first = problems.find(({ remedy }) => remedy === 'left out');
  const why = first ? `${first.path}: ${first.what}` : 'it has no questions';
  return new SquadError(
    'E_SQUAD_EMPTY',
    `${file}: nothing could be kept (${why}), and nothing was written; correct the file, or say which of its fields is which (--columns)`,
  );
}

/**
 * A file as it is, for counting; what is wrong in it is said on stderr.
 *
 * @param isStrict Fails at anything that is wrong.
 * @throws FileError, SquadError; `E_SQUAD_PROBLEM` when strict
 */
export function readForCounting(file: string, isStrict: boolean, options: ImportOptions = {}): ImportedData {
  const data = importData(file, { ...options, keepIds: false });
  refuseEmpty(data, file);
  if (isStrict) requireRight(data, file);
  printProblems(data, 'found');
  return data;
}

/**
 * A file to be written again: what would have to be corrected or left out is refused; a file in SQuAD's own form goes as it is, and
 * what is wrong in it is said on stderr.
 *
 * @throws FileError, SquadError; `E_SQUAD_PROBLEM`
 */
export function readRecords(file: string, options: ImportOptions = {}): SquadRecord[] {
  const data = importData(file, options);
  refuseEmpty(data, file);
  printProblems({ ...data, problems: data.official ? data.problems : data.problems.filter((one) => !isError(one) || one.kind === 'no label') }, 'found'); // prettier-ignore
  if (data.official) return toRecords(data.official);
  refuseErrors(data, file);
  if (data.records.length === 0) throw nothingKept(file, data.problems);
  return data.records;
}

/** @throws SquadError `E_SQUAD_PROBLEM` */
function refuseErrors({ problems }: ImportedData, file: string): void {
  const wrong = problems.filter((problem) => isError(problem) && problem.kind !== 'no label');
  if (wrong.length > 0) throw refusal(file, wrong);
}

/**
 * The questions to train on or to measure with, each answer where it is: what is beyond doubt is put right, and said on stderr;
 * what would have to be left out is refused.
 *
 * @throws FileError; SquadError `E_SQUAD_ANSWER`, `E_SQUAD_PROBLEM`
 */
export function readPlaced(file: string, options: ImportOptions = {}): SquadRecord[] {
  const data = importData(file, { ...options, keepIds: true });
  refuseEmpty(data, file);
  const lost = data.problems.find(({ remedy, question }) => remedy === 'left out' && question !== undefined);
  if (lost && data.official) return placeAnswers(toRecords(data.official, options), file);
  if (lost) {
    const advice = 'correct it, or `spanlab data convert --mend` the file';
    throw new SquadError('E_SQUAD_ANSWER', `${file}: ${lost.path}: ${lost.what}; ${advice}`);
  }
  printProblems(data, 'done');
  return data.records;
}

/** Those with a label; how many have none, and which, is said on stderr. @throws SquadError `E_SQUAD_UNLABELLED` when there are none */
export function readLabelled(file: string, options: ImportOptions = {}): SquadRecord[] {
  const records = readPlaced(file, options);
  const without = records.filter(({ isUnlabelled }) => isUnlabelled);
  if (without.length === 0) return records;
  const ids = without.slice(0, 5).map(({ id }) => id).join(', '); // prettier-ignore
  const which = `${without.length === 1 ? 'one question has' : `${without.length} questions have`} no label (${ids}${without.length > 5 ? ', …' : ''})`; // prettier-ignore
  if (without.length === records.length) {
    throw new SquadError('E_SQUAD_UNLABELLED', `${file}: ${which}, and no other is there; give answers, or predict them with evaluate --out`); // prettier-ignore
  }
  say(`${file}: ${which}: left out`);
  return records.filter(({ isUnlabelled }) => !isUnlabelled);
}

/**
 * The same of a file other than the one that `--columns` and `--encoding` are about, as `--dev` is next to `--train`: they count where they
 * fit, and a file that is read without them, such as one of SQuAD's form, is read as it is.
 */
export function readLabelledBeside(file: string, { columns, encoding, ...options }: ImportOptions): SquadRecord[] {
  const readAs = (more: ImportOptions) => readLabelled(file, { ...options, ...more });
  const isCode = (error: unknown, code: string) => error instanceof SpanlabError && error.code === code;
  try {
    return readAs({ columns });
  } catch (error) {
    if (columns !== undefined && isCode(error, 'E_SQUAD_COLUMNS')) return readLabelledBeside(file, { ...options, encoding }); // prettier-ignore
    if (encoding !== undefined && isCode(error, 'E_FILE_ENCODING')) return readAs({ columns, encoding });
    throw error;
  }
}

/** The true answers to compare predictions with, as they are in the file. @throws FileError, SquadError */
export function readForScoring(file: string, options: ImportOptions = {}): SquadRecord[] {
  const data = importData(file, { ...options, keepIds: true });
  refuseEmpty(data, file);
  if (data.official) return toRecords(data.official);
  printProblems({ ...data, problems: data.problems.filter(({ kind }) => ['encoding', 'no label', 'several parts'].includes(kind)) }, 'done'); // prettier-ignore
  return data.asWritten.filter(({ isUnlabelled }) => !isUnlabelled);
}

/**
 * Writes records in the form that `form` or the file's name says.
 *
 * @param from The file that they come from, for messages.
 * @throws FileError; UsageError for a name or a form that is none; SquadError `E_SQUAD_PROBLEM` for what a table could not be read back with
 */
export function writeRecords(file: string, records: SquadRecord[], from: string, form?: string): void {
  if (form !== undefined) return writeForm(file, records, from, form);
  if (!isTable(file) && !/\.json$/i.test(file))
    throw new UsageError(`${file}: the name must end in .json, .csv, .tsv or .jsonl`);
  if (!isTable(file)) return writeSquad(file, records);
  refuseMisplaced(records, from);
  writeTable(file, records);
  sayLost(file, 'a table with an answer per row', lostInTable(records, delimiterFor(file) === undefined));
}

function writeForm(file: string, records: SquadRecord[], from: string, name: string): void {
  const form = FORMS.find((one) => one.name === name);
  if (!form) throw new UsageError(`--to is "${name}"; choose ${FORMS.map((one) => one.name).join(', ')}`);
  refuseMisplaced(records, from);
  const text = form.write(records);
  writeAtomically(file, text);
  sayLost(file, `the form ${form.name}`, lostIn(`written.${form.ending}`, records, text));
}

function sayLost(file: string, form: string, lost: string[]): void {
  if (lost.length > 0) say(`${file}: ${form} cannot hold everything; lost: ${lost.join('; ')}`);
}

function refuseMisplaced(records: SquadRecord[], from: string): void {
  const wrong = records.find(({ answers, context }) => answers.some(({ text, answerStart }) => !context.startsWith(text, answerStart))); // prettier-ignore
  if (!wrong) return;
  const advice = '--mend corrects what it can and leaves out the rest';
  throw new SquadError(
    'E_SQUAD_PROBLEM',
    `${from}: question ${wrong.id}: its answer is not where the file says; ${advice}`,
  );
}
