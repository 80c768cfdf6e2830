// Texts with lists of questions in them: SQuAD and all that was modelled on it.
import type { Fields, Names } from '../fields';
import { type Json, type LooseQuestion, asText, fieldOf, isBlank, isObject } from '../loose';
import type { SquadFile } from '../schema';
import { truth } from '../truth';
import { answersOf } from './answers';
import type { Reading, SourceRow } from './form';

/** The questions of records that are articles with paragraphs, or paragraphs with questions. */
export function* nestedQuestions(rows: SourceRow[], reading: Reading): Generator<LooseQuestion> {
  for (const { value, path } of rows) {
    if (isObject(value)) yield* article(value, path, reading);
    else report(reading, path, 'an article', value);
  }
}

function* article(value: Json, path: string, reading: Reading): Generator<LooseQuestion> {
  const fields = reading.names.standard(value);
  const lists = reading.names.lists(value, 'paragraphs');
  for (const [key, list] of lists) {
    for (const [i, inner] of list.entries()) {
      const place = fieldOf(path, `${lists.length > 1 ? key : 'paragraphs'}[${i}]`);
      if (isObject(inner)) yield* paragraph(inner, fields.title, place, reading);
      else report(reading, place, 'a paragraph', inner);
    }
  }
  const hasOwn = questionLists(value, reading).length > 0;
  if (hasOwn || (lists.length === 0 && 'context' in fields)) yield* paragraph(value, fields.title, path, reading);
  else if (lists.length === 0) report(reading, fieldOf(path, 'paragraphs'), 'a list of paragraphs', fields.paragraphs);
}

/** Lists of questions have many names. */
export function listOfQuestions(fields: Fields): unknown[] | undefined {
  const list = fields.qas ?? fields.question;
  return Array.isArray(list) ? list : undefined;
}

/** All of them, where a text has several. */
const questionLists = (value: Json, { names }: Reading) => [...names.lists(value, 'qas'), ...names.lists(value, 'question')]; // prettier-ignore

function* paragraph(value: Json, title: unknown, path: string, reading: Reading): Generator<LooseQuestion> {
  const { names } = reading;
  const fields = names.standard(value);
  const lists = questionLists(value, reading);
  const isQuestion = typeof fields.question === 'string';
  const base = { title: title === undefined ? fields.title : title, contextPath: fieldOf(path, 'context') };
  if (isQuestion) yield { ...base, ...asked(fields, path), context: fields.context };
  else if (lists.length === 0) reportNone(fields, path, reading);
  for (const [key, list] of lists) {
    for (const [i, inner] of list.entries()) {
      const place = fieldOf(path, `${lists.length > 1 ? key : 'qas'}[${i}]`);
      if (!isObject(inner)) {
        report(reading, place, 'a question', inner);
        continue;
      }
      const question = names.standard(inner);
      yield { ...base, ...asked(question, place), context: fields.context ?? question.context };
    }
  }
}

function asked(question: Fields, path: string): Omit<LooseQuestion, 'title' | 'context' | 'contextPath'> {
  return {
    path,
    id: question.id,
    question: question.question,
    answers: answersOf(question, path),
    plausible: plausibleOf(question, path),
    isImpossible: impossible(question),
  };
}

/** Whether there are questions where SQuAD's own form has none: beside paragraphs, or beside a paragraph's list. */
export function hasQuestionsAside({ data }: SquadFile, names: Names): boolean {
  const isQuestion = (one: unknown) => ['question', 'qas'].some((name) => name in names.standard(one));
  const hasOther = (value: object, own: string) =>
    Object.entries(value).some(([key, inner]) => key !== own && Array.isArray(inner) && inner.slice(0, 5).some(isQuestion));
  return data.some((article) => {
    const isAside = 'qas' in article || hasOther(article, 'paragraphs');
    return isAside || article.paragraphs.some((one) => 'question' in one || hasOther(one, 'qas'));
  });
} // prettier-ignore

function plausibleOf({ plausible_answers: plausible }: Fields, path: string): LooseQuestion['plausible'] {
  return Array.isArray(plausible) ? answersOf({ answers: plausible }, path)?.map((answer) => ({ ...answer, path: answer.path.replace(/answers(?=\[\d+\]$)/, 'plausible_answers') })) : undefined; // prettier-ignore
}

/** `has_answer: false` says the same as `is_impossible: true`. */
export function impossible({ is_impossible: none, has_answer: some }: Fields): unknown {
  if (!isBlank(none) || isBlank(some)) return none;
  const isThere = truth(asText(some));
  return isThere === undefined ? undefined : !isThere;
}

/** A text without questions is nothing wrong. */
function reportNone(fields: Fields, path: string, reading: Reading): void {
  if ((fields.qas === null || fields.qas === undefined) && !('question' in fields))
    reportMissing(fields, path, reading);
  else report(reading, fieldOf(path, 'qas'), 'a list of questions', fields.qas);
}

function reportMissing(fields: Fields, path: string, reading: Reading): void {
  const isThere = fields.context !== undefined && fields.context !== null;
  reading.problems.push({
    kind: 'format',
    path: isThere ? fieldOf(path, 'qas') : fieldOf(path, 'context'),
    what: isThere ? 'the text has no questions' : 'there is neither a text nor a question',
    remedy: 'kept',
  });
}

function report({ problems }: Reading, path: string, expected: string, found: unknown): void {
  const kind = found === null ? 'null' : Array.isArray(found) ? 'a list' : found === undefined ? 'nothing' : `a value of type ${typeof found}`; // prettier-ignore
  problems.push({ kind: 'format', path, what: `expected ${expected}, found ${kind}`, remedy: 'left out' });
}
