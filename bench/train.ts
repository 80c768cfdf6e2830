// Training side by side with PyTorch: the same weights, the same batches, in turn, and the ratios.
//
//   node --import tsx bench/train.ts --data SQUAD_FILE [--steps 8] [--rounds 2] [--max-length 384] [--pad] [--threads N]
//
// `--pad` pads every row to the longest length, as the lesson does; without it rows of like length share a batch.
// Needs the environment that `npm run reference` makes.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { chooseBackend } from '../src/engine/backend';
import { QuestionAnsweringModel } from '../src/model/question-answering';
import { ensureWorkshopEncoder } from '../src/model/workshop-encoder';
import { savePretrained } from '../src/publish/save';
import { cacheFolder, projectRoot } from '../src/root';
import { placeAnswers } from '../src/squad/end';
import { readSquadRecords } from '../src/squad/read';
import { Tokenizer } from '../src/tokens/tokenizer';
import { windows } from '../src/tokens/windows';
import { DataLoader } from '../src/training/loader';

const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    steps: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '2' },
    'max-length': { type: 'string', default: '384' },
    threads: { type: 'string', default: String(os.availableParallelism()) },
    pad: { type: 'boolean', default: false },
  },
});
const WARMUP = 2;

interface Run {
  name: string;
  seconds: number[];
  loss: number;
  peak: number; // GB
}

/** Model folder and batches in a file that both sides read. */
async function prepare(file: string): Promise<number> {
  await chooseBackend();
  const encoder = await ensureWorkshopEncoder();
  const tokenizer = await Tokenizer.fromFolder(encoder);
  const folder = path.join(path.dirname(file), 'model');
  await savePretrained(QuestionAnsweringModel.fromPretrained(encoder), tokenizer, folder);
  const data = options.data ?? path.join(projectRoot(), 'data', 'workshop', 'train.json');
  const maxLength = Number(options['max-length']);
  const features = await windows(placeAnswers(readSquadRecords(data), data), tokenizer, { maxLength });
  const loader = new DataLoader(features, { shuffle: true, bucket: !options.pad, padTo: options.pad ? maxLength : 0 });
  const plan = loader.plan(0).filter((rows) => rows.length === loader.options.batchSize);
  const batches = plan.slice(0, Number(options.steps) + WARMUP).map((rows) => {
    const longest = Math.max(...rows.map((row) => features.rowStart[row + 1] - features.rowStart[row]));
    const length = options.pad ? maxLength : longest;
    const padded = (of: ArrayLike<number>, row: number) => {
      const tokens = Array.from(of).slice(features.rowStart[row], features.rowStart[row + 1]);
      return [...tokens, ...new Array<number>(length - tokens.length).fill(0)];
    };
    return {
      inputIds: rows.map((row) => padded(features.inputIds, row)),
      tokenTypeIds: rows.map((row) => padded(features.tokenTypeIds, row)),
      attentionMask: rows.map((row) => padded(new Uint8Array(features.inputIds.length).fill(1), row)),
      start: rows.map((row) => features.startPositions[row]),
      end: rows.map((row) => features.endPositions[row]),
    };
  });
  fs.writeFileSync(file, JSON.stringify({ model: folder, batches, warmup: WARMUP }));
  return (batches.length - WARMUP) * loader.options.batchSize;
}

const execute = (program: string, args: string[]): Run => {
  const output = execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return JSON.parse(output.trim().split('\n').at(-1)!) as Run;
};

async function main(): Promise<void> {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-bench-')), 'batches.json');
  const examples = await prepare(file);
  const here = path.join(projectRoot(), 'bench');
  const python = path.join(cacheFolder('reference'), 'bin', 'python');
  const sides: [string, string[]][] = [
    [process.execPath, ['--import', 'tsx', path.join(here, 'train-spanlab.ts'), file]],
    [python, [path.join(here, 'train.py'), file, 'sdpa', options.threads]],
    [python, [path.join(here, 'train.py'), file, 'eager', options.threads]],
  ];
  const runs: Run[][] = sides.map(() => []);
  for (let round = 0; round < Number(options.rounds); round++) {
    sides.forEach(([program, args], i) => runs[i].push(execute(program, args)));
  }
  const speeds = runs.map((list) => Math.max(...list.map((run) => examples / run.seconds.reduce((a, b) => a + b, 0))));
  console.log(`${examples} examples, ${options.pad ? 'padded' : 'bucketed'}, best of ${options.rounds} rounds`);
  runs.forEach(([{ name, loss, peak }], i) => {
    const ratio = `${(speeds[0] / speeds[i]).toFixed(2)} times as fast is spanlab`;
    console.log(
      `${name.padEnd(26)} ${speeds[i].toFixed(2)} examples/s  ${peak.toFixed(2)} GB  loss ${loss.toFixed(3)}  ${ratio}`,
    );
  });
}

void main();
