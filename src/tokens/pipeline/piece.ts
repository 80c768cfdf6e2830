// A text on its way to tokens: what it has become, and for each of its characters where it came from.

/**
 * Part of a text after some steps. Positions are UTF-16; `starts[i]` and `ends[i]` say for unit `i` of `text` which characters of
 * the original it stands for. Source: `NormalizedString` of the Rust crate tokenizers.
 */
export interface Piece {
  text: string;
  starts: Int32Array; // [text.length]
  ends: Int32Array; // [text.length]
  /** Where the piece begins in the original. */
  from: number;
}

/** How a character of a changed text came about: 0 for one that replaces another, 1 for one more, -n for one that replaces 1 + n. */
export interface Change {
  text: string;
  change: number;
}

const LONE = /\p{Surrogate}/gu;

/** A whole text; half a pair of surrogates becomes U+FFFD, as it does when it leaves JavaScript. */
export function toPiece(original: string): Piece {
  const text = original.replace(LONE, '\ufffd');
  const starts = new Int32Array(text.length);
  const ends = new Int32Array(text.length);
  for (let i = 0; i < text.length;) {
    const width = text.codePointAt(i)! > 0xffff ? 2 : 1;
    for (const end = i + width, start = i; i < end; i++) {
      starts[i] = start;
      ends[i] = end;
    }
  }
  return { text, starts, ends, from: 0 };
}

/** `[start, end)` of a piece; the arrays are shared. */
export function slicePiece(piece: Piece, start: number, end: number): Piece {
  if (start === 0 && end === piece.text.length) return piece;
  const text = piece.text.slice(start, end);
  const from = start < end ? piece.starts[start] : piece.from;
  return { text, starts: piece.starts.subarray(start, end), ends: piece.ends.subarray(start, end), from };
}

/** The original characters that `[start, end)` of a piece stands for. */
export function originalRange({ starts, ends }: Piece, start: number, end: number): [number, number] {
  return [starts[start], ends[end - 1]];
}

/**
 * The piece with other characters. Source: `NormalizedString::transform`.
 *
 * @param skipped Characters removed before the first change.
 */
export function transform(piece: Piece, changes: Change[], skipped = 0): Piece {
  const { text, starts, ends, from } = piece;
  let at = 0;
  const advance = (count: number) => {
    for (let i = 0; i < count && at < text.length; i++) at += text.codePointAt(at)! > 0xffff ? 2 : 1;
  };
  advance(skipped);
  const made = changes.reduce((sum, { text: part }) => sum + part.length, 0);
  const next: Piece = { text: '', starts: new Int32Array(made), ends: new Int32Array(made), from };
  const parts: string[] = [];
  let filled = 0;
  for (const { text: part, change } of changes) {
    const source = change > 0 ? at - 1 : Math.min(at, text.length - 1);
    const [start, end] = source < 0 ? [from, from] : [starts[source], ends[source]];
    next.starts.fill(start, filled, filled + part.length);
    next.ends.fill(end, filled, filled + part.length);
    filled += part.length;
    parts.push(part);
    if (change <= 0) advance(1 - change);
  }
  next.text = parts.join('');
  return next;
}

/** The piece with `text` before it, which stands for what its first character stands for. */
export function prepend(piece: Piece, text: string): Piece {
  if (piece.text === '') return piece;
  const count = text.length + piece.text.length;
  const starts = new Int32Array(count);
  const ends = new Int32Array(count);
  starts.fill(piece.starts[0], 0, text.length).set(piece.starts, text.length);
  ends.fill(piece.ends[0], 0, text.length).set(piece.ends, text.length);
  return { text: text + piece.text, starts, ends, from: piece.from };
}

/** Keeps some characters; one that is dropped goes to the one before it. Source: `NormalizedString::filter`. */
export function filter(piece: Piece, keep: (character: string) => boolean): Piece {
  const changes: Change[] = [];
  let [removed, skipped] = [0, 0];
  for (const character of piece.text) {
    if (!keep(character)) {
      removed++;
      continue;
    }
    if (changes.length > 0) changes[changes.length - 1].change = -removed;
    else skipped = removed;
    changes.push({ text: character, change: 0 });
    removed = 0;
  }
  if (changes.length > 0) changes[changes.length - 1].change = -removed;
  return transform(piece, changes, skipped);
}

/** A part of a text, and whether it is one that was looked for. */
export type Match = [start: number, end: number, isMatch: boolean];

/** The piece with every match replaced. Source: `NormalizedString::replace`. */
export function replaceMatches(piece: Piece, matches: Match[], content: string): Piece {
  if (!matches.some(([, , isMatch]) => isMatch)) return piece;
  const { text, starts, ends, from } = piece;
  const size = matches.reduce((sum, [start, end, isMatch]) => sum + (isMatch ? content.length : end - start), 0);
  const next = { starts: new Int32Array(size), ends: new Int32Array(size) };
  const parts: string[] = [];
  let filled = 0;
  for (const [start, end, isMatch] of matches) {
    if (isMatch) {
      next.starts.fill(end < 1 ? from : starts[end - 1], filled, filled + content.length);
      next.ends.fill(end < 1 ? from : ends[end - 1], filled, filled + content.length);
    } else {
      next.starts.set(starts.subarray(start, end), filled);
      next.ends.set(ends.subarray(start, end), filled);
    }
    parts.push(isMatch ? content : text.slice(start, end));
    filled += isMatch ? content.length : end - start;
  }
  return { text: parts.join(''), ...next, from };
}

/** What becomes of a delimiter when a text is split at it, by the names of tokenizer.json. */
export type SplitBehavior = 'Removed' | 'Isolated' | 'MergedWithPrevious' | 'MergedWithNext' | 'Contiguous';

/** The parts of a piece between and at matches; empty ones are left out. Source: `NormalizedString::split`. */
export function splitPiece(piece: Piece, matches: Match[], behavior: SplitBehavior): Piece[] {
  return merged(matches, behavior)
    .filter(([start, end]) => start < end)
    .map(([start, end]) => slicePiece(piece, start, end));
}

function merged(matches: Match[], behavior: SplitBehavior): [start: number, end: number][] {
  if (behavior === 'Removed') return matches.filter(([, , isMatch]) => !isMatch).map(([start, end]) => [start, end]);
  if (behavior === 'Isolated') return matches.map(([start, end]) => [start, end]);
  if (behavior === 'MergedWithNext') return mergedWithNext(matches);
  const out: [number, number][] = [];
  let wasMatch = false;
  for (const [start, end, isMatch] of matches) {
    const joins = behavior === 'Contiguous' ? isMatch === wasMatch : isMatch && !wasMatch;
    if (joins && out.length > 0) out[out.length - 1][1] = end;
    else out.push([start, end]);
    wasMatch = isMatch;
  }
  return out;
}

function mergedWithNext(matches: Match[]): [start: number, end: number][] {
  const out: [number, number][] = [];
  let wasMatch = false;
  for (const [start, end, isMatch] of [...matches].reverse()) {
    if (isMatch && !wasMatch && out.length > 0) out[out.length - 1][0] = start;
    else out.push([start, end]);
    wasMatch = isMatch;
  }
  return out.reverse();
}
