// Looks at rows of tokens in a notebook: as text, as a table, as coloured HTML, and all lengths as a histogram.
import { DataFrame } from 'danfojs-node';
import type { Encoding } from '../tokens/encoding';
import type { Features } from '../tokens/features';
import { type PieceMark, continuesWord, pieceMark } from '../tokens/pieces';
import type { Tokenizer } from '../tokens/tokenizer';
import { escapeHtml } from '../escape-html';
import { COLOURS as CHART, layout } from './plots';
import { counted } from '../counted';

/** One row, as the views need it. */
export interface TokenRow {
  ids: number[];
  tokens: string[];
  offsets: [start: number, end: number][];
  /** 0 for the first text, 1 for the second, undefined for special tokens. */
  sequences: (number | undefined)[];
  /** Number of the word in its text, undefined for special tokens. */
  words: (number | undefined)[];
  /** First and last token of the answer (inclusive); undefined where the row has none. */
  answer?: [start: number, end: number];
}

/**
 * A row of the tokenizer's result; `answer` as `addTokenPositions` labels it. A label past the row (cut off) is none.
 *
 * @example rowOfEncoding(encodings.at(0), [positions.startPositions[0], positions.endPositions[0]])
 */
export function rowOfEncoding(encoding: Encoding, answer?: [start: number, end: number]): TokenRow {
  const { offsets } = encoding;
  return {
    ids: [...encoding.inputIds],
    tokens: encoding.tokens(),
    offsets: Array.from({ length: encoding.length }, (_, i) => [offsets[2 * i], offsets[2 * i + 1]]),
    sequences: encoding.sequenceIds(),
    words: encoding.wordIds(),
    answer: answer && answer[0] < encoding.unpaddedLength ? answer : undefined,
  };
}

/**
 * Row `row` of features. Words are told apart by the marks of the vocabulary and counted in each text from the first that the row holds.
 *
 * @example rowOfFeatures(features, 0, tokenizer)
 */
export function rowOfFeatures(features: Features, row: number, tokenizer: Tokenizer): TokenRow {
  const [from, to] = features.rowStart.subarray(row, row + 2);
  const ids = [...features.inputIds.subarray(from, to)];
  const tokens = ids.map((id) => tokenizer.idToToken(id) ?? '');
  const offsets = ids.map((_, i): [number, number] => [features.offsets[2 * (from + i)], features.offsets[2 * (from + i) + 1]]); // prettier-ignore
  const sequences = sequencesOf(features, row, offsets);
  const { startPositions, endPositions } = features;
  const answer: [number, number] = [startPositions[row], endPositions[row]];
  const hasAnswer = answer[0] > 0 && answer[0] < ids.length;
  const words = wordsOf(tokens, sequences, pieceMark(tokenizer));
  return { ids, tokens, offsets, sequences, words, answer: hasAnswer ? answer : undefined };
}

/** The row's tokens as text, with `[CLS]` and `[SEP]`, as the lesson prints it. */
export function rowText(row: TokenRow, tokenizer: Tokenizer): Promise<string> {
  return tokenizer.decode(row.ids);
}

/**
 * The row as a table: token, id, start, end (UTF-16 positions), word, label.
 *
 * @example tokenTable(rowOfFeatures(features, 0, tokenizer)).head(12)
 */
export function tokenTable(row: TokenRow): DataFrame {
  const { ids, tokens, offsets, words } = row;
  const rows = tokens.map((token, i) => [token, ids[i], offsets[i][0], offsets[i][1], words[i] ?? '', labelOf(row, i)]);
  return new DataFrame(rows, { columns: ['token', 'id', 'start', 'end', 'word', 'label'] });
}

const COLOURS = {
  special: '#e3e3e3',
  first: ['#cfe3ff', '#b5d2fb'],
  second: ['#e2f2d5', '#cbe6b6'],
  answer: '#ffd54d',
};

/**
 * The row as HTML: words in alternating shades, the two texts in two colours, special tokens grey, the answer marked.
 * Pointing at a token shows its number, id and position. Text is escaped.
 *
 * @example tokenStrip(rowOfFeatures(features, 0, tokenizer))
 */
