// Records with their answers where they are, and a word for each that was not where the file said.
import { type Unit, fromUnit, toCodePoints, toUtf16 } from './code-points';
import { type Placement, AnswerFinder } from './find-answers';
import type { Problem } from './problem';
import type { Answer, SquadRecord } from './record';
import { type TypedAnswer, type TypedQuestion, noPart } from './typed';
import { shown, shownBeside } from './shown';
import { wordAround } from './words';

/** An answer whose text is known. */
type ReadAnswer = Omit<TypedAnswer, 'text' | 'end'> & { text: string };

/** Puts answers where their texts are. */
export class Placing {
  private last?: { finder: AnswerFinder; position: (stated: number) => number };
  private readonly titles = new Map<string, string>();

  constructor(
    private readonly unit: Unit,
    private readonly problems: Problem[],
    private readonly options: { answers?: 'lesson' | 'honest' },
  ) {}

  /** A record to use, or none, and the one as the file has it. */
  place(question: TypedQuestion): [record: SquadRecord | undefined, written: SquadRecord] {
    const { context, hasPlausible, answers, isImpossible } = question;
    const isLesson = this.options.answers === 'lesson' && hasPlausible;
    const wanted = isLesson ? question.plausible : (answers ?? []);
    const isUnlabelled = answers === undefined && !isLesson;
    const written = { ...this.base(question), ...(isUnlabelled && { isUnlabelled }) };
    const read = wanted.flatMap((answer) => this.read(answer, context) ?? this.noPart(answer, question));
    written.answers = read.map((answer) => this.asWritten(answer, context));
    written.isImpossible = wanted.length === 0 && !isUnlabelled;
    const placed = read.flatMap((answer) => this.answer(answer, question));
    // all answers were lost: that says nothing about whether there is one
    const isLost = placed.length === 0 && !isUnlabelled && (wanted.length > 0 || !isImpossible);
    return [isLost ? undefined : { ...written, answers: placed }, written];
  }

  private base({ id, title, context, question, plausible, row }: TypedQuestion): SquadRecord {
    if (row !== undefined && !this.titles.has(context)) this.titles.set(context, `text ${row}`);
    const read = plausible.flatMap((answer) => this.read(answer, context) ?? []);
    const plausibleAnswers = read.map((answer) => this.asWritten(answer, context));
    const named = title || (row === undefined ? '' : this.titles.get(context)!);
    return { id, title: named, context, question, answers: [], plausibleAnswers, isImpossible: false };
  }

  private of(context: string) {
    if (this.last?.finder.context === context) return this.last;
    const place = this.unit === 'characters' ? toUtf16(context) : fromUnit(context, this.unit);
    this.last = { finder: new AnswerFinder(context), position: (at) => place(at) ?? -1 };
    return this.last;
  }

  /** An answer with its text: of places alone, what stands there; `undefined` where they are no part of the text. */
  private read({ text, end, ...answer }: TypedAnswer, context: string): ReadAnswer | undefined {
    if (text !== undefined) return { ...answer, text };
    const { start, isUtf16 } = answer;
    const [from, to] = [start, end].map((at) => (isUtf16 || at === undefined ? at : this.of(context).position(at)));
    if (from === undefined || to === undefined || from < 0 || to <= from || to > context.length) return undefined;
    return { ...answer, text: context.slice(from, to) };
  }

  private noPart({ path, start, end = NaN }: TypedAnswer, { path: question }: TypedQuestion): ReadAnswer[] {
    this.problems.push({ kind: 'format', path, what: noPart(start, end), remedy: 'left out', question });
    return [];
  }

  private stated({ start, isUtf16 }: ReadAnswer, context: string): number | undefined {
    return start === undefined || isUtf16 ? start : this.of(context).position(start);
  }

  private asWritten(answer: ReadAnswer, context: string): Answer {
    const stated = this.stated(answer, context);
    if (stated !== undefined) return { text: answer.text, answerStart: stated };
    const found = this.of(context).finder.find(answer.text);
    const isLiteral = found.kind === 'exact' || found.kind === 'several';
    // within other words it is not there, though its letters may be at 0
    return { text: answer.text, answerStart: isLiteral ? found.start : found.kind === 'inside' ? -1 : 0 };
  }

  /** Of several places none counts where the file means one that cannot be read. */
  private find(answer: ReadAnswer, context: string): Placement {
    const found = this.of(context).finder.find(answer.text, this.stated(answer, context));
    const isOpen = answer.isUnclear === true && 'places' in found && found.places.length > 1 && !isLost(found);
    return isOpen ? { kind: 'ambiguous', places: found.places } : found;
  }

