// How long windows are and how far they overlap: one rule for training, evaluation, tuning, asking and publishing.

export interface WindowOptions {
  /** Tokens in a window with question and special tokens. */
  maxLength?: number;
  /**
   * Overlap, in tokens of the context, of a window with the one before. By default 128, half of a shorter window; where a long question
   * leaves less for the context, half of what it leaves.
   */
  docStride?: number;
  /** Which text comes first in a row. The question stays whole, the context is cut. */
  order?: 'question-first' | 'context-first';
}

/** The defaults of run_qa, which for short windows are those of the pipeline: `min(max_seq_len // 2, 128)`. */
export const WINDOW_DEFAULTS: Required<WindowOptions> = { maxLength: 384, docStride: 128, order: 'question-first' };

/** The overlap of windows where nobody has said another. Tokens. */
export const defaultStride = (maxLength: number) => Math.min(WINDOW_DEFAULTS.docStride, Math.floor(maxLength / 2));

/** Options with the defaults in their places. */
export function windowSettings(options: WindowOptions): Required<WindowOptions> {
  const { maxLength = WINDOW_DEFAULTS.maxLength, order = WINDOW_DEFAULTS.order } = options;
  return { maxLength, order, docStride: options.docStride ?? defaultStride(maxLength) };
}

/**
 * The windows of a model: never longer than it has positions, as run_qa and the pipeline cut them. Training, evaluation, tuning, asking
 * and publishing all have theirs from here.
 *
 * @example windowsFor({ maxPositions: 128 }, {}).maxLength // 128
 */
export function windowsFor<O extends WindowOptions>(model: { maxPositions: number }, options: O): O & { maxLength: number } {
  return { ...options, maxLength: Math.min(options.maxLength ?? WINDOW_DEFAULTS.maxLength, model.maxPositions) };
} // prettier-ignore
