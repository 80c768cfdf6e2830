// Changed copies of questions: what people mistype and leave out, and texts whose sentences come in another order.
import { Random } from '../engine/random';
import type { Answer, SquadRecord } from './record';

/** Random numbers that nothing else draws from a seed. */
const STREAM = 0x617567;

/**
 * `copies` changed copies of each record, in their order: the sentences of the text are shuffled where each answer lies within one,
 * and one word of the question is mistyped or left out. The answers stay, and stand where the copy says.
 *
 * @example augmentRecords(records, 2, 0).length // 2 * records.length
 */
export function augmentRecords(records: SquadRecord[], copies: number, seed: number): SquadRecord[] {
  const random = new Random(seed, STREAM);
  return Array.from({ length: copies }, (_, copy) => copy + 1).flatMap((copy) =>
    records.map((record) => {
      const question = changeQuestion(record.question, random);
      return { ...shuffleSentences(record, random), question, id: `${record.id}~${copy}` };
    }),
  );
}

function changeQuestion(question: string, random: Random): string {
  const words = [...question.matchAll(/[\p{L}\p{M}]{4,}/gu)];
  if (words.length === 0) return question;
  const { 0: word, index } = words[random.integer(words.length)];
  const change = CHANGES[random.integer(index === 0 ? CHANGES.length - 1 : CHANGES.length)]; // what is asked for often stands first
  const letters = [...word];
  const at = 1 + random.integer(letters.length - 3); // a word's ends are what readers go by
  const changed = change([letters.slice(0, at), letters.slice(at)]);
  const whole = `${question.slice(0, index)}${changed}${question.slice(index + word.length)}`;
  return changed === '' ? whole.replace(/(\s)\s/, '$1') : whole;
}

/** A word in two parts, of which the second has a letter and more: one letter left out, doubled, exchanged with the next; no word. */
const CHANGES: ((word: [string[], string[]]) => string)[] = [
  ([head, [, ...rest]]) => [...head, ...rest].join(''),
  ([head, [letter, ...rest]]) => [...head, letter, letter, ...rest].join(''),
  ([head, [letter, next, ...rest]]) => [...head, next, letter, ...rest].join(''),
  () => '',
];

/** From where to where a sentence goes, without the space after it. */
interface Sentence {
  from: number;
  to: number;
}

function shuffleSentences(record: SquadRecord, random: Random): SquadRecord {
  const { context, answers, plausibleAnswers } = record;
  const sentences = sentencesOf(context);
  const holds = ({ from, to }: Sentence, { text, answerStart }: Answer) =>
    answerStart >= from && answerStart + text.length <= to;
  const isWhole = [...answers, ...plausibleAnswers].every((answer) => sentences.some((one) => holds(one, answer)));
  if (sentences.length < 2 || !isWhole) return record;
  const order = random.shuffle([...sentences]);
  const parts = order.map(({ from, to }) => context.slice(from, to));
  const starts = parts.map((_, i) => parts.slice(0, i).reduce((sum, part) => sum + part.length + 1, 0));
  const moved = (answer: Answer): Answer => {
    const place = order.findIndex((sentence) => holds(sentence, answer));
    const by = starts[place] - order[place].from;
    const { answerStart, answerEnd } = answer;
    return { ...answer, answerStart: answerStart + by, ...(answerEnd !== undefined && { answerEnd: answerEnd + by }) };
  };
  const [trueOnes, plausible] = [answers, plausibleAnswers].map((list) => list.map(moved));
  return { ...record, context: parts.join(' '), answers: trueOnes, plausibleAnswers: plausible };
}

/** As Unicode divides a text (Annex 29). */
function sentencesOf(text: string): Sentence[] {
  const segmenter = new Intl.Segmenter(undefined, { granularity: 'sentence' });
  const sentences = [...segmenter.segment(text)].map(({ index, segment }) => ({
    from: index,
    to: index + segment.trimEnd().length,
  }));
  return sentences.filter(({ from, to }) => to > from);
}
