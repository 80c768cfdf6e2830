// What a notebook in a folder of its own imports: packages of every kind, files beside it, above it and anywhere.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { Client } from './client';

let root: string;
let kernel: Client;
const options = { timeout: 60_000 };

const FILES: Record<string, string> = {
  'project/package.json': '{ "name": "project" }',
  // only import finds it, and it waits at its top
  'project/node_modules/waits/package.json':
    '{ "name": "waits", "type": "module", "exports": { "import": "./index.js" } }',
  'project/node_modules/waits/index.js':
    'import { inner } from "inner"; export const value = await Promise.resolve(inner); export default "whole"',
  'project/node_modules/inner/package.json':
    '{ "name": "inner", "type": "module", "exports": { "node": { "import": "./node.js" } } }',
  'project/node_modules/inner/node.js': 'export const inner = 42',
  'project/node_modules/old/index.js': 'module.exports = { a: 1, f() { return 2 } }',
  'project/notebooks/helper.ts': 'export const help = (): number => 11',
  'project/notebooks/top.mjs': 'import { help } from "./helper.ts"; export const top = await Promise.resolve(help())',
  'project/notebooks/plain.mjs': 'export default 9; export const m = 4',
  'project/notebooks/common.cjs': 'module.exports = { c: 1 }',
  'project/notebooks/data.json': '{ "q": 3 }',
  'project/notebooks/page.css': 'b { color: red }',
  'outside/far.ts': 'export const far: string = "far"',
};

before(async () => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'kernel-imports-'));
  for (const [name, text] of Object.entries(FILES)) write(name, text);
  kernel = await Client.start({ folder: path.join(root, 'project', 'notebooks') });
});
after(async () => {
  await kernel.stop();
  fs.rmSync(root, { recursive: true });
});

function write(name: string, text: string): void {
  fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
  fs.writeFileSync(path.join(root, name), text);
}

async function result(code: string): Promise<string | undefined> {
  const run = await kernel.run(code);
  assert.deepEqual(run.errors, [], code);
  return run.result;
}

test('packages: for import only, waiting at their top, and CommonJS', options, async () => {
  assert.equal(await result("import whole, { value } from 'waits'; [whole, value]"), "[ 'whole', 42 ]");
  assert.equal(await result("const later = await import('waits'); later.value"), '42');
  assert.equal(await result("import old, { f } from 'old'; old.a + f()"), '3');
});

test('what is installed with the kernel, the package that it belongs to included, has its types', options, async () => {
  assert.equal(await result("import { readSquad } from 'spanlab'; typeof readSquad"), 'function');
  assert.equal(await result("import { readSquadRecords } from 'spanlab/squad'; typeof readSquadRecords"), 'function');
  assert.equal(await result("import * as schema from 'valibot'; typeof schema.string"), 'function');
  const { errors } = await kernel.run("import { readSquad as read } from 'spanlab'; read(1)");
  assert.match(errors[0].evalue, /^TS2345: Argument of type 'number'/);
});

test('a module that stands in its own address', options, async () => {
  assert.equal(await result("(await import('data:text/javascript,export default 5')).default"), '5');
  assert.equal(await result("import six from 'data:text/javascript,export default 6'; six"), '6');
});

test('a stylesheet is one for the page of the notebook', options, async () => {
  const { errors, messages } = await kernel.run("import './page.css'");
  assert.deepEqual(errors, []);
  assert.match(JSON.stringify(messages), /<style>b \{ color: red \}<\/style>/);
});

test('files beside the notebook, with and without extension', options, async () => {
  assert.equal(await result("import { help } from './helper'; help()"), '11');
  assert.equal(await result("import { help as h2 } from './helper.ts'; h2()"), '11');
  assert.equal(await result("import { help as h3 } from './helper.js'; h3()"), '11');
  assert.equal(await result("import nine, { m } from './plain.mjs'; nine + m"), '13');
  assert.equal(await result("import common from './common.cjs'; common.c"), '1');
  assert.equal(await result("import data from './data.json' with { type: 'json' }; data.q"), '3');
  assert.equal(await result("import { top } from './top.mjs'; top"), '11');
});

test('files of other folders', options, async () => {
  assert.equal(await result(`import { far } from '${root}/outside/far'; far`), 'far');
  assert.equal(await result("(await import('../../outside/far')).far"), 'far');
});

test('a file written for strict is no error in a loose cell; what is wrong there either way is', options, async () => {
  write(
    'project/notebooks/strict.ts',
    'export const word = (value: unknown): string => (typeof value === "string" || value === undefined ? value ?? "" : "?");',
  );
  assert.equal(await result("import { word } from './strict'; word(undefined) + word('a')"), 'a');
  write('project/notebooks/strict.ts', 'export const word = (value: unknown): string => 1;');
  const { errors } = await kernel.run("import { word as again } from './strict'; again(1)");
  assert.match(JSON.stringify(errors), /TS2322: Type 'number' is not assignable to type 'string'/);
  write('project/notebooks/strict.ts', 'export const word = String;');
});

test('a changed file is used by the next cell, wherever it is', options, async () => {
  write('project/notebooks/helper.ts', 'export const help = (): number => 12');
  write('outside/far.ts', 'export const far: number = 77');
  assert.equal(
    await result(`import { far } from '${root}/outside/far'; import { help } from './helper'; far + help()`),
    '89',
  );
  assert.equal(await result("import { top as again } from './top.mjs'; again"), '12');
});

