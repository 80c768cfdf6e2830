// What each precision of the exported files costs and keeps: size, speed, metrics, and how often it answers as the model does.
import fs from 'node:fs';
import path from 'node:path';
import { AutoModelForQuestionAnswering, env, Tensor, type PreTrainedModel } from '@xenova/transformers';
import { type Logits, computeLogits } from '../evaluation/logits';
import { checkScores } from '../evaluation/score-checks';
import { squadMetrics } from '../evaluation/metrics';
import { predictSpans, toAnswers } from '../evaluation/spans';
import type { QuestionAnsweringModel } from '../model/question-answering';
import type { SquadRecord } from '../squad/record';
import type { Features } from '../tokens/features';
import type { Tokenizer } from '../tokens/tokenizer';
import { windowsFor } from '../tokens/window-lengths';
import { windows } from '../tokens/windows';
import { DataLoader } from '../training/loader';
import type { OnnxPrecision } from './onnx/numbers';
import { ONNX_FILES, ONNX_PRECISIONS } from './onnx/write';

export interface ExportMeasurement {
  precision: OnnxPrecision;
  bytes: number;
  questionsPerSecond: number;
  /** In percent of the questions. */
  exact: number;
  f1: number;
  /** Answers that are the model's own, word for word, in percent. */
  same: number;
}

export interface CompareOptions {
  /** Tokens in a window. */
  maxLength?: number;
  batchSize?: number;
  onPrecision?: (done: number, total: number) => void;
}

const DTYPE = { fp32: 'fp32', fp16: 'fp16', int8: 'q8' } as const;

/**
 * Asks the three ONNX files of `folder` the same questions, through transformers.js, offline.
 *
 * @param records Questions that have answers: none is withheld.
 * @throws FileError; EvaluationError `E_SCORES`; Error of transformers.js where a file is missing
 * @example (await compareExports('models/mine', model, tokenizer, records))[2].same
 */
export async function compareExports(
  folder: string,
  model: QuestionAnsweringModel,
  tokenizer: Tokenizer,
  records: SquadRecord[],
  { maxLength, batchSize = 8, onPrecision }: CompareOptions = {},
): Promise<ExportMeasurement[]> {
  const features = await windows(records, tokenizer, windowsFor(model.config, { maxLength }));
  const own = toAnswers(predictSpans(records, features, await computeLogits(model, features)));
  const measured: ExportMeasurement[] = [];
  for (const precision of ONNX_PRECISIONS) {
    const network = await openExport(folder, precision);
    const begin = performance.now();
    const logits = await exportLogits(network, features, batchSize);
    const seconds = (performance.now() - begin) / 1000;
    await network.dispose();
    const answers = toAnswers(predictSpans(records, features, logits));
    const { exact, f1 } = squadMetrics(records, answers);
    const same = (100 * records.filter(({ id }) => answers[id] === own[id]).length) / records.length;
    const { size: bytes } = fs.statSync(path.join(folder, ONNX_FILES[precision]));
    measured.push({ precision, bytes, questionsPerSecond: records.length / seconds, exact, f1, same });
    onPrecision?.(measured.length, ONNX_PRECISIONS.length);
  }
  return measured;
}

async function openExport(folder: string, precision: OnnxPrecision): Promise<PreTrainedModel> {
  const before = { allowRemoteModels: env.allowRemoteModels, localModelPath: env.localModelPath };
  Object.assign(env, { allowRemoteModels: false, localModelPath: path.dirname(path.resolve(folder)) });
  try {
    return await AutoModelForQuestionAnswering.from_pretrained(path.basename(folder), { dtype: DTYPE[precision] });
  } finally {
    Object.assign(env, before);
  }
}

/** Scores of all rows, rows of similar length together. */
async function exportLogits(network: PreTrainedModel, features: Features, batchSize: number): Promise<Logits> {
  const size = features.inputIds.length;
  const logits = { startLogits: new Float32Array(size), endLogits: new Float32Array(size) };
  for (const rows of new DataLoader(features, { batchSize }).plan(0)) {
    const inputs = batchOf(features, rows);
    const outputs = (await network(inputs)) as { start_logits: Tensor; end_logits: Tensor };
    const sequence = inputs.input_ids.dims[1];
    rows.forEach((row, i) => {
      const [from, to] = [features.rowStart[row], features.rowStart[row + 1]];
      const part = ({ data }: Tensor) => (data as Float32Array).subarray(i * sequence, i * sequence + to - from);
      const [starts, ends] = [part(outputs.start_logits), part(outputs.end_logits)];
      [starts, ends].forEach(checkScores);
      logits.startLogits.set(starts, from);
      logits.endLogits.set(ends, from);
    });
  }
  return logits;
}

/** Inputs [batch, sequence], as int64, padded with zeros. */
function batchOf({ rowStart, inputIds, tokenTypeIds }: Features, rows: number[]): Record<string, Tensor> {
  const sequence = Math.max(...rows.map((row) => rowStart[row + 1] - rowStart[row]));
  const shape = [rows.length, sequence];
  const column = (valueAt: (token: number) => number) => {
    const values = new BigInt64Array(rows.length * sequence);
    rows.forEach((row, i) => {
      for (let token = rowStart[row]; token < rowStart[row + 1]; token++) {
        values[i * sequence + token - rowStart[row]] = BigInt(valueAt(token));
      }
    });
    return new Tensor('int64', values, shape);
  };
  return {
    input_ids: column((token) => inputIds[token]),
    attention_mask: column(() => 1),
    token_type_ids: column((token) => tokenTypeIds[token]),
  };
}
