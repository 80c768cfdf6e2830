// The importer: a file of questions in any form, as records whose answers are where they say, with a word for all that was changed.
import { cleanRecords } from './clean';
import type { Unit } from './code-points';
import { withoutCut } from './cut-rows';
import { type ColumnMap, Names } from './fields';
import { FORMS } from './forms';
import type { Form, Reading, SourceRow } from './forms/form';
import { TRIED } from './json-records';
import { answersByLabel } from './forms/labelled';
import { hasQuestionsAside } from './forms/nested';
import { isToDo } from './forms/spans';
import { type Json, type LooseQuestion, isObject } from './loose';
import { type StatedAnswer, cutSpans, unitOf } from './positions';
import { Ids, Repeats } from './ids';
import { Placing } from './placing';
import type { Problem } from './problem';
import { Recogniser } from './recognise';
import type { SquadRecord } from './record';
import { type SquadFile, isSquadFile } from './schema';
import { type Source, type SourceOptions, openSource, readSource } from './source';
import { type TypedQuestion, Typing } from './typed';
import { unknownForm } from './unknown-form';
import { refuseMissing, refuseTwice, unusedFields } from './unused';

export interface ImportOptions extends SourceOptions {
  /** As in `readSquad`: the lesson takes plausible answers for true ones. */
  answers?: 'lesson' | 'honest';
  /** Whether an id that was there before stays, as the official evaluation wants it; by default it gets a number. */
  keepIds?: boolean;
}

/** What a file holds. */
export interface ImportedData {
  /** With `answerEnd`; every answer is the slice of its context that the positions say. */
  records: SquadRecord[];
  /** The same questions and those that are left out, answers where the file says: for counting. */
  asWritten: SquadRecord[];
  problems: Problem[];
  /** How many questions the file has that are not among `records`. */
  leftOut: number;
  /** How many of `records` were changed. */
  mended: number;
  /** The file itself where it is in SQuAD's own form, right or wrong. */
  official?: SquadFile;
  form: Pick<Form, 'name' | 'title'>;
  syntax: Source['syntax'];
  encoding: string;
  /** What the file's positions count. */
  unit: Unit;
}

/**
 * Reads questions in any of the forms of `docs/data.md`. What is beyond doubt is put right, the rest is left out, and
 * `problems` says both with the place, the kind and the remedy.
 *
 * @param file A path; `-` is standard input.
 * @throws FileError; SquadError `E_SQUAD_JSON`, `E_SQUAD_SCHEMA` and `E_SQUAD_TABLE` (no form that we know, with the fields of
 *   the first record), `E_SQUAD_COLUMNS`, `E_SQUAD_PACKED`, `E_SQUAD_PARQUET`
 * @example const { records, problems } = importData('mine.csv')
 */
export function importData(file: string, options: ImportOptions = {}): ImportedData {
  const problems: Problem[] = [];
  return importSource(openSource(file, problems, options), file, problems, options);
}

/** The same of bytes that were read. */
export function importBytes(bytes: Buffer, file: string, options: ImportOptions = {}): ImportedData {
  const problems: Problem[] = [];
  return importSource(readSource(file, bytes, problems, options), file, problems, options);
}

/** The same of a file that was taken apart. @throws SquadError for a form that we do not know */
export function importSource(source: Source, file: string, problems: Problem[], options: ImportOptions): ImportedData {
  refuseTwice(options.columns ?? {}, file);
  const form = formOfSource(source, file, options);
  const version = isObject(source.value) ? source.value.version : undefined;
  if (version !== undefined && version !== null && typeof version !== 'string') {
    problems.push({ kind: 'format', path: 'version', what: 'the version is no text; nothing depends on it', remedy: 'mended' });
  }
  const official = options.columns === undefined ? officialOf(source) : undefined;
  const clean = official && cleanRecords(official, { answers: options.answers });
  const { syntax, encoding } = source;
  const known = { problems, form: { name: form.name, title: form.title }, syntax, encoding, ...(official && { official }) };
  if (clean) return { ...known, records: clean, asWritten: clean, unit: 'characters', leftOut: 0, mended: 0 };
  const names = new Names(options.columns);
  const rows = withoutCut(source.rows, names, problems);
  const imported = importQuestions(questionsOf(rows, form, options.columns, { names, problems }), problems, options);
  if (rows.length > 0) refuseMissing(names, file, form);
  problems.push(...unusedFields(names, form, imported.records));
  return { ...imported, ...known };
} // prettier-ignore

/** A file in SQuAD's own form, all of whose questions are where that has them. */
function officialOf({ value, isData }: Source): SquadFile | undefined {
  return isData && isSquadFile(value) && !hasQuestionsAside(value, new Names()) ? value : undefined;
}

/** @throws SquadError for a form that we do not know, and for names in `--columns` that are not there */
function formOfSource(source: Source, file: string, options: ImportOptions): Form {
  const form = recognise(source, options);
  if (form !== undefined) return form;
  const names = new Names(options.columns);
  for (const { value } of source.rows.slice(0, TRIED)) names.standard(value);
  if (source.rows.length > 0) refuseMissing(names, file);
  throw unknownForm(source, file, names);
}

function recognise({ rows, value, columns }: Source, options: ImportOptions): Form | undefined {
  if (rows.length > 0) return recogniseRows(rows, value, new Recogniser(options.columns));
  const names = new Names(options.columns);
  const isThere = (wanted: string) => columns?.some((column) => names.nameOf(columns, column) === wanted) === true;
  if (isThere('question') && isThere('context')) return formOf('table');
  return isSquadFile(value) ? formOf('squad') : undefined;
}

