// The steps that change a text before it is cut, by the names of tokenizer.json.
import { CodePointSet } from '../code-point-set';
import { BertNormalizer } from '../wordpiece/normalize';
import { normalizerOptions } from '../wordpiece/settings';
import { isWhiteSpace, toLower } from '../wordpiece/unicode';
import { toSigns } from './bytes';
import { toNormalForm } from './normal-forms';
import { type Finder, textFinder, toFinder } from './pattern';
import { type Change, type Piece, filter, prepend, replaceMatches, slicePiece, transform } from './piece';
import { CharacterMap } from './precompiled';
import { ACCENTS } from './unicode-data';
import { Unsupported } from './unsupported';

export type Normalizer = (piece: Piece) => Piece;

/** A step of a tokenizer.json. */
export interface Step {
  type: string;
  [option: string]: unknown;
}

const accents = new CodePointSet(ACCENTS);
const ASCII_LOWER = /^[\0-@[-\x7f]*$/;

const MAKERS: Record<string, (step: Step) => Normalizer> = {
  Sequence: ({ normalizers }) => inTurn((normalizers as Step[]).map(toNormalizer)),
  NFC: () => (piece) => toNormalForm(piece, 'NFC'),
  NFD: () => (piece) => toNormalForm(piece, 'NFD'),
  NFKC: () => (piece) => toNormalForm(piece, 'NFKC'),
  NFKD: () => (piece) => toNormalForm(piece, 'NFKD'),
  Lowercase: () => lowercase,
  StripAccents: () => (piece) => filter(piece, (character) => !accents.has(character.codePointAt(0)!)),
  Strip:
    ({ strip_left: left, strip_right: right }) =>
    (piece) =>
      strip(piece, left !== false, right !== false),
  Replace: replacer,
  Prepend:
    ({ prepend: text }) =>
    (piece) =>
      prepend(piece, text as string),
  Precompiled: ({ precompiled_charsmap: map }) => {
    const characters = new CharacterMap(map as string);
    return (piece) => characters.normalize(piece);
  },
  ByteLevel: () => (piece) => (piece.text === '' ? piece : toSigns(piece)),
  BertNormalizer: bertNormalizer,
};

/** @throws Unsupported; TokenError `E_TOKENIZER_PATTERN`, `E_TOKENIZER_FILE` */
export function toNormalizer(step: Step | null): Normalizer {
  if (!step) return (piece) => piece;
  if (!Object.hasOwn(MAKERS, step.type)) throw new Unsupported(`normalizer ${step.type}`);
  return MAKERS[step.type](step);
}

function inTurn(steps: Normalizer[]): Normalizer {
  return (piece) => steps.reduce((current, step) => step(current), piece);
}

function lowercase(piece: Piece): Piece {
  if (ASCII_LOWER.test(piece.text)) return piece;
  const changes: Change[] = [];
  for (const character of piece.text) {
    let change = 0;
    for (const codePoint of toLower(character.codePointAt(0)!)) {
      changes.push({ text: String.fromCodePoint(codePoint), change });
      change = 1;
    }
  }
  return transform(piece, changes);
}

/** Source: `NormalizedString::lrstrip`. What is dropped at the right goes to the last character that stays. */
function strip(piece: Piece, left: boolean, right: boolean): Piece {
  const { text } = piece;
  let [start, end] = [0, text.length];
  while (left && start < end && isWhiteSpace(text.charCodeAt(start))) start++;
  while (right && end > start && isWhiteSpace(text.charCodeAt(end - 1))) end--;
  return start === 0 && end === text.length ? piece : { ...slicePiece(piece, start, end), from: piece.from };
}

/** The text or pattern that a step looks for. */
export function finderOf(pattern: unknown): Finder {
  const { String: text, Regex: regex } = (pattern ?? {}) as { String?: string; Regex?: string };
  if (typeof text === 'string') return textFinder(text);
  if (typeof regex === 'string') return toFinder(regex);
  throw new Unsupported('a pattern that is neither String nor Regex');
}

function replacer({ pattern, content }: Step): Normalizer {
  const find = finderOf(pattern);
  return (piece) => replaceMatches(piece, find(piece.text), content as string);
}

/** BERT's normalizer knows where its characters came from by itself. */
function bertNormalizer(step: Step): Normalizer {
  const normalizer = new BertNormalizer(normalizerOptions(step));
  return (piece) => {
    const { codePoints, starts, ends } = normalizer.normalize(piece.text);
    const text: string[] = [];
    const next = { starts: [] as number[], ends: [] as number[] };
    codePoints.forEach((codePoint, i) => {
      const isEmpty = ends[i] <= starts[i];
      const character = String.fromCodePoint(codePoint);
      text.push(character);
      // for each of its units
      for (let unit = character.length; unit > 0; unit--) {
        next.starts.push(isEmpty ? piece.from : piece.starts[starts[i]]);
        next.ends.push(isEmpty ? piece.from : piece.ends[ends[i] - 1]);
      }
    });
    return {
      text: text.join(''),
      starts: Int32Array.from(next.starts),
      ends: Int32Array.from(next.ends),
      from: piece.from,
    };
  };
}
