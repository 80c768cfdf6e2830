// Runs both sides of the measurement on the machine that has the GPU, and writes the results as JSON after each of them:
//
//   node measure.cjs PLAN RESULTS [--seconds 400] [--python python3] [--models minilm,distilbert,bert] [--kinds compiled,…]
//
// Every side compiles and warms up at the same time as the others; then they are timed in turn, one at a time.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import type { Answer, Config, Kind, ModelName, Plan, PrecisionName, Request, Results, ShapeName } from './plan';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '400' },
    python: { type: 'string', default: 'python3' },
    models: { type: 'string', default: 'minilm,distilbert,bert' },
    prepare: { type: 'string', default: '170' },
    kinds: { type: 'string', default: 'compiled,kernels,sdpa,torch.compile' },
  },
});
const [planFile, resultsFile] = positionals;
const deadline = Date.now() + Number(options.seconds) * 1000;
const plan = JSON.parse(fs.readFileSync(planFile, 'utf8')) as Plan;
const results: Results = { machine: {}, batch: Object.values(plan.shapes)[0][0].ids.length, results: [] };

function save(): void {
  fs.writeFileSync(resultsFile, JSON.stringify(results, null, 1));
}

/** A process that answers one request at a time. */
class Side {
  private readonly child: ChildProcess;
  private readonly waiting: ((reply: Answer & Record<string, string>) => void)[] = [];
  readonly started: Promise<Record<string, string>>;
  private ended = false;

  constructor(
    readonly name: string,
    program: string,
    args: string[],
    env: NodeJS.ProcessEnv = process.env,
  ) {
    const log = fs.openSync(path.join(path.dirname(resultsFile), `${name}.log`), 'w');
    this.child = spawn(program, args, { stdio: ['pipe', 'pipe', log], env });
    this.started = new Promise((resolve) => this.waiting.push(resolve));
    createInterface({ input: this.child.stdout! }).on('line', (line) => {
      if (line.startsWith('@@')) this.waiting.shift()?.(JSON.parse(line.slice(2)) as Answer & Record<string, string>);
      else fs.writeSync(log, `${line}\n`);
    });
    this.child.on('exit', (code, signal) => {
      this.ended = true;
      for (const give of this.waiting.splice(0)) give({ error: `the process ended (${signal ?? code})` });
    });
  }

  ask(request: Request): Promise<Answer> {
    if (this.ended) return Promise.resolve({ error: 'the process has ended' });
    this.child.stdin!.write(`${JSON.stringify(request)}\n`);
    const left = Math.max(1000, deadline - Date.now());
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve({ error: 'no time left' }), left);
      this.waiting.push((reply) => {
        clearTimeout(timer);
        resolve(reply);
      });
    });
  }

  /** Of the card's memory that the process holds, GB, as the driver tells. */
  memory(): number | undefined {
    try {
      const query = ['--query-compute-apps=pid,used_memory', '--format=csv,noheader,nounits'];
      const list = execFileSync('nvidia-smi', query, { encoding: 'utf8' });
      const line = list.split('\n').find((text) => Number(text.split(',')[0]) === this.child.pid);
      return line === undefined ? undefined : Number(line.split(',')[1]) / 1024;
    } catch {
      return undefined;
    }
  }

  end(): void {
    this.child.kill('SIGKILL');
  }
}

const here = path.dirname(process.argv[1]);
const MODELS = options.models.split(',') as ModelName[];
const KINDS = options.kinds.split(',');
const spanlabSide = (model: ModelName, name: string = model) =>
  new Side(`spanlab-${name}`, process.execPath, [path.join(here, 'spanlab-side.cjs'), planFile, model], {
    ...process.env,
    LD_LIBRARY_PATH: process.env.SPANLAB_LIBRARIES, // PyTorch has its own
  });
const torchSide = (name: string) =>
  new Side(`torch-${name}`, options.python, [path.join(here, 'torch_side.py'), planFile]);

async function ask(side: Side, request: Request): Promise<Answer> {
  const answer = await side.ask(request);
  const memory = request.do === 'memory' ? side.memory() : answer.memory;
  results.results.push({ side: side.name.startsWith('torch') ? 'torch' : 'spanlab', ...request, ...answer, memory });
  save();
  const { model, shape, precision, kind } = request;
  const seconds = answer.seconds && `${(1000 * median(answer.seconds)).toFixed(2)} ms`;
  const told =
    answer.error ?? seconds ?? (answer.losses ? String(answer.losses.at(-1)) : `${answer.took?.toFixed(1)} s`);
  const clock = ((deadline - Date.now()) / 1000).toFixed(0);
  console.log(
    `${clock} ${request.do} ${side.name} ${model} ${shape} ${precision} ${kind}: ${told} ${memory?.toFixed(1) ?? ''}`,
  );
  return answer;
}

