import { SpanlabError } from '../errors';

/** Something wrong with predictions, metrics or a question: `E_SCORE_FILE`, `E_SCORE_ODDS`, `E_SCORES`, `E_TUNE_DATA`, `E_ASK_…`. */
export class EvaluationError extends SpanlabError {}
