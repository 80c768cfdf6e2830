// What can go wrong while training.
import { SpanlabError } from '../errors';

/** `E_TRAIN_DATA` (nothing to train on), `E_TRAIN_OPTION`, `E_TRAIN_LOSS` (NaN or infinite), `E_TRAIN_STOPPED`. */
export class TrainingError extends SpanlabError {}
