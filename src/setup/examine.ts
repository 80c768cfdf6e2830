// What is there, for `spanlab doctor`: a piece that is broken is a fact like any other, and comes with what to do.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { BackendChoice } from '../engine/backend';
import { cacheFolder, loaderArguments, projectRoot, version } from '../root';
import { folderSize } from './folder';
import { jupyterProgram, kernelPath } from './jupyter';
import { seesGpu } from './set-up';
import { findBuild, thisMachine } from './wheels';

/** One machine, as far as spanlab cares; `null` where a piece is missing. */
export interface Examination {
  spanlab: string;
  node: string;
  machine: string;
  cores: number;
  memory: string;
  /** The backend that commands and notebooks will use. */
  backend: string | null;
  /** How the model is computed there: `fused` (our kernels), `kernels` (TensorFlow's) or `plain` (TensorFlow.js). */
  operations: string | null;
  /** How answers are computed there: layer by layer, or the whole model in one operation, perhaps also in int8. */
  answers: string | null;
  /** The version of native TensorFlow, when it is the backend. */
  tensorflow: string | null;
  /** The name of the GPU, when it is used. */
  gpu: string | null;
  tfjs: string | null;
  jupyterlab: string | null;
  nbclient: string | null;
  kernel: string | null;
  diskBytes: number;
  skipped: { name: string; reason: string }[];
  problems: string[];
}

/** Looks at everything; starts the backend in a process of its own, which a broken library may kill. */
export function examine(): Examination {
  const problems: string[] = [];
  const backend = examineBackend(problems);
  const native = backend?.name.startsWith('tensorflow');
  return {
    spanlab: version,
    node: process.version,
    machine: `${thisMachine()}, ${os.cpus()[0]?.model.trim() ?? 'unknown processor'}`,
    cores: os.availableParallelism(),
    memory: `${(os.totalmem() / 2 ** 30).toFixed(1)} GiB`,
    ...backendFacts(backend),
    tensorflow: native ? backend!.version : null,
    gpu: examineGpu(backend?.name, problems),
    tfjs: packageVersion('@tensorflow/tfjs'),
    ...examineJupyter(problems),
    kernel: examineKernel(problems),
    diskBytes: folderSize(cacheFolder()),
    skipped: backend?.skipped ?? [],
    problems,
  };
}

function backendFacts(choice: Choice | undefined): Pick<Examination, 'backend' | 'operations' | 'answers'> {
  if (!choice) return { backend: null, operations: null, answers: null };
  return { backend: choice.name, operations: choice.operations, answers: choice.answers };
}

const PROBE = `const { chooseBackend } = require(process.argv[1] + '/backend');
const { operations, operationsKind } = require(process.argv[1] + '/operations');
chooseBackend().then(
  (choice) => {
    const facts = { ...choice, operations: operationsKind(), answers: operations().answers };
    console.log(JSON.stringify(facts));
  },
  (error) => { console.log(JSON.stringify({ error: error.message })); },
);`;

/** The backend, and the kind of operations that it computes with. */
type Choice = BackendChoice & { operations: string; answers: string };

function examineBackend(problems: string[]): Choice | undefined {
  const engine = path.join(__dirname, '..', 'engine');
  const program = [...loaderArguments(), '-e', PROBE, engine];
  const trial = spawnSync(process.execPath, program, { cwd: projectRoot(), encoding: 'utf8' });
  const answer = readAnswer(trial.stdout);
  if (!answer) {
    problems.push(`starting the backend ended with ${trial.signal ?? `exit code ${trial.status}`}; ${REMAKE}`);
  } else if ('error' in answer) problems.push(answer.error);
  else {
    const reason = answer.skipped.find(({ name }) => name === 'tensorflow')?.reason;
    const remedy = findBuild('cpu') ? REMAKE : NO_BUILD;
    if (reason) problems.push(`native TensorFlow does not start (${reason.split(';')[0]}); ${remedy}`);
    if (answer.name === 'tensorflow' && answer.operations !== 'fused') problems.push(NO_KERNELS);
    return answer;
  }
  return undefined;
}

const REMAKE =
  'run npx spanlab setup, and if that does not help, remove the folders tensorflow-* of the cache and run it again';
const NO_KERNELS = 'the engine for this processor is missing, training takes twice the time; run npx spanlab setup';
const NO_BUILD = `there is no TensorFlow wheel for ${thisMachine()}, so WebAssembly computes`;

function readAnswer(output: string): Choice | { error: string } | undefined {
  try {
    // the native library may write before it
    return JSON.parse(output.trim().split('\n').at(-1)!) as Choice | { error: string };
  } catch {
    return undefined;
  }
}

function examineGpu(backend: string | undefined, problems: string[]): string | null {
  if (!seesGpu()) return null;
  const query = spawnSync('nvidia-smi', ['--query-gpu=name', '--format=csv,noheader'], { encoding: 'utf8' });
  const name = query.status === 0 ? query.stdout.trim().split('\n').join(', ') : 'of unknown name';
  if (backend === 'tensorflow-gpu') return name;
  problems.push(`an NVIDIA GPU (${name}) is there but not used; run npx spanlab setup --gpu`);
  return null;
}

const VERSIONS =
  'import json, importlib.metadata as m; print(json.dumps({p: m.version(p) for p in ("jupyterlab", "nbclient")}))';

function examineJupyter(problems: string[]): { jupyterlab: string | null; nbclient: string | null } {
  const query = spawnSync(jupyterProgram('python'), ['-c', VERSIONS], { encoding: 'utf8' });
  if (query.status === 0) return JSON.parse(query.stdout) as { jupyterlab: string; nbclient: string };
  const state = fs.existsSync(jupyterProgram('python')) ? 'is broken' : 'is missing';
  problems.push(`JupyterLab ${state}, notebooks cannot run; run npx spanlab setup`);
  return { jupyterlab: null, nbclient: null };
}

function examineKernel(problems: string[]): string | null {
  const tslab = packageVersion('tslab');
  if (tslab && fs.existsSync(path.join(kernelPath(), 'kernels', 'tslab', 'kernel.json'))) return `tslab ${tslab}`;
  problems.push('the notebook kernel is missing; run npm install, and check that the folder kernel/ is whole');
  return null;
}

function packageVersion(name: string): string | null {
  try {
    return (JSON.parse(fs.readFileSync(require.resolve(`${name}/package.json`), 'utf8')) as { version: string })
      .version;
  } catch {
    return null;
  }
}
