// What an evaluation leaves on disk: the files of Hugging Face's run_qa example, and the raw scores for whoever wants to check us.
import path from 'node:path';
import { stringify } from 'csv-stringify/sync';
import { toFileError } from '../errors';
import { type TensorData, writeSafetensors } from '../model/safetensors/write';
import { writeAtomically } from '../staged-file';
import type { Features } from '../tokens/features';
import { type Evaluation, hasImpossible } from './evaluate';
import type { Logits } from './logits';
import type { EvaluationSource } from './source';
import { type ScoredPrediction, type ScoredSpan, toAnswers, withNoAnswer } from './spans';
import { makeFolder } from '../make-folder';

/**
 * Writes `predictions.json`, `nbest_predictions.json`, `null_odds.json` and `eval_results.json` into `folder`, and the answers as a
 * table, `predictions.csv`. As in run_qa the n-best lists hold "no answer" where some question of the data is impossible. Questions
 * without a label are among the predictions, and in no metric: `eval_results.json` says how many there are.
 *
 * @param evaluated What was measured, which `eval_results.json` then says.
 * @throws FileError
 * @example writeEvaluation('runs/dev', await evaluate(model, tokenizer, records))
 */
export function writeEvaluation(folder: string, evaluation: Evaluation, evaluated?: EvaluationSource): void {
  const { records, predictions, threshold } = evaluation;
  const byId = (value: (prediction: ScoredPrediction) => unknown) =>
    Object.fromEntries(predictions.map((prediction) => [prediction.id, value(prediction)]));
  const mayWithhold = records.some(({ isUnlabelled }) => isUnlabelled) && Number.isFinite(threshold);
  const spans = hasImpossible(records) || mayWithhold ? withNoAnswer : ({ best }: ScoredPrediction) => best;
  const files = {
    'predictions.json': toAnswers(predictions, threshold),
    'nbest_predictions.json': byId((prediction) => spans(prediction).map(nBestEntry)),
    'null_odds.json': byId(({ nullOdds }) => nullOdds),
    'eval_results.json': { ...evalResults(evaluation), evaluated },
  };
  try {
    makeFolder(folder);
    for (const [name, content] of Object.entries(files)) {
      writeAtomically(path.join(folder, name), `${JSON.stringify(content, null, 4)}\n`);
    }
    writeAtomically(path.join(folder, 'predictions.csv'), stringify(predictionRows(evaluation), { header: true }));
  } catch (error) {
    throw toFileError(error, folder);
  }
}

/** A row a question, for spreadsheets; `prediction` is empty where the answer is "no answer". */
export function predictionRows({ records, predictions, threshold }: Pick<Evaluation, 'records' | 'predictions' | 'threshold'>) {
  return predictions.map(({ id, best: [best], nullOdds }, i) => ({
    id,
    title: records[i].title,
    question: records[i].question,
    prediction: nullOdds > threshold ? '' : best.text,
    probability: best.probability,
    null_odds: nullOdds,
  }));
} // prettier-ignore

function nBestEntry({ startLogit, endLogit, text, probability }: ScoredSpan) {
  return { start_logit: startLogit, end_logit: endLogit, text, probability };
}

/** The metrics with the prefix of run_qa, which says `exact_match` for data of SQuAD v1.1's kind. */
function evalResults({ metrics, records, features, threshold }: Evaluation): Record<string, number> {
  const unlabelled = records.filter(({ isUnlabelled }) => isUnlabelled).length;
  // metrics of no question would be zeros, and look like metrics
  if (unlabelled === records.length && unlabelled > 0)
    return { eval_unlabelled: unlabelled, eval_samples: features.count };
  const { startAccuracy, endAccuracy, ...official } = metrics;
  const named = {
    ...(hasImpossible(records) ? { null_threshold: threshold } : { exact_match: official.exact }),
    ...official,
    start_accuracy: startAccuracy,
    end_accuracy: endAccuracy,
    samples: features.count,
  };
  const finite = Object.entries({ ...named, ...(unlabelled > 0 && { unlabelled }) }).filter(([, value]) =>
    Number.isFinite(value),
  );
  return Object.fromEntries(finite.map(([name, value]) => [`eval_${name}`, value]));
}

/**
 * Writes `start_logits` and `end_logits`, float32 [features, longest] with zeros beyond a feature's length, and `lengths`,
 * int32 [features], in the order of the features.
 *
 * @throws FileError
 */
export function writeLogits(file: string, features: Features, logits: Logits): void {
  const { count, rowStart } = features;
  const lengths = Int32Array.from({ length: count }, (_, row) => rowStart[row + 1] - rowStart[row]);
  const longest = lengths.reduce((a, b) => Math.max(a, b), 0);
  const padded = (scores: Float32Array) => {
    const values = new Float32Array(count * longest);
    lengths.forEach((length, row) => {
      values.set(scores.subarray(rowStart[row], rowStart[row] + length), row * longest);
    });
    return { shape: [count, longest], values };
  };
  const tensors = new Map<string, TensorData>([
    ['start_logits', padded(logits.startLogits)],
    ['end_logits', padded(logits.endLogits)],
    ['lengths', { shape: [count], values: lengths }],
  ]);
  writeSafetensors(file, tensors);
}
