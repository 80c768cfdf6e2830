// Odd machines: a disk that fills at any write of a run, limits of every kind, clocks that jump, rates that explode, long runs.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { mock } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { liveHandles } from '../../src/engine/native/binding';
import { Random } from '../../src/engine/random';
import { SpanlabError } from '../../src/errors';
import { loaderArguments } from '../../src/root';
import { verifyCheckpoint } from '../../src/training/checkpoint';
import { checkpointFolder, checkpointSteps, latestCheckpoint } from '../../src/training/checkpoints';
import { isRun, readRunFile } from '../../src/training/run-file';
import { Trainer } from '../../src/training/trainer';
import { startBackend } from '../engine/backend';
import { setup, temporary, weightsOf } from '../training/small';
import { type Form, type Row, Tally } from './tally';

const OPTIONS = { steps: 6, checkpointEvery: 2 };
type Weights = Record<string, number[]>;

async function trained(options: object, output?: string, resume?: string): Promise<Weights> {
  const given = setup({ ...OPTIONS, ...options }, output);
  await new Trainer(given).run({ resume });
  return weightsOf(given.model);
}

/** A run that is stopped by an error goes on to the weights that it would have had. */
async function goesOn(output: string, expected: Weights): Promise<void> {
  assert.deepEqual(await trained({}, output, 'latest'), expected);
  assert.equal(readRunFile(output).status, 'finished');
}

const WRITES = ['writeSync', 'writeFileSync', 'mkdirSync', 'fsyncSync'] as const;
/** A disk that is full from its write number `at` on; what is deleted makes room for a little. @returns how many writes were asked for, and an end */
function fullDisk(at: number): { writes: () => number; mend: () => void } {
  let [count, room] = [0, 0];
  const wrap = (name: (typeof WRITES)[number]) => {
    const original = fs[name] as (...args: unknown[]) => unknown;
    return mock.method(fs, name, ((...args: unknown[]) => {
      const bytes = name.startsWith('write') ? Buffer.byteLength(args[1] as string | Buffer) : 0;
      if (count++ >= at && (room -= bytes) < 0) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
      return original.apply(fs, args);
    }) as never);
  };
  const mocks: { mock: { restore(): void } }[] = WRITES.map(wrap);
  const remove = fs.rmSync.bind(fs);
  mocks.push(mock.method(fs, 'rmSync', ((file: string, options: object) => {
    if (path.basename(file) === '.reserve' && fs.existsSync(file)) room = fs.statSync(file).size;
    remove(file, options);
  }) as never)); // prettier-ignore
  return { writes: () => count, mend: () => mocks.forEach((each) => each.mock.restore()) };
}

/** At every write of a run: an error with its code, a record that says so, and nothing lost. */
async function diskFull({ seed, isLong, share = [1, 1] }: Form, expected: Weights): Promise<Row> {
  const tally = new Tally('disk full at a write of a run');
  const counting = fullDisk(Infinity);
  await trained({}, temporary());
  const writes = counting.writes();
  counting.mend();
  const all = new Random(seed, 4).shuffle(Array.from({ length: writes }, (_, i) => i));
  // the first ones are those by which a run begins its record
  const few = [...all.slice(0, 4), ...Array.from({ length: 12 }, (_, i) => 6 + i)];
  const [part, parts] = share;
  const own = all.filter((_, i) => i % parts === part - 1);
  for (const at of isLong ? own : few) {
    await tally.trial(`write ${at} of ${writes}`, async () => {
      const output = temporary();
      const disk = fullDisk(at);
      const problem = await trained({}, output).then(
        () => undefined,
        (error: unknown) => error,
      );
      disk.mend();
      if (problem === undefined) return 'finished all the same';
      assert.ok(problem instanceof SpanlabError && problem.code === 'E_DISK_FULL', String(problem));
      if (isRun(output)) {
        const { status, error } = readRunFile(output);
        assert.equal(status, 'failed', 'run.json');
        assert.match(error ?? '', /no space left/);
      }
      await goesOn(output, expected);
      fs.rmSync(output, { recursive: true });
      return 'coded, recorded, resumed to the same bits';
    });
  }
  return tally.row;
}

