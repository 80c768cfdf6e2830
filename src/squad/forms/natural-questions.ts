// Natural Questions, simplified, original and as Hugging Face has it: answers are places of tokens in a whole page.
import { type Json, type LooseAnswer, type LooseQuestion, asText, isObject } from '../loose';
import type { SquadRecord } from '../record';
import type { Form, Reading, SourceRow } from './form';

export const naturalQuestions: Form = {
  name: 'natural-questions',
  title: 'Natural Questions, simplified, original, or of `datasets` (the page without its tags is the text; short answers count)',
  matches: ({ value }) => isObject(value) && 'annotations' in value && tokensOf(value) !== undefined && questionOf(value) !== undefined,
  takes: ({ value }) => isObject(value) && ['document_text', 'document_tokens', 'document'].some((name) => name in value),
  questions,
  write: (records) => records.map((record, i) => `${JSON.stringify(line(record, i))}\n`).join(''),
  ending: 'jsonl',
}; // prettier-ignore

interface Token {
  text: string;
  isTag: boolean;
  /** Where it is in the page, in bytes. */
  bytes?: [start: number, end: number];
}

function tokensOf(value: Json): Token[] | undefined {
  if (typeof value.document_text === 'string') return value.document_text.split(' ').map((text) => ({ text, isTag: /^<\/?\w+>$/.test(text) })); // prettier-ignore
  if (Array.isArray(value.document_tokens)) {
    return value.document_tokens.map((one: unknown) => (isObject(one) ? { text: asText(one.token), isTag: one.html_token === true, ...bytesOf(one) } : { text: '', isTag: true })); // prettier-ignore
  }
  const tokens = isObject(value.document) ? value.document.tokens : undefined;
  if (!isObject(tokens) || !Array.isArray(tokens.token)) return undefined;
  const tags = Array.isArray(tokens.is_html) ? (tokens.is_html as unknown[]) : [];
  return tokens.token.map((text: unknown, i) => ({ text: asText(text), isTag: tags[i] === true }));
}

function bytesOf({ start_byte: start, end_byte: end }: Json): Pick<Token, 'bytes'> {
  return Number.isInteger(start) && Number.isInteger(end) ? { bytes: [Number(start), Number(end)] } : {};
}

function questionOf(value: Json): unknown {
  return value.question_text ?? (isObject(value.question) ? value.question.text : value.question);
}

function* questions(rows: SourceRow[], { problems }: Reading): Generator<LooseQuestion> {
  for (const { value, path, number } of rows) {
    const tokens = isObject(value) ? tokensOf(value) : undefined;
    if (!isObject(value) || tokens === undefined) {
      problems.push({ kind: 'format', path, what: 'a page with its tokens was expected', remedy: 'left out' });
      continue;
    }
    const { text, places } = plainPage(value.document_html, tokens) ?? page(tokens);
    const found = shortAnswers(value.annotations);
    if (found === 'yes or no') {
      problems.push({ kind: 'format', path, what: 'the answer is yes or no, which no text has a place for', remedy: 'left out' });
      continue;
    }
    const answers = found?.map(({ start, end }, i) => answer(places, start, end, `${path}, short_answers[${i}]`));
    const document = isObject(value.document) ? value.document : {};
    const title = value.document_title ?? document.title ?? value.document_url;
    const id = value.example_id ?? value.id;
    yield { path, row: number, contextPath: path, id, title, context: text, question: questionOf(value), answers };
  }
} // prettier-ignore

/** A page without a tag, whose tokens say where in it they are, is its own text, spaces included. */
function plainPage(
  html: unknown,
  tokens: Token[],
): { text: string; places: [start: number, end: number][] } | undefined {
  if (typeof html !== 'string' || tokens.some(({ isTag, bytes }) => isTag || bytes === undefined)) return undefined;
  const all = Buffer.from(html);
  const places: [number, number][] = [];
  let [byte, unit] = [0, 0]; // how far we are, in bytes and in UTF-16
  for (const { text, bytes } of tokens) {
    const [from, to] = bytes!;
    if (from < byte || all.toString('utf8', from, to) !== text) return undefined;
    unit += all.toString('utf8', byte, from).length;
    places.push([unit, unit + text.length]);
    [byte, unit] = [to, unit + text.length];
  }
  return { text: html, places };
}

