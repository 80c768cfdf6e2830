// Reading questions with a trained model: our engine beside ONNX Runtime with the exported files, same rows, same run.
// npx tsx bench/inference.ts --model DIR --data SQUAD_JSON [--threads 2] [--rounds 3]
//
// Threads must be set for both: run it under `taskset -c 0,1` with --threads 2.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { chooseBackend } from '../src/engine/backend';
import type { Logits } from '../src/evaluation/logits';
import { computeLogits } from '../src/evaluation/logits';
import { squadMetrics } from '../src/evaluation/metrics';
import { predictSpans, toAnswers } from '../src/evaluation/spans';
import { QuestionAnsweringModel } from '../src/model/question-answering';
import { ONNX_FILES, ONNX_PRECISIONS, writeOnnx } from '../src/publish/onnx/write';
import { placeAnswers } from '../src/squad/end';
import { readSquadRecords } from '../src/squad/read';
import type { SquadRecord } from '../src/squad/record';
import type { Features } from '../src/tokens/features';
import { Tokenizer } from '../src/tokens/tokenizer';
import { windows } from '../src/tokens/windows';
import { DataLoader } from '../src/training/loader';

const BATCH = 16;

/** Rows of like length together, as ours, or in the order of the data with every row as long as the longest. */
type Order = 'bucketed' | 'padded';

async function onnxLogits(session: InferenceSession, features: Features, order: Order): Promise<Logits> {
  const size = features.inputIds.length;
  const logits = { startLogits: new Float32Array(size), endLogits: new Float32Array(size) };
  const longest = Math.max(...Array.from({ length: features.count }, (_, row) => lengthOf(features, row)));
  for (const rows of new DataLoader(features, { batchSize: BATCH, bucket: order === 'bucketed' }).plan(0)) {
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

interface Line {
  engine: string;
  seconds: number[];
  questionsPerSecond: number;
  exact: number;
  f1: number;
  /** Against our logits. */
  largestDifference: number;
}

async function measure(
  engine: string,
  rounds: number,
  run: () => Promise<Logits>,
  { records, features, ours }: { records: SquadRecord[]; features: Features; ours?: Logits },
): Promise<[Line, Logits]> {
  let logits = await run(); // the first is slower: memory, plans
  const seconds: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const began = performance.now();
    logits = await run();
    seconds.push((performance.now() - began) / 1000);
  }
  const predictions = predictSpans(records, features, logits);
  const { exact, f1 } = squadMetrics(records, toAnswers(predictions));
  const best = Math.min(...seconds);
  const difference = ours ? largest(ours, logits) : 0;
  const line = { engine, seconds, questionsPerSecond: records.length / best, exact, f1, largestDifference: difference };
  return [line, logits];
}

function largest(a: Logits, b: Logits): number {
  let most = 0;
  for (const name of ['startLogits', 'endLogits'] as const) {
    a[name].forEach((value, i) => (most = Math.max(most, Math.abs(value - b[name][i]))));
  }
  return most;
}

/** Milliseconds of one question, one after another: what somebody waits who asks. */
async function latency(run: (features: Features) => Promise<unknown>, single: Features[]): Promise<number> {
  const times: number[] = [];
  for (const features of single) {
    const began = performance.now();
    await run(features);
    times.push(performance.now() - began);
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      model: { type: 'string' },
      data: { type: 'string' },
      threads: { type: 'string', default: String(os.availableParallelism()) },
      rounds: { type: 'string', default: '3' },
    },
  });
  const { model: folder, data } = values;
  if (!folder || !data) throw new Error('give --model DIR and --data SQUAD_JSON');
  await chooseBackend();
  const model = QuestionAnsweringModel.fromPretrained(folder);
  const tokenizer = await Tokenizer.fromFolder(folder);
  const records = placeAnswers(readSquadRecords(data, { answers: 'honest' }), data);
  const features = await windows(records, tokenizer, { maxLength: 384 });
  const single = await Promise.all(records.slice(0, 100).map((record) => windows([record], tokenizer)));
  const rounds = Number(values.rounds);
  const work = { records, features };
  const [first, ours] = await measure('spanlab fp32', rounds, () => computeLogits(model, features), work);
  const lines = [first];
  const waits: Record<string, number> = { 'spanlab fp32': await latency((one) => computeLogits(model, one), single) };
  const out = mkdtempSync(path.join(os.tmpdir(), 'spanlab-onnx-'));
  const files = await writeOnnx(model, out);
  for (const precision of ONNX_PRECISIONS) {
    const session = await InferenceSession.create(path.join(out, ONNX_FILES[precision]), {
      intraOpNumThreads: Number(values.threads),
      logSeverityLevel: 3,
    });
    for (const order of ['bucketed', 'padded'] as const) {
      const name = `onnxruntime-node ${precision} ${order}`;
      lines.push((await measure(name, rounds, () => onnxLogits(session, features, order), { ...work, ours }))[0]);
    }
    waits[`onnxruntime-node ${precision}`] = await latency((one) => onnxLogits(session, one, 'bucketed'), single);
    await session.release();
  }
  rmSync(out, { recursive: true });
  const machine = {
    cpu: os.cpus()[0].model,
    threads: Number(values.threads),
    questions: records.length,
    rows: features.count,
  };
  console.log(JSON.stringify({ machine, lines, milliseconds_of_one_question: waits, files }, null, 2));
  for (const { engine, questionsPerSecond } of lines.slice(1)) {
    console.error(`spanlab / ${engine}: ${(first.questionsPerSecond / questionsPerSecond).toFixed(2)}`);
  }
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
