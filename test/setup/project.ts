// A project of its own for each test: the set-up's sources, and small stand-ins for TensorFlow's wheel and for the addon.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const ROOT = path.resolve(__dirname, '..', '..');
const PYTHON = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();

/** What the addon of the stand-in answers when all went well. */
export const ANSWER = 42;

export interface Outcome {
  code: number | null;
  signal: string | null;
  stderr: string;
}

export interface Project {
  root: string;
  /** `.spanlab` and the name of the folder of TensorFlow in it. */
  cache: string;
  tensorflow: string;
  /** Runs the set-up; `tools` become programs that are found before the machine's. */
  setUp(args?: string[], options?: { tools?: Record<string, string>; only?: string[] }): Promise<Outcome>;
  /** What the linked addon answers, in a process of its own. */
  answer(): number;
}

/** The C++ of the stand-in; `atLoad` runs when the addon is loaded. */
const addonSource = (atLoad: string) => `
#include <node_api.h>
#include <cstdlib>
#include "tensorflow/c/answer.h"
napi_value Init(napi_env env, napi_value exports) {
  ${atLoad}
  napi_value answer;
  napi_create_int32(env, TF_Answer(), &answer);
  napi_set_named_property(env, exports, "answer", answer);
  return exports;
}
NAPI_MODULE(answer, Init)
`;

/** The stand-in for our kernels: their vectors, and nothing else. */
const KERNELS = `
#include <node_api.h>
typedef float vec __attribute__((vector_size(16)));
NAPI_MODULE_INIT() { vec v = {1, 2, 3, 4}; return v[0] > 0 ? exports : nullptr; }
`;

export interface ProjectOptions {
  /** C++ that runs when the addon is loaded. */
  atLoad?: string;
  /** The hash that the table of wheels holds, when not the right one. */
  sha256?: string;
  /** `gpu` has a build whose wheel does not exist. */
  gpuBuild?: boolean;
}

/** A fresh project in a temporary folder. */
export function createProject(options: ProjectOptions = {}): Project {
  const root = temporaryFolder('spanlab set-up ');
  copySources(root);
  installPackages(root, options.atLoad ?? '');
  const hash = buildWheel();
  fs.writeFileSync(path.join(root, 'src', 'setup', 'wheels.ts'), wheelTable(options.sha256 ?? hash, options.gpuBuild));
  const cache = path.join(root, '.spanlab');
  return {
    root,
    cache,
    tensorflow: path.join(cache, 'tensorflow-1.0-cpu'),
    setUp: (args = ['--only', 'tensorflow'], { tools = {}, only } = {}) => setUp(root, args, tools, only),
    answer: () => askAddon(root),
  };
}

/** With a space in its path, as people have them; deleted when the tests end. */
function temporaryFolder(prefix: string): string {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), prefix)));
  temporary.push(folder);
  return folder;
}

const temporary: string[] = [];
process.on('exit', () => temporary.forEach((folder) => fs.rmSync(folder, { recursive: true, force: true })));

function copySources(root: string): void {
  fs.writeFileSync(path.join(root, 'package.json'), '{ "name": "spanlab" }');
  fs.mkdirSync(path.join(root, 'src'));
  // what stands in no room is loaded by all of them
  for (const file of fs.readdirSync(path.join(ROOT, 'src')).filter((name) => name.endsWith('.ts'))) {
    fs.copyFileSync(path.join(ROOT, 'src', file), path.join(root, 'src', file));
  }
  for (const room of ['setup', 'download']) {
    fs.cpSync(path.join(ROOT, 'src', room), path.join(root, 'src', room), { recursive: true });
  }
  const kernels = path.join('src', 'engine', 'native', 'kernels');
  fs.mkdirSync(path.join(root, kernels), { recursive: true });
  fs.copyFileSync(path.join(ROOT, kernels, 'file.ts'), path.join(root, kernels, 'file.ts'));
  fs.writeFileSync(path.join(root, kernels, 'kernels.cc'), KERNELS);
  const graph = path.join(root, 'src', 'engine', 'native', 'graph');
  fs.mkdirSync(graph);
  fs.writeFileSync(path.join(graph, 'addon.cc'), '#include "tfjs_binding.cc"\n');
  fs.mkdirSync(path.join(root, 'kernel'));
  fs.writeFileSync(path.join(root, 'kernel', 'requirements.txt'), '# nothing\n');
  fs.cpSync(path.join(ROOT, 'kernel', 'view'), path.join(root, 'kernel', 'view'), { recursive: true });
  fs.mkdirSync(path.join(root, 'notebooks', 'solutions'), { recursive: true });
}

