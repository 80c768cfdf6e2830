// The results of a GPU as tables: reads bench/results/gpu.json and writes bench/results/gpu.md. Needs no GPU.
import fs from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../../src/root';
import type { Kind, ModelName, PrecisionName, Result, Results, ShapeName } from './plan';

const FOLDER = path.join(projectRoot(), 'bench', 'results');
const MODELS: Record<ModelName, string> = { minilm: 'MiniLM', distilbert: 'DistilBERT-base', bert: 'BERT-base' };
const PRECISIONS: Record<PrecisionName, string> = { fp32: 'float32', tf32: 'TF32', bf16: 'bfloat16' };
const SHAPES: ShapeName[] = ['128', '384', 'bucketed'];

/** Launches of one kernel: its name, milliseconds, how often. */
type Kernel = [string, number, number];
interface Profile {
  side: string;
  model: ModelName;
  shape: ShapeName;
  precision: PrecisionName;
  steps: number;
  milliseconds: number;
  launches: number;
  kernels: Kernel[];
}

/** Lines of a table. */
function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function median(list: number[]): number {
  const sorted = [...list].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Milliseconds of a step, or nothing where it was not measured. */
function step({ results }: Results, model: ModelName, shape: ShapeName, precision: PrecisionName, kind: Kind) {
  const found = results.find(
    (result) =>
      ['time', model, shape, precision, kind].join() ===
      [result.do, result.model, result.shape, result.precision, result.kind].join(),
  );
  return found?.seconds && 1000 * median(found.seconds);
}

/** One line a precision: steps and examples a second of spanlab, and what it is of PyTorch's rates. */
function speedOf(results: Results, model: ModelName): string {
  const rows = SHAPES.flatMap((shape) =>
    (Object.keys(PRECISIONS) as PrecisionName[]).flatMap((precision) => {
      const [ours, sdpa, compiled] = (['compiled', 'sdpa', 'torch.compile'] as const).map((kind) =>
        step(results, model, shape, precision, kind),
      );
      if (!ours || !sdpa) return [];
      const beside = (other?: number) => (other ? `${other.toFixed(2)} | ${(other / ours).toFixed(2)}` : ' | ');
      const rates = [1000 / ours, (1000 * results.batch) / ours].map((rate) => rate.toFixed(0));
      return [[shape, PRECISIONS[precision], ours.toFixed(2), ...rates, beside(sdpa), beside(compiled)]];
    }),
  );
  const head = [
    'tokens',
    'products',
    'spanlab ms',
    'steps/s',
    'examples/s',
    'sdpa ms',
    'rate',
    'torch.compile ms',
    'rate',
  ];
  return `## ${MODELS[model]}\n\n${table(head, rows)}`;
}

const largest = (a: number[], b: number[]) => Math.max(...a.map((value, i) => Math.abs(value - b[i])));

/** How far the losses are apart after each of the steps, at most. */
function parityOf({ results }: Results): string {
  const runs = results.filter((result): result is Result & { losses: number[] } => result.losses !== undefined);
  const torch = (shape: ShapeName, precision: PrecisionName) =>
    runs.find((run) => run.side === 'torch' && run.shape === shape && run.precision === precision);
  const rows = runs.map((run) => {
    const [exact, same] = [torch(run.shape, 'fp32')!, torch(run.shape, run.precision)];
    const away = (other?: Result & { losses: number[] }) =>
      other && other !== run ? largest(run.losses, other.losses).toExponential(1) : '';
    return [
      run.side,
      run.kind,
      run.shape,
      PRECISIONS[run.precision],
      away(exact),
      run.side === 'torch' ? '' : away(same),
    ];
  });
  const compared = rows.filter(([, , , , exact]) => exact !== '');
  return table(['side', 'how', 'tokens', 'products', 'from PyTorch float32', 'from PyTorch, same'], compared);
}

function memoryOf({ results }: Results): string {
  const rows = results
    .filter((result) => result.do === 'memory')
    .map((result) => [
      result.side,
      MODELS[result.model],
      result.shape,
      PRECISIONS[result.precision],
      `${result.memory}`,
    ]);
  return table(['side', 'model', 'tokens', 'products', 'GB'], rows);
}

function compilingOf({ results }: Results): string {
  const seconds = (model: ModelName, kind: Kind) =>
    results
      .filter((result) => result.do === 'prepare' && result.model === model && result.kind === kind && result.took)
      .filter(({ shape }) => shape !== 'bucketed')
      .map(({ took }) => took!);
  const range = (list: number[]) => `${Math.min(...list).toFixed(0)} to ${Math.max(...list).toFixed(0)}`;
  const rows = (Object.keys(MODELS) as ModelName[]).map((model) => [
    MODELS[model],
    range(seconds(model, 'compiled')),
    range(seconds(model, 'torch.compile')),
  ]);
  return table(['model', 'spanlab s', 'torch.compile s'], rows);
}

function profileOf({ side, model, shape, precision, steps, milliseconds, launches, kernels }: Profile): string {
  const each = (total: number) => (total / steps).toFixed(2);
  const title = `${side}, ${MODELS[model]}, ${shape}, ${PRECISIONS[precision]}`;
  const rows = kernels.map(([name, total, count]) => [`\`${name}\``, each(total), (count / steps).toFixed(0)]);
  const sum = `${title}: ${each(milliseconds)} ms of work in ${(launches / steps).toFixed(0)} launches a step.`;
  return `${sum}\n\n${table(['kernel', 'ms a step', 'launches'], rows)}`;
}

function read<T>(name: string): T {
  return JSON.parse(fs.readFileSync(path.join(FOLDER, name), 'utf8')) as T;
}

/** Writes bench/results/gpu.md. */
export function write(): void {
  fs.writeFileSync(path.join(FOLDER, 'gpu.md'), render());
}

/** What bench/results/gpu.md holds. */
export function render(): string {
  const results = read<Results>('gpu.json');
  const { card, driver, cores, torch, tensorflow, flags } = results.machine;
  const kernels = (['bf16', 'fp32'] as const).map((precision) => step(results, 'minilm', '128', precision, 'kernels'));
  return `# Training on a GPU beside PyTorch

\`bench/gpu\` on one machine: ${card}, driver ${driver}, ${cores} processor cores; TensorFlow ${tensorflow} (its CUDA 12.5 build, with the
cuBLAS and cuDNN that PyTorch ${torch} brings for CUDA 13, to save packing), PyTorch ${torch}. Written from \`gpu.json\` by
\`npm run bench:gpu -- table\`.

Batch ${results.batch}, dropout 0.1, AdamW with clipping, the loss read in every step, the same rows on both sides of one run. Medians of
20 steps after warm-up; one run each, so differences of a tenth mean little. *Rate*: spanlab's steps per second over PyTorch's in the same
precision. *sdpa* is PyTorch's eager mode with its fused attention, *torch.compile* the same model compiled in its default mode; both with
AdamW in one launch. At this batch PyTorch waits for its own launches more than for the card, which is what a compiled step avoids; at
larger batches the rates would be closer. *Bucketed* are the workshop's rows, those of similar length in one batch; spanlab pads them to a
multiple of 64. The models but MiniLM have random weights. XLA ran with \`${flags}\`, as spanlab sets it.

${(Object.keys(MODELS) as ModelName[]).map((model) => speedOf(results, model)).join('\n\n')}

MiniLM at 128 tokens with TensorFlow's kernels one by one (\`SPANLAB_OPERATIONS=kernels\`): ${kernels[1]!.toFixed(0)} ms in float32, ${kernels[0]!.toFixed(0)} ms in bfloat16.

## The same losses

MiniLM, 20 steps without dropout from the same weights: the largest difference of any step's loss. Bucketed rows are padded here as the
reference pads them.

${parityOf(results)}

## Memory

Of a process with the CUDA context, as the driver tells. spanlab takes more: it keeps the attention weights of every layer for the way
back, and TensorFlow's allocator takes regions that double and holds what it took.

${memoryOf(results)}

## Compiling

Seconds for each shape of a batch, three steps included, while the other processes compiled too.

${compilingOf(results)}

## Where the time goes

By kernel, taken with \`bench/gpu/profile.sh\` before the last two changes: one kernel updated all weights of one shape and spilled its
registers (\`loop_select_fusion_8\`: now each weight has a kernel of its own), and a mask of dropout was read from a list of numbers.

${read<Profile[]>('gpu-profile.json').map(profileOf).join('\n\n')}
`;
}
