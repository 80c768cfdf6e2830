// From what a file has to what was meant: ids, flags and places of the wrong type, each change with a word.
import type { LooseAnswer, LooseQuestion } from './loose';
import { asText, fieldOf, isBlank, isObject } from './loose';
import type { Problem } from './problem';
import { shown } from './shown';
import type { Say } from './typed-text';
import { truth } from './truth';
import { isRow, Texts } from './typed-text';

/** An answer with its types right, not yet looked for. */
export interface TypedAnswer {
  path: string;
  text: string;
  /** As the file counts; `undefined` where it says nothing. */
  start?: number;
  /** Whether `start` counts UTF-16 units whatever the file counts. */
  isUtf16?: boolean;
}

/** A question with its types right. */
export interface TypedQuestion {
  path: string;
  row?: number;
  contextPath: string;
  /** Empty where the file has none. */
  id: string;
  title: string;
  context: string;
  question: string;
  /** `undefined`: it has no label. */
  answers: TypedAnswer[] | undefined;
  plausible: TypedAnswer[];
  /** Whether the file has plausible answers of its own, which the lesson takes for true ones. */
  hasPlausible: boolean;
  isImpossible: boolean;
}

/**
 * Puts types right. @returns `undefined` for a question that cannot be used; `problems` says why
 */
export class Typing {
  private readonly saidOnce = new Set<string>();
  private readonly texts = new Texts();

  constructor(private readonly problems: Problem[]) {}

  question(loose: LooseQuestion): TypedQuestion | undefined {
    const { path, row, contextPath } = loose;
    const say: Say = (kind, at, what, remedy) => this.problems.push({ kind, path: at, what, remedy, question: path });
    const context = this.texts.take(loose.context, contextPath, 'context', say);
    const question = this.texts.take(loose.question, fieldOf(path, 'question'), 'question', say);
    if (context === undefined || question === undefined) return undefined;
    const flag = this.flag(loose.isImpossible, fieldOf(path, 'is_impossible'), say);
    const labels = this.labels(loose, context, flag, say);
    return {
      path,
      row,
      contextPath,
      context,
      question,
      ...labels,
      id: this.id(loose, say),
      title: this.title(loose),
      hasPlausible: loose.plausible !== undefined,
    };
  }

  private id({ id, path, row }: LooseQuestion, say: Say): string {
    if (typeof id === 'string' && id !== '' && !(isRow(path) && isBlank(id))) return id;
    const at = fieldOf(path, 'id');
    if (typeof id === 'number' && Number.isFinite(id)) {
      if (row === undefined) say('format', at, `the id ${id} is a number; written as text`, 'mended');
      return String(id);
    }
    // in rows, an id is a column that need not be there
    if (row === undefined) {
      const what = isBlank(id) ? 'it has no id' : 'the id is neither a text nor a number';
      say('missing id', at, `${what}; it gets one from its place`, 'mended');
    }
    return '';
  }

