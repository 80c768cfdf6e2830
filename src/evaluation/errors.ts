import { SpanlabError } from '../errors';

/**
 * Something wrong with predictions, metrics or a question: `E_SCORE_FILE`, `E_SCORE_ODDS`, `E_SCORES`, `E_TUNE_DATA`, `E_ASK_…`,
 * `E_CURVE` (points of a learning curve with other settings), `E_CHOOSE` (too few texts to hold some out).
 */
export class EvaluationError extends SpanlabError {}
