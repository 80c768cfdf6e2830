// What was measured: which questions, with which weights. Metrics without it can be taken for those of another model.
import path from 'node:path';
import { hashWeights } from '../model/weights-hash';
import { hashInput } from '../input-file';

export interface EvaluationSource {
  /** The name of the file of questions, and its SHA-256. */
  data: string;
  sha256: string;
  /** SHA-256 of the weights. */
  weights: string;
}

/**
 * @throws FileError
 * @example evaluationSource('dev.json', 'models/mine').weights
 */
export function evaluationSource(data: string, model: string): EvaluationSource {
  return { data: path.basename(data), sha256: hashInput(data), weights: hashWeights(model) };
}