test('import.meta, __dirname and require', options, async () => {
  const folder = fs.realpathSync(path.join(root, 'project', 'notebooks'));
  assert.equal(await result('[import.meta.dirname, __dirname, process.cwd()].join()'), [folder, folder, folder].join());
  assert.equal(await result("import.meta.resolve('./data.json')"), `file://${folder}/data.json`);
  assert.equal(await result("require('./common.cjs').c"), '1');
});

/** What files like to do at their top, be they waited for or not. */
const AT_TOP = `import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
const __filename = fileURLToPath(import.meta.url)
const __dirname = dirname(__filename)
const require = createRequire(import.meta.url)
const module = require('./common.cjs')
export const own = [import.meta.url, import.meta.filename, __dirname, import.meta.resolve('./data.json'), module.c + 1].join()
export const lazy = async () => (await import('./helper')).help() + (await import('./waiting')).count
export interface Failing { a: number }
export function fail(): Failing { throw new Error('here') }
`;

test('a file is its own URL, whether it awaits at its top or not, also when it is loaded anew', options, async () => {
  write('project/notebooks/waiting.ts', 'export const count: number = await Promise.resolve(5)');
  const folder = fs.realpathSync(path.join(root, 'project', 'notebooks'));
  const own = (name: string) =>
    [`file://${folder}/${name}.ts`, `${folder}/${name}.ts`, folder, `file://${folder}/data.json`, 2].join();
  for (const time of ['', '\n// again']) {
    write('project/notebooks/plain-top.ts', AT_TOP + time);
    write('project/notebooks/await-top.ts', `${AT_TOP}export const waited: number = await Promise.resolve(1)${time}`);
    for (const name of ['plain-top', 'await-top']) {
      assert.equal(await result(`import * as top from './${name}'; top.own`), own(name));
      assert.equal(await result('await top.lazy()'), '17');
      const { errors } = await kernel.run('top.fail()');
      assert.match(
        errors[0].traceback.join('\n'),
        new RegExp(`at (?:Object\\.)?fail \\(\\S*notebooks/${name}\\.ts:11:41\\)`),
      );
      const printed = await kernel.run('try { top.fail() } catch (error) { console.log(error.stack) }');
      assert.match(printed.stdout, new RegExp(`notebooks/${name}\\.ts:11:41\\)`));
    }
  }
});

test('a file that awaits at its top shares its imports with the others', options, async () => {
  write('project/notebooks/shared.ts', 'export const shared = { steps: 0 }');
  write(
    'project/notebooks/counts.mts',
    "import { shared } from './shared'; shared.steps++; await null; export { shared }",
  );
  write(
    'project/notebooks/whole.ts',
    "export * from './counts.mjs'; export * as waits from 'waits'; import whole from 'waits'; export { whole }",
  );
  assert.equal(
    await result(`import { shared } from './shared'; import { shared as same, waits, whole } from './whole'
      import { shared as third } from './counts.mjs'; [shared === same, same === third, shared.steps, waits.value, whole]`),
    "[ true, true, 1, 42, 'whole' ]",
  );
  write(
    'project/notebooks/counts.mts',
    "import { shared } from './shared'; shared.steps += 10; await null; export { shared }",
  );
  assert.equal(await result("import { shared as now } from './whole'; [now === shared, now.steps]"), '[ true, 11 ]');
});

test('files that await at their top may import each other in a circle, and fail and be mended', options, async () => {
  write(
    'project/notebooks/even.ts',
    "import { odd } from './odd'; await null; export const even = (n: number): boolean => n === 0 || odd(n - 1)",
  );
  write(
    'project/notebooks/odd.ts',
    "import { even } from './even'; await null; export const odd = (n: number): boolean => n > 0 && even(n - 1)",
  );
  assert.equal(
    await result("import { even } from './even'; import { odd } from './odd'; [even(4), odd(4)]"),
    '[ true, false ]',
  );
  write('project/notebooks/fails.ts', 'export const value: number = await Promise.reject(new Error("no value"))');
  const { errors } = await kernel.run("import { value } from './fails'");
  assert.match(errors[0].traceback.join('\n'), /^Error: no value\n.*notebooks\/fails\.ts:1:51/m);
  assert.match((await kernel.run("require('./fails')")).errors[0].evalue, /fails\.ts awaits at its top: .*import can/);
  write('project/notebooks/fails.ts', 'export const value: number = await Promise.resolve(6)');
  assert.equal(await result("import { value } from './fails'; value"), '6');
});

test('a file beside the notebook finds what is installed with the kernel', options, async () => {
  write('project/notebooks/schema.ts', "import { string } from 'valibot'; export const kind = typeof string");
  assert.equal(await result("import { kind } from './schema'; kind"), 'function');
});

test('a file beside the notebook imports packages for import only, waiting ones too', options, async () => {
  write('project/node_modules/top/package.json', '{ "name": "top", "type": "module", "exports": "./index.js" }');
  write('project/node_modules/top/index.js', 'export * from "./inner.js"');
  write('project/node_modules/top/inner.js', 'export const inner = await Promise.resolve(8)');
  write('project/notebooks/of-top.ts', "import { inner } from 'top'; export const more = inner + 1");
  write(
    'project/notebooks/of-waits.ts',
    "#!/usr/bin/env node\nimport whole, { value } from 'waits'; export const both = [whole, value]",
  );
  assert.equal(await result("import { more } from './of-top'; more"), '9');
  assert.equal(await result("import { both } from './of-waits'; both"), "[ 'whole', 42 ]");
});
