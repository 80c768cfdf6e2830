// `spanlab score`: the official metrics of predictions that any program made.
import { defineCommand } from 'citty';
import { squadMetrics } from '../evaluation/metrics';
import { readNullOdds, readPredictions } from '../evaluation/prediction-files';
import { metricsText } from '../show/metrics-text';
import { fileOptions, sourceOptions } from './columns';
import { readForScoring } from './data-files';
import { jsonOption, number } from './options';
import { printResult } from './result';
import { say } from '../terminal';

export default defineCommand({
  args: {
    data: { type: 'string', description: 'questions in any form of docs/data.md', required: true },
    predictions: { type: 'string', description: 'JSON file with an answer for each question id', required: true },
    'null-odds': { type: 'string', description: 'JSON file: how sure the model is that a question has no answer' },
    'null-threshold': { type: 'string', description: 'give no answer when the null odds are above this', default: '1' },
    ...fileOptions,
    json: jsonOption,
  },
  run({ args }) {
    const nullThreshold = number(args, 'null-threshold', { min: -Infinity });
    const records = readForScoring(args.data, sourceOptions(args));
    const predictions = readPredictions(args.predictions);
    const noAnswer = args['null-odds'] ? { nullOdds: readNullOdds(args['null-odds']), nullThreshold } : undefined;
    const metrics = squadMetrics(records, predictions, noAnswer);
    const ids = records.map((record) => record.id);
    warn('without a prediction, counted as wrong', missing(ids, predictions));
    warn('predicted but not in the data, ignored', missing(Object.keys(predictions), new Set(ids)));
    printResult(metrics, args.json, metricsText({ ...metrics }));
  },
});

function missing(ids: string[], from: Set<string> | Record<string, string>): string[] {
  return ids.filter((id) => !(from instanceof Set ? from.has(id) : Object.hasOwn(from, id)));
}

function warn(what: string, ids: string[]): void {
  if (ids.length === 0) return;
  const first = ids.slice(0, 3).join(', ');
  say(
    `warning: ${ids.length} ${ids.length === 1 ? 'question' : 'questions'} ${what}: ${first}${ids.length > 3 ? ', …' : ''}`,
  );
}
