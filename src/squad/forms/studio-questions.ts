// Which question each of Label Studio's results is about: one of the task, one that the annotator wrote, or one for each marked part.
import { asText } from '../loose';
import type { Problem } from '../problem';
import { shown } from '../shown';
import { type Result, byAnnotation, isMarked, written } from './studio-results';

/** A question, and what was found for it. */
export interface Asked {
  question: unknown;
  /** `undefined`: nobody has looked. */
  results: Result[] | undefined;
}

/** The parts that one annotator wrote questions for, each with all that is said of it. */
type Pairs = Map<unknown, { questions: unknown[]; results: Result[] }>;

/**
 * The questions of a task; none where only labels could be its questions.
 *
 * @param given The question in the task's own fields.
 */
export function askedIn(results: Result[] | undefined, given: unknown, path: string, problems: Problem[]): Asked[] {
  const own = [...byAnnotation(results ?? [])].map(([annotation, list]) => ({ annotation, list, pairs: pairsOf(list) }));
  const arePaired = own.some(({ pairs }) => pairs.size > 0);
  if (given !== undefined && !arePaired) return [{ question: given, results }];
  const asking = new Asking(problems);
  // who wrote no question answered the one that is there, when all questions are known
  for (const isSilent of [false, true]) {
    for (const { annotation, list, pairs } of own) {
      if ((pairs.size === 0 && !list.some((one) => written(one).length > 0)) === isSilent)
        asking.annotation(annotation, list, pairs, given);
    }
  }
  const isAsked = given === undefined || asking.has(given);
  const what = `${shown(given)} is not asked: every marked part has a question of its own`;
  if (!isAsked) problems.push({ kind: 'format', path, what, remedy: 'left out' });
  return asking.all;
} // prettier-ignore

/** Text areas of a part have its id; a part within another is a further answer to the other's question. */
function pairsOf(list: Result[]): Pairs {
  const marked = new Map(list.filter((one) => isMarked(one) && one.id !== undefined).map((one) => [one.id, one]));
  const areas = list.filter((one) => written(one).length > 0 && marked.has(one.id));
  const pairs: Pairs = new Map();
  for (const id of marked.keys()) {
    const asker = askerOf(id, marked, new Set(areas.map((area) => area.id)));
    if (asker === undefined) continue;
    const questions = areas.filter((area) => area.id === asker).flatMap(written);
    pairs.set(id, { questions, results: list.filter((one) => one.id === id) });
  }
  return pairs;
}

/** The part itself where it has a question, or the nearest one around it that has. */
function askerOf(id: unknown, marked: Map<unknown, Result>, withArea: Set<unknown>): unknown {
  const seen = new Set<unknown>();
  for (let at = id; at !== undefined && at !== null && !seen.has(at); at = marked.get(at)?.parent) {
    if (withArea.has(at)) return at;
    seen.add(at);
  }
  return undefined;
}

/** Puts results to their questions. */
class Asking {
  private readonly groups = new Map<string, { question: unknown; results: Result[] }>();

  constructor(private readonly problems: Problem[]) {}

  get all(): Asked[] {
    return [...this.groups.values()];
  }

  has(question: unknown): boolean {
    return this.groups.has(asText(question));
  }

  annotation(annotation: string, list: Result[], pairs: Pairs, given: unknown): void {
    for (const { questions, results } of pairs.values()) for (const question of questions) this.add(question, results);
    const rest = list.filter(({ id }) => !pairs.has(id));
    if (given === undefined) this.asked(annotation, rest, pairs.size > 0);
    else if (rest.some(isMarked) || pairs.size === 0) this.add(given, rest);
  }

  /** Results without a part of their own: the first question that was written beside them is theirs. */
  private asked(annotation: string, rest: Result[], isPaired: boolean): void {
    const [question, ...others] = rest.flatMap(written);
    if (question !== undefined) this.add(question, rest);
    else if (!isPaired && this.groups.size < 2) this.all[0]?.results?.push(...rest);
    else this.withoutQuestion(rest, isPaired);
    for (const other of others) {
      const what = `${shown(other)} is one of several questions of one annotator, and nothing says which answer is its own: the first counts`;
      this.problems.push({ kind: 'format', path: annotation, what, remedy: 'left out' });
    }
  }

  private add(question: unknown, results: Result[]): void {
    const key = asText(question);
    if (!this.groups.has(key)) this.groups.set(key, { question, results: [] });
    this.groups.get(key)!.results.push(...results);
  }

  private withoutQuestion(rest: Result[], isPaired: boolean): void {
    const why = isPaired
      ? 'has no question of its own (no text area with its id), as others have'
      : `has no question, and other annotators asked ${this.groups.size}`;
    for (const { path, value } of rest.filter(isMarked))
      this.problems.push({ kind: 'format', path, what: `${shown(value.text)} ${why}`, remedy: 'left out' });
  }
}
