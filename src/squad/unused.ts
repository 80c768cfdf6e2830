// What a file has and nobody asked for: fields that no question was made of, and names in `--columns` that it does not have.
import { SquadError } from './errors';
import type { ColumnMap, Names } from './fields';
import type { Form } from './forms/form';
import type { Problem } from './problem';
import type { SquadRecord } from './record';
import { shown } from './shown';
import { asColumn } from './unknown-form';

/** How many names are listed. */
const MOST = 12;

/** The numbers of rows, as pandas writes them. */
const INDEX = /^(?:|index|unnamed: ?\d+|__index_level_\d+__|row_?idx|row_?number)$/i;

/** What the forms use under names of their own, or have for themselves. */
const OWN: Partial<Record<string, RegExp>> = {
  doccano:
    /^(?:text|data|label|labels|entities|spans|relations|comments|meta|question_id|annotation_approver|(?:is_)?(?:approved|confirmed))$/i,
  prodigy: /^(?:text|spans|answer|label|meta|tokens|relations|options|accept|config|_.*)$/i,
  korquad2: /^(?:raw_html|url)$/,
  // but for its parameters and its answers
  mturk: /^(?!input\.|answer\.)|^Answer\.taskAnswers$/i,
};

const FLATTENED = ['answers.text', 'answers.answer_start', 'answer.responses', 'answer.responses.status'];

const list = (names: string[]) => names.slice(0, MOST).map(shown).join(', ') + (names.length > MOST ? ', …' : '');

/** Says which fields of a file's records were not used; where no question has an answer, how to say which of them holds it. */
export function unusedFields(names: Names, form: Form, records: SquadRecord[]): Problem[] {
  const own = OWN[form.name];
  const unused = [...names.unused.keys()].filter((name) => !INDEX.test(name.trim()) && !own?.test(name) && !FLATTENED.includes(name)); // prettier-ignore
  if (unused.length === 0) return [];
  const noun = form.name === 'table' ? 'column' : 'field';
  const what = `not used: the ${unused.length === 1 ? noun : `${noun}s`} ${list(unused)}`;
  const isBare = records.length > 0 && records.every(({ answers }) => answers.length === 0);
  const several = unused.filter((name) => /answer/i.test(name) && /[\s_-]*\d+$/.test(name));
  const hint = isBare && several.length > 1 ? severalAnswers(several) : isBare ? `; no question has an answer: if it is in ${unused.length === 1 ? 'it' : 'one of them'}, spanlab data convert --columns "answer=${answerAmong(unused, names, records)}" says so` : ''; // prettier-ignore
  return [{ kind: 'unused field', path: 'the file', what: what + hint, remedy: 'kept' }];
}

/** Columns such as `answer1`, `answer2`: each row has all of them, and only one column may be named. */
function severalAnswers(names: string[]): string {
  const join = `put them into one column answers, as a list: ["…", "…"]`;
  return `; if ${list(names)} are answers of one question, ${join}; --columns "answer=${asColumn(names[0])}" takes the first alone`;
}

/** The one whose texts stand in the questions' texts most often; else the one with the shortest texts. */
function answerAmong(unused: string[], names: Names, records: SquadRecord[]): string {
  const contexts = records.slice(0, 50).map(({ context }) => context.toLowerCase());
  const score = (name: string) => {
    const texts = names.unused.get(name) ?? [];
    const found = texts.filter((text) => contexts.some((context) => context !== text.toLowerCase() && context.includes(text.trim().toLowerCase()))); // prettier-ignore
    return found.length + (texts.length > 0 ? 0.5 : 0);
  };
  const [best] = [...unused].sort((a, b) => score(b) - score(a));
  return asColumn(best);
}

/** @throws SquadError `E_SQUAD_COLUMNS` where `--columns` gives one field two meanings */
export function refuseTwice(map: ColumnMap, file: string): void {
  const entries = Object.entries(map).map(([ours, name]) => [ours, name.trim().toLowerCase()] as const);
  const [ours, theirs] = entries.find(([, name], i) => entries.findIndex(([, other]) => other === name) < i) ?? []; // prettier-ignore
  if (theirs === undefined) return;
  const first = entries.find(([, name]) => name === theirs)![0];
  const what = `--columns maps ${shown(theirs)} twice, to ${first} and to ${ours}`;
  throw new SquadError('E_SQUAD_COLUMNS', `${file}: ${what}; give each of them a column of its own, or leave one out`);
}

/** @throws SquadError `E_SQUAD_COLUMNS` where `--columns` names what no record has */
export function refuseMissing(names: Names, file: string, form?: Form): void {
  if (names.missing.length === 0) return;
  if (names.fields.size === 0 && form) {
    const what = `--columns says nothing about this form, ${form.title}, whose fields have fixed names`;
    throw new SquadError('E_SQUAD_COLUMNS', `${file}: ${what}; leave it out`);
  }
  const wrong = names.missing.map(([ours, theirs]) => `${shown(theirs)} (for ${ours})`).join(' and ');
  const there = list([...names.fields].filter((name) => name !== ''));
  throw new SquadError(
    'E_SQUAD_COLUMNS',
    `${file}: --columns names ${wrong}, and no record has it; there are ${there}`,
  );
}
