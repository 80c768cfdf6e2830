// How long answers take: rows of a few lengths, one at a time and sixteen together, through our engine and beside it ONNX Runtime,
// transformers.js and PyTorch with the same weights, in one run.
// npx tsx bench/inference.ts --model DIR [--threads 2] [--rounds 5] [--passes 10] [--lengths 32,64,128,384] [--batches 1,16]
//   [--python PYTHON] [--write FILE.json]
//
// Engines take turns, so that other work on the machine meets all of them. Between two there is a pause, and their first pass does not
// count: threads of ONNX Runtime spin for a while when they have nothing to do. Run it under `taskset -c 0,1` with --threads 2.
// `--python` is an interpreter with torch and transformers; by default that of `npm run reference`, where it is there.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { AutoModelForQuestionAnswering, env, Tensor as XenovaTensor } from '@xenova/transformers';
import * as tf from '@tensorflow/tfjs';
import { chooseBackend } from '../src/engine/backend';
import { operations } from '../src/engine/operations';
import type { AnswerPrecision } from '../src/engine/pass';
import { QuestionAnsweringModel } from '../src/model/question-answering';
import { savePretrained } from '../src/model/save';
import type { OnnxPrecision } from '../src/publish/onnx/numbers';
import { ONNX_FILES, writeOnnx } from '../src/publish/onnx/write';
import { cacheFolder } from '../src/root';
import { Tokenizer } from '../src/tokens/tokenizer';
import { type PythonReader, startPython } from './inference-python';

/** Rows of one length. */
export interface Rows {
  count: number;
  length: number;
  ids: Int32Array; // [count, length]
  types: Int32Array;
}

/** Milliseconds by the clock and of the processor, a pass each. */
export interface Times {
  wall: number[];
  cpu: number[];
}

/** Something that reads rows. */
interface Engine {
  name: string;
  /** Scores of the starts. */
  read(rows: Rows): Promise<Float32Array>;
}

function makeRows(count: number, length: number, vocabulary: number): Rows {
  const ids = Int32Array.from({ length: count * length }, (_, i) => 1000 + ((i * 7919) % (vocabulary - 1000)));
  return { count, length, ids, types: ids.map((_, i) => Number(i % length > 12)) };
}

function ours(folder: string, precision: AnswerPrecision): Engine {
  const model = QuestionAnsweringModel.fromPretrained(folder);
  model.compute.answers = precision;
  const read = async ({ count, length, ids, types }: Rows) => {
    const shape: [number, number] = [count, length];
    const batch = {
      inputIds: tf.tensor2d(ids, shape, 'int32'),
      tokenTypeIds: tf.tensor2d(types, shape, 'int32'),
      lengths: new Int32Array(count).fill(length),
    };
    const { startLogits, endLogits } = model.forward(batch);
    const [start] = [startLogits.dataSync(), endLogits.dataSync()];
    tf.dispose([batch.inputIds, batch.tokenTypeIds, startLogits, endLogits]);
    return start as Float32Array;
  };
  return { name: `spanlab ${precision}`, read };
}

/** What both of the ONNX engines are fed, [count, length] in 64 bits. */
const columns = ({ ids, types }: Rows): Record<string, BigInt64Array> => ({
  input_ids: BigInt64Array.from(ids, BigInt),
  attention_mask: new BigInt64Array(ids.length).fill(1n),
  token_type_ids: BigInt64Array.from(types, BigInt),
});

async function onnxRuntime(folder: string, precision: OnnxPrecision, threads: number): Promise<Engine> {
  const options = { intraOpNumThreads: threads, logSeverityLevel: 3 } as const;
  const session = await InferenceSession.create(path.join(folder, ONNX_FILES[precision]), options);
  const read = async (rows: Rows) => {
    const all = columns(rows);
    const shape = [rows.count, rows.length];
    const feeds = session.inputNames.map((name) => [name, new Tensor('int64', all[name], shape)]);
    return (await session.run(Object.fromEntries(feeds))).start_logits.data as Float32Array;
  };
  return { name: `onnxruntime ${precision}`, read };
}

async function transformersJs(folder: string, threads: number): Promise<Engine> {
  Object.assign(env, { allowRemoteModels: false, localModelPath: path.dirname(folder) });
  const session_options = { intraOpNumThreads: threads };
  const options = { dtype: 'fp32', session_options } as const;
  const network = await AutoModelForQuestionAnswering.from_pretrained(path.basename(folder), options);
  const read = async (rows: Rows) => {
    const shape = [rows.count, rows.length];
    const tensors = Object.entries(columns(rows)).map(([name, data]) => [name, new XenovaTensor('int64', data, shape)]);
    const outputs = (await network(Object.fromEntries(tensors))) as { start_logits: XenovaTensor };
    return outputs.start_logits.data as Float32Array;
  };
  return { name: 'transformers.js fp32', read };
}

