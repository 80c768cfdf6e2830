// `spanlab filter`: of questions that a program wrote, those whose answer a model finds again.
import path from 'node:path';
import { defineCommand } from 'citty';
import { chooseBackend } from '../engine/backend';
import { evaluate } from '../evaluation/evaluate';
import { roundTrip } from '../evaluation/round-trip';
import { refuseBusy } from '../folder-lock';
import { QuestionAnsweringModel } from '../model/question-answering';
import { Counter } from '../show/progress';
import { percent } from '../show/text-table';
import { SquadError } from '../squad/errors';
import { Tokenizer } from '../tokens/tokenizer';
import { fileOptions, sourceOptions } from './columns';
import { readLabelled, writeRecords } from './data-files';
import { interruptSignal } from './interrupt';
import { modelFolder } from './model';
import { sayOfModel } from './model-notes';
import { backendOption, jsonOption, modelOption, number, windowLengths, windowOptions } from './options';
import { printResult } from './result';
import { counted } from '../counted';

export default defineCommand({
  args: {
    model: { ...modelOption, description: `model that answers them again: ${modelOption.description}` },
    data: { type: 'string', description: 'questions with answers, in any form of docs/data.md', required: true },
    out: {
      type: 'string',
      description: 'file for the questions that are kept: .json, .csv, .tsv or .jsonl',
      required: true,
    },
    least: {
      type: 'string',
      description:
        "least F1 between the model's answer and the one in the file, from 0 to 1; 1 requires the same words",
      default: '1',
    },
    ...windowOptions,
    ...fileOptions,
    backend: backendOption,
    json: jsonOption,
  },
  async run({ args }) {
    const least = number(args, 'least', { max: 1 });
    const lengths = windowLengths(args);
    refuseBusy(path.dirname(args.out));
    const records = readLabelled(args.data, sourceOptions(args));
    const folder = await modelFolder(args.model);
    await chooseBackend(args.backend);
    const model = QuestionAnsweringModel.fromPretrained(folder);
    sayOfModel(model, lengths);
    const counter = new Counter('filter', process.stderr);
    const evaluation = await evaluate(model, await Tokenizer.fromFolder(folder), records, {
      ...lengths,
      onBatch: (rows, total) => counter.update(rows, total),
      signal: interruptSignal(),
    });
    counter.finish();
    const { kept } = roundTrip(evaluation, least);
    if (kept.length === 0) {
      const advice = 'lower --least, or take a model that answers such questions';
      throw new SquadError(
        'E_SQUAD_EMPTY',
        `${args.data}: the model finds none of ${counted(records.length, 'answer')}; ${advice}`,
      );
    }
    writeRecords(args.out, kept.map((i) => records[i]), args.data); // prettier-ignore
    const share = percent((100 * kept.length) / records.length);
    const text = `${kept.length} of ${counted(records.length, 'question')} (${share}) kept, in ${args.out}.\n`;
    printResult({ out: args.out, questions: records.length, kept: kept.length }, args.json, text);
  },
});
