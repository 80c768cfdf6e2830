// Unicode's normal forms with alignment, as of Unicode 9: characters that are younger stay as they are, like in the reference.
import { CodePointSet } from '../code-point-set';
import { goesBehind } from '../wordpiece/unicode';
import { type Change, type Piece, transform } from './piece';
import { DECOMPOSED, REORDERED } from './unicode-data';

export type NormalForm = 'NFC' | 'NFD' | 'NFKC' | 'NFKD';

const decomposes = new CodePointSet(DECOMPOSED);
const reorders = new CodePointSet(REORDERED);
const ASCII = /^[\0-\x7f]*$/;

interface Part extends Change {
  codePoint: number;
  isMark: boolean;
}

/** Source: the crate unicode-normalization-alignments 0.1, with `NormalizedString::nfc` and its kind. */
export function toNormalForm(piece: Piece, form: NormalForm): Piece {
  // a text that a younger Unicode leaves alone is left alone by an older one, too
  if (ASCII.test(piece.text) || piece.text.normalize(form) === piece.text) return piece;
  const parts = decomposed(piece.text, form.startsWith('NFK') ? 'NFKD' : 'NFD');
  return transform(piece, form.endsWith('C') ? composed(parts) : parts);
}

/** The decomposition of a text; marks are put in the order of their classes, and take what they replace along. */
function decomposed(text: string, form: 'NFD' | 'NFKD'): Part[] {
  const out: Part[] = [];
  let marks = 0; // at the end of `out`
  for (const character of text) {
    let change = 0;
    for (const one of decomposes.has(character.codePointAt(0)!) ? character.normalize(form) : [character]) {
      const codePoint = one.codePointAt(0)!;
      const isMark = reorders.has(codePoint);
      out.push({ text: one, change, codePoint, isMark });
      change = 1;
      marks = isMark ? marks + 1 : 0;
      for (let i = out.length - 1; i > out.length - marks && goesBehind(out[i - 1].codePoint, codePoint); i--) {
        [out[i - 1], out[i]] = [out[i], out[i - 1]];
      }
    }
  }
  return out;
}

/** Puts together what belongs together. Source: the crate's `Recompositions`. */
function composed(parts: Part[]): Part[] {
  const out: Part[] = [];
  let starter: Part | undefined;
  let behind: Part[] = []; // marks between the starter and here that found no partner
  for (const part of parts) {
    if (!starter) {
      if (part.isMark) out.push(part);
      else starter = part;
      continue;
    }
    const last = behind.at(-1);
    const isBlocked = last !== undefined && (!part.isMark || !goesBehind(part.codePoint, last.codePoint));
    const both = isBlocked ? undefined : compose(starter.text, part);
    if (both !== undefined) {
      const codePoint: number = both.codePointAt(0)!;
      starter = { text: both, change: starter.change + part.change - 1, codePoint, isMark: false };
    } else if (part.isMark) behind.push(part);
    else {
      out.push(starter, ...behind);
      [starter, behind] = [part, []];
    }
  }
  return starter ? [...out, starter, ...behind] : out;
}

const known = new Map<string, string | undefined>();

/** The one character that two make, where they make one. */
function compose(first: string, { text: second }: Part): string | undefined {
  const both = first + second;
  if (known.has(both)) return known.get(both);
  const normal = both.normalize('NFC');
  const codePoint = normal.codePointAt(0)!;
  const isOne = normal.length === (codePoint > 0xffff ? 2 : 1) && decomposes.has(codePoint);
  if (known.size > 4096) known.clear();
  known.set(both, isOne ? normal : undefined);
  return isOne ? normal : undefined;
}
