// `metrics.jsonl`: one JSON object a line for every step and every evaluation, in Hugging Face's words.
import fs from 'node:fs';
import { toFileError } from '../errors';
import { readText } from '../text-file';
import { writeAtomically } from '../staged-file';
import type { StepReport } from './state';

/** A line: `step` and numbers; a step has `loss`, an evaluation names that begin with `eval_`. */
export type MetricsLine = Record<string, number> & { step: number };

/** The line of a step. */
export function stepLine(report: StepReport, epoch: number): MetricsLine {
  return {
    step: report.step,
    epoch: rounded(epoch),
    loss: report.loss,
    learning_rate: report.learningRate,
    grad_norm: report.gradientNorm,
    tokens_per_second: Math.round(report.tokensPerSecond),
    memory: report.memory, // bytes
    seconds: rounded(report.seconds),
  };
}

const rounded = (value: number) => Math.round(value * 1e4) / 1e4;

/** Adds a line. */
export function appendMetrics(file: string, line: MetricsLine): void {
  try {
    fs.appendFileSync(file, `${JSON.stringify(line)}\n`);
  } catch (error) {
    throw toFileError(error, file);
  }
}

/** All lines up to step `last`; what a crash cut off is left out. */
export function readMetrics(file: string, last = Infinity): MetricsLine[] {
  if (!fs.existsSync(file)) return [];
  const lines = readText(file).split('\n').flatMap(parseLine);
  return lines.filter(({ step }) => step <= last);
}

function parseLine(text: string): MetricsLine[] {
  try {
    const line = JSON.parse(text) as MetricsLine;
    return typeof line.step === 'number' ? [line] : [];
  } catch {
    return [];
  }
}

/** Drops the lines after step `last`, which a resumed run will write again. */
export function cutMetrics(file: string, last: number): void {
  const lines = readMetrics(file, last).map((line) => `${JSON.stringify(line)}\n`);
  writeAtomically(file, lines.join(''));
}
