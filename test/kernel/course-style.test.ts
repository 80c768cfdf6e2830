// Ten notebooks as a university course on logic writes them: what runs in tslab as it comes runs here, and as deep.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { Client } from './client';

const NOTEBOOKS: Record<string, string[]> = {
  parser: [
    'function parse(s) { let i = 0; const expr = () => { let v = term(); while (s[i] === "+") { i++; v += term() } return v }; const term = () => { let v = factor(); while (s[i] === "*") { i++; v *= factor() } return v }; const factor = () => { if (s[i] === "(") { i++; const v = expr(); i++; return v } let n = 0; while (/[0-9]/.test(s[i])) n = n * 10 + Number(s[i++]); return n }; return expr() }',
    'parse("2*(3+4)+1")',
  ],
  backtracking: [
    'const clauses = [[1, 2], [-1, 3], [-2, -3]]; const holds = (a, c) => c.some((l) => a[Math.abs(l)] === l > 0)',
    'function solve(a, v) { if (v > 3) return clauses.every((c) => holds(a, c)) ? a : null; return solve({ ...a, [v]: true }, v + 1) ?? solve({ ...a, [v]: false }, v + 1) }',
    'JSON.stringify(solve({}, 1))',
  ],
  graph: [
    'type Graph = Record<string, string[]>; const graph: Graph = { a: ["b", "c"], b: ["d"], c: ["d"], d: [] }',
    'function search(start: string, goal: string) { const seen = new Set([start]); let paths = [[start]]; while (paths.length) { const p = paths.shift(); const at = p[p.length - 1]; if (at === goal) return p; for (const n of graph[at]) if (!seen.has(n)) { seen.add(n); paths.push([...p, n]) } } }',
    'search("a", "d").join()',
  ],
  queens: [
    'function queens(n, row = 0, cols = []) { if (row === n) return 1; let count = 0; for (let c = 0; c < n; c++) if (cols.every((d, r) => d !== c && Math.abs(d - c) !== row - r)) count += queens(n, row + 1, [...cols, c]); return count }',
    'queens(7)',
  ],
  sets: [
    'class SetOfSets { items = new Map(); add(s) { this.items.set([...s].sort().join(), s); return this } get size() { return this.items.size } }',
    'function power(xs) { return xs.length === 0 ? [[]] : power(xs.slice(1)).flatMap((s) => [s, [xs[0], ...s]]) }',
    'const all = new SetOfSets(); for (const s of power([1, 2, 3, 4])) all.add(new Set(s)); all.size',
  ],
  recursion: ['const sum = (n) => (n === 0 ? 0 : n + sum(n - 1))', 'sum(7000)'],
  module: ["import { union } from './sets'", '[...union(new Set([1]), new Set([2]))].join()'],
  package: ["import { twice } from 'twice'", 'twice(21)'],
  untyped: ['let state = { a: null }; state?.a?.b', 'function show(x) { return typeof x }', 'show(state)'],
  generator: [
    'function* naturals() { let n = 0; while (true) { const step = yield n; n += step ?? 1 } }',
    'const it = naturals(); it.next(); it.next(5).value',
  ],
};
const DEPTH = 'let depth = 0; function down() { depth++; down() } try { down() } catch {} depth';

let folder: string;
let ours: Client;
let stock: Client;
before(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kernel-course-'));
  fs.writeFileSync(
    path.join(folder, 'sets.ts'),
    'export function union<T>(a: Set<T>, b: Set<T>) { return new Set([...a, ...b]) }',
  );
  fs.mkdirSync(path.join(folder, 'node_modules', 'twice'), { recursive: true });
  fs.writeFileSync(path.join(folder, 'node_modules', 'twice', 'index.js'), 'exports.twice = (x) => 2 * x');
  ours = await Client.start({ folder });
  stock = await Client.start({ folder, isStock: true });
});
after(async () => {
  await ours.stop();
  stock.process.kill('SIGKILL');
  stock.close();
  fs.rmSync(folder, { recursive: true });
});
const options = { timeout: 120_000 };

/** What a notebook's last cell shows, or prints as tslab does. */
async function outcome(kernel: Client, cells: string[]): Promise<string> {
  let shown = '';
  for (const cell of cells) {
    const { reply, result, stdout } = await kernel.run(cell);
    if (reply.status !== 'ok') return `failed: ${cell.slice(0, 40)}`;
    shown = (result ?? stdout).trim();
  }
  return shown;
}

for (const [name, cells] of Object.entries(NOTEBOOKS)) {
  test(`${name}: no cell fails that runs in tslab`, options, async () => {
    const [here, there] = [await outcome(ours, cells), await outcome(stock, cells)];
    assert.doesNotMatch(here, /^failed/);
    if (!there.startsWith('failed')) assert.equal(here.replace(/'/g, ''), there.replace(/'/g, ''));
  });
}

test('the depth of recursion is not less than in tslab', options, async () => {
  const [here, there] = [Number(await outcome(ours, [DEPTH])), Number(await outcome(stock, [DEPTH]))];
  assert.ok(here >= 0.99 * there, `${here} beside ${there}`);
});
