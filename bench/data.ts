// Reading, checking and end-positioning a file of SQuAD v2's size beside Python's json and the lesson's loops, on one core:
//
//   node --import tsx bench/data.ts [--questions 130000] [--rounds 3]
//
// The file is made from the workshop data, every question with words of its own. Needs `taskset` and `python3`.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { projectRoot } from '../src/root';
import { addEndIdx } from '../src/squad/end';
import { readSquad, readSquadRecords } from '../src/squad/read';
import { toSquad } from '../src/squad/write';

const { values: options } = parseArgs({
  options: {
    questions: { type: 'string', default: '130000' },
    rounds: { type: 'string', default: '3' },
    measure: { type: 'string' },
  },
});

/** SQuAD v2's contexts have 120 words at the median, and five to six questions each. */
const PER_CONTEXT = 5.5;

function makeFile(file: string, count: number): void {
  const records = readSquadRecords(path.join(projectRoot(), 'data', 'workshop', 'train.json'));
  const contexts = Math.ceil(count / PER_CONTEXT);
  const made = Array.from({ length: count }, (_, i) => {
    const number = Math.floor((i / count) * contexts);
    const source = records[(7 * number) % records.length];
    const answers = source.answers.slice(0, 1).map((answer) => ({ ...answer }));
    const context = `${source.context.slice(0, 800)} ${number}.`;
    const kept = answers.filter(({ text, answerStart }) => context.startsWith(text, answerStart));
    const isImpossible = kept.length === 0;
    const title = `article ${Math.floor(number / 43)}`;
    return {
      ...source,
      id: `q${i}`,
      title,
      context,
      question: `${source.question} (${i})`,
      answers: kept,
      isImpossible,
    };
  });
  // article by article: one string cannot hold ten times SQuAD
  const { version, data } = toSquad(made);
  fs.writeFileSync(file, `{"version": "${version}", "data": [`);
  data.forEach((article, i) => fs.appendFileSync(file, (i > 0 ? ',' : '') + JSON.stringify(article)));
  fs.appendFileSync(file, ']}');
}

/** In a process of its own, so that its peak is its own. */
function measure(file: string): void {
  const began = performance.now();
  const { answers, contexts } = readSquad(file);
  const report = addEndIdx(answers, contexts);
  print(began, report.exact);
}

function print(began: number, exact: number): void {
  const seconds = (performance.now() - began) / 1000;
  console.log(JSON.stringify({ seconds, exact, peak: process.resourceUsage().maxRSS / 1e6 }));
}

interface Measured {
  seconds: number;
  peak: number;
}

function best(program: string, args: string[]): Measured {
  const runs = Array.from({ length: Number(options.rounds) }, () => {
    const printed = execFileSync('taskset', ['-c', '0', program, ...args], { encoding: 'utf8' });
    return JSON.parse(printed.trim().split('\n').at(-1)!) as Measured;
  });
  return runs.reduce((a, b) => (a.seconds < b.seconds ? a : b));
}

async function main(): Promise<void> {
  if (options.measure) return measure(options.measure);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-bench-'));
  const file = path.join(folder, 'large.json');
  makeFile(file, Number(options.questions));
  const ours = best(process.execPath, ['--import', 'tsx', path.join(__dirname, 'data.ts'), '--measure', file]);
  const python = best('python3', [path.join(__dirname, 'data.py'), file]);
  console.log(
    `${options.questions} questions, ${(fs.statSync(file).size / 1e6).toFixed(1)} MB, one core, best of ${options.rounds}`,
  );
  for (const [name, { seconds, peak }] of Object.entries({ spanlab: ours, python })) {
    console.log(`${name.padEnd(8)} ${seconds.toFixed(2)} s, peak ${peak.toFixed(2)} GB`);
  }
  console.log(`spanlab takes ${(ours.seconds / python.seconds).toFixed(2)} of Python's time`);
  fs.rmSync(folder, { recursive: true });
}

void main();
