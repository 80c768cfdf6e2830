// What a person reads of a file of questions: how many there are, where their answers are, how long everything is, what was done.
import type { KindCount } from '../squad/problem';
import { type TextRow, percent, textTable } from '../show/text-table';
import { counted } from '../counted';
import { inShell } from '../in-shell';

/** What `spanlab data check` found, by the names that `--json` prints. */
export interface DataCounts {
  articles: number;
  contexts: number;
  questions: number;
  impossible: number;
  /** Of the answers, with `found_elsewhere`, `respelled`, `within_words` and `not_found`. */
  exact: number;
  shifted: number;
  one_left: number;
  two_left: number;
  found_elsewhere: number;
  respelled: number;
  /** In the text only within other words. */
  within_words: number;
  not_found: number;
  /** How many answers are so many characters away from where the file says, by signed distance. */
  distances: Record<string, number>;
  duplicate_ids: number;
  empty_contexts: number;
  unlabelled: number;
  /** Not among `questions`: without a text or without words of their own. */
  unreadable: number;
  /** All that a corrected file will not have, those among them. */
  unusable: number;
  /** How much is to be corrected or left out, and how much is only worth a look. */
  to_mend: number;
  worth_a_look: number;
  form: string;
  encoding: string;
  positions: string;
}

/** Words of texts: the shortest, the one in the middle, the longest. */
export interface Lengths {
  least: number;
  median: number;
  most: number;
}

/** What `spanlab data stats` found, by the names that `--json` prints. */
export interface DataStats {
  questions: number;
  impossible: number;
  unlabelled: number;
  /** From 0 to 1. */
  impossible_share: number;
  question_words: Lengths;
  context_words: Lengths;
  answer_words: Lengths;
}

/**
 * Counts of questions and of their answers, and a sentence on what to do.
 *
 * @example process.stdout.write(countsText('mine.csv', countFile(data)))
 */
export function countsText(file: string, counts: DataCounts): string {
  const { articles, contexts, form, encoding, positions } = counts;
  const read = `${file}: read as ${form}, ${encoding}, positions in ${positions}.`;
  const texts = `${counted(contexts, 'text')} in ${counted(articles, 'article')}.`;
  const tables = [questionTable(counts), ...faultTable(counts), answerTable(counts)];
  return [`${read}\n${texts}\n`, ...tables, `${verdict(file, counts)}\n`].join('\n');
}

/** Each question is in one row. */
function questionTable({ questions, impossible, unlabelled, ...counts }: DataCounts | DataStats): string {
  const unreadable = 'unreadable' in counts ? counts.unreadable : 0;
  return shareTable('questions', questions + unreadable, [
    ['with an answer', questions - impossible - unlabelled, true],
    ['without an answer', impossible, true],
    ['without a label', unlabelled, false],
    ['without a text or a question, or turned down', unreadable, false],
  ]);
}

/** What is wrong with questions; one may have several faults, so that there is no sum. */
function faultTable({ questions, unreadable, duplicate_ids, empty_contexts, unusable }: DataCounts): string[] {
  const faults: [string, number][] = [
    ['with an id that was there before', duplicate_ids],
    ['with an empty text', empty_contexts],
    ['that cannot be used', unusable],
  ];
  const shown = faults.filter(([, count]) => count > 0);
  if (shown.length === 0) return [];
  const name = 'of these (one may count twice)';
  return [textTable(shown.map(([fault, number]) => ({ [name]: fault, number, share: shareOf(number, questions + unreadable) })))]; // prettier-ignore
}

function answerTable(counts: DataCounts): string {
  const { exact, one_left, two_left, found_elsewhere, respelled, within_words, not_found } = counts;
  const all = exact + one_left + two_left + found_elsewhere + respelled + within_words + not_found;
  return shareTable('answers', all, [
    ['where the file says', exact, true],
    ['one character to the left', one_left, false],
    ['two characters to the left', two_left, false],
    ['somewhere else in the text', found_elsewhere, false],
    ['in the text in another spelling', respelled, false],
    ['only within other words', within_words, false],
    ['nowhere in the text', not_found, false],
  ]);
}

/** The parts of a whole with their shares; a part that is 0 is left out where `always` is false. */
function shareTable(name: string, all: number, parts: [part: string, count: number, always: boolean][]): string {
  const shown = parts.filter(([, count, always]) => always || count > 0);
  const rows: TextRow[] = shown.map(([part, count]) => ({ [name]: part, number: count, share: shareOf(count, all) }));
  return textTable([...rows, { [name]: 'all', number: all, share: '' }]);
}

const shareOf = (count: number, all: number) => (all === 0 ? '' : percent((100 * count) / all));

function verdict(file: string, counts: DataCounts): string {
  const { one_left, two_left, found_elsewhere, respelled, within_words, not_found, duplicate_ids, unusable, to_mend, worth_a_look } = counts; // prettier-ignore
  const moved = one_left + two_left + found_elsewhere + respelled;
  const wrong = moved + within_words + not_found + duplicate_ids + unusable + to_mend;
  if (wrong + worth_a_look === 0) return 'Nothing is wrong with it.';
  if (wrong === 0) return 'Nothing has to be corrected; what was said above is worth a look.';
  const remedy = 'To correct what is beyond doubt, and leave out the rest:';
  return `${remedy}\n  npx spanlab data convert ${inShell(file)} --out corrected.json --mend`;
}

/**
 * Questions with and without an answer, and how many words questions, texts and answers have.
 *
 * @example process.stdout.write(statsText(stats))
 */
export function statsText(stats: DataStats): string {
  const { question_words: questions, context_words: contexts, answer_words: answers } = stats;
  const lengths: [string, Lengths][] = [
    ['question', questions],
    ['text', contexts],
    ['answer', answers],
  ];
  const rows = lengths.map(([words, { least, median, most }]) => ({ words, shortest: least, median, longest: most }));
  return `${questionTable(stats)}\n${textTable(rows.map(({ words, ...row }) => ({ 'words of a': words, ...row })))}`;
}

/** What `spanlab data convert` wrote. */
interface Converted {
  out: string;
  questions: number;
  /** With `--mend`. */
  mended?: number;
  leftOut?: number;
  kinds?: KindCount[];
}

/**
 * How many questions were written, and, where the file was corrected, what was done about each kind of problem.
 *
 * @example convertedText({ out: 'mine.json', questions: 8 }) // '8 questions written to mine.json.\n'
 */
export function convertedText({ out, questions, mended, leftOut, kinds = [] }: Converted): string {
  const written = `${counted(questions, 'question')} written to ${out}.\n`;
  if (mended === undefined) return written;
  const done = `${mended} corrected, ${leftOut} left out.\n`;
  if (kinds.length === 0) return written + done;
  const rows = kinds.map(({ kind, mended: put, leftOut: out, kept }) => ({ problem: kind, corrected: put, 'left out': out, kept })); // prettier-ignore
  return `${written}${done}\n${textTable(rows)}`;
}

/**
 * The two files of a split with their shares, and the command that trains on them.
 *
 * @example splitText('mine', 200, 24)
 */
export function splitText(trainFile: string, devFile: string, train: number, dev: number): string {
  const row = (file: string, questions: number) => ({ file, questions, share: shareOf(questions, train + dev) });
  const next = `npx spanlab train --model models/workshop-qa --train ${inShell(trainFile)} --dev ${inShell(devFile)} --out models/mine --lr 2e-4`;
  return `${textTable([row(trainFile, train), row(devFile, dev)])}\nTrain on it:\n  ${next}\n`;
}
