// Which part of each text fits in a row, and the further rows (windows) that hold the rest.
import { TokenError } from './errors';

/** A half-open range of tokens of one text. */
export type Range = readonly [start: number, end: number];

/** The part of the first and of the second text that one row holds. */
export type RowParts = readonly [first: Range, second: Range];

/** Which text gives way when a pair is too long. */
export type TruncationStrategy = 'longest_first' | 'only_first' | 'only_second';

/**
 * Windows over `length` tokens: each holds at most `room` and shares `overlap` with the one before.
 *
 * @example slidingWindows(10, 6, 2) // [[0, 6], [4, 10]]
 */
export function slidingWindows(length: number, room: number, overlap: number): Range[] {
  if (room >= length) return [[0, length]];
  // nothing fits: an empty part, then all of it as overflow, as the reference does
  if (room === 0) return [[0, 0], [0, length]]; // prettier-ignore
  if (overlap >= room) throw overlapError(overlap, room);
  const windows: Range[] = [[0, room]];
  for (let start = room - overlap; windows.at(-1)![1] < length; start += room - overlap) {
    windows.push([start, Math.min(start + room, length)]);
  }
  return windows;
}

/**
 * The rows of a pair of `n1` and `n2` tokens when `room` tokens fit besides the special ones, in the order of Hugging Face
 * tokenizers (`utils/truncation.rs`, and `Encoding::merge_with` for the case that both texts are cut).
 *
 * @throws {TokenError} `E_TOKENS_TOO_LONG` when the text to cut would have no token left, `E_TOKENS_OVERLAP` when
 * windows could not advance
 * @example truncateRows(5, 20, 15, 'only_second', 3) // [[[0, 5], [0, 10]], [[0, 5], [7, 17]], [[0, 5], [14, 20]]]
 */
export function truncateRows(
  n1: number,
  n2: number,
  room: number,
  strategy: TruncationStrategy,
  overlap: number,
): RowParts[] {
  const [room1, room2] = roomForEach(n1, n2, room, strategy);
  const [first, ...moreFirst] = slidingWindows(n1, room1, overlap);
  const [second, ...moreSecond] = slidingWindows(n2, room2, overlap);
  const seconds = [second, ...moreSecond];
  return [
    [first, second],
    ...moreFirst.flatMap((part) => seconds.map((other): RowParts => [part, other])),
    ...moreSecond.map((other): RowParts => [first, other]),
  ];
}

function roomForEach(n1: number, n2: number, room: number, strategy: TruncationStrategy): [number, number] {
  const excess = n1 + n2 - room;
  if (excess <= 0) return [n1, n2];
  if (strategy === 'longest_first') return longestFirst(n1, n2, room);
  const cut = strategy === 'only_first' ? n1 : n2;
  if (cut <= excess) throw tooLongError(n1, n2, room, strategy);
  return strategy === 'only_first' ? [n1 - excess, n2] : [n1, n2 - excess];
}

function longestFirst(n1: number, n2: number, room: number): [number, number] {
  const [short, long] = n1 <= n2 ? [n1, n2] : [n2, n1];
  const half = Math.floor(room / 2);
  const rooms: [number, number] = 2 * short > room ? [half, room - half] : [short, Math.min(long, room - short)];
  return n1 <= n2 ? rooms : [rooms[1], rooms[0]];
}

/** An overlap that leaves a window no room to advance. */
export function overlapError(overlap: number, room: number): TokenError {
  return new TokenError(
    'E_TOKENS_OVERLAP',
    `an overlap of ${overlap} tokens in windows that hold ${room} of the text: windows could not advance; ` +
      `make the overlap (stride, docStride) smaller than ${room} or maxLength larger`,
  );
}

function tooLongError(n1: number, n2: number, room: number, strategy: string): TokenError {
  return new TokenError(
    'E_TOKENS_TOO_LONG',
    `texts of ${n1} and ${n2} tokens, room for ${room}: ${strategy} would leave no token of the text that it cuts; ` +
      'raise maxLength, shorten the other text or use longest_first',
  );
}
