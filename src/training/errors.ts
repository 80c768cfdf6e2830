// What can go wrong while training.
import { SpanlabError } from '../errors';

/**
 * Before training: `E_TRAIN_DATA` (nothing to train on), `E_TRAIN_LABEL` (an answer outside its row), `E_TRAIN_OPTION`, `E_TRAIN_TEACHER` (a teacher whose scores are of other tokens),
 * `E_TRAIN_OUTPUT` (the folder holds another run). While training: `E_TRAIN_LOSS` (loss or gradient is not a number),
 * `E_OUT_OF_MEMORY`, `E_TRAIN_BACKEND`, `E_TRAIN_EVALUATION`. Going on: `E_CHECKPOINT` (none, or damaged), `E_CHECKPOINT_MODEL`,
 * `E_CHECKPOINT_DATA`, `E_CHECKPOINT_OPTIONS` (of another model, data or order). Reading: `E_RUN` (no run, or a damaged record). Sweeps:
 * `E_SWEEP` (trials are open, or the folder holds others). Measuring: `E_MEASURE` (the process of a way of training failed).
 */
export class TrainingError extends SpanlabError {}
