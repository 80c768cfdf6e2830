// What a trainer is given and what it gives back.
import type { QuestionAnsweringModel } from '../model/question-answering';
import type { Features } from '../tokens/features';
import type { Tokenizer } from '../tokens/tokenizer';
import type { TrainerOptions } from './options';
import type { StepReport } from './state';
import type { TeacherScores } from './teacher';

/** Metrics of an evaluation by name, in the words of the official scripts: `exact`, `f1`, … */
export type Metrics = Record<string, number>;

/** What a trainer works with. */
export interface TrainerSetup {
  model: QuestionAnsweringModel;
  features: Features;
  options?: Partial<TrainerOptions>;
  /** The run's folder: record, checkpoints and the trained model. Without it nothing is written. */
  output?: string;
  /** Saved with the model; needed with `output`. */
  tokenizer?: Tokenizer;
  /** Scores the model as it is; it should reject with the signal's reason when the signal is aborted. */
  evaluate?: (signal?: AbortSignal) => Promise<Metrics>;
  /** Names of the records that the rows come from, for messages: `records.map(({ id }) => id)`. */
  ids?: string[];
  /** General data in the same training: each epoch has all of `features`, and of these as many as `options.mixShare` says. */
  mix?: { features: Features; ids?: string[]; teacher?: TeacherScores };
  /** Another model's scores of the rows of `features` (`computeLogits`), to learn from as well as from the labels. */
  teacher?: TeacherScores;
  /** What `options.json` should hold besides the options, so that the run can be repeated: model, files, lengths. */
  inputs?: Record<string, unknown>;
  /** What `run.json` should say of the data, such as the hashes of its files: that of `dev` must stay while it chooses the best weights. */
  data?: Record<string, unknown>;
  onStep?: (report: StepReport) => void | Promise<void>;
  onEvaluation?: (step: number, metrics: Metrics) => void | Promise<void>;
  onCheckpoint?: (folder: string) => void | Promise<void>;
  /** What a person should know and what ends nothing, such as damaged checkpoints; written to stderr unless told. */
  onWarning?: (message: string) => void;
}

export interface RunOptions {
  /** Stops after the step in progress and leaves a checkpoint. */
  signal?: AbortSignal;
  /** Goes on with a checkpoint: `latest` of the output folder (from the beginning when it has none), or a folder. */
  resume?: string;
  /** Goes on although options that change the result are not those of the checkpoint; those that order the rows must be. */
  acceptChanges?: boolean;
}

export interface TrainResult {
  steps: number;
  /** Mean loss of each epoch; the last may be unfinished. */
  epochLosses: number[];
  examplesPerSecond: number;
  /** Spent in training steps. */
  seconds: number;
  /** Whether the signal ended it early. */
  stopped: boolean;
  /** The step whose weights the model has now, when evaluations chose it. */
  bestStep?: number;
  /** That step's value of `bestMetric`. */
  bestValue?: number;
}
