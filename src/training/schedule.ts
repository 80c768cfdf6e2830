// Learning-rate schedules, equal step by step to those of transformers' `optimization.py`.
import { TrainingError } from './errors';

export type ScheduleName = 'constant' | 'linear' | 'cosine';

/** The factor of the learning rate at a step, counted from 0. */
export type Schedule = (step: number) => number;

/**
 * A schedule over `totalSteps`, rising from 0 over `warmupSteps` (so the first step of a warm-up changes nothing).
 *
 * @throws TrainingError `E_TRAIN_OPTION` for an unknown name.
 * @example const rate = schedule('linear', 100, 10); rate(5) // 0.5
 */
export function schedule(name: ScheduleName, totalSteps: number, warmupSteps = 0): Schedule {
  const decay = DECAYS[name];
  if (!decay) {
    throw new TrainingError('E_TRAIN_OPTION', `unknown schedule "${name}"; choose ${Object.keys(DECAYS).join(', ')}`);
  }
  const rest = Math.max(1, totalSteps - warmupSteps);
  return (step) => (step < warmupSteps ? step / Math.max(1, warmupSteps) : decay((step - warmupSteps) / rest));
}

const DECAYS: Record<ScheduleName, (progress: number) => number> = {
  constant: () => 1,
  linear: (progress) => Math.max(0, 1 - progress),
  cosine: (progress) => Math.max(0, 0.5 * (1 + Math.cos(Math.PI * progress))),
};
