// Reading questions with a trained model: our engine beside ONNX Runtime with the exported files, same rows, same run.
// npx tsx bench/inference.ts --model DIR --data SQUAD_JSON [--threads 2] [--rounds 3] [--questions 220] [--batches 1,4,16]
// npx tsx bench/inference.ts --f1 --model DIR --data SQUAD_JSON [--beside FILE.onnx]
//
// Threads must be set for both: run it under `taskset -c 0,1` with --threads 2. `--f1` measures what the precisions cost in
// marks, question by question; `--beside` adds a file that something else made, such as Python's quantize_dynamic.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { chooseBackend } from '../src/engine/backend';
import type { Logits } from '../src/evaluation/logits';
import { computeLogits } from '../src/evaluation/logits';
import { scoreQuestions, squadMetrics } from '../src/evaluation/metrics';
import { predictSpans, toAnswers } from '../src/evaluation/spans';
import { QuestionAnsweringModel } from '../src/model/question-answering';
import { writeOnnx } from '../src/publish/onnx/write';
import { placeAnswers } from '../src/squad/end';
import { readSquadRecords } from '../src/squad/read';
import type { SquadRecord } from '../src/squad/record';
import type { Features } from '../src/tokens/features';
import { Tokenizer } from '../src/tokens/tokenizer';
import { windows } from '../src/tokens/windows';
import { DataLoader } from '../src/training/loader';

/** Rows of like length together, as ours, or in the order of the data with every row as long as the longest. */
type Order = 'bucketed' | 'padded';

async function onnxLogits(
  session: InferenceSession,
  features: Features,
  order: Order,
  batchSize: number,
): Promise<Logits> {
  const size = features.inputIds.length;
  const logits = { startLogits: new Float32Array(size), endLogits: new Float32Array(size) };
  const longest = Math.max(...Array.from({ length: features.count }, (_, row) => lengthOf(features, row)));
  for (const rows of new DataLoader(features, { batchSize, bucket: order === 'bucketed' }).plan(0)) {
    const length = order === 'padded' ? longest : Math.max(...rows.map((row) => lengthOf(features, row)));
    const outputs = await session.run(feeds(session, features, rows, length));
    for (const [name, values] of [
      ['startLogits', outputs.start_logits.data],
      ['endLogits', outputs.end_logits.data],
    ] as [keyof Logits, Float32Array][]) {
      rows.forEach((row, i) => {
        const scores = values.subarray(i * length, i * length + lengthOf(features, row));
        logits[name].set(scores, features.rowStart[row]);
      });
    }
  }
  return logits;
}

const lengthOf = ({ rowStart }: Features, row: number) => rowStart[row + 1] - rowStart[row];

function feeds(session: InferenceSession, features: Features, rows: number[], length: number): Record<string, Tensor> {
  const [ids, mask, types] = [0, 1, 2].map(() => new BigInt64Array(rows.length * length));
  rows.forEach((row, i) => {
    for (let token = 0; token < lengthOf(features, row); token++) {
      const from = features.rowStart[row] + token;
      ids[i * length + token] = BigInt(features.inputIds[from]);
      types[i * length + token] = BigInt(features.tokenTypeIds[from]);
      mask[i * length + token] = 1n;
    }
  });
  const all: Record<string, BigInt64Array> = { input_ids: ids, attention_mask: mask, token_type_ids: types };
  const dims = [rows.length, length];
  return Object.fromEntries(session.inputNames.map((name) => [name, new Tensor('int64', all[name], dims)]));
}

function largest(a: Logits, b: Logits): number {
  let most = 0;
  for (const name of ['startLogits', 'endLogits'] as const) {
    a[name].forEach((value, i) => (most = Math.max(most, Math.abs(value - b[name][i]))));
  }
  return most;
}

interface Work {
  model: QuestionAnsweringModel;
  records: SquadRecord[];
  features: Features;
}

/** Something that reads questions. */
interface Reader {
  name: string;
  read(features: Features): Promise<Logits>;
}

