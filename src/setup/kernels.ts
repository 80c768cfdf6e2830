// Our own kernels for the processor, compiled for this very machine: vector instructions differ from one to the next.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { kernelsFile, kernelSources } from '../engine/native/kernels/file';
import { isInstalled } from '../root';
import { moveIntoPlace } from '../staged-file';
import { addonFile, findCompiler, includeOptions, linkOptions } from './addon';
import { SetupError } from './errors';
import { withScratch } from './folder';
import type { Piece } from './piece';
import { run, say } from '../shell';
import { tensorflowFolder } from './tensorflow';
import { TENSORFLOW_VERSION } from './wheels';
import { makeFolder } from '../make-folder';

/** The kernels that `engine/native` runs besides TensorFlow's own. Its `provide` throws SetupError `E_SETUP_KERNELS`. */
export function kernels(): Piece {
  const file = kernelsFile(TENSORFLOW_VERSION);
  const folder = path.dirname(file);
  return {
    name: 'the engine for this processor',
    folder,
    isReady: () => fs.existsSync(file),
    provide: () => make(file),
  };
}

async function make(file: string): Promise<void> {
  const compiler = findCompiler();
  if (!compiler) throw new SetupError('E_SETUP_KERNELS', 'the engine for this processor needs a C++ compiler');
  const folder = path.dirname(file);
  makeFolder(folder);
  try {
    await withScratch(folder, async (scratch) => {
      const made = path.join(scratch, path.basename(file));
      say('compiling the engine for this processor (about 15 s)');
      await compileKernels(compiler, made);
      tryKernels(made);
      // a cache for all projects serves other versions, too
      const old = isInstalled() ? [] : fs.readdirSync(folder).filter((name) => name.endsWith('.node'));
      for (const name of old) fs.rmSync(path.join(folder, name));
      moveIntoPlace(made, file);
    });
  } catch (error) {
    throw new SetupError('E_SETUP_KERNELS', `the engine could not be compiled: ${(error as Error).message}`);
  }
}

/** Compiles the kernels into an addon. @param options More for the compiler; later ones win. */
export async function compileKernels(compiler: string, target: string, options: string[] = []): Promise<void> {
  const tensorflow = tensorflowFolder('cpu');
  // -march names the instructions on x86, -mcpu on Arm
  const native = process.arch === 'x64' ? '-march=native' : '-mcpu=native';
  await run(compiler, [
    ...['-std=c++17', '-O3', native, '-fPIC', '-pthread', '-DNAPI_VERSION=8'],
    ...options,
    ...includeOptions(tensorflow),
    ...kernelSources(),
    ...linkOptions(tensorflow),
    ...['-o', target],
  ]);
}

/** Loads the kernels once along with TensorFlow, in a process of its own. */
function tryKernels(file: string): void {
  const script = 'process.argv.slice(1).forEach((addon) => require(addon))';
  const trial = spawnSync(process.execPath, ['-e', script, addonFile(tensorflowFolder('cpu')), file], {
    encoding: 'utf8',
  });
  if (trial.status === 0) return;
  const reason = trial.signal ?? /^Error: (.*)$/m.exec(trial.stderr)?.[1] ?? 'unknown reason';
  throw new Error(`it does not load on this machine (${reason})`);
}
