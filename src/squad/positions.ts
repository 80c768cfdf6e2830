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

/** What the positions of a file count, and how many of the answers that can tell it from characters say so. */
export interface CountedUnit {
  unit: Unit;
  agreeing: number;
  deciding: number;
}

/**
 * The unit in which the answers of a file are where it says: those with a text that is there letter by letter stand at their
 * place, those without one are whole words. One answer in twenty may have moved, where five or more agree. Characters where the
 * answers are right in them, or where no unit explains them.
 *
 * @example unitOf([{ context: '🚀🚀 Ada', text: 'Ada', start: 5 }]) // { unit: 'UTF-16 units', agreeing: 1, deciding: 1 }
 */
export function unitOf(answers: StatedAnswer[]): CountedUnit {
  const places = new Places();
  const wrong = answers.filter((one) => !isPlain(one.context) && verdict(one, 'characters', places) !== 'right');
  const sample = wrong.slice(0, SAMPLE);
  const likely = UNITS.slice(1)
    .map((unit) => ({ unit, right: sample.filter((one) => verdict(one, unit, places) === 'right').length }))
    .filter(({ right }) => right > 0)
    .sort((a, b) => b.right - a.right);
  for (const { unit } of likely) {
    const tally = tallyOf(answers, unit, places);
    if (holds(tally) && tally.agreeing >= leastFor(unit))
      return { unit, agreeing: tally.agreeing, deciding: tally.agreeing + tally.contrary };
  }
  return { unit: 'characters', agreeing: 0, deciding: 0 };
}

/** Answers that show which units may be the file's; all answers then say whether one is. */
const SAMPLE = 40;
/** Fewer that agree are chance beside one that does not. */
const ENOUGH = 5;
/** Hardly any program counts clusters: one answer that agrees on them has moved by chance. */
const leastFor = (unit: Unit) => (unit === 'grapheme clusters' ? 2 : 1);
/** How many answers have to be right for each that has moved: one in twenty. */
const RIGHT_FOR_EACH = 19;

interface Tally {
  /** Right in the unit, and not in characters. */
  agreeing: number;
  /** Not right in the unit, in a text that the units count differently. */
  contrary: number;
  /** Not right in any unit, for all count the text the same. */
  moved: number;
  right: number;
}

function tallyOf(answers: StatedAnswer[], unit: Unit, places: Places): Tally {
  const tally = { agreeing: 0, contrary: 0, moved: 0, right: 0 };
  for (const answer of answers) {
    const isRight = verdict(answer, 'characters', places) === 'right';
    if (!isPlain(answer.context)) count(tally, verdict(answer, unit, places), isRight);
    else if (isRight) tally.right++;
    // in a plain text, a span that cuts a word says nothing about the unit
    else if (answer.text !== undefined && answer.context.includes(answer.text)) tally.moved++;
  }
  return tally;
}

/** @param isRight Whether it is right in characters. */
function count(tally: Tally, inUnit: Verdict, isRight: boolean): void {
  if (inUnit === 'right') {
    tally.right++;
    if (!isRight) tally.agreeing++;
  } else if (inUnit === 'wrong' || isRight) tally.contrary++;
}

function holds({ agreeing, contrary, moved, right }: Tally): boolean {
  if (contrary + moved === 0) return agreeing > 0;
  const isFew = contrary * RIGHT_FOR_EACH <= agreeing && (contrary + moved) * RIGHT_FOR_EACH <= right;
  return agreeing >= ENOUGH && isFew;
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

/** `unsure`: a text that is nowhere, a word with something on it, a space at an edge. */
type Verdict = 'right' | 'wrong' | 'unsure';

function verdict({ context, text, start, end = NaN }: StatedAnswer, unit: Unit, places: Places): Verdict {
  const place = places.of(context, unit);
  const at = place(start);
  if (text === undefined) return ofSpan(context, at, place(end));
  if (at !== undefined && at >= 0 && context.startsWith(text, at)) return 'right';
  return context.includes(text) ? 'wrong' : 'unsure';
}

/** People mark words that are whole, with no space beside them. */
function ofSpan(context: string, start: number | undefined, end: number | undefined): Verdict {
  if (!isPart(context, start, end)) return 'wrong';
  const marked = context.slice(start, end);
  const standing = standingOf(context, start!, end!);
  if (standing === 'inside') return 'wrong';
  return standing === 'whole' && marked.trim() === marked ? 'right' : 'unsure';
}

const isPart = (context: string, start = NaN, end = NaN) => start >= 0 && start < end && end <= context.length;

/** Other ways to count starts and ends, as what has to be added to each. */
const WAYS: { by: [start: number, end: number]; meaning: string }[] = [
  { by: [0, 1], meaning: 'the ends are inclusive (each end + 1)' },
  { by: [-1, -1], meaning: 'they count from 1 (each start − 1 and end − 1)' },
  { by: [-1, 0], meaning: 'they count from 1 and the ends are inclusive (each start − 1)' },
];

/** The spans of a file that have no text to tell whether they are right. */
export interface CutSpans {
  spans: number;
  /** How many begin or end inside a word. */
  cut: number;
  /** The other way to count in which they are whole words, but for one in twenty, and how many are; `undefined` where there is none. */
  way?: { meaning: string; whole: number };
}

/**
 * How many spans without a text cut words, and what would explain it.
 *
 * @example cutSpans([{ context: 'Ada won', start: 0, end: 2 }], 'characters').cut // 1
 */
export function cutSpans(answers: StatedAnswer[], unit: Unit): CutSpans {
  const places = new Places();
  const spans = answers.filter(({ text }) => text === undefined);
  const cut = spans.filter((span) => cutsWord(span, places.of(span.context, unit))).length;
  // where words are not set apart, any way of counting gives words
  if (cut * 2 < spans.length || cut === 0) return { spans: spans.length, cut };
  for (const { by, meaning } of WAYS) {
    const whole = spans.filter((span) => ofSpanBy(span, by, places.of(span.context, unit)) === 'right').length;
    const isFew = whole >= ENOUGH && (spans.length - whole) * RIGHT_FOR_EACH <= whole;
    if (whole === spans.length || isFew) return { spans: spans.length, cut, way: { meaning, whole } };
  }
  return { spans: spans.length, cut };
}

function ofSpanBy({ context, start, end = NaN }: StatedAnswer, [first, last]: [number, number], place: Place): Verdict {
  return ofSpan(context, place(start + first), place(end + last));
}

function cutsWord({ context, start, end = NaN }: StatedAnswer, place: Place): boolean {
  const [from, to] = [place(start), place(end)];
  return isPart(context, from, to) && standingOf(context, from!, to!) !== 'whole';
}