export function tokenStrip(row: TokenRow): string {
  const chips = row.tokens.map((token, i) => {
    const title = `#${i}, id ${row.ids[i]}, characters ${row.offsets[i].join(' to ')}`;
    const isAnswer = labelOf(row, i) !== '';
    const style = `background:${colourOf(row, i)};color:#111;padding:1px 3px;border-radius:3px`;
    const chip = `<span style="${style}" title="${escapeHtml(title)}">${escapeHtml(token)}</span>`;
    return isAnswer ? `<mark style="background:none;border-bottom:3px solid #d48a00">${chip}</mark>` : chip;
  });
  return `<div style="line-height:2.1;font-family:monospace">${chips.join(' ')}</div>`;
}

/** Tokens in each row. */
export function rowLengths({ rowStart, count }: { rowStart: Int32Array; count: number }): Int32Array {
  return Int32Array.from({ length: count }, (_, row) => rowStart[row + 1] - rowStart[row]);
}

/** Rows longer than `limit`, as a share from 0 to 1. */
export function shareTruncated(lengths: ArrayLike<number>, limit: number): number {
  return lengths.length === 0 ? 0 : Array.from(lengths).filter((length) => length > limit).length / lengths.length;
}

/** Tokens in one bar of the histogram. */
const BAR = 16;

/**
 * A plotly figure: how long rows are, and which share each limit would cut. Give it lengths of rows that were not cut.
 *
 * @example lengthHistogram(rowLengths((await tokenizer.encodeBatch(questions, contexts)).rows))
 */
export function lengthHistogram(lengths: ArrayLike<number>, limits = [128, 256, 384, 512]) {
  const bars = new Array<number>(Math.floor(Math.max(0, ...limits, longest(lengths)) / BAR) + 1).fill(0);
  for (const length of Array.from(lengths)) bars[Math.floor(length / BAR)]++;
  const middles = bars.map((_, i) => (i + 0.5) * BAR);
  const percent = (limit: number) => `${(100 * shareTruncated(lengths, limit)).toFixed(1)} %`;
  const line = { color: CHART.second, dash: 'dot', width: 1 };
  const marker = { color: CHART.main };
  const alt = `${counted(lengths.length, 'row')} by length, ${counted(longest(lengths), 'token')} the longest. Share that is longer: ${limits.map((x) => `than ${x} ${percent(x)}`).join(', ')}.`;
  return {
    data: [
      {
        type: 'bar',
        x: middles,
        y: bars,
        width: bars.map(() => BAR),
        marker,
        hovertemplate: '%{y} rows<extra></extra>',
      },
    ],
    layout: {
      ...layout(
        'Tokens in a row, and the share that is longer than each limit',
        `tokens (bars of ${BAR})`,
        'rows',
        alt,
      ),
      bargap: 0,
      shapes: limits.map((limit) => ({ type: 'line', x0: limit, x1: limit, y0: 0, y1: 1, yref: 'paper', line })),
      annotations: limits.map((x) => ({ x, y: 1, yref: 'paper', text: `> ${x}: ${percent(x)}`, showarrow: false, xanchor: 'left', yanchor: 'bottom' })), // prettier-ignore
    },
  };
}

function sequencesOf(features: Features, row: number, offsets: [number, number][]): (number | undefined)[] {
  const [contextStart, contextEnd] = [features.contextStart[row], features.contextEnd[row]];
  // [CLS] question [SEP] context [SEP], or the other way round
  const contextSequence = contextStart > 1 ? 1 : 0;
  return offsets.map(([start, end], i) => {
    if (contextStart <= i && i < contextEnd) return contextSequence;
    return start === end ? undefined : 1 - contextSequence;
  });
}

function wordsOf(tokens: string[], sequences: (number | undefined)[], mark: PieceMark): (number | undefined)[] {
  const last = [-1, -1];
  return tokens.map((token, i) => {
    const sequence = sequences[i];
    if (sequence === undefined) return undefined;
    if (!continuesWord(token, mark) || last[sequence] < 0) last[sequence]++;
    return last[sequence];
  });
}

function labelOf({ answer }: TokenRow, token: number): string {
  if (!answer || token < answer[0] || token > answer[1]) return '';
  if (answer[0] === answer[1]) return 'start, end';
  return token === answer[0] ? 'start' : token === answer[1] ? 'end' : 'inside';
}

function colourOf(row: TokenRow, token: number): string {
  if (labelOf(row, token) !== '') return COLOURS.answer;
  const sequence = row.sequences[token];
  if (sequence === undefined) return COLOURS.special;
  return (sequence === 0 ? COLOURS.first : COLOURS.second)[(row.words[token] ?? 0) % 2];
}

function longest(lengths: ArrayLike<number>): number {
  return Array.from(lengths).reduce((most, length) => Math.max(most, length), 0);
}
