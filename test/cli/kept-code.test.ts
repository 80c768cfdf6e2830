// Compiled code that outlives a process: it is taken where a module is what it was, and never otherwise.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';

const SOURCE = path.resolve(__dirname, '..', '..', 'src', 'kept-code.cjs');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-kept-'));
after(() => fs.rmSync(folder, { recursive: true }));
let projects = 0;

/** A clone with these files, which starts with `main.js`. */
function project(files: Record<string, string>) {
  const root = path.join(folder, String(projects++));
  const place = (name: string) => path.join(root, name);
  const write = (name: string, text: string) => {
    fs.mkdirSync(path.dirname(place(name)), { recursive: true });
    fs.writeFileSync(place(name), text);
  };
  const start = `require('./src/kept-code.cjs').keepCode(); require('./main.js');`;
  Object.entries({ 'start.js': start, 'node_modules/.package-lock.json': '{}', ...files }).forEach(([name, text]) =>
    write(name, text),
  );
  fs.mkdirSync(place('src'), { recursive: true });
  fs.copyFileSync(SOURCE, place('src/kept-code.cjs'));
  const run = () => execFileSync(process.execPath, [place('start.js')], { encoding: 'utf8' }).trim();
  return { place, write, run, kept: place('node_modules/.cache/spanlab/code') };
}

/** Another text of the same size, whose file says that nothing has changed. */
function swapUnseen(file: string, from: string, to: string): void {
  const { atime, mtime } = fs.statSync(file);
  fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(from, to));
  fs.utimesSync(file, atime, mtime);
}

test('the second start takes modules as the first compiled them, and a changed one as it is now', () => {
  const { place, write, run } = project({
    'main.js': `console.log(require('./part'), require('tool'), __filename === require.resolve('./main'))`,
    'part.js': `exports.says = 'one – '`,
    'node_modules/tool/index.js': `module.exports = 'tool 1'`,
  });
  for (const name of ['part.js', 'node_modules/tool/index.js']) fs.utimesSync(place(name), 1000, 1000); // whole seconds
  const first = run();
  assert.equal(first, `{ says: 'one – ' } tool 1 true`);
  swapUnseen(place('part.js'), 'one', 'two');
  swapUnseen(place('node_modules/tool/index.js'), '1', '2');
  assert.equal(run(), first, 'neither file was read');
  write('part.js', `exports.says = 'three'`);
  assert.equal(run(), `{ says: 'three' } tool 1 true`);
  assert.equal(run(), `{ says: 'three' } tool 1 true`);
  write('node_modules/.package-lock.json', '{ }');
  assert.equal(run(), `{ says: 'three' } tool 2 true`, 'npm has been here');
});

test('a module that has gone is looked for, as one is that was not there', () => {
  const { place, write, run } = project({
    'main.js': `console.log(require('./part'))`,
    'part.js': `module.exports = 1`,
  });
  assert.equal(run(), '1');
  fs.rmSync(place('part.js'));
  write('part/index.js', 'module.exports = 2');
  assert.equal(run(), '2');
  assert.equal(run(), '2');
});

test('imports, errors and what is no CommonJS are those of Node', () => {
  const { place, run } = project({
    'main.js': `import('./late.mjs').then(({ late }) => console.log(late));
      try { require('./broken') } catch (error) { console.log(error.name, error.stack.split('\\n')[0].endsWith('broken.js:2')) }
      try { require('./throws') } catch (error) { console.log(/throws\\.js:2:\\d+/.test(error.stack)) }`,
    'late.mjs': `export const late = 'late'`,
    'broken.js': `\nconst = 1`,
    'throws.js': `\nthrow new Error('no')`,
  });
  const expected = 'SyntaxError true\ntrue\nlate';
  assert.equal(run(), expected);
  assert.equal(run(), expected);
  assert.ok(fs.existsSync(place('node_modules/.cache/spanlab/code')));
});

test('a kept file that is damaged counts for nothing, and where none can be written nothing is said', () => {
  const { run, kept, place } = project({
    'main.js': `console.log(require('./part'))`,
    'part.js': `module.exports = 1`,
  });
  run();
  const whole = fs.readFileSync(kept);
  for (const bytes of [whole.subarray(0, 3), whole.subarray(9), Buffer.alloc(50, 255), Buffer.alloc(0)]) {
    fs.writeFileSync(kept, bytes);
    assert.equal(run(), '1');
  }
  fs.rmSync(place('node_modules/.cache'), { recursive: true });
  fs.writeFileSync(place('node_modules/.cache'), 'a file where the folder should be');
  const { stdout, stderr } = spawnSync(process.execPath, [place('start.js')], { encoding: 'utf8' });
  assert.deepEqual([stdout, stderr], ['1\n', '']);
});