const formOf = (wanted: string) => FORMS.find(({ name }) => name === wanted);

function recogniseRows(rows: SourceRow[], value: unknown, recogniser: Recogniser): Form | undefined {
  for (const row of rows.slice(0, TRIED)) {
    const form = recogniser.formOf(row);
    if (form !== undefined) return formOfTasks(rows, row, recogniser) ?? form;
  }
  // articles that are all damaged, in a file that says what it is
  if (!isObject(value) || !Array.isArray(value.data)) return undefined;
  return 'version' in value || !rows.some((row) => isObject(row.value)) ? formOf('squad') : undefined;
}

/** A task that nobody has done looks like a row; the first one that is done tells the tool. */
function formOfTasks(rows: SourceRow[], first: SourceRow, recogniser: Recogniser): Form | undefined {
  const isOpen = ({ value }: SourceRow) => isObject(value) && isToDo(value);
  const done = isOpen(first) ? rows.find((row) => !isOpen(row)) : undefined;
  const form = done && recogniser.formOf(done);
  return form?.takes?.(first) === true ? form : undefined;
}

/** The questions of a file's records, each read as its own form has it. */
function* questionsOf(rows: SourceRow[], main: Form, columns: ColumnMap | undefined, reading: Reading): Generator<LooseQuestion> {
  const runs = new Recogniser(columns).runs(rows, main);
  const forms = new Map<string, number>();
  for (const { form, rows } of runs) forms.set(form.name, (forms.get(form.name) ?? 0) + rows.length);
  if (forms.size > 1) {
    const counts = [...forms].map(([name, count]) => `${count} of ${name}`).join(', ');
    const what = `its records are of ${forms.size} forms (${counts}): all of them are read`;
    reading.problems.push({ kind: 'several parts', path: 'the file', what, remedy: 'kept' });
  }
  for (const { form, rows } of runs) yield* form.questions(rows, reading);
} // prettier-ignore

/**
 * The records of questions of any form. @param problems Gets what was put right and what was left out.
 */
export function importQuestions(
  questions: Iterable<LooseQuestion>,
  problems: Problem[],
  options: Pick<ImportOptions, 'answers' | 'keepIds'> = {},
): Pick<ImportedData, 'records' | 'asWritten' | 'unit' | 'leftOut' | 'mended'> {
  const typing = new Typing(problems);
  const typed: TypedQuestion[] = [];
  let found = 0;
  for (const question of questions) {
    found++;
    const good = typing.question(question);
    if (good) typed.push(good);
  }
  // what was no question at all, where there should have been one
  found += problems.filter(({ remedy, question }) => remedy === 'left out' && question === undefined).length;
  const unit = fileUnit(stated(typed), problems);
  const placing = new Placing(unit, problems, options);
  const ids = new Ids(typed, problems, options.keepIds === true);
  const repeats = new Repeats(problems);
  const records: SquadRecord[] = [];
  const asWritten: SquadRecord[] = [];
  const kept = new Set<string>();
  for (const question of answersByLabel(typed, problems)) {
    const [record, written] = placing.place(question);
    asWritten.push({ ...written, id: ids.asItIs(question) });
    if (record === undefined || !ids.give(record, question)) continue;
    repeats.look(record, question);
    records.push(record);
    kept.add(question.path);
  }
  const mended = new Set(problems.filter(({ remedy, question = '' }) => remedy === 'mended' && kept.has(question)).map(({ question }) => question)); // prettier-ignore
  return { records, asWritten, unit, leftOut: found - records.length, mended: mended.size };
}

/** What the positions of a file count, and a word where it is not characters, or where they cut words in a way that has a reason. */
function fileUnit(answers: StatedAnswer[], problems: Problem[]): Unit {
  const { unit, agreeing, deciding } = unitOf(answers);
  const { spans, cut, way } = cutSpans(answers, unit);
  const say = (what: string, remedy: Problem['remedy']) =>
    problems.push({ kind: 'positions', path: 'the file', what, remedy });
  if (unit !== 'characters') {
    const isAll = agreeing === deciding && cut === 0;
    const told = isAll ? 'all answers agree on it' : `${agreeing} of the ${deciding} answers that can tell agree on it`;
    say(`the positions count ${unit}, where SQuAD counts characters; ${told}`, 'mended');
  }
  if (way !== undefined) {
    const cuts = `${cut} of ${spans} spans without a text begin or end inside a word`;
    const whole = way.whole === spans ? 'all' : `${way.whole} of the ${spans}`;
    say(`${cuts}; ${whole} would be whole words if ${way.meaning}: correct the file if so, they are taken as they stand`, 'kept'); // prettier-ignore
  }
  return unit;
}

function stated(questions: TypedQuestion[]) {
  return questions.flatMap(({ context, answers }) =>
    (answers ?? []).flatMap(({ text, start, end, isUtf16 }) => (start === undefined || isUtf16 ? [] : [{ context, text, start, end }])),
  );
} // prettier-ignore

/** For whoever has rows and not a file. */
export function rowsOf(rows: { number: number; cells: Json }[], isTable: boolean): SourceRow[] {
  const unit = isTable ? 'row' : 'line';
  return rows.map(({ number, cells }) => ({ path: `${unit} ${number}`, number, value: cells, isTable }));
}
