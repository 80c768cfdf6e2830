// Everything beyond `npm install` that training and notebooks need, provided once.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { awaitFolder } from '../folder-lock';
import { cacheFolder } from '../root';
import { SetupError } from './errors';
import { folderSize, megabytes } from './folder';
import { jupyter } from './jupyter';
import { kernels } from './kernels';
import { notebookView } from './notebook-view';
import type { Piece } from './piece';
import { say } from '../shell';
import { tensorflow } from './tensorflow';
import { trustedCourse } from './trust';
import { findBuild, thisMachine } from './wheels';
import { makeFolder } from '../make-folder';

export interface SetUpOptions {
  /** The CUDA build, or the one for the processor; by default `SPANLAB_GPU`, else whether an NVIDIA GPU is seen. */
  gpu?: boolean;
  only?: 'tensorflow' | 'jupyter';
}

/** `SPANLAB_GPU=1` or `0` decides; without it, whether an NVIDIA GPU is there. */
export function wantsGpu(environment = process.env, isSeen = seesGpu): boolean {
  return environment.SPANLAB_GPU ? environment.SPANLAB_GPU !== '0' : isSeen();
}

/** Whether an NVIDIA GPU is there: its device file, or (in WSL, which has none) its driver's answer. */
export function seesGpu(): boolean {
  return fs.existsSync('/dev/nvidia0') || /^GPU 0/m.test(spawnSync('nvidia-smi', ['-L'], { encoding: 'utf8' }).stdout);
}

/**
 * Provides what is missing and says what it did. A piece that this machine cannot have is named in one sentence; the rest
 * goes on without it (TensorFlow.js then computes with WebAssembly).
 *
 * @example await setUp({ only: 'tensorflow' })
 */
export async function setUp({ gpu = wantsGpu(), only }: SetUpOptions = {}): Promise<void> {
  const steps: Record<string, () => Promise<boolean>> = {
    tensorflow: () => provideTensorflow(gpu),
    jupyter: provideJupyter,
  };
  for (const [name, step] of Object.entries(steps)) if (!only || only === name) await step();
}

const DAY_MS = 86_400_000;

/**
 * Provides native TensorFlow where it is missing. An attempt that failed is made again after a day, not by every command; one
 * that was interrupted goes on. Where `SPANLAB_BACKEND` asks for another backend, there is nothing to do.
 */
export async function setUpOnce(): Promise<void> {
  const wanted = process.env.SPANLAB_BACKEND;
  if (wanted && !wanted.startsWith('tensorflow')) return;
  const { isReady } = tensorflow(wantsGpu() && findBuild('gpu') ? 'gpu' : 'cpu');
  const failure = cacheFolder('.tensorflow-failed');
  const failed = fs.statSync(failure, { throwIfNoEntry: false });
  if (isReady() || (failed && Date.now() - failed.mtimeMs < DAY_MS)) return;
  say(`native TensorFlow is installed once, into ${cacheFolder()}, for all projects`);
  await setUp({ only: 'tensorflow' });
  fs.rmSync(failure, { force: true });
  if (isReady()) return;
  makeFolder(cacheFolder());
  fs.writeFileSync(failure, '');
}

async function provideTensorflow(gpu: boolean): Promise<boolean> {
  const withoutGpu = 'going on with the build for the processor (SPANLAB_GPU=0 asks for it at once)';
  if (gpu && !findBuild('gpu')) say(`there is no CUDA build of TensorFlow for ${thisMachine()}; ${withoutGpu}`);
  else if (gpu && (await provide(tensorflow('gpu'), withoutGpu))) return true;
  if (!(await provide(tensorflow('cpu'), 'training goes on with the slower WebAssembly backend'))) return false;
  return provide(kernels(), "training goes on with TensorFlow's own kernels, which take twice the time");
}

async function provideJupyter(): Promise<boolean> {
  if (!(await provide(jupyter(), 'notebooks cannot run; all else works'))) return false;
  if (!(await provide(notebookView(), 'notebooks show still pictures instead'))) return false;
  return provide(trustedCourse(), 'JupyterLab calls the notebooks untrusted until they are run');
}

/** @returns whether the piece is there */
async function provide(piece: Piece, without: string): Promise<boolean> {
  if (piece.isReady()) {
    say(`${piece.name}: ready`);
    return true;
  }
  const began = performance.now();
  try {
    // a set-up that had to wait finds the work done
    await alone(async () => piece.isReady() || (await piece.provide()));
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(`${error.message}; ${without}.`);
    return false;
  }
  const seconds = Math.round((performance.now() - began) / 1000);
  say(`${piece.name} is ready: ${megabytes(folderSize(piece.folder))} in ${piece.folder}, ${seconds} s`);
  return true;
}

/** Runs `work` while no other set-up of this project runs. */
async function alone(work: () => Promise<unknown>): Promise<void> {
  const onWait = (problem: string) => say(`another set-up is running; waiting for it (${problem})`);
  const lock = await awaitFolder(cacheFolder(), 'the set-up', { onWait });
  try {
    await work();
  } finally {
    lock.release();
  }
}
