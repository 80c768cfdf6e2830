// WordPiece in slow motion: which pieces of a word were tried, and which the vocabulary had.

/** One piece of a word, and what was tried before it was found. */
export interface PieceStep {
  /** What was still to be cut, with its prefix. */
  rest: string;
  /** Candidates that the vocabulary lacks, longest first. */
  missing: string[];
  /** The piece; undefined where nothing fits, which makes the whole word unknown. */
  found?: string;
}

/**
 * The greedy search for the longest piece, step by step, for a word that is already normalized. It is the algorithm of
 * `WordPieceModel`, kept apart because that one has to be fast.
 *
 * @param vocabulary A tokenizer, or anything else that knows ids.
 * @example tracePieces('embeddings', tokenizer).map(({ found }) => found) // ['em', '##bed', '##ding', '##s']
 */
export function tracePieces(
  word: string,
  vocabulary: { tokenToId(token: string): number | undefined },
  prefix = '##',
): PieceStep[] {
  const characters = Array.from(word);
  const steps: PieceStep[] = [];
  for (let start = 0; start < characters.length;) {
    const candidate = (end: number) => (start > 0 ? prefix : '') + characters.slice(start, end).join('');
    let end = characters.length;
    const step: PieceStep = { rest: candidate(end), missing: [] };
    while (end > start && vocabulary.tokenToId(candidate(end)) === undefined) step.missing.push(candidate(end--));
    steps.push(step);
    if (end === start) return steps;
    step.found = candidate(end);
    start = end;
  }
  return steps;
}
