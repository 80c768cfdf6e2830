// The packed package in empty folders, as people meet it: installed, type-checked, trained with, in a notebook. The registry is
// asked while it is installed; from then on no network is reached.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { bin, name, version } from '../../package.json';
import { pack } from '../../package/pack';
import { cacheFolder } from '../../src/root';

const ROOT = path.resolve(__dirname, '..', '..');
const PLACE = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'spanlab package '));
const PROJECT = path.join(PLACE, 'project');
const CREATED = path.join(PLACE, 'my qa');
const CACHE = path.join(PLACE, 'cache');
const JUPYTER = path.join(PLACE, 'jupyter');
const PYTHON = path.join(cacheFolder('jupyter'), 'bin', 'python');
const MB = 1e6;

/** Any address leads to a closed port, and so do pip's and npm's. */
const OFFLINE = {
  ...Object.fromEntries(['HTTP', 'HTTPS', 'http', 'https'].map((name) => [`${name}_proxy`, 'http://127.0.0.1:9'])),
  ...Object.fromEntries(['HTTP', 'HTTPS'].map((name) => [`${name}_PROXY`, 'http://127.0.0.1:9'])),
  HF_HUB_OFFLINE: '1',
  PIP_NO_INDEX: '1',
  npm_config_offline: 'true',
};
const ENVIRONMENT = {
  ...process.env,
  NODE_OPTIONS: '',
  SPANLAB_CACHE: CACHE,
  SPANLAB_GPU: '0',
  JUPYTER_PATH: path.join(JUPYTER, 'share', 'jupyter'),
  JUPYTER_DATA_DIR: path.join(PLACE, 'data'),
};

interface Ran {
  stdout: string;
  stderr: string;
}

/** Runs a program to its end; it must succeed. */
function run(program: string, args: string[], cwd = PROJECT, env: Record<string, string> = OFFLINE): Ran {
  const options = { cwd, env: { ...ENVIRONMENT, ...env }, encoding: 'utf8', maxBuffer: 1 << 26 } as const;
  const { status, stdout, stderr, error } = spawnSync(program, args, options);
  assert.equal(status, 0, `${program} ${args.join(' ')}: ${error?.message ?? ''}\n${stdout}\n${stderr}`);
  return { stdout, stderr };
}

const node = (...args: string[]) => run(process.execPath, args).stdout.trim();
const npx = (...args: string[]) => run('npx', ['--no-install', ...args]);

function write(file: string, text: string): void {
  fs.mkdirSync(path.dirname(path.join(PROJECT, file)), { recursive: true });
  fs.writeFileSync(path.join(PROJECT, file), text);
}

function sizeOf(folder: string): number {
  return Number(run('du', ['-sk', folder], PLACE).stdout.split('\t')[0]) * 1024;
}

/** What the set-up would fetch from the package index is taken from this clone; what it compiles is left to it. */
function fillCache(): void {
  for (const folder of fs.readdirSync(cacheFolder()).filter((file) => /^(tensorflow-.*-cpu|models)$/.test(file))) {
    fs.mkdirSync(CACHE, { recursive: true });
    run('cp', ['-al', path.join(cacheFolder(), folder), path.join(CACHE, folder)], PLACE);
  }
  const tensorflow = path.join(
    CACHE,
    fs.readdirSync(CACHE).find((file) => file.startsWith('tensorflow'))!,
  );
  for (const made of ['.complete', 'tfjs_binding.node']) fs.rmSync(path.join(tensorflow, made));
}

let tarball = '';

before(() => {
  tarball = pack(ROOT, PLACE);
  fillCache();
  fs.mkdirSync(PROJECT);
  run('npm', ['init', '--yes']);
  run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball], PROJECT, {});
});

after(() => fs.rmSync(PLACE, { recursive: true, force: true }));

