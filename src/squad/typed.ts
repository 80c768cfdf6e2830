// From what a file has to what was meant: ids, flags and places of the wrong type, each change with a word.
import { type LooseAnswer, type LooseQuestion, asText, fieldOf, isBlank, isObject } from './loose';
import { Standing, readPlace } from './place';
import type { Problem } from './problem';
import { plainId } from './record-id';
import { shown } from './shown';
import { type Say, isRow, Texts } from './typed-text';
import { truth } from './truth';

/** An answer with its types right, not yet looked for. */
export interface TypedAnswer {
  path: string;
  /** Absent where only places are known: which text they mean, the file's unit says. */
  text?: string;
  /** As the file counts; `undefined` where it says nothing. */
  start?: number;
  /** Exclusive; where there is no text. */
  end?: number;
  /** Whether `start` counts UTF-16 units whatever the file counts. */
  isUtf16?: boolean;
  /** What the mark on it was called. */
  labels?: string[];
  /** Whether the file names a place that cannot be read: of several places none is known to be meant. */
  isUnclear?: boolean;
}

type TypedPlace = Pick<TypedAnswer, 'start' | 'isUtf16' | 'isUnclear'>;

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
  private readonly places = new Standing();

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

  private id({ id: given, path, row }: LooseQuestion, say: Say): string {
    const id = plainId(given);
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
    const given = this.accepted(loose.answers, say);
    if (given === undefined && flag !== true) {
      const what = 'nobody has said what its answer is: it has no label, and no metric counts it';
      say('no label', loose.path, what, 'kept');
      return { answers: undefined, plausible, isImpossible: false };
    }
    const { kept, empty, lost } = this.answers(given ?? [], context, say);
    if (flag === true) return this.marked(kept, plausible, say);
    // all answers were wrong: that says nothing about whether there is one
    if (kept.length === 0 && lost > 0) return { answers: kept, plausible, isImpossible: false };
    if (kept.length > 0) empty.forEach((one) => say('empty answer', one.path, whyEmpty(one), 'left out'));
    else this.none(loose, empty, flag, say);
    return { answers: kept, plausible, isImpossible: kept.length === 0 };
  } // prettier-ignore

  /** Without what somebody turned down; where that is all, nobody has said what the answer is. */
  private accepted(answers: LooseAnswer[] | undefined, say: Say): LooseAnswer[] | undefined {
    const left = answers?.filter(({ path, rejected }) => {
      if (rejected !== undefined) say('rejected', path, `the answer does not count: it is marked ${shown(rejected)}`, 'left out'); // prettier-ignore
      return rejected === undefined;
    });
    return answers !== undefined && answers.length > 0 && left?.length === 0 ? undefined : left;
  }

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
    if (empty.length > 0) return say('empty answer', empty[0].path, `${whyEmpty(empty[0])}: it counts as impossible`, 'mended'); // prettier-ignore
    if (row === undefined || flag === false) say('no answer', path, 'it has no answer and is not marked impossible: it counts as impossible', 'mended'); // prettier-ignore
  } // prettier-ignore

  private answers(list: LooseAnswer[], context: string, say: Say): { kept: TypedAnswer[]; empty: LooseAnswer[]; lost: number } {
    const kept: TypedAnswer[] = [];
    const empty: LooseAnswer[] = [];
    for (const loose of list) {
      const answer = this.answer(loose, context, say);
      if (answer === 'empty') empty.push(loose);
      else if (answer !== undefined) {
        if (loose.isShort) say('positions', loose.path, 'there are fewer places than answers; this one is looked for', 'mended');
        kept.push({ ...answer, ...(loose.labels && { labels: loose.labels }) });
      }
    }
    return { kept, empty, lost: list.length - kept.length - empty.length };
  } // prettier-ignore

  private answer(loose: LooseAnswer, context: string, say: Say): TypedAnswer | 'empty' | undefined {
    const { path, text, end } = loose;
    const start = this.start(loose, context, say);
    if (text === undefined && end !== undefined) return this.span(loose, start, say);
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

  private written(loose: LooseAnswer, text: string, start: TypedPlace, context: string, say: Say): TypedAnswer | 'empty' {
    if (isNothing(loose, context)) return 'empty';
    if (isBlank(text) && start.start === undefined) {
      const what = `the answer ${shown(text)} may stand for none: its text has that word, so it counts as an answer; leave it empty if there is none`;
      say('empty answer', loose.path, what, 'kept');
    }
    return { path: loose.path, text, ...start };
  } // prettier-ignore

  private span({ path, end }: LooseAnswer, { start, isUtf16 }: TypedPlace, say: Say): TypedAnswer | undefined {
    const stop = readPlace(asText(isObject(end) ? end.utf16 : end), () => false).start ?? NaN;
    if (start !== undefined && Number.isInteger(stop) && start >= 0 && start < stop) return { path, start, end: stop, isUtf16 };
    say('format', path, noPart(start, stop), 'left out');
    return undefined;
  } // prettier-ignore

  private start({ start: value, text, path }: LooseAnswer, context: string, say: Say): TypedPlace {
    if (isObject(value) && typeof value.utf16 === 'number') return { start: value.utf16, isUtf16: true };
    if (typeof value === 'number' && Number.isSafeInteger(value)) return { start: value };
    const at = fieldOf(path, 'answer_start');
    if (isBlank(value)) {
      if (typeof value === 'number') say('positions', at, 'the place is NaN; the answer is looked for', 'mended');
      return {};
    }
    const stands = (place: number) => typeof text === 'string' && this.places.has(context, text, place);
    const { start, isGrouped } = typeof value === 'string' ? readPlace(value, stands) : {};
    if (start === undefined) return unclear(value, at, say);
    if (isGrouped) say('format', at, `the place ${shown(value)} has a sign for thousands; read as ${start}`, 'mended');
    else if (!isRow(path)) say('format', at, `the place ${shown(value)} is a text; read as a number`, 'mended');
    return { start };
  }
}

