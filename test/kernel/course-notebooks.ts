// Ten notebooks as a university course on logic writes them (parsers, backtracking, search, sets of sets, deep recursion), and the
// folder that they stand in.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export const NOTEBOOKS: Record<string, string[]> = {
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

/** A cell that says how deep a recursion goes. */
export const DEPTH = 'let depth = 0; function down() { depth++; down() } try { down() } catch {} depth';

/** Likewise of asynchronous functions, which begin so far from the end of the stack as there are `values`. */
export function asyncDepth(values: number): string {
  const down = 'let depth = 0; const down = async (n) => { depth = n; return (await down(n + 1)) + 1 }';
  const begin = `const begin = async (...values) => down(0); try { await begin(${Array(values).fill(1).join()}) } catch {}`;
  return `${down}; ${begin}; depth`;
}

/** A new folder with what the notebooks import: a module beside them, and a package. */
export function courseFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kernel-course-'));
  fs.writeFileSync(
    path.join(folder, 'sets.ts'),
    'export function union<T>(a: Set<T>, b: Set<T>) { return new Set([...a, ...b]) }',
  );
  fs.mkdirSync(path.join(folder, 'node_modules', 'twice'), { recursive: true });
  fs.writeFileSync(path.join(folder, 'node_modules', 'twice', 'index.js'), 'exports.twice = (x) => 2 * x');
  return folder;
}
