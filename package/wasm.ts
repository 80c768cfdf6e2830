// `npm run wasm`: compiles our kernels to WebAssembly, and writes them into `src/engine/wasm/binary.ts`. Only who changes the C++ needs it: the
// compiler comes into the project's cache, the same for every system, which makes the same bytes of the same sources everywhere.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { report } from '../src/cli/report';
import { cacheFolder, codeFile } from '../src/root';
import { SetupError } from '../src/setup/errors';
import { fetchWheel } from '../src/setup/fetch-wheel';
import { isComplete, markComplete, withScratch } from '../src/setup/folder';
import { run } from '../src/shell';
import type { Wheel } from '../src/download/wheel';

const VERSION = '0.15.2';
/** Zig's wheels hold Clang, the linker, and the C and C++ libraries: by machine, pip's name of the platform and the hash. */
const COMPILERS: Record<string, { platform: string; sha256: string }> = {
  'linux-x64': {
    platform: 'manylinux2010_x86_64',
    sha256: '806316453d1ede7174ed3fefb8e5348154629089c3bb5fe812dfd0e172fac130',
  },
  'linux-arm64': {
    platform: 'manylinux2014_aarch64',
    sha256: 'edc0aa60ec964a4cf462d40f68d7de242ddf37fd9a80f2afaee6397059463230',
  },
  'darwin-arm64': {
    platform: 'macosx_12_0_arm64',
    sha256: 'acae2a9ce67ed249ad68d42c21bc73b5f9d51a33ba5ea42f609f78683e8d9bb7',
  },
  'darwin-x64': {
    platform: 'macosx_12_0_x86_64',
    sha256: '47af4f85e3e59bd672126cc026d3a01b516cad24b9a9ea075abfe8532f4c6bc1',
  },
};

const FEATURES = 'generic+simd128+atomics+bulk_memory';
const OPTIONS = [
  ...['-target', 'wasm32-wasi', '-mexec-model=reactor', '-std=c++17', '-O3', '-s'],
  ...['-fno-exceptions', '-fno-rtti', '-fno-threadsafe-statics', '-mthread-model', 'posix'],
  ...['--import-memory', '--shared-memory', '--max-memory=4294901760'].map((option) => `-Wl,${option}`),
  ...['__wasm_init_tls', '__tls_size', '__tls_align', '__stack_pointer'].map((name) => `-Wl,--export=${name}`),
  '-Wl,-z,stack-size=262144',
];

const TARGET = codeFile('src', 'engine', 'wasm', 'binary.ts');

/** Headers of what only native TensorFlow has. */
const NATIVE_ONLY = ['bytes.h', 'encoder.h', 'operation.h', 'panels.h', 'steps.h', 'tensorflow.h'];

/** The files that become the module, and what they include. */
function sources(): { compiled: string[]; all: string[] } {
  const native = codeFile('src', 'engine', 'native', 'kernels');
  const shared = ['activation', 'adamw', 'attention', 'distances', 'norm'].map((name) =>
    path.join(native, `${name}.cc`),
  );
  const headers = fs.readdirSync(native).filter((name) => name.endsWith('.h') && !NATIVE_ONLY.includes(name));
  const own = codeFile('src', 'engine', 'wasm', 'kernels');
  const ours = fs.readdirSync(own).map((name) => path.join(own, name));
  const compiled = [...ours.filter((file) => file.endsWith('.cc')).sort(), ...shared];
  return { compiled, all: [...new Set([...compiled, ...ours, ...headers.map((name) => path.join(native, name))])] };
}

/** Stands in `binary.ts`, so that a test can tell whether that was made of the sources that are there. */
export function sourcesHash(): string {
  const hash = createHash('sha256').update(`${VERSION} ${OPTIONS.join(' ')}`);
  const files = sources().all.map((file) => [path.relative(codeFile('src'), file), fs.readFileSync(file)] as const);
  for (const [name, text] of files.sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(name.split(path.sep).join('/')).update(text);
  return hash.digest('hex');
}

/** Clang with what it needs, fetched once (95 MB). @throws SetupError `E_SETUP_KERNELS` */
async function fetchCompiler(): Promise<string> {
  const machine = `${process.platform}-${process.arch}`;
  const build = COMPILERS[machine];
  if (!build) throw new SetupError('E_SETUP_KERNELS', `no compiler for WebAssembly is known for ${machine}`);
  const folder = cacheFolder('zig');
  if (!isComplete(folder, build.sha256)) {
    fs.rmSync(folder, { recursive: true, force: true });
    fs.mkdirSync(folder, { recursive: true });
    const wheel: Wheel = { requirement: `ziglang==${VERSION}`, sha256: build.sha256 };
    await withScratch(folder, (scratch) => fetchWheel(folder, wheel, build.platform, scratch));
    markComplete(folder, build.sha256);
  }
  return path.join(folder, 'ziglang', 'zig');
}

/** The text of `binary.ts`. */
async function makeBinary(): Promise<string> {
  const compiler = await fetchCompiler();
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-wasm-'));
  try {
    const [plain, relaxed] = [await compile(compiler, '', scratch), await compile(compiler, '+relaxed_simd', scratch)];
    const comment =
      '// Our kernels as WebAssembly in base64, made by `npm run wasm` of the C++ in `kernels` and `../native/kernels`.';
    const hash = `/** Of the sources and of how they were compiled. */\nexport const SOURCES = '${sourcesHash()}';`;
    const constants = [
      `/** For every machine with 128-bit vectors. */\nexport const PLAIN =\n  '${plain}';`,
      `/** With the instruction that multiplies and adds at once. */\nexport const RELAXED =\n  '${relaxed}';`,
    ];
    return `${[`${comment}\n${hash}`, ...constants].join('\n')}\n`;
  } finally {
    fs.rmSync(scratch, { recursive: true });
  }
}

/** @returns The module in base64. */
async function compile(compiler: string, further: string, scratch: string): Promise<string> {
  const made = path.join(scratch, 'kernels.wasm');
  await run(compiler, ['c++', ...OPTIONS, `-mcpu=${FEATURES}${further}`, ...sources().compiled, '-o', made], {
    ZIG_GLOBAL_CACHE_DIR: path.join(scratch, 'cache'), // what an earlier run left proves nothing
    ZIG_LOCAL_CACHE_DIR: path.join(scratch, 'cache'),
  });
  return fs.readFileSync(made).toString('base64');
}

/** Writes the file; with `--check` it only says whether the one that is there would come out again, byte for byte. */
async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { check: { type: 'boolean', default: false } } });
  const text = await makeBinary();
  if (!values.check) return fs.writeFileSync(TARGET, text);
  if (text !== fs.readFileSync(TARGET, 'utf8')) {
    throw new SetupError('E_SETUP_KERNELS', 'binary.ts is not what its sources give; run npm run wasm and commit it');
  }
  process.stdout.write('src/engine/wasm/binary.ts: the same bytes again\n');
}

if (require.main === module) {
  main(process.argv.slice(2)).catch((error: unknown) => {
    process.exitCode = report(error, 'wasm');
  });
}
