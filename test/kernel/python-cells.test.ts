// %%ts cells in a notebook whose kernel is IPython's, as on Google Colab: what they print, show, throw, and how they are stopped.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { isAlive } from '../../src/processes';
import { ROOT } from './client';

const JUPYTER = path.join(ROOT, '.spanlab', 'jupyter', 'bin');

interface Output {
  output_type: string;
  name?: string;
  text?: string | string[];
  data?: Record<string, unknown>;
  ename?: string;
  evalue?: string;
  traceback?: string[];
}

/** What each cell has below it when the notebook has run to its end, whatever failed. */
function execute(cells: string[]): Output[][] {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'python-cells-'));
  try {
    const code = cells.map((source, i) => ({
      cell_type: 'code',
      id: `c${i}`,
      metadata: {},
      execution_count: null,
      outputs: [],
      source,
    }));
    const metadata = { kernelspec: { name: 'python3', display_name: 'Python 3', language: 'python' } };
    fs.writeFileSync(
      path.join(folder, 'a.ipynb'),
      JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata, cells: code }),
    );
    fs.writeFileSync(path.join(folder, 'near.ts'), 'export const near = 41;\n');
    const flags = ['--to', 'notebook', '--execute', '--allow-errors', 'a.ipynb', '--output', 'b.ipynb'];
    execFileSync(path.join(JUPYTER, 'jupyter-nbconvert'), flags, {
      cwd: folder,
      env: { ...process.env, NODE_OPTIONS: '', PYTHONWARNINGS: 'ignore' },
      stdio: 'ignore',
    });
    const done = JSON.parse(fs.readFileSync(path.join(folder, 'b.ipynb'), 'utf8')) as {
      cells: { outputs: Output[] }[];
    };
    return done.cells.map(({ outputs }) => outputs);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

const textOf = (outputs: Output[]) =>
  outputs
    .map(({ text, data, evalue }) => text ?? data?.['text/plain'] ?? evalue ?? '')
    .flat()
    .join('');

test('cells of TypeScript in a notebook of Python', { timeout: 300_000 }, () => {
  const folder = path.join(ROOT, 'kernel', 'python-cells');
  const cells: Record<string, string> = {
    load: `import sys; sys.path.append(${JSON.stringify(folder)})\n%load_ext spanlab_cells`,
    prints: "%%ts\nconst n: number = 7\nconsole.log('seven'); console.error('oh')\nn + 1",
    near: "%%ts\nimport { near } from './near'\nnear + 1",
    shows: "%%ts\nimport { display } from 'tslab'\ndisplay.html('<b>bold</b>')",
    updates:
      "%%ts\nimport { newDisplay } from 'tslab'\nconst shown = newDisplay(); shown.html('<i>old</i>'); shown.html('<i>new</i>')",
    throws: "%%ts\nthrow new RangeError('boom')",
    types: "%%ts\nconst rate: number = 'fast'",
    keeps: '%%ts\nn * 6',
    python: '1 + 1',
    alarm: 'import os, signal, threading\nthreading.Timer(3, os.kill, (os.getpid(), signal.SIGINT)).start()',
    stops: '%%ts\nwhile (true) {}',
    after: '%%ts\nn * 9',
    dies: '%%ts\nprocess.kill(process.pid, "SIGKILL"); await new Promise(() => undefined)',
    again: '%%ts\ntypeof globalThis',
    restart: '%ts restart',
    forgets: '%%ts\nn',
    usage: '%ts',
    pid: '%%ts\nprocess.pid',
  };
  const results = execute(Object.values(cells));
  const of = Object.fromEntries(Object.keys(cells).map((name, i) => [name, results[i]]));

  const byName = Object.fromEntries(of.prints.map((output) => [output.name ?? output.output_type, textOf([output])]));
  assert.deepEqual(byName, { stdout: 'seven\n', stderr: 'oh\n', display_data: '8' });
  assert.equal(textOf(of.near), '42', 'a file beside the notebook');
  assert.equal(String(of.shows[0].data?.['text/html']), '<b>bold</b>');
  assert.deepEqual(
    of.updates.map(({ data }) => String(data?.['text/html'])),
    ['<i>new</i>'],
  );
  assert.match(of.throws[0].traceback!.join('\n'), /RangeError.*boom/);
  assert.equal(of.throws[0].ename, 'TypeScriptError');
  assert.match(of.types[0].traceback!.join('\n'), /TS2322/);
  assert.equal(textOf(of.keeps), '42', 'variables stay');
  assert.equal(textOf(of.python), '2');
  assert.equal(of.stops.at(-1)?.ename, 'KeyboardInterrupt');
  assert.equal(textOf(of.after), '63', 'a cell that was stopped keeps the variables');
  assert.match(textOf(of.dies), /the TypeScript kernel has ended \(-9\); the next %%ts starts another/);
  assert.equal(textOf(of.again), 'object');
  assert.match(of.forgets[0].traceback!.join('\n'), /TS2304/);
  assert.match(JSON.stringify(of.usage), /%%ts as the first line/);
  assert.equal(isAlive(Number(textOf(of.pid))), false, 'the kernel ends with the notebook');
});