describe('the package', () => {
  test('is small, and so is what it installs', (t) => {
    const [packed, installed] = [fs.statSync(tarball).size, sizeOf(path.join(PROJECT, 'node_modules'))];
    t.diagnostic(`tarball ${(packed / MB).toFixed(1)} MB, node_modules ${(installed / MB).toFixed(0)} MB`);
    assert.ok(packed < 3 * MB, `${packed} bytes`);
    assert.ok(installed < 600 * MB, `${installed} bytes`);
  });

  test('publint and attw find nothing', () => {
    const own = path.join(ROOT, 'node_modules', '.bin');
    assert.match(run(path.join(own, 'publint'), ['run', '--strict', tarball], ROOT).stdout, /All good/);
    run(path.join(own, 'attw'), [tarball], ROOT, {});
  });

  test('every entry loads, as ESM and as CommonJS', () => {
    const { exports } = JSON.parse(
      fs.readFileSync(path.join(PROJECT, 'node_modules', name, 'package.json'), 'utf8'),
    ) as { exports: Record<string, string> };
    const entries = Object.keys(exports).filter((entry) => !entry.endsWith('.json'));
    assert.ok(entries.length >= 9);
    for (const entry of entries.map((key) => path.posix.join(name, key))) {
      const required = node('-p', `Object.keys(require('${entry}')).filter((key) => key !== 'default').sort().join()`);
      write(
        'load.mjs',
        `import * as all from '${entry}';
        console.log(Object.keys(all).filter((key) => !['default', 'module.exports', '__esModule'].includes(key)).sort().join());`,
      );
      assert.equal(node('load.mjs'), required, entry);
      assert.ok(required.length > 0, entry);
    }
  });

  test('its types hold under the old and the new module resolution', () => {
    const source = `import { Trainer, readSquad, ask, type TrainerOptions } from 'spanlab';
import { readSquadRecords } from 'spanlab/squad';
import { Tokenizer } from 'spanlab/tokens';
import { QuestionAnsweringModel } from 'spanlab/model';
import { DataLoader } from 'spanlab/training';
import { evaluate } from 'spanlab/evaluation';
import { writeOnnx } from 'spanlab/publish';
import { readInside } from 'spanlab/inspect';
import { DataFrame, lossPlot } from 'spanlab/show';
export const options: Partial<TrainerOptions> = { epochs: 1 };
// @ts-expect-error a number is wanted
export const wrong: Partial<TrainerOptions> = { epochs: 'x' };
// @ts-expect-error a path is text
readSquad(1);
// @ts-expect-error frames have types of their own
export const shape: string = new DataFrame([{ a: 1 }]).shape[0];
export { Trainer, ask, readSquadRecords, Tokenizer, QuestionAnsweringModel, DataLoader, evaluate, writeOnnx, readInside, lossPlot };
`;
    write('types/use.ts', source);
    write('types/use.mts', source);
    const compiler = path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const strict = ['--noEmit', '--strict', '--target', 'es2022', '--lib', 'es2022,dom', '--types', 'node'];
    const both = ['types/use.ts', 'types/use.mts'];
    node(compiler, ...strict, '--skipLibCheck', '--module', 'nodenext', '--moduleResolution', 'nodenext', ...both);
    node(
      compiler,
      ...strict,
      '--skipLibCheck',
      '--module',
      'commonjs',
      '--moduleResolution',
      'node',
      '--ignoreDeprecations',
      '6.0',
      'types/use.ts',
    );
    // without skipLibCheck others' types may have faults; ours may not
    const checked = spawnSync(
      process.execPath,
      [compiler, ...strict, '--module', 'nodenext', '--moduleResolution', 'nodenext', ...both],
      { cwd: PROJECT, encoding: 'utf8', env: ENVIRONMENT },
    );
    assert.deepEqual(
      checked.stdout.split('\n').filter((line) => line.includes(`node_modules/${name}/`)),
      [],
    );
  });

  test('sets itself up in the cache with the first command that computes, and says so once', () => {
    const ask = ['ask', '--model', 'nowhere', '--question', 'q', '--context', 'c'];
    const first = spawnSync('npx', ['--no-install', name, ...ask], { cwd: PROJECT, encoding: 'utf8', env: { ...ENVIRONMENT, ...OFFLINE } }); // prettier-ignore
    assert.match(first.stderr, /native TensorFlow is installed once, into .*cache, for all projects/);
    assert.match(first.stderr, /native TensorFlow \S+ \(cpu\) is ready/);
    assert.match(first.stderr, /the engine for this processor is ready/);
    assert.match(first.stderr, /error: E_MODEL_OFFLINE/);
    const second = spawnSync('npx', ['--no-install', name, ...ask], { cwd: PROJECT, encoding: 'utf8', env: { ...ENVIRONMENT, ...OFFLINE } }); // prettier-ignore
    assert.match(second.stderr, /^error: E_MODEL_OFFLINE/);
    const facts = JSON.parse(npx(name, 'doctor', '--json').stdout) as Record<string, unknown>;
    assert.deepEqual([facts.backend, facts.operations, facts.spanlab], ['tensorflow', 'fused', version]);
    assert.equal(Object.keys(bin)[0], name);
  });

  test('trains, saves, opens again and answers, in a program of one file', () => {
    fs.copyFileSync(path.join(ROOT, 'test', 'package', 'program.mjs'), path.join(PROJECT, 'program.mjs'));
    const { backend, losses, answers, reopened } = JSON.parse(node('program.mjs').split('\n').at(-1)!) as {
      backend: string;
      losses: number[];
      answers: string[];
      reopened: string[];
    };
    assert.equal(backend, 'tensorflow');
    assert.equal(losses.length, 60);
    assert.ok(losses.at(-1)! < losses[0] / 2, `the loss went from ${losses[0]} to ${losses.at(-1)}`);
    assert.deepEqual(answers, ['red', 'blue']);
    assert.deepEqual(reopened, answers, 'the saved model gives the same answers');
  });

  test('without Python and a compiler it says what is missing, and computes with WebAssembly', () => {
    const tools = path.join(PLACE, 'tools');
    fs.mkdirSync(tools);
    fs.symlinkSync(process.execPath, path.join(tools, 'node'));
    const env = { ...OFFLINE, PATH: tools, SPANLAB_CACHE: path.join(PLACE, 'empty') };
    const { stderr } = run(process.execPath, [path.join('node_modules', '.bin', name), 'setup'], PROJECT, env);
    assert.match(
      stderr,
      /native TensorFlow needs Python 3 with pip and a C\+\+ compiler such as g\+\+; training goes on/,
    );
    assert.match(stderr, /notebooks need Python 3\.10 or newer/);
    const { backend, answers } = JSON.parse(run(process.execPath, ['program.mjs'], PROJECT, env).stdout.split('\n').at(-2)!) as Record<string, unknown>; // prettier-ignore
    assert.deepEqual([backend, answers], ['wasm', ['red', 'blue']]);
  });
});

