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

/** How deep parts may be within parts. */
const DEEPEST = 20;

/** Text areas of a part have its id; a part within another is a further answer to the other's question. */
function pairsOf(list: Result[]): Pairs {
  const parents = new Map<unknown, unknown>();
  for (const one of list) if (isMarked(one) && one.id !== undefined) parents.set(one.id, one.parent);
  const questions = new Map<unknown, unknown[]>();
  const said = new Map<unknown, Result[]>();
  for (const one of list.filter(({ id }) => parents.has(id))) {
    const texts = written(one);
    if (texts.length > 0) questions.set(one.id, [...(questions.get(one.id) ?? []), ...texts]);
    if (said.has(one.id)) said.get(one.id)!.push(one);
    else said.set(one.id, [one]);
  }
  const pairs: Pairs = new Map();
  for (const [id, results] of said) {
    const asked = questions.get(askerOf(id, parents, questions));
    if (asked !== undefined) pairs.set(id, { questions: asked, results });
  }
  return pairs;
}

/** The part itself where it has a question, or the nearest one around it that has. */
function askerOf(id: unknown, parents: Map<unknown, unknown>, questions: Map<unknown, unknown>): unknown {
  let at = id;
  for (let depth = 0; depth < DEEPEST && !questions.has(at); depth++) at = parents.get(at);
  return at;
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
    else if (!isPaired && this.groups.size < 2) this.append(this.groups.keys().next().value, rest);
    else this.withoutQuestion(rest, isPaired);
    for (const other of others) {
      const what = `${shown(other)} is one of several questions of one annotator, and nothing says which answer is its own: the first counts`;
      this.problems.push({ kind: 'format', path: annotation, what, remedy: 'left out' });
    }
  }

  private add(question: unknown, results: Result[]): void {
    const key = asText(question);
    if (!this.groups.has(key)) this.groups.set(key, { question, results: [] });
    this.append(key, results);
  }

  private append(key: string | undefined, results: Result[]): void {
    const group = key === undefined ? undefined : this.groups.get(key);
    for (const one of results) group?.results.push(one);
  }

  private withoutQuestion(rest: Result[], isPaired: boolean): void {
    const why = isPaired
      ? 'has no question of its own (no text area with its id), as others have'
      : `has no question, and other annotators asked ${this.groups.size}`;
    for (const { path, value } of rest.filter(isMarked))
      this.problems.push({ kind: 'format', path, what: `${shown(value.text)} ${why}`, remedy: 'left out' });
  }
}