const PROGRAM = path.join(__dirname, 'limited-run.ts');
const NODE = [process.execPath, ...loaderArguments(), PROGRAM].map((part) => `'${part}'`).join(' ');

/** A training in a shell with a limit. @returns its exit code and its words */
function limitedRun(limit: string, output: string, uid?: number): Promise<{ code: number | string; stderr: string }> {
  const child = spawn('sh', ['-c', `${limit}; exec ${NODE} '${output}'`], { stdio: ['ignore', 'ignore', 'pipe'], uid });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve) =>
    child.on('close', (code, signal) => resolve({ code: code ?? signal ?? '?', stderr })),
  );
}

const LIMITS = {
  short: ['ulimit -f 30', 'ulimit -n 24'],
  long: [
    ...[0, 1, 8, 16, 30, 60, 100].map((blocks) => `ulimit -f ${blocks}`),
    ...[8, 16, 20, 24, 28, 32, 40, 64].map((files) => `ulimit -n ${files}`),
    ...[1, 4, 8, 12, 16, 24].map((gigabytes) => `ulimit -v ${gigabytes << 20}`),
    ...[
      'ulimit -t 2',
      'ulimit -t 5',
      'ulimit -s 256',
      'ulimit -c 0',
      'ulimit -l 0',
      'ulimit -d 200000',
      'ulimit -d 2000000',
    ],
  ],
};

async function limits({ isLong }: Form, expected: Weights): Promise<Row> {
  const tally = new Tally('ulimit of every kind');
  // esbuild, which makes JavaScript of what is not yet kept, waits for ever where it cannot open a file
  assert.equal((await limitedRun('true', temporary())).code, 0);
  for (const limit of isLong ? LIMITS.long : LIMITS.short) {
    await tally.trial(limit, async () => {
      const output = temporary();
      const { code, stderr } = await limitedRun(limit, output);
      for (const step of checkpointSteps(output)) verifyCheckpoint(checkpointFolder(output, step));
      await goesOn(output, expected);
      fs.rmSync(output, { recursive: true });
      if (code === 0) return 'finished';
      assert.notEqual(code, 'SIGXFSZ', 'a file that is too large is an error, and not the end');
      const said = /^error: (E_[A-Z_]+)/m.exec(stderr)?.[1];
      if (said !== undefined) assert.notEqual(said, 'E_INTERNAL', stderr);
      return said ?? 'ended by the system, resumed';
    });
  }
  return tally.row;
}

async function readOnly(): Promise<Row> {
  const tally = new Tally('folders that cannot be written');
  const root = process.getuid?.() === 0;
  for (const mode of [0o555, 0o000]) {
    await tally.trial(`mode ${mode.toString(8)}`, async () => {
      const output = temporary();
      fs.chmodSync(output, mode);
      const { code, stderr } = await limitedRun('true', output, root ? 65534 : undefined);
      fs.chmodSync(output, 0o755);
      assert.equal(code, 1);
      assert.match(stderr, /^error: E_FILE_PERMISSION/m);
      assert.deepEqual(fs.readdirSync(output), []);
      return 'coded before anything is trained';
    });
  }
  await tally.trial('a file in its place', async () => {
    const output = path.join(temporary(), 'file');
    fs.writeFileSync(output, '');
    await assert.rejects(trained({}, output), { code: /^E_FILE/ });
    return 'coded before anything is trained';
  });
  return tally.row;
}

async function clockJumps({ seed }: Form, expected: Weights): Promise<Row> {
  const tally = new Tally('a clock that jumps by days, forth and back');
  await tally.trial('jumps', async () => {
    const random = new Random(seed, 5);
    const now = Date.now.bind(Date);
    const jumping = mock.method(Date, 'now', () => now() + (random.uniform() - 0.5) * 2e9);
    const output = temporary();
    try {
      assert.deepEqual(await trained({}, output), expected);
    } finally {
      jumping.mock.restore();
    }
    const { result } = readRunFile(output);
    assert.ok(Number(result?.seconds) >= 0 && Number(result?.seconds) < 600);
    assert.equal(latestCheckpoint(output)?.head.state.step, 6);
    return 'same bits, sane times';
  });
  return tally.row;
}

