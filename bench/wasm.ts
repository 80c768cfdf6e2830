// A step of training in our WebAssembly beside the native engine: one thread and two, with and without relaxed SIMD, in turn, and the
// ratios to the native engine on as many threads.
//
//   node --import tsx bench/wasm.ts [--rounds 2] [--steps 3] [--rows 16] [--length 160]
import { execFileSync } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '2' },
    steps: { type: 'string', default: '3' },
    rows: { type: 'string', default: '16' },
    length: { type: 'string', default: '160' },
  },
});

const SIDES = [1, 2].flatMap((threads) => [
  { name: 'native', backend: 'tensorflow', features: '', threads, shown: /^2\.18/ },
  { name: 'relaxed SIMD', backend: 'wasm', features: '', threads, shown: /^relaxed SIMD/ },
  { name: 'SIMD', backend: 'wasm', features: 'plain', threads, shown: /^SIMD/ },
]);

interface Result {
  name: string;
  version: string;
  seconds: number[];
  loss: number;
}

function run({ backend, features, threads, shown }: (typeof SIDES)[number]): Result {
  const env = { ...process.env, SPANLAB_BACKEND: backend, TF_NUM_INTRAOP_THREADS: String(threads) };
  const args = [path.join(__dirname, 'wasm-step.ts'), values.steps, values.rows, values.length, features];
  const text = execFileSync(process.execPath, ['--import', 'tsx', ...args], { env, encoding: 'utf8' });
  const result = JSON.parse(text) as Result;
  if (result.name !== backend || !shown.test(result.version)) throw new Error(`${backend}: ran on ${text}`);
  return result;
}

const found = SIDES.map((side) => ({ side, best: Infinity, loss: NaN }));
for (let round = 0; round < Number(values.rounds); round++) {
  for (const entry of found) {
    const { seconds, loss } = run(entry.side);
    entry.best = Math.min(entry.best, ...seconds);
    entry.loss = loss;
    process.stderr.write(
      `${entry.side.name}, ${entry.side.threads}: ${seconds.map((x) => x.toFixed(2)).join(' ')} s\n`,
    );
  }
}
console.log(`${os.cpus()[0].model}, Node ${process.version}, load ${os.loadavg()[0].toFixed(1)} at the end`);
console.log('| | threads | s/step | of native | of one thread | loss |\n| --- | --- | --- | --- | --- | --- |');
for (const { side, best, loss } of found) {
  const of = (name: string, threads: number) =>
    (best / found.find((other) => other.side.name === name && other.side.threads === threads)!.best).toFixed(2);
  const cells = [side.name, side.threads, best.toFixed(2), of('native', side.threads), of(side.name, 1), loss.toFixed(5)]; // prettier-ignore
  console.log(`| ${cells.join(' | ')} |`);
}