  /** An article's title, said once for all its questions. */
  private title({ title, path }: LooseQuestion): string {
    if (typeof title === 'string' || title === undefined) return title ?? '';
    const article = path.replace(/[.,\s]*(?:paragraphs|qas)\[.*/, '');
    const isNumber = typeof title === 'number' && Number.isFinite(title);
    if (!this.saidOnce.has(article)) {
      this.saidOnce.add(article);
      const what = `the title is ${title === null ? 'null: read as none' : isNumber ? 'a number; written as text' : 'no text: read as none'}`; // prettier-ignore
      this.problems.push({ kind: 'format', path: fieldOf(article, 'title'), what, remedy: 'mended' });
    }
    return isNumber ? String(title) : '';
  }

  private flag(value: unknown, path: string, say: Say): boolean | undefined {
    if (typeof value === 'boolean' || value === undefined || value === null) return value ?? undefined;
    const known = truth(value);
    // a table has nothing but texts
    if (isRow(path) && (known !== undefined || isBlank(value))) return known;
    const read = known === undefined ? 'read as not given' : `read as ${known}`;
    say('format', path, `is_impossible is ${shown(value)}, and no true or false; ${read}`, 'mended');
    return known;
  }

  private labels(loose: LooseQuestion, context: string, flag: boolean | undefined, say: Say): Pick<TypedQuestion, 'answers' | 'plausible' | 'isImpossible'> {
    const plausible = this.answers(loose.plausible ?? [], context, () => undefined).kept;
    if (loose.answers === undefined && flag !== true) {
      const what = 'nobody has said what its answer is: it has no label, and no metric counts it';
      say('no label', loose.path, what, 'kept');
      return { answers: undefined, plausible, isImpossible: false };
    }
    const { kept, empty, lost } = this.answers(loose.answers ?? [], context, say);
    if (flag === true) return this.marked(kept, plausible, say);
    // all answers were wrong: that says nothing about whether there is one
    if (kept.length === 0 && lost > 0) return { answers: kept, plausible, isImpossible: false };
    if (kept.length > 0) empty.forEach(({ path }) => say('empty answer', path, 'the text of the answer is empty', 'left out'));
    else this.none(loose, empty, flag, say);
    return { answers: kept, plausible, isImpossible: kept.length === 0 };
  } // prettier-ignore

  /** Marked impossible: what stands for an answer is what a careless reader would say. */
  private marked(kept: TypedAnswer[], plausible: TypedAnswer[], say: Say) {
    if (kept.length > 0) {
      const what = 'it is marked impossible and has an answer, which counts as plausible only';
      say('impossible with answer', kept[0].path.replace(/\[\d+\]$/, ''), what, 'mended');
    }
    return { answers: [], plausible: plausible.length > 0 ? plausible : kept, isImpossible: true };
  }

  /** No answers means none: the official evaluation's rule. */
  private none({ path, row, isTyped, answers }: LooseQuestion, empty: LooseAnswer[], flag: boolean | undefined, say: Say) {
    const isForgotten = row !== undefined && (isTyped === true || (answers?.length === 1 && flag === undefined));
    if (isForgotten) return say('no answer', path, 'no answer: the question will count as impossible', 'kept');
    if (empty.length > 0) return say('empty answer', empty[0].path, 'the text of the answer is empty: it counts as impossible', 'mended'); // prettier-ignore
    if (row === undefined || flag === false) say('no answer', path, 'it has no answer and is not marked impossible: it counts as impossible', 'mended'); // prettier-ignore
  } // prettier-ignore

  private answers(list: LooseAnswer[], context: string, say: Say): { kept: TypedAnswer[]; empty: LooseAnswer[]; lost: number } {
    const kept: TypedAnswer[] = [];
    const empty: LooseAnswer[] = [];
    for (const loose of list) {
      const answer = this.answer(loose, context, say);
      if (answer === 'empty') empty.push(loose);
      else if (answer !== undefined) kept.push(answer);
    }
    return { kept, empty, lost: list.length - kept.length - empty.length };
  } // prettier-ignore

  private answer(loose: LooseAnswer, context: string, say: Say): TypedAnswer | 'empty' | undefined {
    const { path, text, end } = loose;
    const start = this.start(loose.start, path, say);
    if (text === undefined && end !== undefined) return this.slice(loose, start, context, say);
    if (typeof text === 'string') return this.written(loose, text, start, context, say);
    if (typeof text === 'number' || typeof text === 'boolean') {
      if (Number.isNaN(text)) return 'empty';
      if (!/^(?:row|line)/.test(path))
        say('format', path, `the answer is ${text}, and no text; read as text`, 'mended');
      return { path, text: String(text), ...start };
    }
    if (text === undefined || text === null) return 'empty';
    if (isObject(text))
      say('format', path, `the answer has no text that we know, but ${listed(Object.keys(text))}`, 'left out');
    else say('format', fieldOf(path, 'text'), 'the answer is neither a text nor a number', 'left out');
    return undefined;
  }

  private written(loose: LooseAnswer, text: string, start: Pick<TypedAnswer, 'start' | 'isUtf16'>, context: string, say: Say): TypedAnswer | 'empty' {
    if (isNothing(loose, context)) return 'empty';
    if (isBlank(text) && start.start === undefined) {
      const what = `the answer ${shown(text)} may stand for none: its text has that word, so it counts as an answer; leave it empty if there is none`;
      say('empty answer', loose.path, what, 'kept');
    }
    return { path: loose.path, text, ...start };
  } // prettier-ignore

  private slice({ path, end }: LooseAnswer, { start, isUtf16 }: Pick<TypedAnswer, 'start' | 'isUtf16'>, context: string, say: Say): TypedAnswer | undefined {
    const stop = isObject(end) ? Number(end.utf16) : Number(end);
    const inUnits = isUtf16 ? context : Array.from(context);
    const isInside = start !== undefined && Number.isInteger(stop) && start >= 0 && start < stop && stop <= inUnits.length;
    if (isInside) {
      const text = typeof inUnits === 'string' ? inUnits.slice(start, stop) : inUnits.slice(start, stop).join('');
      return { path, text, start, isUtf16 };
    }
    say('format', path, `${start ?? 'nothing'} to ${Number.isNaN(stop) ? 'nothing' : stop} is no part of the text`, 'left out');
    return undefined;
  } // prettier-ignore

  private start(value: unknown, path: string, say: Say): Pick<TypedAnswer, 'start' | 'isUtf16'> {
    if (isObject(value) && typeof value.utf16 === 'number') return { start: value.utf16, isUtf16: true };
    if (typeof value === 'number' && Number.isSafeInteger(value)) return { start: value };
    const at = fieldOf(path, 'answer_start');
    if (isBlank(value)) {
      if (typeof value === 'number') say('positions', at, 'the place is NaN; the answer is looked for', 'mended');
      return {};
    }
    const number = typeof value === 'string' ? Number(value) : NaN;
    if (Number.isSafeInteger(number)) {
      if (!isRow(path)) say('format', at, `the place ${shown(value)} is a text; read as a number`, 'mended');
      return { start: number };
    }
    const place = typeof value === 'object' ? NaN : Number(value);
    const problem = Number.isInteger(place)
      ? `${place.toExponential()} is beyond any text`
      : `${shown(value)} is no whole number`;
    say('positions', at, `the place ${problem}; the answer is looked for`, 'mended');
    return {};
  }
}

/** Some names of fields. */
const listed = (names: string[]) => `${names.slice(0, 6).map(shown).join(', ')}${names.length > 6 ? ', …' : ''}`;

/**
 * A text that stands for no answer: an empty one, spaces without their place, and what pandas writes for nothing. Where the text has that
 * word, it counts as nothing only beside a place that is missing in the same way.
 */
export function isNothing({ start, text }: LooseAnswer, context: string): boolean {
  if (typeof text !== 'string') return isBlank(text);
  if (text === '') return true;
  // what is no number is no place
  const hasPlace = isObject(start) || (!isBlank(asText(start)) && Number.isFinite(Number(start)));
  if (text.trim() === '') return !hasPlace;
  if (!isBlank(text) || hasPlace) return false;
  return !hasWord(context, text) || (typeof start === 'string' && start.trim() === text.trim());
}

const hasWord = (context: string, text: string) =>
  new RegExp(`(?<![\\p{L}\\p{N}])${text.trim().replace('/', '\\/')}(?![\\p{L}\\p{N}])`, 'iu').test(context);
