// The vocabulary as table and plots: what its entries are, how long they are, and into how many pieces words are cut.
import { DataFrame } from 'danfojs-node';
import type { BatchEncoding } from '../tokens/batch-encoding';
import { type PieceMark, continuesWord, isSpecialToken, pieceMark, withoutMark } from '../tokens/pieces';
import type { Tokenizer } from '../tokens/tokenizer';
import { type Figure, COLOURS, layout, PALETTE } from './plots';

type Kind = 'begins' | 'continues' | 'special' | 'unused';

/** What the tables call each kind of entry. */
function kindNames(mark: PieceMark): Record<Kind, string> {
  return {
    begins: 'beginning of a word, or a whole one',
    continues: mark === '##' ? 'continuation (##)' : `continuation (without ${mark})`,
    special: 'special',
    unused: 'unused',
  };
}

function kindOf(token: string, mark: PieceMark): Kind {
  if (/^(?:\[unused\d+\]|<unused\d+>|\[unused_\d+\])$/.test(token)) return 'unused';
  if (mark === '##' ? /^\[[A-Z]+\]$/.test(token) : isSpecialToken(token)) return 'special';
  return continuesWord(token, mark) ? 'continues' : 'begins';
}

function entries(tokenizer: Tokenizer): string[] {
  return Array.from({ length: tokenizer.vocabSize }, (_, id) => tokenizer.idToToken(id) ?? '');
}

/**
 * Entries of each kind, their share in percent, and some of them.
 *
 * @example vocabularyTable(tokenizer)
 */
export function vocabularyTable(tokenizer: Tokenizer): DataFrame {
  const tokens = entries(tokenizer);
  const mark = pieceMark(tokenizer);
  const rows = Object.entries(kindNames(mark)).map(([kind, name]) => {
    const of = tokens.filter((token) => kindOf(token, mark) === kind);
    const examples = [0.2, 0.4, 0.6, 0.8].map((place) => of[Math.floor(place * of.length)] ?? '');
    return [name, of.length, Math.round((1000 * of.length) / tokens.length) / 10, [...new Set(examples)].join(', ')];
  });
  return new DataFrame(rows, { columns: ['kind', 'entries', 'percent', 'for example'] });
}

/** Longer entries are counted with these. */
const LONGEST = 16;

/**
 * How many characters the entries have (marks such as `##` not counted), whole words and continuations apart.
 *
 * @example vocabularyLengths(tokenizer)
 */
export function vocabularyLengths(tokenizer: Tokenizer): Figure {
  const tokens = entries(tokenizer);
  const mark = pieceMark(tokenizer);
  const names = kindNames(mark);
  const counts = (kind: Kind) => {
    const bars = new Array<number>(LONGEST).fill(0);
    for (const token of tokens) {
      if (kindOf(token, mark) !== kind) continue;
      const isMarked = (kind === 'continues') === (mark === '##');
      const length = Array.from(isMarked ? withoutMark(token, mark) : token).length;
      bars[Math.min(LONGEST, length) - 1]++;
    }
    return bars;
  };
  const x = Array.from({ length: LONGEST }, (_, i) => (i + 1 === LONGEST ? `${LONGEST}+` : String(i + 1)));
  const bars = (kind: Kind, color: string) => ({
    type: 'bar',
    name: names[kind],
    x,
    y: counts(kind),
    marker: { color },
  });
  const data = [bars('begins', COLOURS.main), bars('continues', COLOURS.second)];
  const [first, second] = data.map(({ y }) => x[y.indexOf(Math.max(...y))]);
  const alt = `Bars by length: most entries that begin a word have ${first} characters, most continuations ${second}.`;
  const figure = layout('How long the entries of the vocabulary are', 'characters', 'entries', alt);
  return { data, layout: { ...figure, xaxis: { ...(figure.xaxis as object), type: 'category' }, legend: LEGEND } };
}

/** Over the long entries, of which there are few. */
const LEGEND = { x: 1, xanchor: 'right', y: 1, yanchor: 'top' };

/**
 * The share of a text's words, in percent, that are one piece, two pieces and so on.
 *
 * @param encodings Named texts, whose rows were not cut.
 * @example piecesPerWordPlot({ English: await tokenizer.encodeBatch(texts) })
 */
export function piecesPerWordPlot(encodings: Record<string, BatchEncoding>): Figure {
  const x = ['1', '2', '3', '4', '5 or more'];
  const names = Object.keys(encodings);
  const means: string[] = [];
  const data = names.map((name, i) => {
    const pieces = piecesPerWord(encodings[name]);
    means.push(`${name} ${(pieces.reduce((a, b) => a + b, 0) / Math.max(1, pieces.length)).toFixed(2)}`);
    const y = x.map((_, n) => (100 * pieces.filter((count) => Math.min(5, count) === n + 1).length) / Math.max(1, pieces.length)); // prettier-ignore
    return { type: 'bar', name, x, y, marker: { color: PALETTE[i % PALETTE.length] } };
  });
  const alt = `Bars by number of pieces. Mean pieces a word: ${means.join(', ')}.`;
  const figure = layout('Into how many pieces words are cut', 'pieces', 'share of the words (percent)', alt);
  return { data, layout: { ...figure, xaxis: { ...(figure.xaxis as object), type: 'category' } } };
}

/**
 * The number of pieces of each word of all rows; punctuation counts as a word, as in the tokenizer.
 *
 * @example piecesPerWord(await tokenizer.encodeBatch(['An embedding.'])) // [1, 3, 1]
 */
export function piecesPerWord(encodings: BatchEncoding): number[] {
  const pieces: number[] = [];
  for (const row of encodings) {
    const counts = new Map<number, number>();
    const sequences = row.sequenceIds();
    row.wordIds().forEach((word, i) => {
      if (word === undefined) return;
      const key = 2 * word + (sequences[i] ?? 0);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    });
    pieces.push(...counts.values());
  }
  return pieces;
}
