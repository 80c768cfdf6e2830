// Texts with lists of questions in them: SQuAD and all that was modelled on it.
import type { Fields } from '../fields';
import type { Json, LooseQuestion } from '../loose';
import { asText, fieldOf, isObject } from '../loose';
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
  if (Array.isArray(fields.paragraphs)) {
    for (const [i, inner] of fields.paragraphs.entries()) {
      const place = fieldOf(path, `paragraphs[${i}]`);
      if (isObject(inner)) yield* paragraph(inner, fields.title, place, reading);
      else report(reading, place, 'a paragraph', inner);
    }
  } else if ('context' in fields || listOfQuestions(fields)) yield* paragraph(value, fields.title, path, reading);
  else report(reading, fieldOf(path, 'paragraphs'), 'a list of paragraphs', fields.paragraphs);
}

/** Lists of questions have many names. */
export function listOfQuestions(fields: Fields): unknown[] | undefined {
  const list = fields.qas ?? fields.question;
  return Array.isArray(list) ? list : undefined;
}

function* paragraph(value: Json, title: unknown, path: string, reading: Reading): Generator<LooseQuestion> {
  const { names } = reading;
  const fields = names.standard(value);
  const list = listOfQuestions(fields);
  // a text without questions is nothing wrong
  if (list === undefined && (fields.qas === null || fields.qas === undefined) && !('question' in fields)) return reportMissing(fields, path, reading); // prettier-ignore
  if (list === undefined) return report(reading, fieldOf(path, 'qas'), 'a list of questions', fields.qas);
  for (const [i, inner] of list.entries()) {
    const place = fieldOf(path, `qas[${i}]`);
    if (!isObject(inner)) {
      report(reading, place, 'a question', inner);
      continue;
    }
    const question = names.standard(inner);
    yield {
      path: place,
      contextPath: fieldOf(path, 'context'),
      id: question.id,
      title: title === undefined ? fields.title : title,
      context: fields.context ?? question.context,
      question: question.question,
      answers: answersOf(question, place),
      plausible: plausibleOf(question, place),
      isImpossible: impossible(question),
    };
  }
}

function plausibleOf({ plausible_answers: plausible }: Fields, path: string): LooseQuestion['plausible'] {
  return Array.isArray(plausible) ? answersOf({ answers: plausible }, path)?.map((answer) => ({ ...answer, path: answer.path.replace(/answers(?=\[\d+\]$)/, 'plausible_answers') })) : undefined; // prettier-ignore
}

/** `has_answer: false` says the same as `is_impossible: true`. */
export function impossible({ is_impossible: none, has_answer: some }: Fields): unknown {
  if (none !== undefined || some === undefined || some === null) return none;
  return /^(?:false|0|no|f|n)$/i.test(asText(some)) ? true : /^(?:true|1|yes|t|y)$/i.test(asText(some)) ? false : undefined; // prettier-ignore
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