function installPackages(root: string, atLoad: string): void {
  const modules = path.join(root, 'node_modules');
  fs.mkdirSync(modules);
  for (const name of ['tsx', 'node-api-headers', 'esbuild', 'plotly.js-dist']) {
    fs.symlinkSync(path.join(ROOT, 'node_modules', name), path.join(modules, name));
  }
  const addon = path.join(modules, '@tensorflow', 'tfjs-node-gpu');
  fs.mkdirSync(path.join(addon, 'binding'), { recursive: true });
  fs.writeFileSync(path.join(addon, 'package.json'), '{ "version": "1.0.0" }');
  fs.writeFileSync(path.join(addon, 'binding', 'tfjs_backend.cc'), '');
  fs.writeFileSync(path.join(addon, 'binding', 'tfjs_binding.cc'), addonSource(atLoad));
}

let wheels: string | undefined;

/** A wheel laid out as TensorFlow's, with more in it than is needed, in the folder `wheels`. @returns its SHA-256 */
function buildWheel(): string {
  wheels ??= makeWheel(temporaryFolder('spanlab wheels '));
  return createHash('sha256')
    .update(fs.readFileSync(path.join(wheels, WHEEL)))
    .digest('hex');
}

const WHEEL = 'tensorflow_cpu-1.0-cp311-cp311-manylinux2014_x86_64.whl';

function makeWheel(folder: string): string {
  const sources = {
    cc: `extern "C" int TF_Answer() { return ${ANSWER}; }`,
    framework: 'extern "C" int TF_Framework() { return 0; }',
  };
  const libraries = Object.entries(sources).map(([part, source]) => {
    const name = `libtensorflow_${part}.so.2`;
    fs.writeFileSync(path.join(folder, `${part}.cc`), source);
    execFileSync('g++', ['-shared', '-fPIC', `-Wl,-soname,${name}`, '-o', name, `${part}.cc`], { cwd: folder });
    return path.join(folder, name);
  });
  execFileSync(PYTHON, ['-c', WRITE_WHEEL, path.join(folder, WHEEL), ...libraries]);
  return folder;
}

const WRITE_WHEEL = `
import os, sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as out:
    for library in sys.argv[2:]:
        out.write(library, "tensorflow/" + os.path.basename(library))
    out.writestr("tensorflow/include/tensorflow/c/answer.h", 'extern "C" int TF_Answer();\\n')
    out.writestr("tensorflow/python/large.py", "# not needed\\n")
    info = "tensorflow_cpu-1.0.dist-info/"
    out.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: tensorflow-cpu\\nVersion: 1.0\\n")
    out.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nTag: cp311-cp311-manylinux2014_x86_64\\n")
    out.writestr(info + "RECORD", "")
`;

const wheelTable = (sha256: string, gpuBuild = false) => `
export const TENSORFLOW_VERSION = '1.0';
const build = (name: string, sha256: string) => ({
  platform: 'manylinux2014_x86_64',
  wheels: [{ requirement: name + '==1.0', sha256 }],
});
const BUILDS: Record<string, unknown> = {
  cpu: build('tensorflow-cpu', '${sha256}'),
  gpu: ${gpuBuild ? `build('not-a-package', '${'0'.repeat(64)}')` : 'undefined'},
};
export const findBuild = (flavour: string) => BUILDS[flavour];
export const thisMachine = () => 'test-machine';
`;

function setUp(root: string, args: string[], tools: Record<string, string>, only?: string[]): Promise<Outcome> {
  const main = path.join(root, 'src', 'setup', 'main.ts');
  const loader = pathToFileURL(require.resolve('tsx')).href;
  const child = spawn(process.execPath, ['--import', loader, main, ...args], {
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      SPANLAB_GPU: '0',
      // pip finds the stand-in here, and asks nobody else
      PIP_NO_INDEX: '1',
      PIP_FIND_LINKS: pathToFileURL(wheels!).href,
      PATH: [toolFolder(root, tools), ...(only ? [linkFolder(root, only)] : [process.env.PATH])].join(path.delimiter),
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal, stderr })));
}

/** Shell scripts by name; `$PYTHON` in them is the machine's own. */
function toolFolder(root: string, tools: Record<string, string>): string {
  const folder = fs.mkdtempSync(path.join(root, 'tools-'));
  for (const [name, script] of Object.entries(tools)) {
    fs.writeFileSync(path.join(folder, name), `#!/bin/sh\nPYTHON='${PYTHON}'\n${script}\n`, { mode: 0o755 });
  }
  return folder;
}

/** A folder in which only the programs of `names` are found. */
function linkFolder(root: string, names: string[]): string {
  const folder = fs.mkdtempSync(path.join(root, 'only-'));
  for (const name of names) {
    const place = name === 'python3' ? PYTHON : execFileSync('which', [name], { encoding: 'utf8' }).trim();
    fs.symlinkSync(place, path.join(folder, name));
  }
  return folder;
}

function askAddon(root: string): number {
  const place = path.join(root, 'node_modules', '@tensorflow', 'tfjs-node-gpu', 'lib', 'napi-v8', 'tfjs_binding.node');
  const script = `console.log(require(${JSON.stringify(place)}).answer)`;
  return Number(
    execFileSync(process.execPath, ['-e', script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  );
}
