// `spanlab ask --data`: the answers to a file of questions that nobody has answered yet.
import path from 'node:path';
import { chooseBackend } from '../engine/backend';
import { evaluate } from '../evaluation/evaluate';
import { predictionRows, writeEvaluation } from '../evaluation/output';
import { evaluationSource } from '../evaluation/source';
import { refuseBusy, whileLocked } from '../folder-lock';
import { QuestionAnsweringModel } from '../model/question-answering';
import { Counter } from '../show/progress';
import { importData } from '../squad/import';
import { Tokenizer } from '../tokens/tokenizer';
import { answerText } from './answer-text';
import { sourceOptions } from './columns';
import { nothingKept } from './data-files';
import { printProblems } from './data-report';
import { interruptSignal } from './interrupt';
import { modelFolder } from './model';
import { sayOfModel } from './model-notes';
import { sayUnread } from './unread';
import { UsageError } from './usage';
import { counted } from '../counted';

interface Args {
  model: string;
  data?: string;
  out?: string;
  question?: string;
  context?: string;
  'context-file'?: string;
  columns?: string;
  encoding?: string;
  backend?: string;
}

interface Lengths {
  maxLength: number;
  docStride?: number;
  maxAnswerLength?: number;
  handleImpossibleAnswer?: boolean;
}

/** A question and what the model says; where it withholds its answer, the share of that answer says nothing. */
function rowText({ question, prediction, probability }: ReturnType<typeof predictionRows>[number]): string {
  if (prediction === '') return `${question.trim()}\n  (no answer)\n`;
  return answerText(question, [{ answer: prediction, score: probability }]);
}

/**
 * Answers every question of `args.data`; answers that the file may have are not looked at.
 *
 * @returns what to print, for programs and for people
 * @throws FileError, SquadError; `E_SQUAD_EMPTY` where no question has a text
 */
export async function answerFile(args: Args, lengths: Lengths): Promise<{ result: object; text: string }> {
  if (args.question !== undefined || args.context !== undefined || args['context-file'] !== undefined) {
    throw new UsageError('--data already has the questions and their texts; leave out --question and --context');
  }
  if (args.out !== undefined) refuseBusy(args.out);
  const data = importData(args.data!, { ...sourceOptions(args), keepIds: true });
  const wanted = ['encoding', 'unused field', 'format', 'repeated id', 'missing id', 'empty context', 'empty question'];
  printProblems({ ...data, problems: data.problems.filter(({ kind }) => wanted.includes(kind)) }, 'done');
  if (data.asWritten.length === 0) throw nothingKept(args.data!, data.problems);
  // those whose answers are wrong are questions all the same
  const records = data.asWritten.map((record) => ({ ...record, answers: [], isImpossible: false, isUnlabelled: true }));
  const folder = await modelFolder(args.model);
  await chooseBackend(args.backend);
  const model = QuestionAnsweringModel.fromPretrained(folder);
  sayOfModel(model, lengths);
  const counter = new Counter('ask', process.stderr);
  const { handleImpossibleAnswer: allowsNone, maxLength, docStride, maxAnswerLength } = lengths;
  const nullThreshold = allowsNone === false ? Infinity : allowsNone ? (model.config.nullThreshold ?? 0) : undefined;
  const evaluation = await evaluate(model, await Tokenizer.fromFolder(folder), records, {
    maxLength,
    docStride,
    maxAnswerLength,
    nullThreshold,
    onBatch: (rows, total) => counter.update(rows, total),
    signal: interruptSignal(),
  });
  counter.finish();
  sayUnread(evaluation);
  const { out } = args;
  if (out === undefined) {
    const rows = predictionRows(evaluation);
    return { result: rows, text: rows.map(rowText).join('') };
  }
  const source = evaluationSource(args.data!, folder);
  whileLocked(out, 'writing answers', () => writeEvaluation(out, evaluation, source));
  const text = `${counted(records.length, 'question')} answered: ${path.join(out, 'predictions.csv')}\n`;
  return { result: { out, questions: records.length }, text };
}
