// What the positions of a file count: SQuAD counts characters, and some programs count something else.
import type { Unit } from './code-points';
import { fromUnit, isPlain, toUtf16, UNITS } from './code-points';

/** An answer with a place, as a file has it. */
export interface StatedAnswer {
  context: string;
  text: string;
  start: number;
}

/**
 * The unit in which all answers of a file that stand in their texts letter by letter are where the file says; characters where
 * they are, or where no unit explains all.
 *
 * @example unitOf([{ context: '🚀🚀 Ada', text: 'Ada', start: 5 }]) // 'UTF-16 units'
 */
export function unitOf(answers: StatedAnswer[]): Unit {
  const wrong = answers.filter((answer) => !isExact(answer, toUtf16(answer.context)) && answer.context.includes(answer.text));
  // every unit counts plain texts the same: where one of their answers is wrong, no unit explains it
  if (wrong.length === 0 || wrong.some(({ context }) => isPlain(context))) return 'characters';
  const first = wrong[0];
  const able = UNITS.slice(1).filter((unit) => isExact(first, fromUnit(first.context, unit)));
  return able.find((unit) => agree(answers, unit)) ?? 'characters';
} // prettier-ignore

/** Whether all answers of the file are right in a unit; those that are not in their texts say nothing. */
function agree(answers: StatedAnswer[], unit: Unit): boolean {
  let last: { context: string; place: (position: number) => number | undefined } | undefined;
  return answers.every((answer) => {
    const { context, text } = answer;
    if (last?.context !== context) last = { context, place: fromUnit(context, unit) };
    return isExact(answer, last.place) || !context.includes(text);
  });
}

function isExact({ context, text, start }: StatedAnswer, place: (position: number) => number | undefined): boolean {
  const at = place(start);
  return at !== undefined && at >= 0 && context.startsWith(text, at);
}
