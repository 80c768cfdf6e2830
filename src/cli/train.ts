// `spanlab train`: a model folder, SQuAD files and options in, a run folder with the fine-tuned model out.
import fs from 'node:fs';
import path from 'node:path';
import { defineCommand } from 'citty';
import { chooseBackend } from '../engine/backend';
import { evaluate } from '../evaluation/evaluate';
import { QuestionAnsweringModel } from '../model/question-answering';
import { ensureWritable } from '../model/save';
import { weightFileNames } from '../model/weight-files';
import { TrainingProgress } from '../show/progress';
import { Tokenizer } from '../tokens/tokenizer';
import { windowsFor } from '../tokens/window-lengths';
import { windows } from '../tokens/windows';
import { augmentRecords } from '../squad/augment';
import type { SquadRecord } from '../squad/record';
import { teacherScores } from './teacher';
import { hashInput } from '../input-file';
import { TrainingError } from '../training/errors';
import type { Metrics, TrainerSetup } from '../training/setup';
import { summarizeRun } from '../training/runs';
import { refuseInSweep } from '../training/sweep-folder';
import { Trainer } from '../training/trainer';
import { type Chosen, chooseOptions } from './choose';
import { sourceOptions } from './columns';
import { readLabelled, readLabelledBeside } from './data-files';
import { interruptSignal } from './interrupt';
import { modelFolder } from './model';
import { number } from './options';
import { printResult } from './result';
import { type CommandOptions, commandOptions, splitOptions, trainFlags } from './train-options';
import { type Prepared, type TrainingOutcome, preparedText, trainingText } from './train-text';
import { say } from '../terminal';
import { sayIfCut } from './model-notes';

interface Args extends Record<string, unknown> {
  out: string;
  resume?: string;
  prepare?: boolean;
  choose?: boolean;
  folds?: string;
  'accept-changes'?: boolean;
  overwrite?: boolean;
}

export default defineCommand({
  args: trainFlags,
  run: async ({ args }) => {
    const result = await runTraining(args as unknown as Args);
    const { json, prepare } = args as { json?: boolean; prepare?: boolean };
    printResult(result, json, prepare ? preparedText(result as Prepared) : trainingText(result as TrainingOutcome));
  },
});

async function runTraining(args: Args): Promise<Record<string, unknown>> {
  const given = commandOptions(args);
  // everything that can be wrong is looked at before hours of work
  refuseInSweep(args.out);
  ensureWritable(args.out);
  if (args.resume === undefined && !args.overwrite) refuseModel(args.out);
  const chosen = await chosenOptions(args, given);
  const options = chosen?.options ?? given;
  const { setup, backend } = await prepareSetup(options, args.out);
  const progress = new TrainingProgress(process.stderr);
  const metrics = new Map<number, Metrics>();
  const trainer = new Trainer({
    ...setup,
    onStep: (step) => progress.update(step),
    onEvaluation: (step, values) => void metrics.set(step, values),
  });
  if (args.prepare) return { out: args.out, prepared: await trainer.prepare() };
  const result = await trainer.run({
    signal: interruptSignal(),
    resume: args.resume,
    acceptChanges: args['accept-changes'],
  });
  progress.finish();
  const { steps, stopped, epochLosses, examplesPerSecond: speed, seconds, bestStep } = result;
  return {
    out: args.out,
    backend,
    precision: setup.model.compute.precision,
    features: setup.features.count,
    steps,
    stopped,
    epoch_losses: epochLosses,
    loss: summarizeRun(args.out).loss,
    examples_per_second: speed,
    seconds,
    ...(bestStep !== undefined && { best_step: bestStep }),
    ...metrics.get(bestStep ?? steps),
    ...(chosen && { chosen: chosen.way, choices: chosen.choices }),
  };
}

/** A model is the work of hours, and a mistyped folder may hold somebody else's. @throws TrainingError `E_TRAIN_OUTPUT` */
function refuseModel(folder: string): void {
  const weights = weightFileNames(folder).find((file) => fs.existsSync(file));
  if (weights === undefined) return;
  const advice = 'choose another folder, or add --overwrite to replace it';
  throw new TrainingError('E_TRAIN_OUTPUT', `${folder}: has a model already (${path.basename(weights)}); ${advice}`);
}

/** A run that goes on has chosen before. */
async function chosenOptions(args: Args, options: CommandOptions): Promise<Chosen | undefined> {
  if (!args.choose) return undefined;
  if (args.resume !== undefined) {
    say('a run that goes on has its options already: --choose is left out');
    return undefined;
  }
  const folds = number({ folds: args.folds ?? '5' }, 'folds', { min: 3, max: 20, integer: true });
  return chooseOptions(options, args.out, folds);
}

async function prepareSetup(options: CommandOptions, output: string) {
  const { trainer, inputs } = splitOptions(options);
  const { train, dev, mix, columns, encoding, teacher, augment = 0, backend: wanted, ...given } = inputs;
  const source = sourceOptions({ columns, encoding });
  const [own, devRecords] = [readLabelled(train, source), dev ? readLabelledBeside(dev, source) : undefined];
  const records = [...own, ...augmentRecords(own, augment, trainer.seed)];
  const mixRecords = mix ? readLabelledBeside(mix, source) : undefined;
  const folder = await modelFolder(options.model);
  const teacherFolder = teacher && (await modelFolder(teacher));
  const backend = await chooseBackend(wanted);
  const tokenizer = await Tokenizer.fromFolder(folder);
  const model = QuestionAnsweringModel.fromPretrained(folder, { seed: trainer.seed });
  const lengths = windowsFor(model.config, given);
  sayIfCut(model, given.maxLength);
  const prepare = async (of: SquadRecord[]) => {
    const features = await windows(of, tokenizer, lengths);
    const scores = teacherFolder ? await teacherScores(teacherFolder, of, features, lengths) : undefined;
    return { features, ids: of.map(({ id }) => id), ...(scores && { teacher: scores }) };
  };
  const metric = async (signal?: AbortSignal) =>
    metricsForPrint((await evaluate(model, tokenizer, devRecords!, { ...lengths, signal })).metrics);
  const setup: TrainerSetup = {
    model,
    tokenizer,
    output,
    inputs,
    ...(await prepare(records)),
    ...(mixRecords && { mix: await prepare(mixRecords) }),
    options: trainer,
    data: hashes({ train, dev, mix }),
    ...(devRecords && { evaluate: metric }),
  };
  return { setup, backend: backend.name };
}

function hashes(files: Record<string, string | undefined>): Record<string, string> {
  const given = Object.entries(files).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(given.map(([name, file]) => [name, hashInput(file)]));
}

/** Metrics with the names that Python's tools use. */
export function metricsForPrint(metrics: Awaited<ReturnType<typeof evaluate>>['metrics']): Record<string, number> {
  const { startAccuracy, endAccuracy, ...official } = metrics;
  return { ...official, start_accuracy: startAccuracy, end_accuracy: endAccuracy };
}
