// Tokenizing and windowing against Python's transformers on the same pairs, one after the other:
// npx tsx bench/tokens.ts DATA_JSON [--python PYTHON] [--pairs 100000] [--rounds 3]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { ensureWorkshopEncoder } from '../src/model/workshop-encoder';
import type { SquadRecord } from '../src/squad/record';
import { cachedWindows } from '../src/tokens/cache';
import { answerEnd } from '../src/tokens/positions';
import type { Backend } from '../src/tokens/load';
import { Tokenizer } from '../src/tokens/tokenizer';
import { windows } from '../src/tokens/windows';

interface SquadFile {
  data: {
    paragraphs: {
      context: string;
      qas: { id: string; question: string; answers: { text: string; answer_start: number }[] }[];
    }[];
  }[];
}

/** Questions that follow one another about one context: SQuAD's train files have 5 (v1.1) to 7 (v2.0). */
const SHARED = 6;

/** `count` records; a number makes each context different from all others but the next `perContext` - 1. */
function manyRecords(file: string, count: number, perContext: number): SquadRecord[] {
  const paragraphs = (JSON.parse(readFileSync(file, 'utf8')) as SquadFile).data.flatMap(
    (article) => article.paragraphs,
  );
  let [last, context] = [-1, ''];
  return Array.from({ length: count }, (_, i) => {
    const number = Math.floor(i / perContext);
    const { context: text, qas } = paragraphs[number % paragraphs.length];
    // records of one context share its string, as they do when a file is read
    if (number !== last) [last, context] = [number, flat(`${text} ${number}`)];
    const { id, question, answers } = qas[i % qas.length];
    const first = answers
      .slice(0, 1)
      .map(({ text: words, answer_start: answerStart }) => ({ text: words, answerStart }));
    return { id, title: '', context, question, answers: first, plausibleAnswers: [], isImpossible: false };
  });
}

/** The string as one piece of memory, as reading a file gives it: putting two together is put off until it is searched. */
function flat(text: string): string {
  text.indexOf('\n');
  return text;
}

/** What one process of its own measured: what others left behind must not count. */
interface Measured {
  seconds: number;
  windows: number;
  /** The longest time in ms that the event loop was kept busy, and what 99.9 % of its turns stay below. */
  busy: number;
  busy999: number;
}

async function measure(records: SquadRecord[], backend: Backend): Promise<Measured> {
  const tokenizer = await Tokenizer.fromFolder(await ensureWorkshopEncoder(), backend);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  // building the records must not count either
  await new Promise((resolve) => setTimeout(resolve, 1000));
  delay.reset();
  const began = performance.now();
  const { count } = await windows(records, tokenizer);
  const seconds = (performance.now() - began) / 1000;
  delay.disable();
  return { seconds, windows: count, busy: delay.max / 1e6, busy999: delay.percentile(99.9) / 1e6 };
}

/** Runs this file again with other arguments and returns what it prints. */
function again(...args: string[]): string {
  return execFileSync(process.execPath, [...process.execArgv, process.argv[1], ...args], { encoding: 'utf8' }).trim();
}

function python(command: string, model: string, records: SquadRecord[]): { labels: boolean; seconds: number }[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'spanlab-bench-'));
  try {
    const file = path.join(folder, 'pairs.json');
    const answer = ({ answers: [first] }: SquadRecord) => (first ? [first.answerStart, answerEnd(first)] : [0, 0]);
    writeFileSync(file, JSON.stringify(records.map((record) => [record.question, record.context, answer(record)])));
    const script = path.join(__dirname, 'tokens.py');
    const printed = execFileSync(command, [script, model, file], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return printed.trim().split('\n').map((line) => JSON.parse(line) as { labels: boolean; seconds: number }); // prettier-ignore
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function speed(data: string, pairs: number, rounds: number, command?: string): Promise<void> {
  const model = await ensureWorkshopEncoder();
  console.log(`${pairs} pairs, ${availableParallelism()} cores, 384/128; pairs a second, round by round`);
  for (const perContext of [1, SHARED]) {
    const records = manyRecords(data, pairs, perContext);
    console.log(perContext === 1 ? '\nevery pair has a context of its own' : `\n${perContext} questions to a context`);
    const rate = (seconds: number) => Math.round(pairs / seconds).toString().padStart(7); // prettier-ignore
    for (let round = 0; round < rounds; round++) {
      for (const { labels, seconds } of command ? python(command, model, records) : []) {
        console.log(`${rate(seconds)}  Python, windows${labels ? ' and labels' : ''}`);
      }
      for (const backend of ['typescript', 'native']) {
        const printed = again(data, '--measure', backend, '--pairs', `${pairs}`, '--per-context', `${perContext}`);
        const { seconds, busy, busy999, windows: count } = JSON.parse(printed) as Measured;
        const loop = `event loop busy at most ${busy.toFixed(0)} ms (99.9 %: ${busy999.toFixed(0)})`;
        console.log(`${rate(seconds)}  spanlab ${backend}, ${count} windows and labels; ${loop}`);
      }
    }
  }
}

/** In a process of its own: the peak of memory and the time of a second run. */
async function memory(data: string, count: number): Promise<void> {
  const records = manyRecords(data, count, SHARED);
  const tokenizer = await Tokenizer.fromFolder(await ensureWorkshopEncoder());
  const folder = mkdtempSync(path.join(tmpdir(), 'spanlab-bench-'));
  try {
    for (const run of ['first', 'second']) {
      const began = performance.now();
      const features = await cachedWindows(records, tokenizer, {}, folder);
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      const columns = Object.values(features).filter((column): column is Int32Array => ArrayBuffer.isView(column));
      const bytes = columns.reduce((sum, column) => sum + column.byteLength, 0);
      const peak = process.resourceUsage().maxRSS / 1e6;
      console.log(`${run} run: ${count} examples, ${seconds} s, features ${(bytes / 1e6).toFixed(0)} MB, peak of the process ${peak.toFixed(2)} GB`); // prettier-ignore
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      python: text,
      pairs: text,
      rounds: text,
      measure: text,
      'per-context': text,
      memory: { type: 'boolean' },
    },
  });
  const [data] = positionals;
  const pairs = Number(values.pairs ?? 100_000);
  if (values.memory) return memory(data, 130_000);
  if (values.measure) {
    const records = manyRecords(data, pairs, Number(values['per-context']));
    console.log(JSON.stringify(await measure(records, values.measure as Backend)));
    return;
  }
  await speed(data, pairs, Number(values.rounds ?? 3), values.python);
  console.log(`\n${again(data, '--memory')}`);
}

void main();
