// Training side by side with PyTorch: the same weights, the same batches, in turn, and the ratios.
//
//   node --import tsx bench/train.ts [--data SQUAD_FILE] [--shape bucketed|128|384] [--size NAME]
//                                    [--steps 8] [--rounds 2] [--sides PART,PART] [--before FOLDER]
//
// `--size` is minilm or a name of bench/shapes.ts. `bucketed` takes the data's own rows, those of similar length in one batch, and adds the lesson's recipe: PyTorch on the same
// rows padded to 512. A number takes rows that are full to that length. `--sides` keeps the sides whose name holds one of its
// parts. `--before` takes another checkout of spanlab that is set up, and says what a step takes of its time. Needs the environment
// that `npm run reference` makes (but `--sides spanlab` does not); `taskset` limits both to some processors. For GPUs: bench/gpu.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { chooseBackend } from '../src/engine/backend';
import { parseConfig } from '../src/model/config';
import { QuestionAnsweringModel } from '../src/model/question-answering';
import { ensureWorkshopEncoder } from '../src/model/workshop-encoder';
import { savePretrained } from '../src/model/save';
import { cacheFolder, projectRoot } from '../src/root';
import { placeAnswers } from '../src/squad/end';
import { readSquadRecords } from '../src/squad/read';
import type { Features } from '../src/tokens/features';
import { Tokenizer } from '../src/tokens/tokenizer';
import { windows } from '../src/tokens/windows';
import { DataLoader } from '../src/training/loader';
import { EAGER_ONLY, SHAPES } from './shapes';

const { values: options } = parseArgs({
  options: {
    data: { type: 'string', default: path.join(projectRoot(), 'data', 'workshop', 'train.json') },
    shape: { type: 'string', default: 'bucketed' },
    size: { type: 'string', default: 'minilm' },
    steps: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '2' },
    sides: { type: 'string', default: '' },
    before: { type: 'string', default: '' },
  },
});
const WARMUP = 2;
const BATCH = 16;
const LESSON_LENGTH = 512;

/** PyTorch with an allocator that keeps what it has: glibc's default gives large tensors back and asks for them again. */
const KEEPING = {
  MALLOC_MMAP_MAX_: '0',
  MALLOC_TRIM_THRESHOLD_: '1000000000000',
  MALLOC_TOP_PAD_: '268435456',
};

interface Run {
  seconds: number[];
  loss: number;
  peak: number; // GB
}

interface Side {
  name: string;
  program: string;
  args: string[];
  folder?: string;
  env?: Record<string, string>;
}

async function saveModel(folder: string): Promise<Tokenizer> {
  const encoder = await ensureWorkshopEncoder();
  const tokenizer = await Tokenizer.fromFolder(encoder);
  const shape = SHAPES[options.size];
  if (!shape && options.size !== 'minilm')
    throw new Error(`--size is minilm or one of ${Object.keys(SHAPES).join(', ')}`);
  const model = shape
    ? QuestionAnsweringModel.fromConfig(parseConfig(shape))
    : QuestionAnsweringModel.fromPretrained(encoder);
  await savePretrained(model, tokenizer, folder);
  return tokenizer;
}

/** The rows of each step, as lists of tokens. */
async function planRows(tokenizer: Tokenizer): Promise<number[][][]> {
  const full = Number(options.shape);
  const features = await windows(placeAnswers(readSquadRecords(options.data), options.data), tokenizer, {
    maxLength: full ? LESSON_LENGTH : 384,
  });
  const count = Number(options.steps) + WARMUP;
  if (full) return fullRows(features, full, count);
  const plan = new DataLoader(features, { shuffle: true, batchSize: BATCH }).plan(0);
  const tokens = (row: number) => features.inputIds.subarray(features.rowStart[row], features.rowStart[row + 1]);
  return plan
    .filter((rows) => rows.length === BATCH)
    .slice(0, count)
    .map((rows) => rows.map((row) => Array.from(tokens(row))));
}

/** The data's tokens end to end, cut into rows of one length. */
function fullRows({ inputIds }: Features, length: number, count: number): number[][][] {
  const row = (number: number) => Array.from({ length }, (_, i) => inputIds[(number * length + i) % inputIds.length]);
  return Array.from({ length: count }, (_, step) => Array.from({ length: BATCH }, (_, i) => row(step * BATCH + i)));
}

function writeBatches(file: string, model: string, steps: number[][][], padTo = 0): void {
  const batches = steps.map((rows) => {
    const longest = Math.max(padTo, ...rows.map((row) => row.length));
    const filled = (row: number[], value: (i: number) => number) =>
      Array.from({ length: longest }, (_, i) => (i < row.length ? value(i) : 0));
    return {
      inputIds: rows.map((row) => filled(row, (i) => row[i])),
      attentionMask: rows.map((row) => filled(row, () => 1)),
      lengths: rows.map((row) => row.length),
      start: rows.map((row, i) => (7 * i) % row.length),
      end: rows.map((row, i) => (7 * i + 2) % row.length),
    };
  });
  fs.writeFileSync(file, JSON.stringify({ model, batches, warmup: WARMUP }));
}

