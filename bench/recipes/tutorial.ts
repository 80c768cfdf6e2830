// The tutorial's model from several seeds: trained as in notebooks/01-tutorial, measured on dev.json and on everyday-test.json, with the
// scatter of the metrics, and how often answers above 80 % are right after `tune` on dev.json. A seed fixes the head's start, the order
// of rows and what is dropped; seed 0 is the notebook's own run. What is in OUT already is not made again.
// node --import tsx bench/recipes/tutorial.ts OUT [SEEDS]
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { AdamW } from '../../src/engine/adamw';
import { chooseBackend } from '../../src/engine/backend';
import { evaluate } from '../../src/evaluation/evaluate';
import { chooseProfile, profileData, profileEncoder } from '../../src/lesson/profile';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import { savePretrained } from '../../src/model/save';
import { packageFile, projectRoot } from '../../src/root';
import { textTable } from '../../src/show/text-table';
import { placeAnswers } from '../../src/squad/end';
import { readSquadRecords } from '../../src/squad/read';
import type { SquadRecord } from '../../src/squad/record';
import { Tokenizer } from '../../src/tokens/tokenizer';
import { windows } from '../../src/tokens/windows';
import { DataLoader } from '../../src/training/loader';
import { schedule } from '../../src/training/schedule';

const SETS = ['dev.json', 'everyday-test.json'];
const METRICS = ['exact', 'f1', 'HasAns_exact', 'HasAns_f1', 'NoAns_exact'] as const;
const STEPS_OF_A_SEED = 1_000_003; // more than a training has, so that no two seeds drop alike

const profile = chooseProfile('workshop');
const recordsOf = (file: string) => placeAnswers(readSquadRecords(file), file);

/** As the lesson's lists have them: an answer that somebody gave is a row of its own. */
const answerByAnswer = (records: SquadRecord[]) =>
  records.flatMap((record) =>
    record.answers.length ? record.answers.map((answer) => ({ ...record, answers: [answer] })) : [record],
  );

/** Section 9 of the notebook. */
async function train(model: QuestionAnsweringModel, loader: DataLoader, seed: number): Promise<void> {
  const totalSteps = profile.epochs * loader.length;
  const optimizer = new AdamW(model.parameters, { learningRate: profile.learningRate });
  const rate = schedule('linear', totalSteps, Math.floor(totalSteps / 10));
  if (profile.dropout !== undefined) model.compute.dropout = profile.dropout;
  let step = 0;
  for (let epoch = 0; epoch < profile.epochs; epoch++) {
    for (const batch of loader.epoch(epoch)) {
      const { loss, gradients } = model.lossAndGradients(batch, seed * STEPS_OF_A_SEED + step);
      await optimizer.step(gradients, profile.learningRate * rate(step));
      if (step % 50 === 0)
        console.error(`seed ${seed}, step ${step} of ${totalSteps}, loss ${loss.dataSync()[0].toFixed(3)}`);
      tf.dispose([loss, gradients]);
      batch.dispose();
      step++;
    }
  }
  optimizer.dispose();
}

/** The model of a seed, in a folder of its own, and its metrics on both sets. */
async function makeModel(folder: string, seed: number): Promise<void> {
  const encoder = await profileEncoder(profile);
  const tokenizer = await Tokenizer.fromFolder(encoder);
  const files = await profileData(profile);
  const rows = answerByAnswer(recordsOf(files.train));
  const features = await windows(rows, tokenizer, { maxLength: profile.maxLength, docStride: 128 });
  const model = QuestionAnsweringModel.fromPretrained(encoder, { seed });
  await train(model, new DataLoader(features, { batchSize: profile.batchSize, shuffle: true, seed }), seed);
  await savePretrained(model, tokenizer, folder);
  const metrics: Record<string, unknown> = {};
  for (const set of SETS) {
    const records = recordsOf(packageFile('data', 'workshop', set));
    metrics[set] = (await evaluate(model, tokenizer, records, { maxLength: profile.maxLength })).metrics;
  }
  model.dispose();
  fs.writeFileSync(path.join(folder, 'metrics.json'), JSON.stringify(metrics, null, 2));
}

/** What `spanlab tune` says of the answers above 80 % on questions that it was not tuned on. */
function calibrate(folder: string): void {
  const file = (name: string) => packageFile('data', 'workshop', name);
  const args = ['tune', '--model', folder, '--data', file(SETS[0]), '--check', file(SETS[1]), '--json'];
  const said = execFileSync('npx', ['spanlab', ...args], { cwd: projectRoot(), encoding: 'utf8' });
  fs.writeFileSync(path.join(folder, 'calibration.json'), said);
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The mean and the standard deviation of a sample. */
function spread(values: number[]): string {
  const middle = mean(values);
  const square = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  return `${middle.toFixed(1)} ± ${Math.sqrt(square / Math.max(1, values.length - 1)).toFixed(1)}`;
}

async function main([out, count = '5']: string[]): Promise<void> {
  if (!out) throw new Error('where do the models go? node --import tsx bench/recipes/tutorial.ts OUT [SEEDS]');
  await chooseBackend();
  const folders = Array.from({ length: Number(count) }, (_, seed) => path.join(out, String(seed)));
  for (const [seed, folder] of folders.entries()) {
    if (!fs.existsSync(path.join(folder, 'metrics.json'))) await makeModel(folder, seed);
    if (!fs.existsSync(path.join(folder, 'calibration.json'))) calibrate(folder);
  }
  const read = (folder: string) => JSON.parse(fs.readFileSync(path.join(folder, 'metrics.json'), 'utf8'));
  const all = folders.map(read) as Record<string, Record<string, number>>[];
  const spreads = (set: string) => METRICS.map((name) => [name, spread(all.map((metrics) => metrics[set][name]))]);
  console.log(textTable(SETS.map((set) => ({ questions: set, ...Object.fromEntries(spreads(set)) }))));
  for (const folder of folders) console.log(fs.readFileSync(path.join(folder, 'calibration.json'), 'utf8'));
}

void main(process.argv.slice(2));