async function exploding(): Promise<Row> {
  const tally = new Tally('learning rates that explode');
  for (const learningRate of [10, 1e4, 1e6, 1e30]) {
    await tally.trial(String(learningRate), async () => {
      const output = temporary();
      const given = setup({ steps: 60, checkpointEvery: 1, learningRate, warmup: 0, maxGradientNorm: 0 }, output);
      const code = await new Trainer(given).run().then(
        () => 'finished',
        (error: { code: string }) => error.code,
      );
      assert.ok(['finished', 'E_TRAIN_LOSS'].includes(code), code);
      const kept = weightsOf(given.model);
      assert.ok(Object.values(kept).flat().every(Number.isFinite), 'weights that are no numbers'); // prettier-ignore
      const head = latestCheckpoint(output)?.head;
      if (code === 'E_TRAIN_LOSS' && head) assert.equal(readRunFile(output).status, 'failed');
      return code === 'finished' ? 'finished with finite weights' : 'E_TRAIN_LOSS, the last good weights kept';
    });
  }
  return tally.row;
}

async function vanishing({ isLong }: Form, expected: Weights): Promise<Row> {
  const tally = new Tally('files that vanish from the folder of a run');
  const names = [
    'metrics.jsonl',
    'features.bin',
    'run.json',
    'options.json',
    'trainer_state.json',
    '.reserve',
    'tensorboard',
    'checkpoint-2',
  ];
  for (const name of isLong ? names : names.slice(0, 3)) {
    await tally.trial(name, async () => {
      const output = temporary();
      const given = setup(OPTIONS, output);
      const onStep = ({ step }: { step: number }) => {
        if (step === 3) fs.rmSync(path.join(output, name), { recursive: true, force: true });
      };
      await new Trainer({ ...given, onStep }).run().catch((error: { code?: string }) => {
        assert.match(error.code ?? String(error), /^E_/);
        assert.notEqual(error.code, 'E_INTERNAL');
      });
      await goesOn(output, expected);
      return 'went on to the same bits';
    });
  }
  return tally.row;
}

async function longRun({ isLong }: Form): Promise<Row> {
  const steps = isLong ? 20_000 : 200;
  const tally = new Tally(`${steps} steps in one run`);
  const seen: { tensors: number; handles: number; resident: number }[] = [];
  await tally.trial('memory', async () => {
    const given = setup({ steps, logEvery: 1000, checkpointEvery: steps / 4, learningRate: 1e-4 }, temporary());
    const onStep = ({ step }: { step: number }) => {
      if (step % (steps / 40) !== 0) return;
      seen.push({ tensors: tf.memory().numTensors, handles: liveHandles(), resident: process.memoryUsage.rss() });
    };
    await new Trainer({ ...given, onStep }).run();
    assert.equal(
      new Set(seen.map(({ tensors, handles }) => `${tensors} ${handles}`)).size,
      1,
      'tensors or handles grew',
    );
    const early = Math.max(...seen.slice(0, 10).map(({ resident }) => resident));
    assert.ok(seen.at(-1)!.resident - early < 50e6, `memory grew from ${early} to ${seen.at(-1)!.resident} bytes`);
    return 'flat';
  });
  const megabytes = (at: number) => `${Math.round((seen.at(at)?.resident ?? 0) / 1e6)} MB`;
  return {
    ...tally.row,
    figures: { tensors: seen.at(-1)?.tensors ?? 0, 'at a quarter': megabytes(9), 'at the end': megabytes(-1) },
  };
}

export async function machineFaults(form: Form): Promise<Row[]> {
  await startBackend();
  const expected = await trained({});
  const rows: Row[] = [];
  const parts = [diskFull, exploding, clockJumps, vanishing, readOnly, limits, longRun];
  for (const part of parts) {
    if (form.only?.test(part.name) === false) continue;
    const row = await part(form, expected);
    rows.push(row);
    form.onRow?.(row);
  }
  return rows;
}
