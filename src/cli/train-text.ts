// What a person reads when a training is over: how it went, how good the model is, what to do next.
import path from 'node:path';
import { metricsText } from '../show/metrics-text';
import { duration } from '../show/progress';
import { LAST_STEPS } from '../training/recent';
import { counted } from '../counted';
import { inShell } from '../in-shell';

/** What `spanlab train` found, by the names that `--json` prints. */
export interface TrainingOutcome extends Record<string, unknown> {
  out: string;
  backend: string;
  precision: string;
  steps: number;
  stopped: boolean;
  epoch_losses: number[];
  examples_per_second: number;
  seconds: number;
  best_step?: number;
  /** Mean of the last steps. */
  loss?: number;
}

/**
 * @example process.stdout.write(trainingText(outcome))
 */
export function trainingText(outcome: TrainingOutcome): string {
  const { out, exact } = outcome;
  const scores =
    typeof exact === 'number' ? `\n${metricsText(outcome as Record<string, unknown> as Record<string, number>)}` : '';
  return `${[summary(outcome), ...losses(outcome), ...best(outcome)].join('\n')}\n${scores}\n${nextStep(out, outcome.stopped)}`;
}

/** What `spanlab train --prepare` made. */
export interface Prepared extends Record<string, unknown> {
  out: string;
  prepared: string;
}

/**
 * @example preparedText({ out: 'runs/a', prepared: 'runs/a/checkpoint-0' })
 */
export function preparedText({ out, prepared }: Prepared): string {
  return `Prepared, not trained: ${prepared}\nTrain it:\n  npx spanlab train --out ${relative(out)} --resume latest\n`;
}

function summary({ stopped, steps, seconds, examples_per_second: speed, backend, precision }: TrainingOutcome): string {
  const verb = stopped ? 'Stopped after' : 'Trained';
  return `${verb} ${counted(steps, 'step')} in ${duration(seconds)}, ${speed.toFixed(1)} rows a second (${backend}, ${precision}).`;
}

function losses({ epoch_losses: values, loss: last }: TrainingOutcome): string[] {
  return [
    ...(values.length > 0 ? [`Mean loss of each epoch: ${values.map((loss) => loss.toFixed(2)).join(', ')}.`] : []),
    ...(last === undefined
      ? []
      : [`Mean loss of the last ${LAST_STEPS} steps, as the bar and the runs have it: ${last.toFixed(3)}.`]),
  ];
}

function best({ best_step: step, steps }: TrainingOutcome): string[] {
  return step === undefined || step === steps ? [] : [`The best model was that of step ${step}; it was kept.`];
}

function nextStep(out: string, stopped: boolean): string {
  const folder = relative(out);
  if (stopped) return `Go on:\n  npx spanlab train --out ${folder} --resume latest\n`;
  return `Ask it:\n  npx spanlab ask --model ${folder} --context-file FILE\nTry it on a page:\n  npx spanlab serve --model ${folder}\n`;
}

/** Of a command that will be copied. */
const relative = (folder: string) => inShell(path.relative('', folder) || folder);
