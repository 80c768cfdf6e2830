// `spanlab train`: a model folder, SQuAD files and options in, a fine-tuned model folder out.
import { defineCommand } from 'citty';
import { chooseBackend } from '../engine/backend';
import type { PrecisionWish } from '../engine/precision';
import { choosePrecision, PRECISIONS } from '../engine/precision';
import { evaluate } from '../evaluation/evaluate';
import { QuestionAnsweringModel } from '../model/question-answering';
import { resolveModel } from '../model/resolve';
import { ensureRoom, ensureWritable, saveOrRescue } from '../publish/save';
import { TrainingProgress } from '../show/progress';
import { placeAnswers } from '../squad/end';
import { readSquadRecords } from '../squad/read';
import type { SquadRecord } from '../squad/record';
import { Tokenizer } from '../tokens/tokenizer';
import { windows } from '../tokens/windows';
import type { ScheduleName } from '../training/schedule';
import type { TrainOptions } from '../training/train';
import { train } from '../training/train';
import { interruptSignal } from './interrupt';
import { backendOption, jsonOption, modelOption, number, windowLengths, windowOptions } from './options';
import { printResult } from './result';

export default defineCommand({
  meta: { name: 'train', description: 'fine-tune a model on a file in SQuAD format' },
  args: {
    model: modelOption,
    train: { type: 'string', description: 'file to train on', required: true },
    dev: { type: 'string', description: 'file to evaluate on afterwards' },
    out: { type: 'string', description: 'folder for the trained model', required: true },
    epochs: { type: 'string', description: 'passes over the data', default: '3' },
    batch: { type: 'string', description: 'rows in a step', default: '16' },
    lr: { type: 'string', description: 'highest learning rate', default: '5e-5' },
    schedule: {
      type: 'enum',
      options: ['linear', 'constant', 'cosine'],
      description: 'of the rate',
      default: 'linear',
    },
    warmup: { type: 'string', description: 'share of the steps in which the rate rises', default: '0.1' },
    'weight-decay': { type: 'string', description: 'of matrices', default: '0.01' },
    seed: { type: 'string', description: 'fixes order, dropout and new weights', default: '0' },
    precision: { type: 'enum', options: [...PRECISIONS], description: 'of the matrix products', default: 'fp32' },
    recompute: { type: 'boolean', description: 'less memory for a quarter more time', default: false },
    ...windowOptions,
    backend: backendOption,
    json: jsonOption,
  },
  run: async ({ args }) => printResult(await runTraining(args as unknown as Args), args.json === true),
});

type Args = Record<string, unknown> & { model: string; train: string; dev?: string; out: string; backend?: string };

/** What `--json` prints. */
interface Summary extends Record<string, unknown> {
  out: string;
}

async function runTraining(args: Args): Promise<Summary> {
  const options = trainOptions(args);
  const lengths = windowLengths(args);
  // everything that can be wrong is looked at before hours of work
  ensureWritable(args.out);
  const [records, dev] = [readPlaced(args.train), args.dev ? readPlaced(args.dev) : undefined];
  const folder = await resolveModel(args.model);
  const backend = await chooseBackend(args.backend);
  const precision = choosePrecision(args.precision as PrecisionWish);
  const tokenizer = await Tokenizer.fromFolder(folder);
  const model = QuestionAnsweringModel.fromPretrained(folder, { seed: options.seed });
  Object.assign(model.compute, { precision, recompute: args.recompute === true });
  ensureRoom(model, args.out);
  const features = await windows(records, tokenizer, lengths);
  const progress = new TrainingProgress(process.stderr);
  const signal = interruptSignal();
  const result = await train(model, features, { ...options, signal, onStep: (step) => progress.update(step) });
  progress.finish();
  await saveOrRescue(model, tokenizer, args.out);
  const metrics = dev && !signal.aborted ? (await evaluate(model, tokenizer, dev, lengths)).metrics : undefined;
  const { epochLosses, steps, stopped } = result;
  return {
    out: args.out,
    ...{ backend: backend.name, precision },
    ...{ features: features.count, steps, stopped, epoch_losses: epochLosses },
    ...{ examples_per_second: result.examplesPerSecond, seconds: result.seconds },
    ...metricsForPrint(metrics),
  };
}

/** The questions of a file, each answer where the file says. */
export function readPlaced(path: string): SquadRecord[] {
  return placeAnswers(readSquadRecords(path), path);
}

function trainOptions(args: Args): Partial<TrainOptions> & { seed: number } {
  return {
    epochs: number(args, 'epochs', { min: 1, integer: true }),
    batchSize: number(args, 'batch', { min: 1, integer: true }),
    learningRate: number(args, 'lr'),
    schedule: args.schedule as ScheduleName,
    warmup: number(args, 'warmup', { max: 1 }),
    weightDecay: number(args, 'weight-decay'),
    seed: number(args, 'seed', { integer: true, max: 2 ** 31 - 1 }),
  };
}

/** Metrics with the names that Python's tools use. */
export function metricsForPrint(metrics?: Awaited<ReturnType<typeof evaluate>>['metrics']): Record<string, number> {
  if (!metrics) return {};
  const { startAccuracy, endAccuracy, ...official } = metrics;
  return { ...official, start_accuracy: startAccuracy, end_accuracy: endAccuracy };
}
