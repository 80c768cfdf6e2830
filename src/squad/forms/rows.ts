// A question a row, with its text next to it: tables, Hugging Face's `datasets`, JSON Lines, Label Studio's JSON-MIN, anybody's own.
import { stringify } from 'csv-stringify/sync';
import { toCodePoints } from '../code-points';
import type { Fields } from '../fields';
import { type Json, type LooseQuestion, fieldOf, isBlank, isObject } from '../loose';
import type { Answer, SquadRecord } from '../record';
import { answersOf, wrongOf } from './answers';
import { argillaRow } from './argilla';
import type { Form, Reading, SourceRow } from './form';
import { impossible } from './nested';

const matches: Form['matches'] = ({ value }, names) => {
  const fields = names.standard(argillaRow(value, names));
  return 'question' in fields && 'context' in fields && !Array.isArray(fields.question) && !isObject(fields.question);
};

/** Rows of Hugging Face's `datasets`: `answers` is an object of lists. */
export const rows: Form = {
  name: 'rows',
  title: "flat rows: Hugging Face's `datasets` as JSON or JSON Lines, a list of questions, columns of pandas, Label Studio's JSON-MIN, Argilla's records", // prettier-ignore
  matches,
  questions: rowQuestions,
  write: (records) => {
    const list = records.map((record) => ({ ...base(record), ...labels(record) }));
    return list.map((row) => `${JSON.stringify(row)}\n`).join('');
  },
  ending: 'jsonl',
};

/** A table with a question a row. */
export const table: Form = {
  name: 'table',
  title: 'tables: CSV and TSV of Excel, LibreOffice, pandas and `datasets` (`answers` printed as Python)',
  matches: (row, names) => row.isTable === true && matches(row, names),
  questions: rowQuestions,
  write: (records) => stringify(tableRows(records), { header: true }),
  ending: 'csv',
};

/**
 * The rows of a table, each with its first answer. All rows of a table have the same columns, and an empty cell says that there is no
 * answer: only where no question has a label there is no column for answers.
 *
 * @param isLines Whether each row has its own fields, as in JSON Lines: a question without a label has none for answers.
 */
export function tableRows(records: SquadRecord[], isLines = false): Json[] {
  const isLabelled = records.some((record) => !record.isUnlabelled);
  const hasPlausible = records.some(({ plausibleAnswers }) => plausibleAnswers.length > 0);
  return records.map((record) => {
    const { id, title, question, context, answers: [first], plausibleAnswers } = record; // prettier-ignore
    const answer = { answer: first?.text ?? '', answer_start: first ? toCodePoints(context, first.answerStart) : '' };
    const plausible = plausibleAnswers.length > 0 ? JSON.stringify(listed(context, plausibleAnswers)) : '';
    return {
      ...{ id, title, question, context },
      ...((isLines ? !record.isUnlabelled : isLabelled) && answer),
      ...((isLines ? plausible !== '' : hasPlausible) && { plausible_answers: plausible }),
    };
  });
}

const base = ({ id, title, context, question }: SquadRecord) => ({ id, title, context, question });

/** Without a label there is no list: an empty one would say that there is no answer. */
const labels = (record: SquadRecord) => ({
  ...(!record.isUnlabelled && { answers: listed(record.context, record.answers) }),
  ...(record.plausibleAnswers.length > 0 && { plausible_answers: listed(record.context, record.plausibleAnswers) }),
});

function listed(context: string, answers: Answer[]): { text: string[]; answer_start: number[] } {
  return {
    text: answers.map(({ text }) => text),
    answer_start: answers.map(({ answerStart }) => toCodePoints(context, answerStart)),
  };
}

function* rowQuestions(source: SourceRow[], reading: Reading): Generator<LooseQuestion> {
  for (const row of source) {
    const { path } = row;
    const value = argillaRow(row.value, reading.names);
    if (isObject(value)) yield rightOnly(rowQuestion(row, reading.names.standard(value)), value, reading);
    else reading.problems.push({ kind: 'format', path, what: 'not an object with columns', remedy: 'left out' });
  }
}

/** A row that says of its answer that it is wrong, in a column such as `is_correct`, has none. */
function rightOnly(question: LooseQuestion, value: Json, { names }: Reading): LooseQuestion {
  const wrong = wrongOf(value);
  if (wrong === undefined) return question;
  names.unused.delete(wrong.key);
  const { said: rejected } = wrong;
  if (rejected === undefined) return question;
  return { ...question, answers: question.answers?.map(({ path }) => ({ path, rejected })) };
}

/** A question whose fields have our names. */
export function rowQuestion({ path, number, isTable }: SourceRow, fields: Fields): LooseQuestion {
  const { plausible_answers: plausible } = fields;
  const isTyped = isTable === true && 'answer' in fields && !('is_impossible' in fields || 'has_answer' in fields);
  return {
    path,
    row: number,
    contextPath: fieldOf(path, 'context'),
    isTyped,
    id: fields.id,
    title: fields.title,
    context: fields.context,
    question: fields.question,
    answers: answersOf(fields, path, isTable),
    // an empty cell says nothing, where other rows have plausible answers
    plausible: isBlank(plausible) ? undefined : answersOf({ answers: plausible }, path, isTable),
    isImpossible: impossible(fields),
  };
}
