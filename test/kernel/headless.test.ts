// Notebooks run without a browser, by every program that people use for it: a good one passes, a broken one does not.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { runNotebook } from '../../src/setup/notebook';
import { ROOT } from './client';

const BIN = path.join(ROOT, '.spanlab', 'jupyter', 'bin');
const options = { timeout: 120_000 };

const NOTEBOOKS: Record<string, string[]> = {
  good: [
    "import { readSquad } from './src/squad/read'\ntypeof readSquad",
    'await new Promise((r) => setTimeout(r, 50)); 7',
  ],
  throws: ['1', "throw new Error('boom')", '2'],
  types: ["const rate: number = 'fast'"],
  rejects: [
    "async function train() { await new Promise((r) => setTimeout(r, 50)); throw new Error('floating') }\ntrain()\n1",
  ],
};
const BROKEN = ['throws', 'types', 'rejects'];

let folder: string;
before(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kernel-headless-'));
  for (const [name, cells] of Object.entries(NOTEBOOKS)) fs.writeFileSync(file(name), JSON.stringify(notebook(cells)));
});
after(() => fs.rmSync(folder, { recursive: true }));

function file(name: string): string {
  return path.join(folder, `${name}.ipynb`);
}

function notebook(cells: string[]) {
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { kernelspec: { name: 'tslab', display_name: 'TypeScript (tslab)', language: 'typescript' } },
    cells: cells.map((source, i) => ({
      cell_type: 'code',
      id: `cell-${i}`,
      metadata: {},
      execution_count: null,
      outputs: [],
      source,
    })),
  };
}

interface Outcome {
  code: number;
  text: string;
}

/** Jupyter's client looks for free ports and lets go of them before the kernel has them: in between another kernel may take
 * one for good. JupyterLab then starts the kernel anew with other ports; nbclient, which all runners here use, does not. */
const PORT_TAKEN = /the sockets are lost: .*Address already in use/;

/** Runs a program of the Jupyter environment, in the folder of the notebooks; anew where a port was taken. */
async function run(program: string, ...args: string[]): Promise<Outcome> {
  const outcome = await runOnce(program, ...args);
  return PORT_TAKEN.test(outcome.text) ? run(program, ...args) : outcome;
}

function runOnce(program: string, ...args: string[]): Promise<Outcome> {
  const env = {
    ...process.env,
    NODE_OPTIONS: '',
    JUPYTER_PATH: path.join(ROOT, 'kernel', 'jupyter'),
    PYTHONWARNINGS: 'ignore',
  };
  return new Promise((resolve, reject) => {
    execFile(path.join(BIN, program), args, { cwd: folder, env }, (error, stdout, stderr) => {
      if (typeof error?.code === 'string') reject(new Error(`${program} is missing: npm run setup`));
      else resolve({ code: error ? Number(error.code ?? 1) : 0, text: stdout + stderr });
    });
  });
}

/** A runner passes the good notebook and fails all others, naming their error. */
async function judge(execute: (name: string) => Promise<Outcome>): Promise<Outcome> {
  const expected: Record<string, RegExp> = { throws: /boom/, types: /TS2322/, rejects: /floating/ };
  const [good, ...broken] = await Promise.all(['good', ...BROKEN].map(execute));
  assert.equal(good.code, 0, good.text);
  broken.forEach(({ code, text }, i) => {
    assert.notEqual(code, 0, `${BROKEN[i]} passed`);
    assert.match(text, expected[BROKEN[i]]);
  });
  return good;
}

test('nbconvert', options, async () => {
  await judge((name) =>
    run('jupyter-nbconvert', '--to', 'notebook', '--execute', file(name), '--output', `${name}.out.ipynb`),
  );
});

test('papermill', options, async () => {
  await judge((name) => run('papermill', file(name), file(`${name}.papermill`)));
});

test('parameters of papermill are declared behind their defaults', options, async () => {
  const cells = notebook([
    'let n = 1, words: string[] = [], rate: number | null = 1',
    'console.log(n + 1, words, rate)',
  ]);
  (cells.cells[0].metadata as { tags?: string[] }).tags = ['parameters'];
  fs.writeFileSync(file('parameters'), JSON.stringify(cells));
  const given = ['-p', 'n', '7', '-y', 'words: ["a\\"b", "é"]', '-y', 'rate: null'];
  const { code, text } = await run('papermill', ...given, file('parameters'), file('parameters.out'));
  assert.equal(code, 0, text);
  assert.match(fs.readFileSync(file('parameters.out'), 'utf8'), /8 \[ 'a\\"b', 'é' \] null/);
});

test('nbmake', options, async () => {
  const flags = ['--nbmake', '-v', '-p', 'no:cacheprovider'];
  const { code, text } = await run('pytest', ...flags, ...Object.keys(NOTEBOOKS).map(file));
  assert.equal(code, 1, text);
  assert.match(text, /good\.ipynb::.* PASSED/);
  for (const name of BROKEN) assert.match(text, new RegExp(`${name}\\.ipynb::.* FAILED`));
  assert.match(text, /3 failed, 1 passed/);
});