/** Ours first, then ONNX Runtime with each file; every one with each size of batch, since the best differs. */
async function readers({ model }: Work, threads: number, batches: number[], beside: string[]): Promise<Reader[]> {
  const out = mkdtempSync(path.join(os.tmpdir(), 'spanlab-onnx-'));
  const written = await writeOnnx(model, out);
  const all: Reader[] = batches.map((batchSize) => ({
    name: `spanlab fp32, ${batchSize}`,
    read: (features) => computeLogits(model, features, { batchSize }),
  }));
  const exported = written.map(({ precision, name }) => [precision, path.join(out, name)]);
  for (const [name, file] of [...exported, ...beside.map((file) => [path.basename(file), file])]) {
    const session = await InferenceSession.create(file, { intraOpNumThreads: threads, logSeverityLevel: 3 });
    const add = (order: Order, size: number) =>
      all.push({
        name: `onnxruntime ${name} ${order}, ${size}`,
        read: (rows) => onnxLogits(session, rows, order, size),
      });
    for (const size of batches) add('bucketed', size);
    if (name === 'fp32') add('padded', Math.max(...batches));
  }
  rmSync(out, { recursive: true });
  return all;
}

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** Each round lets every reader read once, so that other work on the machine disturbs all of them alike. */
async function throughput(all: Reader[], { records, features }: Work, rounds: number): Promise<void> {
  const times = all.map(() => ({ wall: [] as number[], cpu: [] as number[] }));
  for (let round = -1; round < rounds; round++) {
    for (const [i, { read }] of all.entries()) {
      const [began, before] = [performance.now(), process.cpuUsage()];
      await read(features);
      const { user, system } = process.cpuUsage(before);
      if (round < 0) continue; // the first is slower: memory, plans
      times[i].wall.push((performance.now() - began) / 1000);
      times[i].cpu.push((user + system) / 1e6);
    }
  }
  for (const [i, { name }] of all.entries()) {
    console.log(JSON.stringify({ name, ...times[i], perSecond: records.length / median(times[i].wall) }));
  }
  const best = (engine: string) => {
    const lines = all.flatMap(({ name }, i) => (name.startsWith(engine) ? [times[i]] : []));
    return (part: 'wall' | 'cpu') => Math.min(...lines.map((line) => median(line[part])));
  };
  const [ours, theirs] = [best('spanlab'), best('onnxruntime fp32')];
  const ratio = (part: 'wall' | 'cpu') => theirs(part) / ours(part);
  console.log(JSON.stringify({ bestToBest: { wall: ratio('wall'), cpu: ratio('cpu') } }));
}

/** Marks of each reader, and how far it is from ours: the mean over questions with its 95 % interval, and answers that differ. */
async function marks(all: Reader[], { records, features }: Work): Promise<void> {
  let first: { logits: Logits; answers: Record<string, string>; f1: number[] } | undefined;
  for (const { name, read } of all) {
    const logits = await read(features);
    const answers = toAnswers(predictSpans(records, features, logits));
    const { exact, f1 } = squadMetrics(records, answers);
    const each = scoreQuestions(records, answers).map((score) => 100 * score.f1);
    first ??= { logits, answers, f1: each };
    const changed = records.filter(({ id }) => answers[id] !== first!.answers[id]).length;
    const difference = interval(each.map((value, i) => value - first!.f1[i]));
    console.log(JSON.stringify({ name, exact, f1, ...difference, changed, logits: largest(first.logits, logits) }));
  }
}

function interval(values: number[]): { gain: number; within: number } {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { gain: mean, within: 1.96 * Math.sqrt(variance / values.length) };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      model: { type: 'string' },
      data: { type: 'string' },
      threads: { type: 'string', default: String(os.availableParallelism()) },
      rounds: { type: 'string', default: '3' },
      questions: { type: 'string', default: 'Infinity' },
      batches: { type: 'string', default: '1,4,16' },
      f1: { type: 'boolean', default: false },
      beside: { type: 'string', multiple: true, default: [] },
    },
  });
  const { model: folder, data } = values;
  if (!folder || !data) throw new Error('give --model DIR and --data SQUAD_JSON');
  await chooseBackend();
  const [model, tokenizer] = [QuestionAnsweringModel.fromPretrained(folder), await Tokenizer.fromFolder(folder)];
  const records = placeAnswers(readSquadRecords(data, { answers: 'honest' }), data).slice(0, Number(values.questions));
  const work = { model, records, features: await windows(records, tokenizer, { maxLength: 384 }) };
  const [cpu, threads] = [os.cpus()[0].model, Number(values.threads)];
  console.log(JSON.stringify({ cpu, threads, questions: records.length, rows: work.features.count }));
  const all = await readers(work, threads, values.f1 ? [16] : values.batches!.split(',').map(Number), values.beside!);
  if (values.f1) await marks(all, work);
  else await throughput(all, work, Number(values.rounds));
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
