// Where a run is: all that a checkpoint needs besides weights and moments. Randomness is a function of it and the seed.
import * as v from 'valibot';

/** A run's position and sums. */
export interface TrainingState {
  /** Updates done. */
  step: number;
  /** The epoch in progress, from 0, and how many of its batches are done. */
  epoch: number;
  batch: number;
  /** Batches done since the beginning: with the seed they fix the dropout of the next one. */
  batches: number;
  /** Rows and tokens trained on. */
  examples: number;
  tokens: number;
  /** Spent in training steps. */
  seconds: number;
  /** Losses of the epoch in progress, and the means of those before. */
  epochSum: number;
  epochCount: number;
  epochLosses: number[];
  /** The step of the last evaluation. */
  evaluated: number;
  /** The best evaluation and how many came after it. */
  best?: { step: number; value: number };
  sinceBest: number;
  /** Means over some steps and evaluations, in the words of Hugging Face's trainer. */
  history: HistoryEntry[];
  /** Losses since the last entry of the history. */
  logSum: number;
  logCount: number;
}

export type HistoryEntry = Record<string, number>;

export function initialState(): TrainingState {
  const position = { step: 0, epoch: 0, batch: 0, batches: 0, examples: 0, tokens: 0, seconds: 0 };
  const sums = { epochSum: 0, epochCount: 0, epochLosses: [], history: [], logSum: 0, logCount: 0 };
  return { ...position, ...sums, evaluated: 0, sinceBest: 0 };
}

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const finite = v.pipe(v.number(), v.finite());
const stateSchema = v.object({
  step: count,
  epoch: count,
  batch: count,
  batches: count,
  examples: count,
  tokens: count,
  seconds: v.pipe(finite, v.minValue(0)),
  epochSum: finite,
  epochCount: count,
  epochLosses: v.array(finite),
  evaluated: count,
  sinceBest: count,
  best: v.optional(v.object({ step: count, value: finite })),
  history: v.array(v.record(v.string(), v.number())),
  logSum: finite,
  logCount: count,
});

/** Reads a state that a file holds. @throws Error that names the first field that is none */
export function parseState(value: unknown): TrainingState {
  const parsed = v.safeParse(stateSchema, value);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new Error(`its state is none: ${v.getDotPath(issue) ?? 'it'} is ${issue.received}`);
}

/** What one step did. */
export interface StepReport {
  /** Counted from 1, over all epochs. */
  step: number;
  totalSteps: number;
  /** Counted from 0. */
  epoch: number;
  loss: number;
  learningRate: number;
  /** Before clipping. */
  gradientNorm: number;
  /** Rows and tokens trained on so far. */
  examples: number;
  tokens: number;
  /** Spent in training steps so far. */
  seconds: number;
  /** Of this step alone. */
  tokensPerSecond: number;
  /** Resident memory of the process, bytes. */
  memory: number;
}

/** What an update adds to the state. */
export interface Progress {
  loss: number;
  examples: number;
  tokens: number;
  seconds: number;
  batches: number;
}

/** Counts an update; after the last batch of an epoch the next one begins. */
export function advance(
  state: TrainingState,
  { loss, examples, tokens, seconds, batches }: Progress,
  perEpoch: number,
): void {
  state.step++;
  state.batch += batches;
  state.batches += batches;
  state.examples += examples;
  state.tokens += tokens;
  state.seconds += seconds;
  state.epochSum += loss;
  state.epochCount++;
  state.logSum += loss;
  state.logCount++;
  if (state.batch < perEpoch) return;
  state.epochLosses.push(state.epochSum / state.epochCount);
  Object.assign(state, { epoch: state.epoch + 1, batch: 0, epochSum: 0, epochCount: 0 });
}

/** The mean loss of every epoch, with that of an unfinished one. */
export function epochLosses({ epochLosses, epochSum, epochCount }: TrainingState): number[] {
  return epochCount > 0 ? [...epochLosses, epochSum / epochCount] : [...epochLosses];
}

/** Adds the mean of the steps since the last entry to the history. */
export function logSteps(state: TrainingState, epoch: number, { learningRate, gradientNorm }: StepReport): void {
  const loss = state.logSum / state.logCount;
  state.history.push({ epoch, grad_norm: gradientNorm, learning_rate: learningRate, loss, step: state.step });
  Object.assign(state, { logSum: 0, logCount: 0 });
}

/** Compares an evaluation with the best; says whether it is better. */
export function noteEvaluation(state: TrainingState, name: string, value: number): boolean {
  const isBetter =
    state.best === undefined || (/loss/.test(name) ? value < state.best.value : value > state.best.value);
  state.sinceBest = isBetter ? 0 : state.sinceBest + 1;
  if (isBetter) state.best = { step: state.step, value };
  return isBetter;
}
