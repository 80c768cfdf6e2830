// A progress bar in a notebook: one output that is rewritten in place.
import type { StepReport } from '../training/state';
import { describeStep, duration, smooth } from './progress';

/** What `tslab.newDisplay()` gives, as far as it is needed here. */
export interface Display {
  html(text: string): void;
}

/** Not more often than this, so that thousands of updates do not swell the notebook. */
const REDRAW_MS = 200;

/**
 * A bar with a text beside it.
 *
 * @example const bar = new NotebookBar(newDisplay()); bar.step(report); bar.finish()
 */
export class NotebookBar {
  private last = -Infinity;
  private smoothed = NaN;
  private share = 0;
  private text = '';

  constructor(private readonly display: Display) {}

  /** Shows a training step: epoch, loss, speed, time left. */
  step(report: StepReport): void {
    this.smoothed = smooth(this.smoothed, report.loss);
    this.update(report.step / report.totalSteps, describeStep(report, this.smoothed).replace(/ [█░]+ /, ' '));
  }

  /** Shows how much of `total` is done. */
  count(done: number, total: number, seconds?: number): void {
    const left = seconds ? `, ${duration((seconds / done) * (total - done))} left` : '';
    this.update(done / total, `${done} of ${total}${left}`);
  }

  update(share: number, text: string, now = performance.now()): void {
    this.share = share;
    this.text = text;
    if (now - this.last < REDRAW_MS) return;
    this.last = now;
    this.draw();
  }

  finish(text = this.text): void {
    this.text = text;
    this.draw();
  }

  private draw(): void {
    const value = Math.max(0, Math.min(1, this.share)).toFixed(4);
    this.display.html(`<progress value="${value}" style="width: 16em"></progress> <code>${this.text}</code>`);
  }
}
