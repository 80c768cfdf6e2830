// `spanlab tune`: when a model had better say that there is no answer, chosen on questions that it was not trained on.
import { defineCommand } from 'citty';
import { chooseBackend } from '../engine/backend';
import { evaluate } from '../evaluation/evaluate';
import { storeThreshold, tuneThreshold } from '../evaluation/tune';
import { QuestionAnsweringModel } from '../model/question-answering';
import { percent } from '../show/text-table';
import { Tokenizer } from '../tokens/tokenizer';
import { fileOptions, sourceOptions } from './columns';
import { readLabelled } from './data-files';
import { interruptSignal } from './interrupt';
import { backendOption, jsonOption, windowLengths, windowOptions } from './options';
import { printResult } from './result';

export default defineCommand({
  args: {
    model: { type: 'string', description: 'folder of the model, which gets the threshold', required: true },
    data: { type: 'string', description: 'held-out questions: neither trained on nor judged by', required: true },
    ...windowOptions,
    ...fileOptions,
    backend: backendOption,
    json: jsonOption,
  },
  async run({ args }) {
    const records = readLabelled(args.data, sourceOptions(args));
    await chooseBackend(args.backend);
    const tokenizer = await Tokenizer.fromFolder(args.model);
    const model = QuestionAnsweringModel.fromPretrained(args.model);
    const options = { ...windowLengths(args), signal: interruptSignal() };
    const { predictions } = await evaluate(model, tokenizer, records, options);
    const { threshold, f1, f1AtZero } = tuneThreshold(records, predictions);
    storeThreshold(args.model, threshold);
    if (args.json) return printResult({ null_threshold: threshold, f1, f1_at_zero: f1AtZero }, true);
    process.stdout.write(
      `The model now says "no answer" above a threshold of ${threshold.toFixed(3)}, stored in ${args.model}.\n` +
        `F1 on these questions: ${percent(f1)}; with a threshold of 0 it was ${percent(f1AtZero)}.\n`,
    );
  },
});
