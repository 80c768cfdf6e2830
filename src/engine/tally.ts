// Which interpreter computed what: tests and diagnoses ask here, so that a name never stands for work that another did.
const counts = new Map<string, number>();

/** Notes that `interpreter` computed an operation, as in `countOperation('fused', 'attend')`. */
export function countOperation(interpreter: string, operation: string): void {
  const key = `${interpreter}.${operation}`;
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/**
 * How often each operation was computed since the last call, and by whom.
 *
 * @example takeTally() // { 'fused.attend': 6, 'fused.feedForward': 6, … }
 */
export function takeTally(): Record<string, number> {
  const tally = Object.fromEntries([...counts].sort());
  counts.clear();
  return tally;
}
