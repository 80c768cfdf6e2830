// The kernels refuse inputs that do not fit each other: an error, never memory that is not theirs.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import test, { before } from 'node:test';
import fc from 'fast-check';
import { type Handle, FLOAT, free, liveHandles, upload } from '../../src/engine/native/binding';
import { type KernelName, loadKernels, runKernel } from '../../src/engine/native/kernels';
import { kernelsFile } from '../../src/engine/native/kernels/file';
import { nativeBackend } from '../../src/engine/handles';
import { startBackend } from './backend';

before(async () => {
  assert.match(await startBackend(), /^tensorflow/, 'these tests need the native library: npm run setup');
  assert.ok(loadKernels(), 'these tests need the compiled kernels: npm run setup');
});

type Spec = [name: string, shape: number[], values?: number[]];

const T = 5;
const H = 8;
const NORM: Spec[] = [['x', [T, H]], ['bias', [H]], ['residual', [T, H]], ['gain', [H]], ['offset', [H]], ['seed', [2], [1, 2]]]; // prettier-ignore
const ROWS: Spec[] = [['offsets', [3], [0, 2, 5]], ['keys', [2], [2, 3]], ['seed', [2], [1, 2]]]; // prettier-ignore
const KERNELS: Record<KernelName, Spec[]> = {
  Attention: [['qkv', [T, 3 * H]], ['bias', [3 * H]], ...ROWS, ['distances', [5, 3 * H]]],
  AttentionGradient: [
    ['dMixed', [T, H]],
    ['mixed', [T, H]],
    ['logSums', [T, 2]],
    ['qkv', [T, 3 * H]],
    ['bias', [3 * H]],
    ...ROWS,
    ['distances', [5, 2]],
  ],
  ResidualNorm: NORM,
  ResidualNormGradient: [
    ['dy', [T, H]],
    ['normal', [T, H]],
    ['inverse', [T]],
    ['gain', [H]],
    ['seed', [2], [1, 2]],
  ],
  Rotate: [['qkv', [T, 3 * H]], ['cosines', [3, H / 4]], ['sines', [3, H / 4]], ...ROWS.slice(0, 2)],
  Sum: [['a', [T, H]], ['b', [T, H]]], // prettier-ignore
  Activation: [['x', [T, H]], ['bias', [H]]], // prettier-ignore
  ActivationGradient: [['dy', [T, H]], ['x', [T, H]], ['bias', [H]]], // prettier-ignore
  AdamW: [['options', [8]], ['decays', [1], [1]], ['w', [H]], ['m', [H]], ['v', [H]], ['g', [H]]], // prettier-ignore
  SquaredNorm: [['x', [H]]],
};
/** Inputs that may be empty. */
const OPTIONAL = ['bias', 'offset', 'distances'];
const INTEGERS = ['offsets', 'keys', 'seed', 'decays'];

function make([name, shape, values]: Spec): Handle {
  const count = shape.reduce((a, b) => a * b, 1);
  const numbers = Array.from({ length: count }, (_, i) => values?.[i] ?? 0.5);
  return upload(INTEGERS.includes(name) ? Int32Array.from(numbers) : Float32Array.from(numbers), shape);
}

function call(name: KernelName, specs: Spec[], options: { heads?: number; rate?: number } = {}): void {
  const inputs = specs.map(make);
  try {
    free(...runKernel(name, { type: FLOAT, heads: 2, ...options }, inputs));
  } finally {
    free(...inputs);
  }
}

for (const [name, specs] of Object.entries(KERNELS) as [KernelName, Spec[]][]) {
  test(`${name}: right shapes run, every other shape of every input is refused`, () => {
    call(name, specs);
    const before = liveHandles();
    let refused = 0;
    for (const [i, [input, shape, values]] of specs.entries()) {
      const isFree = name === 'SquaredNorm';
      for (const other of [[...shape, 1], shape.slice(1), shape.map((n) => n + 1), shape.map((n) => n - 1), [0]]) {
        const changed = specs.map((spec, at): Spec => (at === i ? [input, other, values] : spec));
        if (isFree) continue;
        if (OPTIONAL.includes(input) && name !== 'AdamW' && other.some((n) => n === 0)) continue; // as good as none
        const isElsewhere = name === 'AdamW' && i >= 2 && other.reduce((a, b) => a * b, 1) === H;
        if (isElsewhere) continue; // sizes alone matter to the optimizer
        assert.throws(() => call(name, changed), /shape|size|rows|heads/, `${input} [${other}]`);
        refused++;
      }
    }
    assert.ok(refused > 0 || name === 'SquaredNorm');
    assert.equal(liveHandles(), before);
  });
}

test('heads, rates, offsets and keys that make no sense', () => {
  for (const options of [{ heads: 0 }, { heads: 3 }, { heads: -2 }, { rate: 1 }, { rate: -0.5 }, { rate: NaN }]) {
    assert.throws(() => call('Attention', KERNELS.Attention, options), /heads|rate/, JSON.stringify(options));
  }
  const bad: [number[], number[]][] = [[[0, 2, 6], [2, 3]], [[1, 2, 5], [2, 3]], [[0, 6, 5], [2, 3]], [[0, 2, 5], [2, 4]], [[0, 2, 5], [0, 3]], [[0, 2, 5], [-1, 3]], [[0, -2, 5], [2, 3]]]; // prettier-ignore
  for (const [offsets, keys] of bad) {
    const specs = KERNELS.Attention.map(([input, shape, values]): Spec => [input, shape, { offsets, keys }[input as string] ?? values]); // prettier-ignore
    assert.throws(() => call('Attention', specs), /do not describe rows/, JSON.stringify([offsets, keys]));
  }
});

test('any shapes at all: an error or a result', () => {
  const dimension = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 3 });
  const name = fc.constantFrom(...(Object.keys(KERNELS) as KernelName[]));
  let ran = 0;
  fc.assert(
    fc.property(
      name,
      fc.array(fc.option(dimension), { minLength: 9, maxLength: 9 }),
      fc.integer(),
      (kernel, shapes, at) => {
        const which = Math.abs(at) % KERNELS[kernel].length;
        const specs = KERNELS[kernel].map(([input, shape, values], i): Spec => {
          return [input, i === which ? (shapes[i] ?? shape) : shape, values];
        });
        try {
          call(kernel, specs);
          ran++;
        } catch (error) {
          assert.match((error as Error).message, /Invalid TF_Status: 3/);
        }
      },
    ),
    { numRuns: 500 },
  );
  assert.ok(ran > 20);
});

test('TF_NUM_INTRAOP_THREADS sets how many threads there are', { skip: process.platform !== 'linux' }, () => {
  const file = kernelsFile(nativeBackend()!.binding.TF_Version);
  const script = path.join(__dirname, 'kernel-threads.ts');
  const threads = ['1', '3'].map((count) => {
    const env = { ...process.env, TF_NUM_INTRAOP_THREADS: count, SPANLAB_KERNELS: file };
    const { stdout, stderr } = spawnSync(process.execPath, [script], { env, encoding: 'utf8' });
    assert.match(stdout, /^\d+\n$/, stderr);
    return Number(stdout);
  });
  assert.deepEqual(threads, [0, 2], 'the caller works too');
});
