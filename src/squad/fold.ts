// Texts that say the same in different signs: what may differ between an answer and its text, and where the same stands.
import { decodeHTML } from 'entities';

/** What may differ, the least first. */
export const FOLDS = ['line ends', 'spaces', 'unicode form', 'quotes', 'dashes', 'invisible characters', 'entities', 'case', 'compatibility form'] as const; // prettier-ignore
export type Fold = (typeof FOLDS)[number];

/** A text with its differences levelled; unit `i` stands for `[starts[i], ends[i])` of the original. */
export interface Folded {
  text: string;
  starts: number[];
  ends: number[];
}

const ALL: ReadonlySet<Fold> = new Set(FOLDS);
const SPACE = '[\\s\\x1c-\\x1f\\x85\\u180e]';
const INVISIBLE = '[\\u00ad\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2064\\u2066-\\u206f\\ufeff\\ufe00-\\ufe0f]';
const PIECES = new RegExp(
  [
    '&(?:#\\d{1,7}|#[xX][\\da-fA-F]{1,6}|[a-zA-Z][a-zA-Z\\d]{1,31});',
    '\\r\\n|\\r|\\n',
    INVISIBLE,
    SPACE,
    // a letter with its marks, or a Korean syllable in its parts
    '[\\u1100-\\u115f\\ua960-\\ua97c]+[\\u1160-\\u11a7\\ud7b0-\\ud7c6]*[\\u11a8-\\u11ff\\ud7cb-\\ud7fb]*|[^](?:(?![\\ufe00-\\ufe0f])\\p{M})*', // what chooses a picture is no mark
  ].join('|'),
  'gu',
);
const IS_INVISIBLE = new RegExp(`^${INVISIBLE}$`);
const IS_SPACE = new RegExp(`^${SPACE}+$`);
const SINGLE = /['’‘‚‛`´ʼʹ′＇]/gu;
const DOUBLE = /["“”„‟«»‹›″〝〞〟＂「」『』]/gu;
const DASH = /[-‐‑‒–—―−⁃﹘﹣－﹣]/gu;

/** Levels what is in `folds`. */
export function fold(text: string, folds: ReadonlySet<Fold> = ALL): Folded {
  const made: Folded = { text: '', starts: [], ends: [] };
  const units: string[] = [];
  for (const { 0: piece, index } of text.matchAll(PIECES)) {
    const levelled = level(piece, folds);
    const last = units.at(-1);
    for (const unit of levelled) {
      // a run of spaces or dashes is one of them, and two single quotes are a double one
      if (isRepeated(unit, units.at(-1), last !== undefined, folds)) made.ends[made.ends.length - 1] = index + piece.length;
      else {
        units.push(unit);
        made.starts.push(index);
        made.ends.push(index + piece.length);
      }
    }
  }
  made.text = units.join('');
  return made;
} // prettier-ignore

function isRepeated(unit: string, last: string | undefined, follows: boolean, folds: ReadonlySet<Fold>): boolean {
  if (!follows || unit !== last) return false;
  return (unit === ' ' && folds.has('spaces')) || (unit === '-' && folds.has('dashes')) || (unit === '"' && folds.has('quotes')); // prettier-ignore
}

/** The UTF-16 units of a piece, levelled. */
function level(piece: string, folds: ReadonlySet<Fold>): string[] {
  if (piece.length > 2 && piece.startsWith('&')) {
    const meant = folds.has('entities') ? decodeHTML(piece) : piece;
    return meant === piece ? signs(piece, folds).split('') : Array.from(meant.matchAll(PIECES)).flatMap(([inner]) => level(inner, folds)); // prettier-ignore
  }
  if (IS_INVISIBLE.test(piece)) return folds.has('invisible characters') ? [] : [piece];
  if (IS_SPACE.test(piece)) {
    if (folds.has('spaces')) return [' '];
    return folds.has('line ends') && /[\r\n]/.test(piece) ? ['\n'] : piece.split('');
  }
  return signs(piece, folds).split('');
}

function signs(piece: string, folds: ReadonlySet<Fold>): string {
  const form = folds.has('compatibility form') ? 'NFKC' : folds.has('unicode form') ? 'NFC' : undefined;
  const text = form ? levelSigns(levelSigns(piece, folds).normalize(form), folds) : levelSigns(piece, folds);
  return folds.has('case') ? withoutCase(text, folds.has('compatibility form')) : text;
}

/** To capitals and back: ß and ss, final sigma, dotless i. */
function withoutCase(text: string, isCompatible: boolean): string {
  // the capitals of a ligature are letters by themselves, which is more than a difference in case
  const hasOtherForm = !isCompatible && text.normalize('NFKC') !== text.normalize('NFC');
  return (hasOtherForm ? text : text.toUpperCase()).toLowerCase().replace(/i\u0307/g, 'i');
}

function levelSigns(piece: string, folds: ReadonlySet<Fold>): string {
  const text = folds.has('quotes') ? piece.replace(SINGLE, '"').replace(DOUBLE, '"') : piece;
  return folds.has('dashes') ? text.replace(DASH, '-') : text;
}

/** The places of `part` in `whole`, both folded: `[start, end)` in the original of `whole`, each of whole pieces. */
export function occurrences(part: Folded, whole: Folded): [start: number, end: number][] {
  const found: [number, number][] = [];
  const size = part.text.length;
  if (size === 0) return found;
  for (let at = whole.text.indexOf(part.text); at >= 0; at = whole.text.indexOf(part.text, at + 1)) {
    const cutsBefore = at > 0 && whole.starts[at - 1] === whole.starts[at];
    const cutsAfter = at + size < whole.text.length && whole.starts[at + size] === whole.starts[at + size - 1];
    if (!cutsBefore && !cutsAfter) found.push([whole.starts[at], whole.ends[at + size - 1]]);
  }
  return found;
}

/** What differs between two texts that are equal when everything is levelled: as little as explains it, and the least of it. */
export function differences(one: string, other: string): Fold[] {
  const left = new Set<Fold>(FOLDS);
  // spaces around an answer are a difference in spaces
  const levelled = (text: string, folds: ReadonlySet<Fold>) =>
    fold(folds.has('spaces') ? text.trim() : text, folds).text;
  const isEqual = (folds: ReadonlySet<Fold>) => levelled(one, folds) === levelled(other, folds);
  for (const name of [...FOLDS].reverse()) {
    left.delete(name);
    if (!isEqual(left)) left.add(name);
  }
  return FOLDS.filter((name) => left.has(name));
}
