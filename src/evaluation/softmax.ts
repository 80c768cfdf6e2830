// Logits become probabilities.

/**
 * Shares that sum to 1.
 *
 * @example softmax([0, Math.log(3)]) // [0.25, 0.75]
 */
export function softmax(logits: ArrayLike<number>): Float64Array {
  const highest = Array.from(logits).reduce((a, b) => Math.max(a, b), -Infinity);
  const shares = Float64Array.from(logits, (logit) => Math.exp(logit - highest));
  const sum = shares.reduce((a, b) => a + b, 0);
  return shares.map((share) => share / sum);
}