test('our own runner tells each section and its progress, and writes the outputs', options, async () => {
  const script = path.join(ROOT, 'kernel', 'run_notebook.py');
  const output = (name: string) => path.join(folder, `${name}.done.ipynb`);
  await judge((name) => run('python', script, file(name), output(name)));
  const bar = "import { newDisplay } from 'tslab'; newDisplay().html('<progress value=\"0.5\"></progress> <code>step 5/10, 2 s left</code>')"; // prettier-ignore
  const prose = {
    cell_type: 'markdown',
    id: 'prose',
    metadata: {},
    source: '# Top\n\n## 3 · The `loop`, *trained*\n\nText.',
  };
  const sections = notebook([bar, '1 + 1']);
  fs.writeFileSync(file('sections'), JSON.stringify({ ...sections, cells: [prose, ...sections.cells] }));
  const { text } = await run('python', script, file('sections'), output('sections'));
  assert.match(text, /^3 · The loop, trained\n {4}step 5\/10, 2 s left\n {4}[\d.]+ s\n$/);
  const { cells } = JSON.parse(fs.readFileSync(output('good'), 'utf8')) as { cells: { outputs: { data: object }[] }[] };
  assert.deepEqual(
    cells.map(({ outputs }) => outputs[0].data),
    [{ 'text/plain': ['function'] }, { 'text/plain': ['7'] }],
  );
});

test('our own runner hears a failure after the last cell', options, async () => {
  const late = "setTimeout(() => { throw new Error('afterwards') }, 300); 0";
  fs.writeFileSync(file('late'), JSON.stringify(notebook([late])));
  const script = path.join(ROOT, 'kernel', 'run_notebook.py');
  const { code, text } = await run('python', script, file('late'), path.join(folder, 'late.out.ipynb'));
  assert.equal(code, 1);
  assert.match(text, /afterwards/);
});

test(
  'our own runner tells a kernel that ended by itself from a cell that failed, and keeps what was done',
  options,
  async () => {
    fs.writeFileSync(file('dead'), JSON.stringify(notebook(['6 * 7', "process.kill(process.pid, 'SIGKILL'); await new Promise(() => 0)"]))); // prettier-ignore
    const output = path.join(folder, 'dead.out.ipynb');
    const { code, text } = await run('python', path.join(ROOT, 'kernel', 'run_notebook.py'), file('dead'), output);
    assert.doesNotMatch(text, /Traceback|Error/);
    assert.equal(code, 3, text);
    assert.match(fs.readFileSync(output, 'utf8'), /"42"/);
    await assert.rejects(runNotebook(file('dead'), output), {
      code: 'E_NOTEBOOK_KERNEL',
      message: /dead\.ipynb: the kernel ended by itself, most often because memory ran out; .*dead\.out/,
    });
  },
);

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`our own runner ends at ${signal}, with its kernel and without a word of Python`, options, async () => {
    const pidFile = path.join(folder, `${signal}.pid`);
    const cell = `require('node:fs').writeFileSync(${JSON.stringify(pidFile)}, String(process.pid)); await new Promise((r) => setTimeout(r, 60_000))`; // prettier-ignore
    const cells = notebook(['6 * 7', cell, '7 * 7']);
    const old = { output_type: 'execute_result', execution_count: 3, data: { 'text/plain': 'of an earlier run' }, metadata: {} }; // prettier-ignore
    Object.assign(cells.cells[2], { execution_count: 3, outputs: [old] });
    fs.writeFileSync(file(signal), JSON.stringify(cells));
    const output = path.join(folder, `${signal}.out.ipynb`);
    const script = path.join(ROOT, 'kernel', 'run_notebook.py');
    const env = { ...process.env, NODE_OPTIONS: '', JUPYTER_PATH: path.join(ROOT, 'kernel', 'jupyter') };
    const child = spawn(path.join(BIN, 'python'), [script, file(signal), output], { env });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (part: string) => (said += part));
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    while (!fs.existsSync(pidFile)) await new Promise((resolve) => setTimeout(resolve, 50));
    await new Promise((resolve) => setTimeout(resolve, 200));
    child.kill(signal);
    // a terminal tells all, and `npm start` hands on what it hears
    await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill(signal);
    assert.equal(await ended, 4, said);
    assert.doesNotMatch(said, /Traceback|Error/);
    const written = fs.readFileSync(output, 'utf8');
    assert.match(written, /"42"/);
    assert.doesNotMatch(written, /of an earlier run/);
    assert.throws(() => process.kill(Number(fs.readFileSync(pidFile, 'utf8')), 0), { code: 'ESRCH' });
  });
}

test('jupytext takes a notebook to a script and back, and runs it', options, async () => {
  const script = path.join(folder, 'lesson.ts');
  assert.equal((await run('jupytext', '--to', 'ts:percent', file('good'), '--output', script)).code, 0);
  assert.match(fs.readFileSync(script, 'utf8'), /^\/\/ %%/m);
  const back = await run('jupytext', '--to', 'ipynb', '--execute', script, '--output', path.join(folder, 'back.ipynb'));
  assert.equal(back.code, 0, back.text);
});

test('jupyter_kernel_test passes; of its tests only that of the pager is skipped', options, async () => {
  const { code, text } = await run('python', path.join(ROOT, 'test', 'kernel', 'jupyter_kernel_test_spanlab.py'), '-v');
  assert.equal(code, 0, text);
  assert.deepEqual(text.match(/^test_\w+(?=.*skipped)/gm), ['test_pager']);
});
