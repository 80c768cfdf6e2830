// `spanlab sweep`: the trials of a search over options, each one `spanlab train` command, here or on a Ray cluster.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { defineCommand } from 'citty';
import { cacheFolder, codeFile, packageFile } from '../root';
import { runsText } from '../show/runs-table';
import { TrainingError } from '../training/errors';
import { readOptionsFile } from '../training/options';
import { type SweepConfig, parseSweep, planTrials } from '../training/sweep';
import {
  type PlacedTrial,
  lockSweep,
  placeTrials,
  SWEEP_VARIABLE,
  trialSummary,
  writeSweep,
} from '../training/sweep-folder';
import { interruptSignal } from './interrupt';
import { jsonOption, number } from './options';
import { printResult } from './result';
import { order, sayDamaged } from './runs';
import { completeOptions, splitOptions } from './train-options';
import { UsageError } from './usage';
import { say } from '../terminal';

export default defineCommand({
  args: {
    config: { type: 'string', description: 'JSON file: out, options, search, method, trials, seed', required: true },
    on: { type: 'string', description: 'where to run: here or ray', default: 'here' },
    address: {
      type: 'string',
      description: 'address of the Ray cluster, HOST:PORT; without it, Ray is started on this machine',
    },
    cpus: { type: 'string', description: 'processor cores per trial on Ray', default: '2' },
    gpus: { type: 'string', description: 'GPUs per trial on Ray', default: '0' },
    json: jsonOption,
  },
  run: async ({ args }) => {
    if (!['here', 'ray'].includes(args.on)) throw new UsageError(`--on is "${args.on}"; choose here or ray`);
    const config = parseSweep(readOptionsFile(args.config), args.config);
    const trials = prepare(args.config, config);
    const lock = lockSweep(config.out);
    process.env[SWEEP_VARIABLE] = lock.id; // the trainings started from here are told by it
    try {
      writeSweep(config.out, trials);
      if (args.on === 'ray') await runOnRay(config.out, args);
      else await runHere(trials);
    } finally {
      lock.release();
    }
    print(trials, args.json === true);
    checkFinished(trials);
  },
});

/** Plans the sweep and checks every trial before the first begins. */
function prepare(file: string, config: SweepConfig): PlacedTrial[] {
  const trials = planTrials(config).map(({ name, options }) => {
    const { trainer, inputs } = splitOptions(completeOptions(options, `${file}, ${name}`));
    return { name, options: { ...inputs, ...trainer } };
  });
  return placeTrials(config.out, trials);
}

/** One trial after another. One that fails does not keep the next from its turn. */
async function runHere(trials: PlacedTrial[]): Promise<void> {
  const signal = interruptSignal();
  for (const [i, trial] of trials.entries()) {
    const status = trialSummary(trial)?.status;
    if (status === 'finished' || signal.aborted) continue;
    if (status === 'running')
      throw new TrainingError(
        'E_SWEEP',
        `${trial.folder}: is being trained by another process; wait until it is done, and repeat the command`,
      );
    say(`${trial.name} (${i + 1} of ${trials.length})`);
    await runProgram(process.execPath, [packageFile('src', 'cli', 'bin.cjs'), ...trial.args], signal);
  }
}

async function runOnRay(out: string, args: { address?: string; cpus: string; gpus: string }): Promise<void> {
  const own = ['scale', 'reference'].map((name) => path.join(cacheFolder(name), 'bin', 'python'));
  const python = process.env.SPANLAB_PYTHON ?? own.find((program) => fs.existsSync(program)) ?? 'python3';
  const sizes = ['--cpus', String(number(args, 'cpus')), '--gpus', String(number(args, 'gpus'))];
  const address = args.address === undefined ? [] : ['--address', args.address];
  const program = codeFile('scale', 'sweep_ray.py');
  const code = await runProgram(python, [program, path.resolve(out), ...sizes, ...address], interruptSignal());
  if (code !== 0) throw new TrainingError('E_SWEEP', `${python} ${program} ended with ${code}; see its message above`);
}

/** Runs a program in a process group of its own, so that Ctrl-C reaches it once, from here. @returns its exit code */
function runProgram(program: string, args: string[], signal: AbortSignal): Promise<number | string> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'], detached: true });
  const interrupt = () => void child.kill('SIGINT');
  signal.addEventListener('abort', interrupt);
  return new Promise((resolve, reject) => {
    child.on('error', (cause) =>
      reject(new TrainingError('E_SWEEP', `${program} does not start: ${cause.message}`, { cause })),
    );
    child.on('close', (code, name) => resolve(name ?? code ?? 1));
  }).finally(() => signal.removeEventListener('abort', interrupt)) as Promise<number | string>;
}

function print(trials: PlacedTrial[], json: boolean): void {
  const runs = trials.flatMap((trial) => trialSummary(trial) ?? []);
  runs.sort(order(runs.some(({ metrics }) => 'f1' in metrics) ? 'f1' : 'loss'));
  printResult(runs, json, runsText(runs));
  sayDamaged(runs);
}

function checkFinished(trials: PlacedTrial[]): void {
  const open = trials.filter((trial) => trialSummary(trial)?.status !== 'finished').map(({ name }) => name);
  if (open.length === 0) return;
  throw new TrainingError('E_SWEEP', `not finished: ${open.join(', ')}; the same command goes on with them`);
}
