// Where things are: in a clone, and in an installed package, whose code is in `dist` and whose cache serves all projects.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { transformSync } from 'esbuild';

const ROOT = path.resolve(__dirname, '..');
const place = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab root ')));
process.on('exit', () => fs.rmSync(place, { recursive: true, force: true }));

/** What src/root.ts says when it runs from `folder`, in the working folder `cwd`. */
function ask(folder: string, cwd: string, env: Record<string, string> = {}): Record<string, unknown> {
  const { code } = transformSync(fs.readFileSync(path.join(ROOT, 'src', 'root.ts'), 'utf8'), {
    loader: 'ts',
    format: 'cjs',
  });
  fs.mkdirSync(path.join(folder, 'src'), { recursive: true });
  const file = path.join(folder, 'src', 'root.js');
  fs.writeFileSync(file, code);
  const script = `const r = require(${JSON.stringify(file)}); console.log(JSON.stringify({ installed: r.isInstalled(),
    code: r.codeFile('a'), package: r.packageFile('a'), project: r.projectRoot(), cache: r.cacheFolder('a'), version: r.version }))`;
  const environment = { ...process.env, NODE_OPTIONS: '', SPANLAB_CACHE: '', XDG_CACHE_HOME: '/xdg', ...env };
  return JSON.parse(execFileSync(process.execPath, ['-e', script], { cwd, env: environment, encoding: 'utf8' })) as Record<string, unknown>; // prettier-ignore
}

function writePackage(folder: string): void {
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "name": "spanlab", "version": "1.2.3" }');
}

test('in a clone all is in the clone, wherever one works', () => {
  const clone = path.join(place, 'clone');
  writePackage(clone);
  const a = path.join(clone, 'a');
  const found = ask(clone, os.tmpdir());
  assert.deepEqual(found, { installed: false, code: a, package: a, project: clone, cache: path.join(clone, '.spanlab', 'a'), version: '1.2.3' }); // prettier-ignore
});

test('a package has its code in dist, the project around it, and one cache for the user', () => {
  const project = path.join(place, 'project');
  const own = path.join(project, 'node_modules', 'spanlab');
  writePackage(own);
  fs.writeFileSync(path.join(project, 'package.json'), '{}');
  fs.mkdirSync(path.join(project, 'notes', 'deep'), { recursive: true });
  const dist = path.join(own, 'dist');
  const expected = { installed: true, code: path.join(dist, 'a'), package: path.join(own, 'a'), version: '1.2.3' };
  for (const cwd of [project, path.join(project, 'notes', 'deep')]) {
    const { cache, ...found } = ask(dist, cwd);
    assert.deepEqual(found, { ...expected, project });
    if (process.platform === 'linux') assert.equal(cache, '/xdg/spanlab/a');
  }
  const bare = path.join(place, 'bare');
  fs.mkdirSync(bare);
  assert.equal(ask(dist, bare).project, bare, 'no package.json above: where one works');
  assert.equal(ask(dist, bare, { SPANLAB_CACHE: '/elsewhere' }).cache, '/elsewhere/a');
});
