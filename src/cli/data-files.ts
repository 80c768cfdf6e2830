// Files of `spanlab data`, each read and written as its name says, strictly or not, and what was wrong with it on stderr.
import { SquadError } from '../squad/errors';
import { mendTable } from '../squad/mended-table';
import { rowsAsTheyAre, rowsToRecords, writeTable } from '../squad/own-data';
import type { Problem } from '../squad/problem';
import { checkParsed, readSquadChecked } from '../squad/problems';
import { parseSquad, toRecords } from '../squad/read';
import type { SquadRecord } from '../squad/record';
import type { RowProblem } from '../squad/table-check';
import { checkRows } from '../squad/table-check';
import { isTable, readRows } from '../squad/table-file';
import { checkSchema } from '../squad/schema';
import { writeSquad } from '../squad/write';
import { readText } from '../text-file';
import { UsageError } from './usage';

/** How many problems are listed; the others are counted. */
const SHOWN = 20;

export interface MendedFile {
  records: SquadRecord[];
  mended: number;
  leftOut: number;
}

/** A file without what is wrong in it, which is said on stderr. @throws FileError, SquadError */
export function readMended(file: string): MendedFile {
  if (isTable(file)) {
    const { problems, ...rest } = mendTable(readRows(file), file);
    printLines(rowLines(problems));
    return rest;
  }
  const { records, problems } = readSquadChecked(file, { mode: 'tolerant' });
  printLines(squadLines(problems));
  const count = (remedy: Problem['remedy']) => problems.filter((problem) => problem.remedy === remedy).length;
  return { records, mended: count('mended'), leftOut: count('left out') };
}

/**
 * A file as it is, for counting; what is wrong in it is said on stderr.
 *
 * @param isStrict Fails at anything that is wrong.
 * @throws FileError, SquadError; `E_SQUAD_PROBLEM` when strict
 */
export function readForCounting(file: string, isStrict = false): SquadRecord[] {
  if (!isTable(file)) return readAsItIs(file, isStrict);
  const rows = readRows(file);
  const problems = checkRows(rows);
  if (isStrict) refuseErrors(problems, file);
  printLines(rowLines(problems));
  return rowsAsTheyAre(rows);
}

/**
 * A file to be written again: a table with errors is refused, since its answers must be found; a file in SQuAD's format goes as it
 * is, and what is wrong in it is said on stderr.
 *
 * @throws FileError, SquadError
 */
export function readRecords(file: string): SquadRecord[] {
  if (!isTable(file)) return readAsItIs(file, false);
  const rows = readRows(file);
  const problems = checkRows(rows);
  printLines(rowLines(problems.filter(({ kind }) => kind === 'look')));
  refuseErrors(problems, file);
  return rowsToRecords(rows, file);
}

function readAsItIs(file: string, isStrict: boolean): SquadRecord[] {
  const parsed = parseSquad(readText(file), file);
  printLines(squadLines(checkParsed(parsed, file, { mode: isStrict ? 'strict' : 'tolerant' }).problems));
  return toRecords(checkSchema(parsed, file));
}

/** @throws SquadError `E_SQUAD_PROBLEM` */
function refuseErrors(problems: RowProblem[], file: string): void {
  const [first, ...more] = problems.filter(({ kind }) => kind === 'error');
  if (first === undefined) return;
  const count = more.length === 0 ? 'one problem' : `${more.length + 1} problems, the first`;
  const advice = 'without --strict all are listed; `spanlab data convert --mend` mends what can be mended';
  throw new SquadError('E_SQUAD_PROBLEM', `${file}: ${count}: row ${first.row}: ${first.what}; ${advice}`);
}

/** @throws FileError; UsageError for a name of another kind; SquadError `E_SQUAD_PROBLEM` for what a table could not be read back with */
export function writeRecords(file: string, records: SquadRecord[]): void {
  if (!isTable(file) && !/\.json$/i.test(file)) throw new UsageError(`${file}: it ends in .json, .csv, .tsv or .jsonl`);
  if (!isTable(file)) return writeSquad(file, records);
  const wrong = records.find(({ answers, context }) => answers.some(({ text, answerStart }) => !context.startsWith(text, answerStart))); // prettier-ignore
  if (wrong) {
    const advice = '--mend mends what can be mended and leaves out the rest';
    throw new SquadError('E_SQUAD_PROBLEM', `question ${wrong.id}: its answer is not where the file says; ${advice}`);
  }
  writeTable(file, records);
  const further = records.reduce((sum, { answers, plausibleAnswers }) => sum + Math.max(0, answers.length - 1) + plausibleAnswers.length, 0); // prettier-ignore
  if (further > 0)
    process.stderr.write(`${file}: a table has one answer a row; ${further} further ones were left out\n`);
}

const squadLines = (problems: Problem[]) => problems.map(({ path, what }) => `${path}: ${what}`);

/** Errors first: the rest is only worth a look. */
function rowLines(problems: RowProblem[]): string[] {
  const of = (kind: RowProblem['kind']) => problems.filter((problem) => problem.kind === kind);
  const mendedTo = ({ mend }: RowProblem) => (mend ? ' (can be mended)' : '');
  return [
    ...of('error').map((problem) => `row ${problem.row}: ${problem.what}${mendedTo(problem)}`),
    ...of('look').map(({ row, what }) => `row ${row}: worth a look: ${what}`),
  ];
}

function printLines(lines: string[]): void {
  for (const line of lines.slice(0, SHOWN)) process.stderr.write(`${line}\n`);
  if (lines.length > SHOWN) process.stderr.write(`and ${lines.length - SHOWN} more\n`);
}
