// `spanlab/training`: the trainer with its checkpoints, and the parts that one's own training loop needs.
export type { Batch } from './batch';
export { makeBatch } from './batch';
export { TrainingError } from './errors';
export type { LoaderOptions } from './loader';
export { DataLoader } from './loader';
export type { Measurement, MeasureOptions, Setting } from './measure';
export { measureTraining } from './measure';
export { readMetrics } from './metrics-file';
export type { TrainerOptions } from './options';
export type { Origin } from './origin';
export { readOrigin, writeOrigin } from './origin';
export type { RunCurves, RunSummary } from './runs';
export { findRuns, readCurves, summarizeRun } from './runs';
export type { Schedule, ScheduleName } from './schedule';
export { schedule } from './schedule';
export type { RunOptions, TrainerSetup, TrainResult } from './setup';
export type { Progress, StepReport } from './state';
export { Trainer } from './trainer';
