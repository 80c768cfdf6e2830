// `npm run wasm`: compiles our kernels to WebAssembly, and writes them into `binary.ts`. Only who changes the C++ needs it: a compiler comes
// from PyPI into .spanlab, the same for every system, which makes the same bytes of the same sources everywhere.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { cacheFolder } from '../../root';

/** Zig's wheel holds Clang, the linker, and the C and C++ libraries. */
const COMPILER = 'ziglang==0.15.2';
const TARGET = path.join(__dirname, 'binary.ts');
const FEATURES = 'generic+simd128+atomics+bulk_memory';
const OPTIONS = [
  ...['-target', 'wasm32-wasi', '-mexec-model=reactor', '-std=c++17', '-O3', '-s'],
  ...['-fno-exceptions', '-fno-rtti', '-fno-threadsafe-statics', '-mthread-model', 'posix'],
  ...['--import-memory', '--shared-memory', '--max-memory=4294901760'].map((option) => `-Wl,${option}`),
  ...['__wasm_init_tls', '__tls_size', '__tls_align', '__stack_pointer'].map((name) => `-Wl,--export=${name}`),
  '-Wl,-z,stack-size=262144',
];

/** The files that become the module, and what they include. */
function sources(): { compiled: string[]; all: string[] } {
  const native = path.join(__dirname, '..', 'native', 'kernels');
  const shared = ['activation', 'adamw', 'attention', 'norm'].map((name) => path.join(native, `${name}.cc`));
  const headers = fs.readdirSync(native).filter((name) => name.endsWith('.h') && name !== 'tensorflow.h');
  const own = path.join(__dirname, 'kernels');
  const ours = fs.readdirSync(own).map((name) => path.join(own, name));
  const compiled = [...ours.filter((file) => file.endsWith('.cc')).sort(), ...shared];
  return { compiled, all: [...new Set([...compiled, ...ours, ...headers.map((name) => path.join(native, name))])] };
}

/** Stands in `binary.ts`, so that a test can tell whether that was made of the sources that are there. */
export function sourcesHash(): string {
  const hash = createHash('sha256').update(COMPILER).update(OPTIONS.join(' '));
  const files = sources().all.map(
    (file) => [path.relative(path.dirname(__dirname), file), fs.readFileSync(file)] as const,
  );
  for (const [name, text] of files.sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(name.split(path.sep).join('/')).update(text);
  return hash.digest('hex');
}

/** The compiler's Python, whose environment is in the project's cache; nothing where it is not there yet. */
export function compilerPython(): string | undefined {
  const folder = path.join(cacheFolder('zig'), os.platform() === 'win32' ? 'Scripts' : 'bin');
  const python = path.join(folder, 'python');
  return fs.existsSync(path.join(cacheFolder('zig'), 'ready')) ? python : undefined;
}

function fetchCompiler(): string {
  const folder = cacheFolder('zig');
  run('python3', ['-m', 'venv', folder]);
  const python = path.join(folder, os.platform() === 'win32' ? 'Scripts' : 'bin', 'python');
  run(python, ['-m', 'pip', 'install', '--quiet', COMPILER]);
  fs.writeFileSync(path.join(folder, 'ready'), COMPILER);
  return python;
}

/** The text of `binary.ts`. */
export function makeBinary(python: string): string {
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-wasm-'));
  try {
    const [plain, relaxed] = ['', '+relaxed_simd'].map((further) => {
      const made = path.join(scratch, 'kernels.wasm');
      run(python, [
        '-m',
        'ziglang',
        'c++',
        ...OPTIONS,
        `-mcpu=${FEATURES}${further}`,
        ...sources().compiled,
        '-o',
        made,
      ]);
      return fs.readFileSync(made).toString('base64');
    });
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

function run(program: string, args: string[]): void {
  const { status, error } = spawnSync(program, args, { cwd: __dirname, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw error ?? new Error(`${program} ${args.slice(0, 4).join(' ')} … failed (${status})`);
}

if (require.main === module) fs.writeFileSync(TARGET, makeBinary(compilerPython() ?? fetchCompiler()));