/** A notebook of these cells, with a kernel; @returns what each showed */
function execute(kernel: string, cells: string[], folder: string): string[][] {
  const script = `import json, sys, nbformat, nbclient
kernel, cells, folder = json.loads(sys.argv[1])
nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells], metadata={"kernelspec": {"name": kernel, "display_name": "x", "language": "typescript"}})
nbclient.NotebookClient(nb, timeout=600, startup_timeout=300, allow_errors=True, resources={"metadata": {"path": folder}}).execute()
shown = lambda o: o.get("text") or o.get("data", {}).get("text/plain") or o["ename"] + ": " + o["evalue"]
print(json.dumps([[shown(o) for o in cell.outputs] for cell in nb.cells]))`;
  return JSON.parse(run(PYTHON, ['-c', script, JSON.stringify([kernel, cells, folder])]).stdout) as string[][];
}

describe('the kernel', () => {
  test('is installed with absolute paths, works in the folder of the notebook, and is uninstalled', () => {
    assert.match(
      npx(name, 'kernel', 'install', '--prefix', JUPYTER, '--name', 'mine').stdout,
      /^Installed: .*kernels\/mine$/m,
    );
    write('notes/lib.ts', 'export const twice = (x: number): number => 2 * x;\n');
    write('notes/data.json', '{"a": 1}');
    write(
      'node_modules/beside/package.json',
      '{"name": "beside", "version": "1.0.0", "main": "index.js", "types": "index.d.ts"}',
    );
    write('node_modules/beside/index.js', 'exports.beside = 7;');
    write('node_modules/beside/index.d.ts', 'export const beside: number;');
    const shown = execute(
      'mine',
      [
        "import { readSquad } from 'spanlab';\nimport { readSquadRecords } from 'spanlab/squad';\ntypeof readSquad",
        "import { twice } from './lib';\ntwice(21)",
        "import { readFileSync } from 'node:fs';\nJSON.parse(readFileSync('data.json', 'utf8')).a",
        "import { beside } from 'beside';\nbeside",
        "import { DataFrame } from 'spanlab/show';\nnew DataFrame([{ a: 1, b: 2 }])",
        'readSquad(1)',
        "readSquadRecords('missing.json')",
        'process.cwd()',
      ],
      path.join(PROJECT, 'notes'),
    );
    assert.deepEqual(shown.slice(0, 4), [['function'], ['42'], ['1'], ['7']]);
    assert.match(shown[4].join(), /a\s+b\n1\s+2/);
    assert.match(shown[5].join(), /TS2345/);
    assert.match(shown[6].join(), /E_FILE_MISSING/);
    assert.deepEqual(shown[7], [path.join(PROJECT, 'notes')]);

    const script = path.join(ROOT, 'test', 'package', 'front_ends.py');
    const seen = JSON.parse(run(PYTHON, [script, 'mine', path.join(PROJECT, 'notes')]).stdout) as unknown;
    const expected = `8 in ${path.join(PROJECT, 'notes')}`;
    const vsCode = { info_False: 'typescript', info_True: 'typescript', status: 'ok', execute_result: expected };
    assert.deepEqual(seen, { papermill: expected, server: expected, vs_code: vsCode });

    npx(name, 'kernel', 'uninstall', '--prefix', JUPYTER, '--name', 'mine');
    assert.equal(fs.existsSync(path.join(JUPYTER, 'share', 'jupyter', 'kernels', 'mine')), false);
  });
});

