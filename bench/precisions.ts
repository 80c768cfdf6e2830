// What the precisions of a trained model cost in marks: our engine, and ONNX Runtime with the exported files, same questions, same run.
// npx tsx bench/precisions.ts --model DIR --data SQUAD_JSON [--questions 220] [--beside FILE.onnx]
//
// Question by question, with intervals; `--beside` adds a file that something else made, such as Python's quantize_dynamic.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { chooseBackend } from '../src/engine/backend';
import { operations } from '../src/engine/operations';
import type { AnswerPrecision } from '../src/engine/pass';
import { type Logits, computeLogits } from '../src/evaluation/logits';
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

async function onnxLogits(session: InferenceSession, features: Features): Promise<Logits> {
  const size = features.inputIds.length;
  const logits = { startLogits: new Float32Array(size), endLogits: new Float32Array(size) };
  for (const rows of new DataLoader(features).plan(0)) {
    const length = Math.max(...rows.map((row) => lengthOf(features, row)));
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

/** Ours first, then ONNX Runtime with each file. */
async function readers({ model }: Work, beside: string[]): Promise<Reader[]> {
  const out = mkdtempSync(path.join(os.tmpdir(), 'spanlab-onnx-'));
  const written = await writeOnnx(model, out);
  const ours = (precision: AnswerPrecision): Reader => ({
    name: `spanlab ${precision}`,
    read(features) {
      model.compute.answers = precision;
      return computeLogits(model, features);
    },
  });
  const all = [ours('fp32'), ...(operations().answers === 'whole or int8' ? [ours('int8')] : [])];
  const exported = written.map(({ precision, name }) => [precision, path.join(out, name)]);
  for (const [name, file] of [...exported, ...beside.map((file) => [path.basename(file), file])]) {
    const session = await InferenceSession.create(file, { logSeverityLevel: 3 });
    all.push({ name: `onnxruntime ${name}`, read: (features) => onnxLogits(session, features) });
  }
  rmSync(out, { recursive: true });
  return all;
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
      questions: { type: 'string', default: 'Infinity' },
      beside: { type: 'string', multiple: true, default: [] },
    },
  });
  const { model: folder, data } = values;
  if (!folder || !data) throw new Error('give --model DIR and --data SQUAD_JSON');
  await chooseBackend();
  const [model, tokenizer] = [QuestionAnsweringModel.fromPretrained(folder), await Tokenizer.fromFolder(folder)];
  const records = placeAnswers(readSquadRecords(data, { answers: 'honest' }), data).slice(0, Number(values.questions));
  const work = { model, records, features: await windows(records, tokenizer, { maxLength: 384 }) };
  console.log(JSON.stringify({ cpu: os.cpus()[0].model, questions: records.length, rows: work.features.count }));
  await marks(await readers(work, values.beside!), work);
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
