// A progress bar in a notebook: one output that is rewritten in place.
import type { StepReport } from '../training/state';
import { RecentLoss } from '../training/recent';
import { describeStep, duration } from './progress';

/** What `tslab.newDisplay()` gives, as far as it is needed here. */
export interface Display {
  html(text: string): void;
}

/** Not more often than this, so that thousands of updates do not swell the notebook. */
const REDRAW_MS = 200;

/**
 * A bar with a text next to it.
 *
 * @example const bar = new NotebookBar(newDisplay()); bar.step(report); bar.finish()
 */
export class NotebookBar {
  private last = -Infinity;
  private readonly loss = new RecentLoss();
  private share = 0;
  private text = '';
  /** The first step that was tracked, and when. */
  private began?: { step: number; now: number };

  constructor(private readonly display: Display) {}

  /** Shows a training step: epoch, loss, speed, time left. */
  step(report: StepReport): void {
    const text = describeStep(report, this.loss.add(report.loss));
    this.update(report.step / report.totalSteps, text.replace(/ [█░]+ /, ' '));
  }

  /**
   * A step of a loop written by hand: what is said of it, its number, the speed, and the time left.
   *
   * @example bar.track(12, 138, 'epoch 1, loss 4.59')
   */
  track(step: number, totalSteps: number, text: string, now = performance.now()): void {
    if (step <= 1 || !this.began) this.began = { step, now };
    const seconds = (now - this.began.now) / 1000;
    const perStep = seconds / Math.max(1, step - this.began.step);
    const speed =
      step > this.began.step ? `, ${speedOf(perStep)}, ${duration(perStep * (totalSteps - step))} left` : '';
    this.update(step / totalSteps, `${text}, step ${step} of ${totalSteps}${speed}`, now);
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

/** As progress bars have it: steps a second, or seconds a step where that is more than one. */
function speedOf(secondsPerStep: number): string {
  return secondsPerStep > 1 ? `${secondsPerStep.toFixed(1)} s/step` : `${(1 / secondsPerStep).toFixed(1)} steps/s`;
}
