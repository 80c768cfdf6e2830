// The loss of a training as progress bars, summaries and tables of runs show it: one number of one kind.

/** A single step's loss jumps; it is shown as the mean of so many steps, the last ones. */
export const LAST_STEPS = 20;

/** @example recentMean([4, 2]) // 3; undefined where there are none */
export function recentMean(values: number[]): number | undefined {
  const last = values.slice(-LAST_STEPS);
  return last.length > 0 ? last.reduce((sum, value) => sum + value, 0) / last.length : undefined;
}

/** The mean while steps come in. @example new RecentLoss().add(2.5) // 2.5 */
export class RecentLoss {
  private losses: number[] = [];

  add(loss: number): number {
    this.losses = [...this.losses, loss].slice(-LAST_STEPS);
    return recentMean(this.losses)!;
  }
}
