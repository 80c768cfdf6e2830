// `spanlab evaluate`: the scores of a model on a file in SQuAD format.
import path from 'node:path';
import { defineCommand } from 'citty';
import { chooseBackend } from '../engine/backend';
import { type Evaluation, evaluate } from '../evaluation/evaluate';
import { writeEvaluation, writeLogits } from '../evaluation/output';
import { evaluationSource } from '../evaluation/source';
import { refuseBusy, whileLocked } from '../folder-lock';
import { QuestionAnsweringModel } from '../model/question-answering';
import { metricsText } from '../show/metrics-text';
import { Counter } from '../show/progress';
import { writeReport } from '../show/report';
import { Tokenizer } from '../tokens/tokenizer';
import { fileOptions, sourceOptions } from './columns';
import { readPlaced } from './data-files';
import { interruptSignal } from './interrupt';
import { modelFolder } from './model';
import { sayOfModel } from './model-notes';
import { sayUnread } from './unread';
import {
  answersOption,
  backendOption,
  jsonOption,
  modelOption,
  number,
  takeAnswers,
  windowLengths,
  windowOptions,
} from './options';
import { printResult } from './result';
import { metricsForPrint } from './train';

export default defineCommand({
  args: {
    model: modelOption,
    data: {
      type: 'string',
      description: 'questions in any form of docs/data.md, with answers or without',
      required: true,
    },
    out: {
      type: 'string',
      description: 'folder for predictions (JSON and CSV), n-best lists, null odds, scores and a report (HTML)',
    },
    ...fileOptions,
    logits: { type: 'string', description: 'safetensors file to write the raw scores to' },
    'null-threshold': { type: 'string', description: 'give no answer when the null odds are above this' },
    ...windowOptions,
    'max-context': {
      type: 'boolean',
      description: 'use the score of a token only from the window with the most context around it',
    },
    backend: backendOption,
    answers: answersOption,
    json: jsonOption,
  },
  async run({ args }) {
    if (args.out !== undefined) refuseBusy(args.out);
    if (args.logits !== undefined) refuseBusy(path.dirname(args.logits));
    const records = readPlaced(args.data, sourceOptions(args));
    const folder = await modelFolder(args.model);
    takeAnswers(args.answers);
    await chooseBackend(args.backend);
    const tokenizer = await Tokenizer.fromFolder(folder);
    const model = QuestionAnsweringModel.fromPretrained(folder);
    const counter = new Counter('evaluate', process.stderr);
    const onBatch = (rows: number, total: number) => counter.update(rows, total);
    const nullThreshold = args['null-threshold'] ? number(args, 'null-threshold', { min: -Infinity }) : undefined;
    const options = {
      ...windowLengths(args),
      maxContext: args['max-context'],
      nullThreshold,
      onBatch,
      signal: interruptSignal(),
    };
    sayOfModel(model, options);
    const evaluation = await evaluate(model, tokenizer, records, options);
    counter.finish();
    sayUnread(evaluation);
    const labelled = records.filter(({ isUnlabelled }) => !isUnlabelled);
    if (args.logits) writeLogits(args.logits, evaluation.features, evaluation.logits);
    if (args.out) writeFolder(args.out, evaluation, { data: args.data, model: folder, hasLabels: labelled.length > 0 });
    printMetrics(evaluation, labelled.length, args);
  },
});

/** Predictions and metrics, and a report where there is something to compare with. */
function writeFolder(
  out: string,
  evaluation: Evaluation,
  { data, model, hasLabels }: { data: string; model: string; hasLabels: boolean },
): void {
  const title = `${path.basename(model)} on ${path.basename(data)}`;
  const source = evaluationSource(data, model);
  whileLocked(out, 'writing an evaluation', () => {
    writeEvaluation(out, evaluation, source);
    if (hasLabels) writeReport(out, labelledOnly(evaluation), { title });
  });
}

/** What can be compared with true answers. */
function labelledOnly(evaluation: Evaluation): Evaluation {
  const { records, predictions } = evaluation;
  const isLabelled = (_: unknown, i: number) => !records[i].isUnlabelled;
  return { ...evaluation, records: records.filter(isLabelled), predictions: predictions.filter(isLabelled) };
}

function printMetrics(
  { metrics, records }: Evaluation,
  labelled: number,
  { out, json }: { out?: string; json?: boolean },
): void {
  const unlabelled = records.length - labelled;
  // metrics of no question would be zeros, and look like metrics
  const counted = labelled > 0 || unlabelled === 0 ? metricsForPrint(metrics) : undefined;
  const lines = [
    counted && metricsText(counted),
    unlabelled > 0 && `Questions without a label, in no metric: ${unlabelled}\n`,
    out && labelled > 0 && `\nEvery question and answer: ${path.join(out, 'report.html')}\n`,
    out && unlabelled > 0 && `Predictions: ${path.join(out, 'predictions.csv')}\n`,
  ];
  printResult({ ...counted, ...(unlabelled > 0 && { unlabelled }) }, json, lines.filter(Boolean).join(''));
}
