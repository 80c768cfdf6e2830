// Which cells put a row right, where the importer is sure: those that make the row say what it was read as.
import type { Fields } from './fields';
import { answersOf } from './forms/answers';
import { type LooseAnswer, asText, isBlank } from './loose';
import type { Problem } from './problem';
import { isNothing } from './typed';

/** Cells with their new texts. */
export type Mend = Record<string, string>;

/**
 * The cells that mend a problem of a row.
 *
 * @param fields The row's, under our names.
 * @param problems All of the row: where it has several answers, one cell holds them.
 * @returns nothing where somebody has to decide
 */
export function mendOf(problem: Problem, fields: Fields, problems: Problem[]): Mend | undefined {
  const { id, kind, remedy } = problem;
  if (id !== undefined) return { id };
  if (remedy === 'kept') return undefined;
  if (kind === 'impossible with answer') return { ...withoutAnswer(fields), ...plausible(fields) };
  if (remedy === 'mended' && NONE.includes(kind)) return { ...withoutAnswer(fields), is_impossible: 'True' };
  return hasList(fields) ? mendInList(problem, fields, problems) : mendOfAnswer(problem, problems);
}

const NONE: Problem['kind'][] = ['no answer', 'empty answer'];

function mendOfAnswer({ answer, kind }: Problem, problems: Problem[]): Mend | undefined {
  // of several places an empty cell would mean the first
  const isOpen = problems.some((one) => one.kind === 'ambiguous answer');
  if (answer === undefined) return kind === 'positions' && !isOpen ? { answer_start: '' } : undefined;
  const start = answer.start === undefined ? '' : String(answer.start);
  return kind.startsWith('differs') ? { answer: answer.text, answer_start: start } : { answer_start: start };
}

function mendInList({ answer, kind }: Problem, fields: Fields, problems: Problem[]): Mend | undefined {
  const isMended = answer !== undefined || kind === 'positions' || kind === 'empty answer';
  return isMended ? { answers: mendedList(fields, problems) } : undefined;
}

/** Whether a cell with a list is what counts. */
const hasList = (fields: Fields) =>
  !isBlank(fields.answers) || !isBlank(fields['answers.text']) || given(fields).length > 1;

/** The answers that the row has something for. */
function given(fields: Fields): LooseAnswer[] {
  const context = asText(fields.context);
  return (answersOf(fields, 'row', true) ?? []).filter((answer) => !isNothing(answer, context));
}

/** Empties the cells that hold answers, of those that the row has. */
function withoutAnswer(fields: Fields): Mend {
  const names = ['answer', 'answer_start', 'answer_end', 'answers', 'answers.text', 'answers.answer_start'];
  return Object.fromEntries(names.filter((name) => name in fields).map((name) => [name, '']));
}

/** What stood for an answer is what a careless reader would say, unless the row says that itself. */
function plausible(fields: Fields): Mend {
  return isBlank(fields.plausible_answers) ? { plausible_answers: listed(given(fields)) } : {};
}

function mendedList(fields: Fields, problems: Problem[]): string {
  const list = given(fields).map((one): LooseAnswer => {
    const problem = problems.find(({ was, answer }) => answer && was?.text === asText(one.text) && sameStart(was.start, one.start));
    return problem ? { path: one.path, ...problem.answer } : one;
  });
  return listed(list);
} // prettier-ignore

const sameStart = (was: number | undefined, start: unknown) => was === (isWhole(start) ? Number(start) : undefined);

/** What is no place is looked for. */
const isWhole = (start: unknown) => !isBlank(asText(start)) && Number.isSafeInteger(Number(start));

/** As Hugging Face's `datasets` writes answers. */
function listed(answers: LooseAnswer[]): string {
  const starts = answers.map(({ start }) => (isWhole(start) ? Number(start) : null));
  return JSON.stringify({ text: answers.map(({ text }) => asText(text)), answer_start: starts });
}
