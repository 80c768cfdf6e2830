// Packages that have one file for `import` and another for `require`: which one is taken, by whom, with which types, and how often.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { Client } from './client';

let root: string;
let kernel: Client;
const options = { timeout: 60_000 };

const DUAL = 'project/node_modules/dual';
const FILES: Record<string, string> = {
  'project/package.json':
    '{ "name": "project", "type": "module", "imports": { "#dual": "dual", "#kind/*": { "import": "./kinds/import-*.mjs", "default": "./kinds/default-*.cjs" } } }',
  'project/kinds/import-a.mjs': 'export const kind = "import a"',
  'project/kinds/default-a.cjs': 'exports.kind = "default a"',
  [`${DUAL}/package.json`]: JSON.stringify({
    name: 'dual',
    exports: {
      '.': {
        import: { types: './i.d.mts', default: './i.mjs' },
        require: { types: './r.d.cts', default: './r.cjs' },
      },
      './parts/*': { import: { types: './parts/*.d.mts', default: './parts/*.mjs' }, require: './parts/*.cjs' },
      './parts/hidden': null,
    },
  }),
  [`${DUAL}/i.mjs`]:
    'export const onlyEsm = 41; export const kind = "import"; export class Point {}; export default "whole"',
  [`${DUAL}/i.d.mts`]:
    'export declare const onlyEsm: number; export declare const kind: string; export declare class Point {}; declare const whole: string; export default whole',
  [`${DUAL}/r.cjs`]: 'exports.kind = "require"; exports.onlyCommon = 1; exports.Point = class Point {}',
  [`${DUAL}/r.d.cts`]:
    'export declare const kind: string; export declare const onlyCommon: number; export declare class Point {}',
  [`${DUAL}/parts/one.mjs`]: 'export { Point } from "dual"; export const part = "one of import"',
  [`${DUAL}/parts/one.d.mts`]: 'export { Point } from "dual"; export declare const part: string',
  [`${DUAL}/parts/one.cjs`]: 'exports.part = "one of require"',
  [`${DUAL}/parts/hidden.mjs`]: 'export const part = "hidden"',
  // a module by its text alone, as many packages for bundlers have it
  'project/node_modules/bundled/package.json':
    '{ "name": "bundled", "exports": { "import": { "types": "./types.d.ts", "default": "./esm.js" }, "require": "./common.js" } }',
  'project/node_modules/bundled/esm.js': 'const kind = "import"; export { kind, kind as default }',
  'project/node_modules/bundled/common.js': 'exports.kind = "require"',
  'project/node_modules/bundled/types.d.ts': 'export declare const kind: string; export default kind',
  'project/notebooks/static.ts':
    'import whole, { kind, Point } from "dual"; export { Point }; export const own = whole + " " + kind',
  'project/notebooks/lazy.ts': 'export const lazy = async (): Promise<string> => (await import("dual")).kind',
  'project/notebooks/all.mjs': 'export * from "dual"; import "dual/parts/one"; export const more = 1',
  'project/notebooks/common.cjs': 'exports.kind = require("dual").kind',
  'project/notebooks/equals.cts': 'import dual = require("dual"); export const kind: string = dual.kind',
  'project/notebooks/needs.cjs': 'exports.own = require("./static.ts").own',
};

before(async () => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'kernel-packages-'));
  for (const [name, text] of Object.entries(FILES)) {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), text);
  }
  kernel = await Client.start({ folder: path.join(root, 'project', 'notebooks') });
});
after(async () => {
  await kernel.stop();
  fs.rmSync(root, { recursive: true });
});

async function result(code: string): Promise<string | undefined> {
  const run = await kernel.run(code);
  assert.deepEqual(run.errors, [], code);
  return run.result;
}

test('import and import() take the file for import, require that for require', options, async () => {
  assert.equal(
    await result("import whole, { onlyEsm, kind } from 'dual'; [onlyEsm + 1, kind, whole]"),
    "[ 42, 'import', 'whole' ]",
  );
  assert.equal(await result("(await import('dual')).kind"), 'import');
  assert.equal(await result("require('dual').kind"), 'require');
  assert.equal(await result("import equals = require('dual'); equals.onlyCommon"), '1');
  assert.equal(
    await result("import { kind as bundled } from 'bundled'; [bundled, require('bundled').kind]"),
    "[ 'import', 'require' ]",
  );
  assert.match((await result("import.meta.resolve('dual')"))!, /node_modules\/dual\/i\.mjs$/);
});

test('the types are those of the file that is taken', options, async () => {
  const { errors } = await kernel.run("import { onlyCommon } from 'dual'; onlyCommon");
  assert.match(errors[0].evalue, /^TS2614: Module '"dual"' has no exported member 'onlyCommon'/);
  const { errors: others } = await kernel.run("import equal = require('dual'); equal.onlyEsm");
  assert.match(others[0].evalue, /^TS2339: Property 'onlyEsm' does not exist/);
});

test('doors by a pattern, closed ones, and names that begin with #', options, async () => {
  assert.equal(await result("import { part } from 'dual/parts/one'; part"), 'one of import');
  assert.match(
    (await kernel.run("await import('dual/parts/hidden' as string)")).errors[0].evalue,
    /not defined by "exports"/,
  );
  assert.equal(await result("import { kind as private_ } from '#dual'; private_"), 'import');
  assert.equal(await result("import { kind as a } from '#kind/a'; a"), 'import a');
});

test('cells and files beside the notebook have one copy of a package between them', options, async () => {
  assert.equal(
    await result(`import { Point } from 'dual'; import { Point as part } from 'dual/parts/one'
      import { own, Point as same } from './static'; import { Point as third, more } from './all.mjs'
      import { lazy } from './lazy'; [own, same === Point, third === Point, part === Point, more, await lazy()].join()`),
    'whole import,true,true,true,1,import',
  );
  assert.equal(await result("import common from './common.cjs'; common.kind"), 'require');
  assert.equal(await result("import { kind as equals2 } from './equals.cjs'; equals2"), 'require');
});

test('require of a file that imports such a package gives it where Node can require modules', options, async () => {
  const { result: own, errors } = await kernel.run("require('./needs.cjs').own");
  if (process.features.require_module) assert.equal(own, 'whole import', JSON.stringify(errors));
  else assert.match(errors[0].evalue, /ERR_REQUIRE_ESM/);
});

test('what is installed with the kernel is found the same way, and TensorFlow.js is there once', options, async () => {
  assert.match((await result("import.meta.resolve('valibot')")) ?? '', /valibot\/dist\/index\.mjs$/);
  assert.equal(await result("import * as valibot from 'valibot'; valibot[Symbol.toStringTag]"), 'Module');
  const { result: all, errors } = await kernel.run(
    `import * as tf from '@tensorflow/tfjs'; import { Tensor } from '@tensorflow/tfjs-core'
      const { tensor } = await import('@tensorflow/tfjs'); import { readSquad } from 'spanlab'
      [tf.tensor === require('@tensorflow/tfjs').tensor, tensor([1]) instanceof Tensor, readSquad === require('spanlab').readSquad]`,
  );
  assert.equal(all, '[ true, true, true ]', JSON.stringify(errors));
});
