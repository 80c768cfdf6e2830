// `spanlab evaluate`: the scores of a model on a file in SQuAD format.
import path from 'node:path';
import { defineCommand } from 'citty';
import { chooseBackend } from '../engine/backend';
import { evaluate } from '../evaluation/evaluate';
import { writeEvaluation, writeLogits } from '../evaluation/output';
import { evaluationSource } from '../evaluation/source';
import { QuestionAnsweringModel } from '../model/question-answering';
import { metricsText } from '../show/metrics-text';
import { Counter } from '../show/progress';
import { writeReport } from '../show/report';
import { Tokenizer } from '../tokens/tokenizer';
import { interruptSignal } from './interrupt';
import { modelFolder } from './model';
import { backendOption, jsonOption, modelOption, number, windowLengths, windowOptions } from './options';
import { printResult } from './result';
import { metricsForPrint, readPlaced } from './train';

export default defineCommand({
  meta: { name: 'evaluate', description: 'exact match, F1 and position accuracy of a model' },
  args: {
    model: modelOption,
    data: { type: 'string', description: 'file in SQuAD format', required: true },
    out: { type: 'string', description: 'folder for predictions, n-best lists, null odds, scores and a report (HTML)' },
    logits: { type: 'string', description: 'safetensors file for the raw scores' },
    'null-threshold': { type: 'string', description: 'answers are withheld above these null odds' },
    ...windowOptions,
    'max-context': {
      type: 'boolean',
      description: 'an answer counts only in the window with the most context around it',
    },
    backend: backendOption,
    json: jsonOption,
  },
  async run({ args }) {
    const records = readPlaced(args.data);
    const folder = await modelFolder(args.model);
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
    const evaluation = await evaluate(model, tokenizer, records, options);
    counter.finish();
    if (args.logits) writeLogits(args.logits, evaluation.features, evaluation.logits);
    if (args.out) {
      writeEvaluation(args.out, evaluation, evaluationSource(args.data, folder));
      const title = `${path.basename(folder)} on ${path.basename(args.data)}`;
      writeReport(args.out, evaluation, { title });
    }
    const metrics = metricsForPrint(evaluation.metrics);
    if (args.json) return printResult(metrics, true);
    process.stdout.write(metricsText(metrics));
    if (args.out) process.stdout.write(`\nEvery question and answer: ${path.join(args.out, 'report.html')}\n`);
  },
});
