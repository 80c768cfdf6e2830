// Files that cells import: TypeScript as it lies there, used as it is now.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { Client, ROOT } from './client';

let kernel: Client;
let folder: string;
before(async () => {
  fs.mkdirSync(path.join(ROOT, '.spanlab'), { recursive: true });
  folder = fs.mkdtempSync(path.join(ROOT, '.spanlab', 'kernel-test-'));
  kernel = await Client.start();
});
after(async () => {
  await kernel.stop();
  fs.rmSync(folder, { recursive: true });
});
const options = { timeout: 20_000 };

/** Writes a file; like an editor's, its time differs from the one before. */
function write(name: string, text: string): void {
  fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  fs.writeFileSync(path.join(folder, name), text);
}

const from = (name: string) => `./.spanlab/${path.basename(folder)}/${name}`;

async function result(code: string): Promise<string | undefined> {
  const run = await kernel.run(code);
  assert.deepEqual(run.errors, [], code);
  return run.result;
}

test('a cell imports TypeScript from the project, wherever the notebook is', options, async () => {
  assert.equal(await result("import { readSquad } from './src/squad/read'; typeof readSquad"), 'function');
  assert.equal(await result('process.cwd()'), ROOT);
});

test('a changed file is used by the next cell that imports it, values and types', options, async () => {
  write('rate.ts', 'export const rate = 1;');
  const cell = `import { rate } from '${from('rate')}'; rate`;
  assert.equal(await result(cell), '1');
  write('rate.ts', 'export const rate = "fast";');
  assert.equal(await result(cell), 'fast');
  assert.equal(await result('rate.toUpperCase()'), 'FAST');
});

test('so is one that another file imports, and the rest keeps its state', options, async () => {
  write('deep/inner.ts', 'export const inner = (): number => 1;');
  write('middle.ts', "import { inner } from './deep/inner';\nexport const middle = () => inner() + 10;");
  write('outer.ts', "import { middle } from './middle';\nexport const outer = () => middle() + 100;");
  write('state.ts', 'export const state = { steps: 0 };');
  const cell = `import { outer } from '${from('outer')}'
    import { state } from '${from('state')}'
    state.steps += 1; [outer(), state.steps]`;
  assert.equal(await result(cell), '[ 111, 1 ]');
  write('deep/inner.ts', 'export const inner = (): number => 2_000;');
  assert.equal(await result(cell), '[ 2110, 2 ]');
  assert.equal(await result(`const { outer: again } = await import('${from('outer')}'); again()`), '2110');
});

test('a new file is found, also after it was looked for in vain', options, async () => {
  const cell = `import { fresh } from '${from('fresh')}'; fresh`;
  assert.match((await kernel.run(cell)).errors[0].evalue, /TS2307/);
  write('fresh.ts', 'export const fresh = 5;');
  assert.equal(await result(cell), '5');
});

test('files may import each other in a circle, and folders by their index', options, async () => {
  write('ring/a.ts', "import { b } from './b';\nexport const a = (n: number): number => (n ? b(n - 1) : 0);");
  write('ring/b.ts', "import { a } from './a';\nexport const b = (n: number): number => (n ? a(n - 1) : 1);");
  write('ring/index.ts', "export * from './a';");
  assert.equal(await result(`import { a } from '${from('ring')}'; a(3)`), '1');
});

test('a type error in a file is told with the file and its line', options, async () => {
  write('wrong.ts', "export const fine = 1;\nexport const wrong: number = 'x';");
  const { errors } = await kernel.run(`import { wrong } from '${from('wrong')}'; wrong`);
  assert.match(errors[0].traceback[0], /wrong\.ts:2:14 - error TS2322: [^]*\n {13}~~~~~\n/);
});

test('an error in a file names its TypeScript line', options, async () => {
  write(
    'throws.ts',
    'interface Long {\n  a: number;\n}\n\nexport function fail(): Long {\n  throw new Error("here");\n}',
  );
  const { errors } = await kernel.run(`import { fail } from '${from('throws')}'; fail()`);
  assert.match(errors[0].traceback.join('\n'), /at fail \(\.spanlab\/kernel-test-\w+\/throws\.ts:6:9\)/);
});
