// Progress of long work in a terminal, or in a file it is piped to.
import { RecentLoss } from '../training/recent';
import { terminalText } from '../printable';
import type { StepReport } from '../training/state';

/** Where lines go: `process.stderr`, or anything that takes text. */
export interface Output {
  write(text: string): unknown;
  isTTY?: boolean;
}

/** Between two lines when the output is a file. */
const QUIET_MS = 10_000;
/** A terminal is redrawn no more often than this. */
const REDRAW_MS = 100;

/** One line that is rewritten in a terminal, and now and then a new one in a file. */
export class ProgressLine {
  private last = -Infinity;
  private text = '';
  private isShown = true;

  constructor(private readonly output: Output) {}

  show(text: string, now = performance.now()): void {
    this.text = terminalText(text); // of a download, the name of its file
    this.isShown = false;
    if (now - this.last < (this.output.isTTY ? REDRAW_MS : QUIET_MS)) return;
    this.last = now;
    this.print();
  }

  /** Shows the last state and ends the line. */
  finish(): void {
    if (this.text === '') return;
    if (!this.isShown) this.print();
    if (this.output.isTTY) this.output.write('\n');
    this.text = '';
  }

  private print(): void {
    this.isShown = true;
    this.output.write(this.output.isTTY ? `\r\x1b[2K${this.text}` : `${this.text}\n`);
  }
}

/** Counts done of total, as in evaluation. */
export class Counter {
  private readonly line: ProgressLine;
  private readonly began = performance.now();

  constructor(
    private readonly title: string,
    output: Output,
  ) {
    this.line = new ProgressLine(output);
  }

  update(done: number, total: number): void {
    const seconds = (performance.now() - this.began) / 1000;
    this.line.show(`${this.title} ${bar(done / total)} ${done}/${total}  ${duration(left(seconds, done, total))} left`);
  }

  finish(): void {
    this.line.finish();
  }
}

/** Epoch, step, mean loss of the last steps, speed, time left and memory of a training. */
export class TrainingProgress {
  private readonly line: ProgressLine;
  private readonly loss = new RecentLoss();

  constructor(output: Output) {
    this.line = new ProgressLine(output);
  }

  update(report: StepReport): void {
    this.line.show(describeStep(report, this.loss.add(report.loss)));
  }

  finish(): void {
    this.line.finish();
  }
}

/** An exponential mean, which shows where the loss is heading underneath its jumps. */
export function smooth(before: number, value: number, keep = 0.9): number {
  return Number.isNaN(before) ? value : keep * before + (1 - keep) * value;
}

/** A step in one line. */
export function describeStep(report: StepReport, loss = report.loss): string {
  const { epoch, step, totalSteps, tokens, seconds, memory } = report;
  const speed = `${Math.round(tokens / seconds)} tokens/s`;
  const remaining = duration(left(seconds, step, totalSteps));
  const where = `epoch ${epoch + 1} ${bar(step / totalSteps)} step ${step}/${totalSteps}`;
  return `${where}  loss ${loss.toFixed(3)}  ${speed}  ${remaining} left  ${(memory / 1e9).toFixed(1)} GB`;
}

function left(seconds: number, done: number, total: number): number {
  return done > 0 ? (seconds / done) * (total - done) : NaN;
}

/** A share from 0 to 1 as twenty characters. */
export function bar(share: number, width = 20): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  return '█'.repeat(full) + '░'.repeat(width - full);
}

/** Seconds as people read them. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const [minutes, rest] = [Math.floor(whole / 60), whole % 60];
  return minutes < 60 ? `${minutes} min ${rest} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
