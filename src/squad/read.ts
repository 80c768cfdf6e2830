// The lesson's `read_squad`: a file in SQuAD format as three flat lists, or as records with all that the file says.
import { notJson } from '../json-file';
import { rawControls } from '../raw-control';
import { readText } from '../text-file';
import { toUtf16 } from './code-points';
import { SquadError } from './errors';
import { Names } from './fields';
import { hasQuestionsAside } from './forms/nested';
import { recordsIn } from './json-records';
import { noteRepeated } from './loose-json';
import { type Problem, refusal } from './problem';
import { Recogniser } from './recognise';
import { shown } from './shown';
import type { Answer, SquadLists, SquadRecord } from './record';
import { type SquadAnswer, type SquadFile, type SquadQuestion, checkSchema } from './schema';

export interface ReadOptions {
  /**
   * Which answers a question has: `lesson` takes `plausible_answers` where the question has them, as if they were true;
   * `honest` keeps an impossible question impossible.
   */
  answers?: 'lesson' | 'honest';
}

/** Stands in the flat lists for the answer of an impossible question. */
export const NO_ANSWER_TEXT: Answer = { text: '', answerStart: -1 };

/**
 * The three flat lists of the lesson, one row for each answer: row `i` of each list belongs together. In honest mode an
 * impossible question keeps its row, with an empty answer at -1.
 *
 * @throws FileError, SquadError `E_SQUAD_JSON`, `E_SQUAD_SCHEMA`, `E_SQUAD_PROBLEM` (a name that stands twice in an object)
 * @example const { contexts, questions, answers } = readSquad('data/workshop/train.json')
 */
export function readSquad(path: string, { answers: choice = 'lesson' }: ReadOptions = {}): SquadLists {
  const lists: SquadLists = { contexts: [], questions: [], answers: [] };
  for (const { context, question, answers } of readSquadRecords(path, { answers: choice })) {
    for (const answer of answers.length > 0 ? answers : [{ ...NO_ANSWER_TEXT }]) {
      lists.contexts.push(context);
      lists.questions.push(question);
      lists.answers.push(answer);
    }
  }
  return lists;
}

/**
 * Every question of the file, in its order.
 *
 * @throws FileError, SquadError `E_SQUAD_JSON`, `E_SQUAD_SCHEMA`, `E_SQUAD_PROBLEM` (a name that stands twice in an object)
 * @example readSquadRecords('data/workshop/dev.json')[0].question
 */
export function readSquadRecords(path: string, options: ReadOptions = {}): SquadRecord[] {
  const text = readText(path);
  const value = parseSquad(text, path);
  refuseRepeated(text, path);
  const file = checkSchema(value, path);
  refuseAside(file, path);
  return toRecords(file, options);
}

/** Of two values under one name the parser keeps the last. */
function refuseRepeated(text: string, path: string): void {
  const problems: Problem[] = [];
  noteRepeated(text, '', problems);
  if (problems.length > 0) throw refusal(path, problems);
}

/** Questions where SQuAD has none would be lost without a word. */
function refuseAside(file: SquadFile, path: string): void {
  const parts = recordsIn(file, new Recogniser().knows).parts.filter(({ path: part }) => part !== 'data');
  if (parts.length === 0 && !hasQuestionsAside(file, new Names())) return;
  const what = parts.length === 0 ? 'next to its lists of paragraphs and of questions' : `in ${shown(parts[0].path)}, too`;
  const advice = '`spanlab data convert --mend` reads all of them';
  throw new SquadError('E_SQUAD_SCHEMA', `${path}: there are questions ${what}, which SQuAD's own form does not have; ${advice}`);
} // prettier-ignore

/** The records of a file that was parsed and checked. */
export function toRecords(file: SquadFile, { answers = 'honest' }: ReadOptions = {}): SquadRecord[] {
  const records: SquadRecord[] = [];
  for (const { title = '', paragraphs } of file.data) {
    for (const { context, qas } of paragraphs) {
      const position = toUtf16(context);
      for (const question of qas) records.push(toRecord(question, title, context, position, answers));
    }
  }
  return records;
}

/** One question; `position` turns code points of its context into UTF-16. */
export function toRecord(
  raw: SquadQuestion,
  title: string,
  context: string,
  position: (codePoints: number) => number,
  choice: 'lesson' | 'honest',
): SquadRecord {
  const convert = (list: SquadAnswer[]): Answer[] =>
    list.map(({ text, answer_start: start }) => ({ text, answerStart: position(start) }));
  const plausibleAnswers = raw.plausible_answers ? convert(raw.plausible_answers) : [];
  const lesson = choice === 'lesson' && raw.plausible_answers !== undefined;
  // no answers means none, as the official evaluation counts
  const isImpossible = (raw.is_impossible === true || raw.answers.length === 0) && !lesson;
  const answers = lesson ? plausibleAnswers : isImpossible ? [] : convert(raw.answers);
  return { id: raw.id, title, context, question: raw.question, answers, plausibleAnswers, isImpossible };
}

/** @throws SquadError `E_SQUAD_JSON` */
export function parseSquad(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const isMendable = rawControls(text) !== undefined;
    const advice = isMendable ? '`spanlab data convert --mend` writes it so' : 'fetch or save it again';
    throw new SquadError('E_SQUAD_JSON', `${path}: ${notJson(text, error)}; ${advice}`);
  }
}
