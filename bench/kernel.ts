// How much slower the code of a cell is than the same code in Node: node --no-force-async-hooks-checks -r ./kernel/loader.cjs
// bench/kernel.ts. CPU time of this process, the least of several rounds, cell and Node in turns. TypeScript is loaded as the
// kernel loads it: `--import tsx` hands buffers from thread to thread, after which V8 asks at every read of an array whether
// its buffer is still there.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Session } from '../kernel/cells/session';
import { createStopFlags } from '../kernel/wire/stop';

const ROUNDS = 15;

/** The same code for both; `round` makes its names new, so that nothing is warm. */
const CODES: Record<string, (round: number) => string> = {
  'recursion: fib(32)': () => 'const fib = (n) => (n < 2 ? n : fib(n - 1) + fib(n - 2)); fib(32);',
  'counter: 2e7 additions': () => 'let sum = 0; for (let i = 0; i < 2e7; i++) sum += i;',
  'array: three passes over 4e6 numbers': () =>
    'const a = new Float64Array(4e6).fill(1); let t = 0; for (let k = 0; k < 3; k++) for (let i = 0; i < a.length; i++) t += a[i] * k;',
  'closure: 2e7 calls': () => 'let calls = 0; const call = () => { calls += 1 }; for (let i = 0; i < 2e7; i++) call();',
  'await in a loop: 5e5 values': () => 'for (let i = 0; i < 5e5; i++) await null;',
  'await in a loop: 2e5 promises': () => 'for (let i = 0; i < 2e5; i++) await Promise.resolve(i);',
  'await in a loop: 2e3 turns': () =>
    'for (let i = 0; i < 2e3; i++) await new Promise((resolve) => setImmediate(resolve));',
  'objects: 1e6 made, sorted, summed': () =>
    'const points = []; for (let i = 0; i < 1e6; i++) points.push({ x: (i * 7919) % 1e6, y: i }); points.sort((p, q) => p.x - q.x); let area = 0; for (const p of points) area += p.x * p.y;',
};

interface Row {
  name: string;
  cell: number;
  node: number;
}

async function main(): Promise<void> {
  const session = new Session(process.cwd(), createStopFlags());
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-kernel-'));
  console.log(`| code | Node ${process.versions.node}, ms | cell, ms | ratio |\n| --- | --- | --- | --- |`);
  for (const [name, code] of Object.entries(CODES)) {
    const row: Row = { name, cell: Infinity, node: Infinity };
    for (let round = 0; round < ROUNDS; round++) {
      row.node = Math.min(row.node, inNode(folder, code(round)));
      row.cell = Math.min(row.cell, await inCell(session, code(round)));
    }
    console.log(
      `| ${row.name} | ${row.node.toFixed(1)} | ${row.cell.toFixed(1)} | ${(row.cell / row.node).toFixed(2)} |`,
    );
  }
  fs.rmSync(folder, { recursive: true });
  process.exit(0);
}

/** As a module of its own, in a new process. */
function inNode(folder: string, code: string): number {
  const file = path.join(folder, 'code.mjs');
  fs.writeFileSync(
    file,
    timed(code, (ms) => `process.stdout.write(String(${ms}))`),
  );
  return Number(execFileSync(process.execPath, [file], { encoding: 'utf8' }));
}

async function inCell(session: Session, code: string): Promise<number> {
  const { cell, failure } = await session.run(
    timed(code, (ms) => ms),
    1,
    () => undefined,
  );
  if (failure) throw new Error(failure.traceback.join('\n'));
  return Number(cell.result?.['text/plain']);
}

function timed(code: string, use: (ms: string) => string): string {
  const ms = '(spent.user + spent.system) / 1000';
  return `const began = process.cpuUsage();\n${code}\nconst spent = process.cpuUsage(began);\n${use(ms)}`;
}

void main();
