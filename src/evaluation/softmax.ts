// Logits become probabilities.

/**
 * Shares that sum to 1.
 *
 * @param temperature Above 0; the logits are divided by it.
 * @example softmax([0, Math.log(3)]) // [0.25, 0.75]
 */
export function softmax(logits: ArrayLike<number>, temperature = 1): Float64Array {
  const highest = Array.from(logits).reduce((a, b) => Math.max(a, b), -Infinity);
  const shares = Float64Array.from(logits, (logit) => Math.exp((logit - highest) / temperature));
  const sum = shares.reduce((a, b) => a + b, 0);
  return shares.map((share) => share / sum);
}

/**
 * -log softmax(logits)[label], finite also where the share itself is too small for a number.
 *
 * @example crossEntropy(Float32Array.of(0, 0), 1) // Math.log(2)
 */
export function crossEntropy(logits: Float32Array, label: number): number {
  const most = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit - most), 0);
  return Math.log(total) + most - logits[label];
}
