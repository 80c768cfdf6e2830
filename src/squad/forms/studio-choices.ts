// What annotators chose in Label Studio: that a question has no answer, that it is a bad one, or something that no question is made of.
import { asText } from '../loose';
import type { Problem } from '../problem';
import { shown } from '../shown';
import { truth } from '../truth';
import { type Result, byAnnotation, isMarked } from './studio-results';

/** What a choice says of a question. */
type Meaning = 'none' | 'some' | 'bad';

const NONE =
  /^(?:(?:it is |is )?(?:un|non? ?|not )answerable|(?:it is |is )?impossible(?: to answer)?|(?:(?:it )?has |there is )?no (?:valid |correct )?answers?(?: (?:found|here|present|possible|exists?|in (?:the )?(?:text|context|passage|document)))?|can ?not (?:be )?answer(?:ed)?|can ?['’]?t (?:be )?answer(?:ed)?|answer (?:is )?(?:missing|not (?:found|present|in (?:the )?(?:text|context|passage|document)))|(?:unbeantwortbar|nicht beantwortbar|keine antwort)|(?:sans|pas de) r[ée]ponse|sin respuesta|sem resposta|(?:senza|nessuna) risposta|geen antwoord|brak odpowiedzi|нет ответа|cevap yok|(?:无|没有)答案|回答なし|回答不能|답 ?없음)$/iu;
const SOME = /^(?:(?:it is |is )?(?:answerable|possible)|(?:it )?has (?:an )?answer|beantwortbar)$/iu;
const BAD =
  /^(?:(?:bad|invalid|broken|unclear|wrong|nonsens(?:e|ical)|malformed) ?(?:question|query)|(?:question|query) (?:is )?(?:bad|invalid|broken|unclear|wrong|nonsense)|skip(?:ped)?|discard(?:ed)?|reject(?:ed)?)$/iu;

const plain = (text: unknown) => asText(text).replace(/[\s_-]+/g, ' ').replace(/[.!]$/, '').trim(); // prettier-ignore

const choicesIn = ({ type, value }: Result): string[] =>
  type === 'choices' && Array.isArray(value.choices) ? value.choices.map(asText) : [];

function meaningOf(choice: string, name: unknown): Meaning | undefined {
  const text = plain(choice);
  if (NONE.test(text)) return 'none';
  if (SOME.test(text)) return 'some';
  if (BAD.test(text)) return 'bad';
  const isYes = truth(text);
  if (isYes === undefined) return undefined;
  if (NONE.test(plain(name))) return isYes ? 'none' : 'some';
  return SOME.test(plain(name)) ? (isYes ? 'some' : 'none') : undefined;
}

const says = (results: Result[], wanted: Meaning) =>
  results.some((one) => choicesIn(one).some((choice) => meaningOf(choice, one.name) === wanted));

/** What is left of a question's results, and whether it has no answer; `undefined` where no choice says anything of that. */
export interface Judged {
  results: Result[] | undefined;
  isImpossible?: boolean;
}

/** Takes what annotators chose into account. @param path That of the question */
export function judged(results: Result[] | undefined, path: string, problems: Problem[]): Judged {
  if (results === undefined) return { results };
  const all = [...byAnnotation(results)].map(([at, list]) => ({ at, list, isBad: says(list, 'bad'), isNone: says(list, 'none') }));
  for (const { at } of all.filter(({ isBad }) => isBad)) {
    const what = 'the annotator chose that the question is bad, or is to be skipped';
    problems.push({ kind: 'rejected', path: at, what, remedy: 'left out', question: path });
  }
  const good = all.filter(({ isBad }) => !isBad);
  if (good.length === 0 && all.length > 0) return { results: undefined };
  const none = good.filter(({ isNone }) => isNone);
  const left = good.flatMap(({ list }) => list);
  if (none.length === 0) return { results: left, ...(says(left, 'some') && { isImpossible: false }) };
  const answered = good.filter(({ list, isNone }) => !isNone && list.some(isMarked));
  if (answered.length === 0) return { results: left, isImpossible: true };
  const what = `${none.length} of ${good.length} annotators chose that it has no answer; what the others marked counts`;
  problems.push({ kind: 'impossible with answer', path, what, remedy: 'kept', question: path });
  return { results: answered.flatMap(({ list }) => list) };
} // prettier-ignore

/** Names what annotators said that no question was made of: other choices, ratings, notes. */
export class Unused {
  private readonly counts = new Map<string, number>();

  /** @param used Whether a text area was read. */
  look(results: Result[], used: (result: Result) => boolean): void {
    for (const result of results) {
      const name = shown(result.name);
      const unknown = choicesIn(result).filter((choice) => meaningOf(choice, result.name) === undefined);
      for (const choice of unknown) this.count(`the choice ${shown(choice)} of ${name}`);
      if (result.type !== 'choices' && !isMarked(result) && !used(result)) this.count(`the ${asText(result.type) || 'result'} ${name}`); // prettier-ignore
    }
  }

  private count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  report(problems: Problem[]): void {
    if (this.counts.size === 0) return;
    const names = [...this.counts].slice(0, 12).map(([what, count]) => `${what} (${count})`).join(', '); // prettier-ignore
    const what = `not used: ${names}${this.counts.size > 12 ? ', …' : ''}`;
    problems.push({ kind: 'unused field', path: 'the file', what, remedy: 'kept' });
  }
}
