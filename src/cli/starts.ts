// `spanlab model`: names for models that are good to start from.
import { defineCommand } from 'citty';
import { parseRepository } from '../download/hub-repository';
import { findModel } from '../model/hub';
import { type Start, estimatedMinutes, STARTS, trainingMemory } from '../model/starts';
import { percent, textTable } from '../show/text-table';
import { jsonOption } from './options';
import { printResult } from './result';

const NOTE = `Exact and F1 are those of the models' cards, on the questions named. Training memory is that of weights, gradients and moments; minutes
are for 100 questions and 8 epochs on two processor cores, estimated from the workshop's encoder by the size of the layers.
Without a network, models/workshop-qa, which npm start leaves, is the start that answers.
`;

export default defineCommand({
  args: { json: jsonOption },
  run({ args }) {
    const starts = STARTS.map((start) => ({ ...start, here: isHere(start) }));
    printResult(starts, args.json, `${textTable(starts.map(row))}\n${NOTE}`);
  },
});

function isHere({ repository }: Start): boolean {
  const parsed = parseRepository(repository);
  return parsed?.kind === 'model' && findModel(parsed) !== undefined;
}

function row(start: Start & { here: boolean }) {
  return {
    name: start.name,
    model: start.repository,
    'weights, M': start.weights,
    exact: start.exact === undefined ? '' : percent(start.exact),
    F1: percent(start.f1),
    on: start.of,
    languages: start.languages,
    'memory, GB': (trainingMemory(start) / 1e9).toFixed(1),
    minutes: estimatedMinutes(start).toFixed(0),
    here: start.here ? 'yes' : 'no',
  };
}
