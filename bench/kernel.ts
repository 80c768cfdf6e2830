// How much slower the code of a cell is than the same code in Node: node --no-force-async-hooks-checks -r ./kernel/loader.cjs
// bench/kernel.ts. CPU time of this process, the least of several rounds, cell and Node in turns. TypeScript is loaded as the
// kernel loads it: `--import tsx` hands buffers from thread to thread, after which V8 asks at every read of an array whether
// its buffer is still there. `swap` takes half as long again in any code that V8's inspector evaluates, in a function of its own
// too, until some 1e8 rounds have made both equal.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Session } from '../kernel/cells/session';
import { createStopFlags } from '../kernel/wire/stop';

const ROUNDS = Number(process.env.ROUNDS ?? 15);
/** Part of a row's name: only such rows. */
const ONLY = process.env.ONLY ?? '';

const BEGIN = 'const began = process.cpuUsage();';

/** The same code for both, timed from `BEGIN` on where it has one; `round` makes its names new, so that nothing is warm. */
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
  'var: 5e7 rounds': () => 'var vs = 0; for (var vi = 0; vi < 5e7; vi++) vs += vi & 3;',
  'while: 5e7 additions': () => 'let n = 0; while (n < 5e7) n++;',
  'nested: 6e7 rounds': () =>
    'let t = 0; for (let k = 0; k < 6000; k++) for (let i = 0; i < 1e4; i++) t += (i * k) % 7;',
  'flag: 4e7 flips': () =>
    'let flag = false, flips = 0; for (let i = 0; i < 4e7; i++) { flag = !flag; if (flag) flips++; }',
  'states: 4e7 words': () =>
    "let state = 'a', steps = 0; for (let i = 0; i < 4e7; i++) { switch (state) { case 'a': state = 'b'; break; case 'b': state = 'c'; break; default: state = 'a' } steps++; }",
  'bigint: 1e7 additions': () => 'let big = 0n; for (let i = 0; i < 1e7; i++) big += 3n;',
  'swap: 4e7': () => 'let sa = 1, sb = 2; for (let i = 0; i < 4e7; i++) [sa, sb] = [sb, (sa + i) & 1023];',
  'for in: 2e7 keys': () =>
    "const dict = Object.fromEntries(Array.from({ length: 200 }, (_, i) => ['k' + i, i])); let fi = 0; for (let r = 0; r < 1e5; r++) for (const k in dict) fi += dict[k];",
  'for of: 5e6 pairs': () =>
    'const pairs = Array.from({ length: 1e6 }, (_, i) => [i, i + 1]); let ds = 0; for (let r = 0; r < 5; r++) for (const [x, y] of pairs) ds += x * y;',
  'for await: 2e5 steps of a generator': () =>
    'async function* count(n) { for (let i = 0; i < n; i++) yield i } let ag = 0; for await (const x of count(2e5)) ag += x;',
  'for await: 2e5 values of an array': () =>
    'const values = Array.from({ length: 2e5 }, (_, i) => i); let ar = 0; for await (const x of values) ar += x;',
  'try: 3e7 rounds': () =>
    'let ok = 0; for (let i = 0; i < 3e7; i++) { try { if (i % 1000 === 0) throw null; ok++ } catch { ok-- } }',
  'array by name in a function: 4e7 reads': () =>
    // the making of the array is not timed: 320 MB set V8's collector to work, in threads of its own, on whatever the heap holds
    `const numbers = new Float64Array(4e7).fill(1); ${BEGIN} function sumAll() { let s = 0; for (let i = 0; i < numbers.length; i++) s += numbers[i]; return s } const sums = sumAll();`,
  'small objects: 5e7 made': () =>
    'class Point { x; y; constructor(x, y) { this.x = x; this.y = y } add(other) { return new Point(this.x + other.x, this.y + other.y) } } const one = new Point(1, 1); let point = new Point(0, 0); for (let i = 0; i < 5e7; i++) point = point.add(one);',
  'characters: 2e7': () =>
    "let text = 'the quick brown fox '.repeat(2e5); let spaces = 0; for (let r = 0; r < 5; r++) for (let i = 0; i < text.length; i++) if (text[i] === ' ') spaces++;",
  'a name that functions have, too: 5e7 additions': () =>
    'const other = (total) => total * 2; let total = 0; for (let i = 0; i < 5e7; i++) total += i;',
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
    if (!name.includes(ONLY)) continue;
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
  return `${code.includes(BEGIN) ? '' : BEGIN}\n${code}\nconst spent = process.cpuUsage(began);\n${use(ms)}`;
}

void main();