function median(list: number[]): number {
  return [...list].sort((a, b) => a - b)[list.length >> 1];
}

/** What each side measures, the most important first. */
function wanted(model: ModelName, kinds: Kind[], precisions: PrecisionName[], shapes: ShapeName[]): Config[] {
  return kinds
    .filter((kind) => KINDS.includes(kind))
    .flatMap((kind) => precisions.flatMap((precision) => shapes.map((shape) => ({ model, shape, precision, kind }))));
}

interface Part {
  side: Side;
  configs: Config[];
}

const PRECISIONS: PrecisionName[] = ['bf16', 'tf32', 'fp32'];
const FULL: ShapeName[] = ['128', '384'];

/** Processes and what each measures. spanlab has one for each precision, since XLA compiles on one core. */
function parts(): Part[] {
  const ours = MODELS.flatMap((model) =>
    PRECISIONS.map((precision) => ({
      side: spanlabSide(model, `${model}-${precision}`),
      configs: [
        ...wanted(model, ['compiled'], [precision], FULL),
        ...(precision === 'bf16' ? wanted(model, ['compiled'], ['bf16'], ['bucketed']) : []),
        ...(model === 'minilm' && precision !== 'tf32' ? wanted(model, ['kernels'], [precision], ['128']) : []),
      ],
    })),
  );
  const sdpa = MODELS.flatMap((model) => [
    ...wanted(model, ['sdpa'], PRECISIONS, FULL),
    ...wanted(model, ['sdpa'], ['bf16'], ['bucketed']),
  ]);
  const compiled = KINDS.includes('torch.compile')
    ? MODELS.map((model) => ({
        side: torchSide(model),
        configs: wanted(model, ['torch.compile'], ['bf16'], FULL),
      }))
    : [];
  return [...ours, { side: torchSide('sdpa'), configs: sdpa }, ...compiled];
}

/** Losses of both sides in each precision. */
async function measureParity(): Promise<void> {
  const [spanlab, torch] = [spanlabSide('minilm', 'parity'), torchSide('parity')];
  const request = (kind: Kind, precision: PrecisionName, shape: ShapeName): Request => ({
    ...{ do: 'parity', model: 'minilm', shape, precision, kind },
  });
  const ofTorch = async () => {
    await torch.started;
    await ask(torch, request('sdpa', 'fp32', 'bucketed'));
    for (const precision of PRECISIONS) await ask(torch, request('sdpa', precision, '128'));
  };
  const ofSpanlab = async () => {
    await spanlab.started;
    for (const precision of PRECISIONS) await ask(spanlab, request('compiled', precision, '128'));
    for (const shape of ['128', 'bucketed'] as const) await ask(spanlab, request('kernels', 'fp32', shape));
  };
  await Promise.all([ofTorch(), ofSpanlab()]);
  for (const side of [spanlab, torch]) side.end();
}

/** What a process of its own takes of the card for the largest steps, as the driver tells. */
async function measureMemory(): Promise<void> {
  const model = MODELS.at(-1)!;
  const both = [torchSide('memory'), spanlabSide(model, 'memory')].map(async (side) => {
    await side.started;
    const kind = side.name.startsWith('torch') ? 'sdpa' : 'compiled';
    await ask(side, { do: 'memory', model, shape: '384', precision: 'bf16', kind });
    side.end();
  });
  await Promise.all(both);
}

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function main(): Promise<void> {
  const todo = parts();
  const started = await Promise.all(todo.map(({ side }) => side.started));
  started.forEach((facts, i) => console.log(todo[i].side.name, JSON.stringify(facts)));
  results.machine = {
    ...started.find((facts) => facts.torch),
    spanlab: started[0].backend,
    cores: String(os.cpus().length),
    flags: process.env.SPANLAB_XLA_FLAGS ?? '',
  };
  save();
  let isOver = false;
  const preparing = todo.map(async ({ side, configs }) => {
    for (const config of configs) if (!isOver) await ask(side, { ...config, do: 'prepare' });
  });
  const all = Promise.all([...preparing, measureParity(), measureMemory()]);
  // what is not ready by then compiles when it is timed, and the median does not see it
  await Promise.race([all, sleep(Number(options.prepare) * 1000)]);
  isOver = true;
  for (const { side, configs } of todo) {
    for (const config of configs) await ask(side, { ...config, do: 'time' });
  }
  for (const { side } of todo) side.end();
}

void main().then(
  () => process.exit(0),
  (error: Error) => {
    console.error(error);
    process.exit(1);
  },
);