describe('create-spanlab', () => {
  test('its folder installs, type-checks and trains, and its notebook runs', () => {
    const pack = run('npm', ['pack', '--ignore-scripts', '--pack-destination', PLACE, './create'], ROOT).stdout.trim();
    const program = path.join(PLACE, 'package', 'index.cjs');
    run('tar', ['-xzf', pack.split('\n').at(-1)!], PLACE);
    run(process.execPath, [program, CREATED, '--spanlab', tarball], PLACE);
    run('cp', ['-al', path.join(PROJECT, 'node_modules'), path.join(CREATED, 'node_modules')], PLACE);
    run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund'], CREATED, {});
    run('npm', ['run', 'typecheck'], CREATED);
    run('npm', ['start', '--', '2'], CREATED, {}); // fetches the encoder where this clone has none
    const trained = run('npm', ['start', '--', '2'], CREATED).stdout;
    assert.match(trained, /questions, \d+ windows, computing with tensorflow\n/);
    assert.match(trained, /step 2 of 2, loss \d\.\d{3}\n/);
    assert.ok(fs.existsSync(path.join(CREATED, 'models', 'mine', 'model.safetensors')));
    const asked = run('npm', ['run', '--silent', 'ask', '--', '--question', 'Who?', '--context', 'Ada won.', '--json'], CREATED); // prettier-ignore
    assert.equal((JSON.parse(asked.stdout) as unknown[]).length, 1);

    npx(name, 'kernel', 'install', '--prefix', JUPYTER, '--name', 'tslab');
    const notebook = JSON.parse(fs.readFileSync(path.join(CREATED, 'notebook.ipynb'), 'utf8')) as {
      cells: { cell_type: string; source: string[] }[];
    };
    const cells = notebook.cells.filter((cell) => cell.cell_type === 'code').map((cell) => cell.source.join(''));
    const shown = execute('tslab', cells, CREATED);
    assert.match(shown[0].join(), /Who laid out the community/);
    assert.match(shown[1].join(), / at first, /);
    const [, from, to] = /'?([\d.]+) at first, ([\d.]+) in the end/.exec(shown[1].join())!;
    assert.ok(Number(to) < 0.75 * Number(from), shown[1].join());
    assert.equal(shown[3].join().replace(/'/g, ''), 'Ines');
  });

  test('it overwrites nothing', () => {
    const program = path.join(ROOT, 'create', 'index.cjs');
    const again = spawnSync(process.execPath, [program, PROJECT], { encoding: 'utf8' });
    assert.equal(again.status, 1);
    assert.match(again.stderr, /^error: E_FOLDER: .* is there already/);
    assert.equal(spawnSync(process.execPath, [program], { encoding: 'utf8' }).status, 2);
  });
});