function listSides(file: string, lesson: string | undefined): Side[] {
  const here = (name: string) => path.join(projectRoot(), 'bench', name);
  const python = path.join(cacheFolder('reference'), 'bin', 'python');
  const threads = String(os.availableParallelism());
  const isEager = EAGER_ONLY.includes(options.size);
  const spanlab = (precision: string, ...more: string[]): Side => ({
    name: ['spanlab', precision, ...more].join(' '),
    program: process.execPath,
    args: ['--import', 'tsx', here('train-spanlab.ts'), file, precision, ...more],
  });
  const torch = (attention: string, precision: string, batches = file, env?: Record<string, string>): Side => ({
    name: ['torch', attention, precision, ...(batches === file ? [] : ['lesson']), ...(env ? ['keeping'] : [])].join(
      ' ',
    ),
    program: python,
    args: [here('train.py'), batches, attention, precision, threads],
    env,
  });
  const before = (precision: string): Side => ({
    ...spanlab(precision),
    name: `spanlab ${precision} before`,
    args: ['--import', 'tsx', path.join('bench', 'train-spanlab.ts'), file, precision],
    folder: options.before,
  });
  const sides = [
    ...['fp32', 'bf16'].flatMap((precision) => [spanlab(precision), ...(options.before ? [before(precision)] : [])]),
    spanlab('fp32', 'recompute'),
    ...['fp32', 'bf16'].flatMap((precision) => [
      ...(isEager ? [] : [torch('sdpa', precision)]),
      torch('eager', precision),
      torch(isEager ? 'eager' : 'sdpa', precision, file, KEEPING),
    ]),
    ...(lesson ? [torch('eager', 'fp32', lesson)] : []),
  ];
  const parts = options.sides.split(',');
  return sides.filter(({ name }) => parts.some((part) => name.includes(part)));
}

function execute({ program, args, folder, env }: Side): Run {
  const output = execFileSync(program, args, {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, ...env },
  });
  return JSON.parse(output.trim().split('\n').at(-1)!) as Run;
}

async function main(): Promise<void> {
  const { name } = await chooseBackend();
  if (name === 'tensorflow-gpu')
    throw new Error('this is for processors: set SPANLAB_GPU=0, or take npm run bench:gpu');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-bench-'));
  const [file, padded, model] = ['batches.json', 'lesson.json', 'model'].map((name) => path.join(folder, name));
  const steps = await planRows(await saveModel(model));
  writeBatches(file, model, steps);
  const bucketed = options.shape === 'bucketed';
  if (bucketed) writeBatches(padded, model, steps, LESSON_LENGTH);
  const sides = listSides(file, bucketed ? padded : undefined);
  const runs: Run[][] = sides.map(() => []);
  const order = [...sides.keys()];
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const i of order) runs[i].push(execute(sides[i]));
    order.reverse(); // who runs first may have the cooler processor
  }
  fs.rmSync(folder, { recursive: true });
  report(sides, runs, (steps.length - WARMUP) * BATCH);
  if (options.before) reportSteps(sides, runs);
}

/** What a step takes of the other checkout's: the median over the steps of all rounds of the ratios, each of the same batch, one after the other. */
function reportSteps(sides: Side[], runs: Run[][]): void {
  for (const [i, { name }] of sides.entries()) {
    const other = sides.findIndex((side) => side.name === `${name} before`);
    if (other < 0) continue;
    const ratios = runs[i].flatMap(({ seconds }, round) =>
      seconds.map((s, step) => s / runs[other][round].seconds[step]),
    );
    const sorted = ratios.sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))].toFixed(3);
    console.log(
      `${name}: a step takes ${at(0.5)} of what it took before (quartiles ${at(0.25)} to ${at(0.75)}, ${sorted.length} steps)`,
    );
  }
}

/** One line a side: the best of its rounds, and what spanlab takes of its time in the same precision. */
function report(sides: Side[], runs: Run[][], examples: number): void {
  const total = ({ seconds }: Run) => seconds.reduce((a, b) => a + b, 0);
  const best = runs.map((list) => list.reduce((a, b) => (total(a) < total(b) ? a : b)));
  const machine = `${os.availableParallelism()} threads`;
  console.log(`${options.size}, ${options.shape}, batch ${BATCH}, ${machine}, best of ${options.rounds} rounds`);
  sides.forEach(({ name }, i) => {
    const ours = best[sides.findIndex((side) => side.name === `spanlab ${name.includes('bf16') ? 'bf16' : 'fp32'}`)];
    const time = ours
      ? `time ${(total(ours) / total(best[i])).toFixed(2)}, memory ${(ours.peak / best[i].peak).toFixed(2)}`
      : '';
    const speed = `${(examples / total(best[i])).toFixed(2)} examples/s`;
    const facts = [speed.padStart(18), `${best[i].peak.toFixed(2)} GB`, `loss ${best[i].loss.toFixed(3)}`];
    console.log(`${name.padEnd(24)}${facts.join('  ')}  spanlab takes: ${time}`);
  });
}

main().catch((error: Error) => {
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
});