/** The words of a page, and where each token of it begins and ends (in UTF-16); a tag is nowhere. */
function page(tokens: Token[]): { text: string; places: [start: number, end: number][] } {
  let text = '';
  const places = tokens.map(({ text: word, isTag }): [number, number] => {
    if (isTag) return [-1, -1];
    if (text !== '') text += ' ';
    text += word;
    return [text.length - word.length, text.length];
  });
  return { text, places };
}

/** The text of tokens; they have places of their own, so its positions count UTF-16 and stand for themselves. */
function answer(places: [number, number][], start: number, end: number, path: string): LooseAnswer {
  const inside = places.slice(Math.max(0, start), Math.max(0, end)).filter(([from]) => from >= 0);
  const [from, to] = [inside[0]?.[0], inside.at(-1)?.[1]];
  return { path, start: from === undefined ? undefined : { utf16: from }, end: to === undefined ? undefined : { utf16: to } };
} // prettier-ignore

interface TokenSpan {
  start: number;
  end: number;
}

/** Of the annotations, a list or an object of lists. None: the page has no short answer. `undefined`: nobody has looked. */
function shortAnswers(annotations: unknown): TokenSpan[] | 'yes or no' | undefined {
  const list = Array.isArray(annotations) ? (annotations as unknown[]) : isObject(annotations) ? turned(annotations) : [];
  if (list.length === 0) return undefined;
  const spans = list.flatMap((one) => (isObject(one) ? spansIn(one.short_answers) : []));
  const unique = spans.filter((one, i) => spans.findIndex(({ start, end }) => start === one.start && end === one.end) === i);
  const says = list.some((one) => isObject(one) && /^(?:yes|no|0|1)$/i.test(asText(one.yes_no_answer)));
  return unique.length === 0 && says ? 'yes or no' : unique;
} // prettier-ignore

function spansIn(list: unknown): TokenSpan[] {
  const items = Array.isArray(list) ? (list as unknown[]) : isObject(list) ? turned(list) : [];
  return items.flatMap((one) => {
    if (!isObject(one)) return [];
    const { start_token: start, end_token: end } = one;
    if (Array.isArray(start)) return spansIn(turned(one));
    return Number.isInteger(start) && Number.isInteger(end) && Number(start) >= 0 ? [{ start: Number(start), end: Number(end) }] : []; // prettier-ignore
  });
}

/** An object of lists as a list of objects. */
function turned(columns: Json): Json[] {
  const names = Object.keys(columns).filter((name) => Array.isArray(columns[name]));
  const count = names.reduce((most, name) => Math.max(most, (columns[name] as unknown[]).length), 0);
  return Array.from({ length: count }, (_, i) => Object.fromEntries(names.map((name) => [name, (columns[name] as unknown[])[i]]))); // prettier-ignore
}

/** Words as tokens, cut where answers begin and end, so that each answer is a whole number of them. */
function line({ id, title, context, question, answers, isUnlabelled }: SquadRecord, i: number): Json {
  const cuts = new Set(answers.flatMap(({ answerStart, text }) => [answerStart, answerStart + text.length]));
  const ends = [...context.matchAll(/\S+/g)].flatMap(({ index, 0: word }) => [index, index + word.length]);
  const marks = [...new Set([...ends, ...cuts])].sort((a, b) => a - b);
  // what is between two marks is a token, but for spaces that no answer begins or ends in
  const spans = marks.slice(0, -1).map((from, k): [number, number] => [from, marks[k + 1]]).filter(([from, to]) => cuts.has(from) || cuts.has(to) || /\S/.test(context.slice(from, to))); // prettier-ignore
  const short = answers.map(({ answerStart, text }) => ({
    start_token: spans.findIndex(([from]) => from >= answerStart),
    end_token: spans.filter(([from]) => from < answerStart + text.length).length,
  }));
  const long = { start_token: 0, end_token: spans.length, candidate_index: 0 };
  const annotation = { annotation_id: `${i}`, yes_no_answer: 'NONE', long_answer: long, short_answers: short };
  const annotations = isUnlabelled ? [] : [annotation];
  const known = { example_id: id, document_title: title, question_text: question, annotations };
  return { ...known, document_html: context, document_tokens: withBytes(context, spans) };
}

function withBytes(context: string, spans: [start: number, end: number][]): Json[] {
  let [byte, unit] = [0, 0];
  return spans.map(([from, to]) => {
    const start = byte + Buffer.byteLength(context.slice(unit, from));
    [byte, unit] = [start + Buffer.byteLength(context.slice(from, to)), to];
    return { token: context.slice(from, to), html_token: false, start_byte: start, end_byte: byte };
  });
}