/** A place that is none, or cannot be told. */
function unclear(value: unknown, at: string, say: Say): TypedPlace {
  const place = typeof value === 'object' ? NaN : Number(value);
  const problem = Number.isInteger(place) ? `${place.toExponential()} is beyond any text` : `${shown(value)} is no whole number`; // prettier-ignore
  say('positions', at, `the place ${problem}; the answer is looked for`, 'mended');
  return { isUnclear: true };
}

/** What is said of places that are none. */
export const noPart = (start: number | undefined, end: number) =>
  `${start ?? 'nothing'} to ${Number.isNaN(end) ? 'nothing' : end} is no part of the text`;

/** How QuAC says that its text, which ends in this word, has no answer. */
export const QUAC_NONE = 'CANNOTANSWER';

const whyEmpty = ({ text }: LooseAnswer) => (text === QUAC_NONE ? `${QUAC_NONE} says that there is no answer` : 'the text of the answer is empty'); // prettier-ignore

/** Some names of fields. */
const listed = (names: string[]) => `${names.slice(0, 6).map(shown).join(', ')}${names.length > 6 ? ', …' : ''}`;

/**
 * A text that stands for no answer: an empty one, spaces without their place, and what pandas writes for nothing. Where the text has that
 * word, it counts as nothing only beside a place that is missing in the same way.
 */
export function isNothing({ start, text }: LooseAnswer, context: string): boolean {
  if (typeof text !== 'string') return isBlank(text);
  if (text === '' || text === QUAC_NONE) return true;
  // what is no number is no place
  const hasPlace = isObject(start) || (!isBlank(asText(start)) && Number.isFinite(Number(start)));
  if (text.trim() === '') return !hasPlace;
  if (!isBlank(text) || hasPlace) return false;
  return !hasWord(context, text) || (typeof start === 'string' && start.trim() === text.trim());
}

const hasWord = (context: string, text: string) =>
  new RegExp(`(?<![\\p{L}\\p{N}])${text.trim().replace('/', '\\/')}(?![\\p{L}\\p{N}])`, 'iu').test(context);
