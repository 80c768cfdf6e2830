// How text becomes tokens, as tables: the normalizer character by character, WordPiece piece by piece, labels that go wrong.
import { DataFrame } from 'danfojs-node';
import type { Answer } from '../squad/record';
import type { BatchEncoding } from '../tokens/batch-encoding';
import { type TokenPositions, answerEnd } from '../tokens/positions';
import { type NormalizerOptions, BertNormalizer } from '../tokens/wordpiece/normalize';
import type { PieceStep } from '../tokens/wordpiece/trace';

/** What uncased BERT models ask for. */
const UNCASED: NormalizerOptions = { cleanText: true, handleChineseChars: true, stripAccents: true, lowercase: true };

/**
 * What the normalizer makes of each character that it changes: the character, its code point, its UTF-16 position, the result.
 *
 * @example normalizationTable('Élan!')
 */
export function normalizationTable(text: string, options = UNCASED): DataFrame {
  const { codePoints, starts } = new BertNormalizer(options).normalize(text);
  const rows: (string | number)[][] = [];
  for (let at = 0; at < text.length; at += text.codePointAt(at)! > 0xffff ? 2 : 1) {
    const codePoint = text.codePointAt(at)!;
    const result = codePoints.filter((_, i) => starts[i] === at).map((point) => String.fromCodePoint(point)).join(''); // prettier-ignore
    if (result === String.fromCodePoint(codePoint)) continue;
    rows.push([
      visible(String.fromCodePoint(codePoint)),
      hex(codePoint),
      at,
      result === '' ? '(removed)' : visible(result),
    ]);
  }
  return new DataFrame(rows, { columns: ['character', 'code point', 'position', 'becomes'] });
}

/** Spaces, marks and controls so that they can be seen. */
function visible(text: string): string {
  return text.replace(/ /g, '␣').replace(/\p{M}/gu, '◌$&').replace(/[\p{Cc}\p{Cf}\s]/gu, (c) => hex(c.codePointAt(0)!)); // prettier-ignore
}

function hex(codePoint: number): string {
  return `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Candidates shown of those that the vocabulary lacks. */
const SHOWN = 4;

/**
 * The steps of WordPiece through a word: what was left, what was tried in vain, what was found.
 *
 * @example piecesTable(tracePieces('unbelievably', tokenizer))
 */
export function piecesTable(steps: PieceStep[]): DataFrame {
  const rows = steps.map(({ rest, missing, found }) => {
    const more = missing.length > SHOWN ? `, … (${missing.length} in all)` : '';
    return [rest, missing.slice(0, SHOWN).join(', ') + more, found ?? '(nothing: the word is [UNK])'];
  });
  return new DataFrame(rows, { columns: ['still to cut', 'not in the vocabulary', 'found'] });
}

/** What can happen to the end of an answer on its way from characters to tokens. */
const ENDS = [
  'in the answer’s last token',
  'stepped back from a space',
  'took the next token along',
  'cut off',
] as const;

/**
 * How the lesson's ends were found, by counting what the character after the answer is: a further one of the answer's last
 * token, a space, or the first of the next token (so that the label is one token late); and rows that do not hold the answer.
 *
 * @example endsTable(encodings, addTokenPositions(encodings, answers, { truncated }), answers)
 */
export function endsTable(encodings: BatchEncoding, positions: TokenPositions, answers: Answer[]): DataFrame {
  const ends = answers.map((answer, row) => howEndFound(encodings, positions, answer, row));
  const rows = ENDS.filter((how) => ends.includes(how)).map((how) => {
    return [how, ends.filter((end) => end === how).length, answers[ends.indexOf(how)].text];
  });
  return new DataFrame(rows, { columns: ['the end was', 'answers', 'for example'] });
}

function howEndFound(encodings: BatchEncoding, positions: TokenPositions, answer: Answer, row: number) {
  const end = answerEnd(answer);
  const last = encodings.charToToken(row, end - 1);
  if (last === undefined || encodings.charToToken(row, answer.answerStart) === undefined) return 'cut off';
  if (positions.endPositions[row] !== last) return 'took the next token along';
  return encodings.charToToken(row, end) === undefined ? 'stepped back from a space' : 'in the answer’s last token';
}
