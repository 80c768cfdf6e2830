// What the positions of a file count: SQuAD counts characters, and some programs count something else.
import { type Unit, fromUnit, isPlain, toUtf16, UNITS } from './code-points';
import { standingOf } from './words';

/** An answer with a place, as a file has it: with its text, or with its end. */
export interface StatedAnswer {
  context: string;
  text?: string;
  start: number;
  /** Exclusive. */
  end?: number;
}

/**
 * The unit in which all answers of a file are where it says: those with a text that is there letter by letter stand at their
 * place, those without one are whole words. Characters where they are, or where no unit explains all.
 *
 * @example unitOf([{ context: '🚀🚀 Ada', text: 'Ada', start: 5 }]) // 'UTF-16 units'
 */
export function unitOf(answers: StatedAnswer[]): Unit {
  const places = new Places();
  const speaking = answers.filter((answer) => !isRight(answer, 'characters', places) && says(answer, places));
  // every unit counts plain texts the same: where one of their answers is wrong, no unit explains it
  if (speaking.length === 0 || speaking.some(({ context }) => isPlain(context))) return 'characters';
  const first = speaking[0];
  const able = UNITS.slice(1).filter((unit) => isRight(first, unit, places));
  return able.find((unit) => answers.every((one) => isRight(one, unit, places) || !says(one, places))) ?? 'characters';
}

type Place = (position: number) => number | undefined;

/** Positions in the units as those in UTF-16, of one text at a time: the answers of a text stand together. */
class Places {
  private context?: string;
  private readonly known = new Map<Unit, Place>();

  of(context: string, unit: Unit): Place {
    if (this.context !== context) this.known.clear();
    this.context = context;
    if (!this.known.has(unit)) this.known.set(unit, unit === 'characters' ? toUtf16(context) : fromUnit(context, unit));
    return this.known.get(unit)!;
  }
}

function isRight({ context, text, start, end }: StatedAnswer, unit: Unit, places: Places): boolean {
  const place = places.of(context, unit);
  const at = place(start);
  if (at === undefined || at < 0) return false;
  return text === undefined ? areWords(context, at, place(end ?? NaN)) : context.startsWith(text, at);
}

/** Whether people would mark it: words that are whole, with no space beside them. */
function areWords(context: string, start: number, end: number | undefined): boolean {
  if (end === undefined || end <= start || end > context.length) return false;
  const marked = context.slice(start, end);
  return marked.trim() === marked && standingOf(context, start, end) === 'whole';
}

/** Whether it says anything about the unit: a text that is not there says nothing, nor do places that are no words in any unit. */
function says(answer: StatedAnswer, places: Places): boolean {
  const { context, text } = answer;
  if (text !== undefined) return context.includes(text);
  return !isPlain(context) && UNITS.some((unit) => isRight(answer, unit, places));
}
