// How likely the answer starts and ends at each token of a text.
import { shortenQuestion } from '../evaluation/answer';
import { type LogitsOptions, computeLogits } from '../evaluation/logits';
import type { QuestionAnsweringModel } from '../model/question-answering';
import type { Tokenizer } from '../tokens/tokenizer';
import { windowsFor } from '../tokens/window-lengths';
import { windows } from '../tokens/windows';

export interface TokenScores {
  text: string;
  /** UTF-16 positions in the context. */
  start: number;
  end: number;
  /** Logits; the higher one where two windows overlap. */
  startScore: number;
  endScore: number;
}

/** The scores of every token of `context`, in its order. */
export async function tokenScores(
  model: QuestionAnsweringModel,
  tokenizer: Tokenizer,
  question: string,
  context: string,
  options: LogitsOptions = {},
): Promise<TokenScores[]> {
  const cut = await shortenQuestion(question, tokenizer);
  const base = { id: '0', title: '', question: cut, context, answers: [], plausibleAnswers: [] };
  const features = await windows([{ ...base, isImpossible: false }], tokenizer, windowsFor(model.config, {}));
  const { startLogits, endLogits } = await computeLogits(model, features, options);
  const tokens = new Map<number, TokenScores>();
  for (let row = 0; row < features.count; row++) {
    const first = features.rowStart[row];
    for (let i = first + features.contextStart[row]; i < first + features.contextEnd[row]; i++) {
      const [start, end] = features.offsets.subarray(2 * i, 2 * i + 2);
      const known = tokens.get(start);
      tokens.set(start, {
        text: context.slice(start, end),
        start,
        end,
        startScore: Math.max(startLogits[i], known?.startScore ?? -Infinity),
        endScore: Math.max(endLogits[i], known?.endScore ?? -Infinity),
      });
    }
  }
  return [...tokens.values()];
}
