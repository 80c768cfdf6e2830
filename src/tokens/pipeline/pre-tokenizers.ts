// The steps that cut a text into words, by the names of tokenizer.json.
import { isPunctuation, isWhiteSpace } from '../wordpiece/unicode';
import { toSigns } from './bytes';
import { type Step, finderOf } from './normalizers';
import { type Finder, characterFinder, textFinder, toFinder } from './pattern';
import { type Match, type Piece, type SplitBehavior, prepend, replaceMatches, splitPiece } from './piece';
import { Unsupported } from './unsupported';

/** One piece into its words. */
export type PreTokenizer = (piece: Piece) => Piece[];

/** GPT-2's words, in Oniguruma's spelling. */
const WORDS = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
const NUMERIC = /^\p{N}$/u;
const BEHAVIORS = ['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous'];

const MAKERS: Record<string, (step: Step) => PreTokenizer> = {
  Sequence: ({ pretokenizers }) => inTurn((pretokenizers as Step[]).map(toPreTokenizer)),
  ByteLevel: byteLevel,
  Metaspace: metaspace,
  Split: splitter,
  WhitespaceSplit: () => splitAt(characterFinder(isWhiteSpace), 'Removed'),
  BertPreTokenizer: () => bertWords,
  Punctuation: ({ behavior = 'Isolated' }) => splitAt(characterFinder(isPunctuation), behaviorOf(behavior)),
  Digits: ({ individual_digits: individual = false }) =>
    splitAt(
      characterFinder((codePoint) => NUMERIC.test(String.fromCodePoint(codePoint))),
      individual ? 'Isolated' : 'Contiguous',
    ),
};

/** @throws Unsupported; TokenError `E_TOKENIZER_PATTERN` */
export function toPreTokenizer(step: Step | null): PreTokenizer {
  if (!step) return (piece) => [piece];
  if (!Object.hasOwn(MAKERS, step.type)) throw new Unsupported(`pre_tokenizer ${step.type}`);
  return MAKERS[step.type](step);
}

function inTurn(steps: PreTokenizer[]): PreTokenizer {
  return (piece) => steps.reduce<Piece[]>((pieces, step) => pieces.flatMap((one) => step(one)), [piece]);
}

function behaviorOf(behavior: unknown): SplitBehavior {
  if (BEHAVIORS.includes(behavior as string)) return behavior as SplitBehavior;
  throw new Unsupported(`the behavior ${String(behavior)}`);
}

function splitAt(find: Finder, behavior: SplitBehavior): PreTokenizer {
  return (piece) => splitPiece(piece, find(piece.text), behavior);
}

function splitter({ pattern, behavior, invert = false }: Step): PreTokenizer {
  const find = finderOf(pattern);
  const inverted: Finder = (text) => find(text).map(([start, end, isMatch]): Match => [start, end, !isMatch]);
  return splitAt(invert ? inverted : find, behaviorOf(behavior));
}

const spaces = splitAt(characterFinder(isWhiteSpace), 'Removed');
const punctuation = splitAt(characterFinder(isPunctuation), 'Isolated');
const bertWords: PreTokenizer = (piece) => spaces(piece).flatMap(punctuation);

function byteLevel({ add_prefix_space: addsSpace = true, use_regex: usesPattern = true }: Step): PreTokenizer {
  const find = usesPattern ? toFinder(WORDS) : undefined;
  return (piece) => {
    const spaced = addsSpace && !piece.text.startsWith(' ') ? prepend(piece, ' ') : piece;
    const words = find ? splitPiece(spaced, find(spaced.text), 'Isolated') : [spaced];
    return words.filter(({ text }) => text !== '').map(toSigns);
  };
}

/** The scheme of a Metaspace step; old files have `add_prefix_space` in its place. */
export function prependScheme({ prepend_scheme: scheme, add_prefix_space: adds }: Step): string {
  return (scheme as string | undefined) ?? (adds === false ? 'never' : 'always');
}

function metaspace(step: Step): PreTokenizer {
  const mark = (step.replacement as string | undefined) ?? '▁';
  const scheme = prependScheme(step);
  const [findSpaces, findMarks] = [textFinder(' '), textFinder(mark)];
  const isWanted = (piece: Piece) => scheme === 'always' || (scheme === 'first' && piece.from === 0);
  return (piece) => {
    const marked = replaceMatches(piece, findSpaces(piece.text), mark);
    const whole = isWanted(marked) && !marked.text.startsWith(mark) ? prepend(marked, mark) : marked;
    return step.split === false ? [whole] : splitPiece(whole, findMarks(whole.text), 'MergedWithNext');
  };
}
