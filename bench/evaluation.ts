// From scores to answers, beside run_qa's rules in Python (test/reference/run_qa.py), each on one core:
// taskset -c 0 npx tsx bench/evaluation.ts [--features 10000] [--python PYTHON]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Random } from '../src/engine/random';
import { predictSpans } from '../src/evaluation/spans';
import type { SquadRecord } from '../src/squad/record';
import type { Features } from '../src/tokens/features';

/** Tokens in a row, and where its context begins: `[CLS]`, a question of 12 tokens, `[SEP]`, the context, `[SEP]`. */
const [LENGTH, CONTEXT] = [384, 14];
const ROUNDS = 3;

/** Full windows, two for each question, over contexts of words of five letters. */
function makeFeatures(count: number): Features {
  const rowStart = Int32Array.from({ length: count + 1 }, (_, row) => row * LENGTH);
  const offsets = new Int32Array(2 * count * LENGTH);
  for (let row = 0; row < count; row++) {
    for (let token = CONTEXT; token < LENGTH - 1; token++) {
      const start = 6 * (token - CONTEXT + (row % 2) * 200);
      offsets.set([start, start + 5], 2 * (row * LENGTH + token));
    }
  }
  const perRow = (value: (row: number) => number) => Int32Array.from({ length: count }, (_, row) => value(row));
  return {
    count,
    rowStart,
    offsets,
    inputIds: new Int32Array(count * LENGTH),
    tokenTypeIds: new Uint8Array(count * LENGTH),
    contextStart: perRow(() => CONTEXT),
    contextEnd: perRow(() => LENGTH - 1),
    startPositions: perRow(() => 0),
    endPositions: perRow(() => 0),
    record: perRow((row) => Math.floor(row / 2)),
    overflow: perRow((row) => row % 2),
  };
}

function seconds(work: () => void): number {
  const began = performance.now();
  work();
  return (performance.now() - began) / 1000;
}

/** The same windows as JSON lists, for Python. */
function writeQuestions(file: string, records: SquadRecord[], features: Features, scores: Float32Array[]): void {
  const questions = records.map(({ context }, question) => {
    const windows = [2 * question, 2 * question + 1].map((row) => {
      const [start, end] = scores.map((all) => Array.from(all.subarray(row * LENGTH, (row + 1) * LENGTH)));
      const offsets = start.map((_, token) => {
        const at = 2 * (row * LENGTH + token);
        return features.offsets[at + 1] > 0 ? [features.offsets[at], features.offsets[at + 1]] : null;
      });
      return { start, end, offsets };
    });
    return JSON.stringify({ context, windows });
  });
  writeFileSync(file, `[${questions.join(',')}]`);
}

function main(): void {
  const options = { features: { type: 'string', default: '10000' }, python: { type: 'string' } } as const;
  const { values } = parseArgs({ options });
  const count = 2 * Math.round(Number(values.features) / 2);
  const features = makeFeatures(count);
  const random = new Random(0);
  const scores = [0, 1].map(() => new Float32Array(count * LENGTH).map(() => 3 * random.normal()));
  const context = Array.from({ length: 600 }, () => 'words').join(' ');
  const records = Array.from({ length: count / 2 }, (_, i) => ({ id: String(i), context }) as SquadRecord);
  const logits = { startLogits: scores[0], endLogits: scores[1] };
  const ours = Array.from({ length: ROUNDS }, () => seconds(() => void predictSpans(records, features, logits)));
  const result: Record<string, unknown> = { features: count, cpu: os.cpus()[0].model, spanlab_seconds: ours };
  if (values.python) {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));
    const file = path.join(folder, 'questions.json');
    writeQuestions(file, records, features, scores);
    const script = path.join(__dirname, '..', 'test', 'reference', 'run_qa.py');
    result.python_seconds = Number(execFileSync(values.python, [script, 'time', file], { encoding: 'utf8' }));
    rmSync(folder, { recursive: true });
  }
  console.log(JSON.stringify(result));
}

main();
