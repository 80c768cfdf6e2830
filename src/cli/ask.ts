// `spanlab ask`: questions about a text; without a question, one after another from the terminal.
import readline from 'node:readline';
import { defineCommand } from 'citty';
import { chooseBackend } from '../engine/backend';
import { type AskOptions, questionAnswering } from '../evaluation/answer';
import { QuestionAnsweringModel } from '../model/question-answering';
import { readText } from '../text-file';
import { Tokenizer } from '../tokens/tokenizer';
import { answerText } from './answer-text';
import { fileOptions } from './columns';
import { modelFolder } from './model';
import { sayOfModel } from './model-notes';
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
import { UsageError } from './usage';

type Answer = ReturnType<typeof questionAnswering>;

export default defineCommand({
  args: {
    model: modelOption,
    data: {
      type: 'string',
      description: 'file of questions with their texts, in any form of docs/data.md; all of them are answered',
    },
    out: { type: 'string', description: 'with --data: folder for the answers (JSON and CSV)' },
    question: { type: 'string', description: 'the question; without it, questions are read from the terminal' },
    context: { type: 'string', description: 'the text that holds the answer' },
    'context-file': { type: 'string', description: 'file with the text; - for standard input' },
    'top-k': { type: 'string', description: 'how many answers, best first', default: '1' },
    'max-answer-length': { type: 'string', description: 'longest answer, in tokens', default: '15' },
    ...windowOptions,
    'handle-impossible-answer': {
      type: 'boolean',
      description: 'allow "no answer" among the answers; by default if the model has a tuned threshold',
    },
    ...fileOptions,
    backend: backendOption,
    answers: answersOption,
    json: { ...jsonOption, description: 'print an array of answers as JSON' },
  },
  async run({ args }) {
    const lengths = windowLengths(args);
    const options: AskOptions = {
      ...lengths,
      topK: number(args, 'top-k', { min: 1, integer: true }),
      maxAnswerLength: number(args, 'max-answer-length', { min: 1, integer: true }),
      handleImpossibleAnswer: args['handle-impossible-answer'],
    };
    takeAnswers(args.answers);
    if (args.data !== undefined) {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- reading data is much code, and one question needs none of it
      const { answerFile } = require('./answer-file') as typeof import('./answer-file');
      const { result, text } = await answerFile(args, { ...options, ...lengths });
      return printResult(result, args.json, text);
    }
    if (args['context-file'] === '-' && args.question === undefined) {
      throw new UsageError('--question is needed when the text comes from standard input');
    }
    const context = readContext(args.context, args['context-file']);
    const folder = await modelFolder(args.model);
    await chooseBackend(args.backend);
    const model = QuestionAnsweringModel.fromPretrained(folder);
    sayOfModel(model, lengths);
    const answer = questionAnswering(model, await Tokenizer.fromFolder(folder));
    if (args.question !== undefined) {
      return print(args.question, await answer(args.question, context, options), args.json);
    }
    await converse(answer, context, options, args.json);
  },
});

function readContext(text: string | undefined, file: string | undefined): string {
  if (text !== undefined && file === undefined) return text;
  if (text !== undefined || file === undefined)
    throw new UsageError('give the text with --context or --context-file, not both');
  return readText(file);
}

/** One question a line, until the input ends. */
async function converse(answer: Answer, context: string, options: AskOptions, json?: boolean): Promise<void> {
  // nobody reads a prompt where the questions come from a file or a pipe
  const prompt = process.stdin.isTTY ? '\nquestion: ' : '';
  const input = readline.createInterface({ input: process.stdin, output: process.stderr, prompt });
  let isOpen = true; // it closes with its source, while lines that came before are still to be answered
  input.once('close', () => (isOpen = false));
  input.prompt();
  for await (const line of input) {
    if (line.trim() !== '') print(line, await answer(line, context, options), json);
    if (isOpen) input.prompt();
  }
}

/** An array for programs; for people the question, and below it the answers. */
function print(question: string, answers: Awaited<ReturnType<Answer>>, json?: boolean): void {
  printResult(answers, json, answerText(question, answers));
}