/** One pass that does not count, and `passes` that do. */
async function timeEngine(engine: Engine, rows: Rows, passes: number): Promise<Times> {
  const times: Times = { wall: [], cpu: [] };
  for (let pass = -1; pass < passes; pass++) {
    const [began, before] = [performance.now(), process.cpuUsage()];
    await engine.read(rows);
    const [wall, { user, system }] = [performance.now() - began, process.cpuUsage(before)];
    if (pass < 0) continue;
    times.wall.push(wall);
    times.cpu.push((user + system) / 1000);
  }
  return times;
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 30));
const quantile = (values: number[], share: number) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))];

interface Line {
  name: string;
  rows: number;
  length: number;
  /** Milliseconds a pass. */
  median: number;
  most95: number;
  cpu: number;
  /** Rows a second, at the median. */
  rate: number;
}

function lineOf(name: string, { count, length }: Rows, { wall, cpu }: Times): Line {
  const median = quantile(wall, 0.5);
  return {
    name,
    rows: count,
    length,
    median,
    most95: quantile(wall, 0.95),
    cpu: quantile(cpu, 0.5),
    rate: (1000 * count) / median,
  };
}

function assertSame(name: string, rows: Rows, scores: ArrayLike<number>, expected: ArrayLike<number>): void {
  if (name.endsWith('int8') || name.endsWith('fp16')) return;
  const most = Math.max(...Array.from(expected, (score, i) => Math.abs(score - scores[i])));
  if (most > 1e-3) throw new Error(`${name}, ${rows.count} rows of ${rows.length}: scores are ${most} from ours`);
}

interface Field {
  engines: Engine[];
  python?: PythonReader;
}

async function measure({ engines, python }: Field, rows: Rows, rounds: number, passes: number): Promise<Line[]> {
  const expected = await engines[0].read(rows);
  for (const engine of engines) assertSame(engine.name, rows, await engine.read(rows), expected);
  if (python) assertSame('pytorch', rows, (await python.read(rows, 1)).scores, expected);
  const all = new Map<string, Times>();
  const add = (name: string, { wall, cpu }: Times) => {
    const before = all.get(name) ?? { wall: [], cpu: [] };
    all.set(name, { wall: [...before.wall, ...wall], cpu: [...before.cpu, ...cpu] });
  };
  for (let round = 0; round < rounds; round++) {
    for (const engine of engines) {
      await pause();
      add(engine.name, await timeEngine(engine, rows, passes));
    }
    await pause();
    if (python) add('pytorch fp32', (await python.read(rows, passes)).times);
  }
  return [...all].map(([name, times]) => lineOf(name, rows, times));
}

function print(lines: Line[]): void {
  const theirs = lines.find(({ name }) => name === 'onnxruntime fp32')!;
  console.log(
    `\n${theirs.rows} × ${theirs.length} tokens | median ms | 95 % | rows/s | processor ms | rate ÷ ONNX Runtime's`,
  );
  for (const { name, median, most95, rate, cpu } of lines) {
    const numbers = [
      median.toFixed(2),
      most95.toFixed(2),
      rate.toFixed(1),
      cpu.toFixed(1),
      (rate / theirs.rate).toFixed(2),
    ];
    console.log([name, ...numbers].join(' | '));
  }
}

const numbers = (list: string) => list.split(',').map(Number);

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      model: { type: 'string' },
      threads: { type: 'string', default: String(os.availableParallelism()) },
      rounds: { type: 'string', default: '5' },
      passes: { type: 'string', default: '10' },
      lengths: { type: 'string', default: '32,64,128,384' },
      batches: { type: 'string', default: '1,16' },
      python: { type: 'string', default: path.join(cacheFolder('reference'), 'bin', 'python') },
      write: { type: 'string' },
    },
  });
  if (!values.model) throw new Error('give --model DIR');
  process.env.TF_NUM_INTRAOP_THREADS = values.threads;
  await chooseBackend();
  const model = QuestionAnsweringModel.fromPretrained(values.model);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-inference-'));
  await savePretrained(model, await Tokenizer.fromFolder(values.model), folder); // with the answer head that an encoder lacks
  await writeOnnx(model, folder, ['fp32', 'int8']);
  const threads = Number(values.threads);
  const engines = [
    ours(folder, 'fp32'),
    await onnxRuntime(folder, 'fp32', threads),
    await transformersJs(folder, threads),
    ...(operations().answers === 'whole or int8' ? [ours(folder, 'int8')] : []),
    await onnxRuntime(folder, 'int8', threads),
  ];
  const python = fs.existsSync(values.python!) ? await startPython(values.python!, folder, threads) : undefined;
  const machine = { cpu: os.cpus()[0].model, threads, load: os.loadavg(), node: process.version };
  console.log(JSON.stringify(machine));
  const lines: Line[] = [];
  for (const count of numbers(values.batches!)) {
    for (const length of numbers(values.lengths!)) {
      const rows = makeRows(count, length, model.config.vocabularySize);
      const passes = Math.max(1, Math.round(Number(values.passes) / count));
      const measured = await measure({ engines, python }, rows, Number(values.rounds), passes);
      print(measured);
      lines.push(...measured);
    }
  }
  python?.stop();
  fs.rmSync(folder, { recursive: true });
  if (values.write)
    fs.writeFileSync(values.write, `${JSON.stringify({ machine, loadAfter: os.loadavg(), lines }, null, 1)}\n`);
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
