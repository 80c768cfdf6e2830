// `spanlab ask`: one question about one text.
import { defineCommand } from 'citty';
import { chooseBackend } from '../engine/backend';
import { ask } from '../evaluation/answer';
import { QuestionAnsweringModel } from '../model/question-answering';
import { resolveModel } from '../model/resolve';
import { Tokenizer } from '../tokens/tokenizer';
import { backendOption, jsonOption, modelOption, windowLengths, windowOptions } from './options';
import { printResult } from './result';

export default defineCommand({
  meta: { name: 'ask', description: 'answer a question from a text' },
  args: {
    model: modelOption,
    question: { type: 'string', description: 'the question', required: true },
    context: { type: 'string', description: 'the text that holds the answer', required: true },
    ...windowOptions,
    backend: backendOption,
    json: jsonOption,
  },
  async run({ args }) {
    const lengths = windowLengths(args);
    const folder = await resolveModel(args.model);
    await chooseBackend(args.backend);
    const tokenizer = await Tokenizer.fromFolder(folder);
    const model = QuestionAnsweringModel.fromPretrained(folder);
    const [best] = await ask(model, tokenizer, args.question, args.context, lengths);
    printResult({ ...best }, args.json);
  },
});