  /** The answer where it is; none where that is not known. */
  private answer(answer: ReadAnswer, { path: question, context }: TypedQuestion): Answer[] {
    const found = this.find(answer, context);
    const reports = isLost(found) ? lost(answer, found, context) : placedReports(answer, found, context, this.unit);
    const was = { text: answer.text, start: answer.start };
    for (const report of reports)
      this.problems.push({ path: answer.path, question, ...report, ...(report.answer && { was }) });
    if (isLost(found)) return [];
    return [{ text: found.text, answerStart: found.start, answerEnd: found.start + found.text.length }];
  }
}

type Report = Pick<Problem, 'kind' | 'what' | 'remedy' | 'answer' | 'shift'>;
type Lost = Extract<Placement, { kind: 'missing' | 'ambiguous' | 'inside' }>;
type Found = Exclude<Placement, Lost>;

const isLost = (found: Placement): found is Lost => ['missing', 'ambiguous', 'inside'].includes(found.kind);

/** Some places, as the file counts them. */
const listed = (places: number[], context: string, most: number) =>
  places.slice(0, most).map((start) => toCodePoints(context, start)).join(', '); // prettier-ignore

function lost({ text, start }: ReadAnswer, found: Lost, context: string): Report[] {
  const quoted = shown(text);
  const left = (kind: Problem['kind'], what: string): Report[] => [{ kind, what, remedy: 'left out' }];
  if (found.kind === 'missing') return left('answer not found', `${quoted} is nowhere in its context`);
  const where = start === undefined ? quoted : `${quoted} is not at ${start} and`;
  if (found.kind === 'ambiguous') return left('ambiguous answer', `${where} occurs more than once, at ${listed(found.places, context, 4)}`); // prettier-ignore
  const [place] = found.places;
  const word = shown(wordAround(context, place, place + text.length));
  return left('inside a word', `${where} stands only within other words: in ${word} at ${toCodePoints(context, place)}`); // prettier-ignore
}

function placedReports(answer: ReadAnswer, found: Found, context: string, unit: Unit): Report[] {
  const reports = placeReports(answer, found, context, unit);
  if (!found.isAttached) return reports;
  const { start, text } = found;
  const word = shown(wordAround(context, start, start + text.length));
  return [...reports, { kind: 'inside a word', what: `${shown(text)} is a part of ${word} in the text`, remedy: 'kept' }];
} // prettier-ignore

function placeReports({ text, start, isUtf16 }: ReadAnswer, found: Found, context: string, unit: Unit): Report[] {
  const place = (at: number) => toCodePoints(context, at);
  const answer = { text: found.text, start: place(found.start) };
  const quoted = shown(text);
  const mended = (kind: Problem['kind'], what: string, now: Problem['answer'] = answer): Report => ({ kind, what, remedy: 'mended', answer: now }); // prettier-ignore
  switch (found.kind) {
    case 'shifted':
      return [
        { ...mended('shifted answer', `${quoted} is not at ${start} but at ${answer.start}`), shift: found.shift },
      ];
    case 'elsewhere':
      return [mended('answer elsewhere', `${quoted} is not at ${start} but at ${answer.start}, its only place`)];
    case 'several':
      return [several(found, context)];
    case 'respelled': {
      const [theirs, own] = shownBeside(text, found.text);
      const what = `${theirs} is not in the text, which has ${own}`;
      const isOnly = found.places.length === 1;
      const report = mended(`differs in ${list(found.differs)}`, what, isOnly && start === undefined ? { text: found.text } : answer); // prettier-ignore
      return isOnly ? [report] : [report, several(found, context)];
    }
    default:
      if (start === undefined || isUtf16 || start === answer.start) return [];
      return [mended('positions', `${quoted} is at ${answer.start}, which is ${start} in ${unit}`)];
  }
}

function several(found: { text: string; start: number; places: number[] }, context: string): Report {
  const [first] = found.places;
  const what = `${shown(found.text)} stands at ${listed(found.places, context, 6)}: ${toCodePoints(context, first)} counts, unless answer_start names another`; // prettier-ignore
  return { kind: 'several places', what, remedy: 'kept' };
}

const list = (names: string[]) => names.join(', ').replace(/, ([^,]*)$/, ' and $1') || 'its form';
